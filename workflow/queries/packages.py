"""To whom a case may leave, and in which packages one has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, unb64u
from workflow import models
from workflow.errors import Refusal
from workflow.outside import Outside, read_outside
from workflow.queries import organisation
from workflow.times import local_date


@dataclass(frozen=True)
class Left:
    """A package that a case has left in: its signed statement, and whether its receipt has come back."""

    id: str
    addressee: str
    names: Mapping[str, str]  # by language, as they were signed then
    made: date
    received: date | None
    statement: Mapping[str, str]


def left_in(db: Session, case_id: str) -> tuple[Left, ...]:
    """The packages of a case, oldest first."""
    query = (
        select(models.CasePackage, models.Statement)
        .join(models.Statement, models.Statement.id == models.CasePackage.statement_id)
        .where(models.CasePackage.case_id == case_id)
        .order_by(models.CasePackage.made, models.CasePackage.id)
    )
    return tuple(
        Left(
            id=row.id,
            addressee=row.addressee,
            names={"vi": row.name_vi, "en": row.name_en},
            made=local_date(row.made),
            received=local_date(row.received) if row.received else None,
            statement={"stmt": b64u(said.doc), "sig": b64u(said.signature)},
        )
        for row, said in db.execute(query)
    )


def outside_documents(db: Session, *, on: date) -> tuple[tuple[Outside, Mapping[str, str]], ...]:
    """The bodies outside that are in force today, each with its document; one signed by a former key is not."""
    signed = organisation.latest_roster(db)
    if signed is None:
        return ()
    key, found = unb64u(signed.body["org"]), []
    for row in db.scalars(select(models.OutsideBody).order_by(models.OutsideBody.code)):
        document = {"doc": b64u(row.doc), "sig": b64u(row.signature)}
        try:
            found.append((read_outside(document, key, on=on), document))
        except Refusal:
            continue  # run out, or of a key that was replaced: it has to be signed anew
    return tuple(found)


def known_outside(db: Session) -> tuple[str, ...]:
    """Every code that was ever added and not taken out, in force or not."""
    return tuple(db.scalars(select(models.OutsideBody.code).order_by(models.OutsideBody.code)))
