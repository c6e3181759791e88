"""What the commands on cases share: storing parts and statements once, looking up who acts, telling who must look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.access import Reading
from workflow.errors import Conflict, NotEligible, Unavailable
from workflow.queries import organisation, readers
from workflow.rostered import Rostered
from workflow.sealed import PLACE_FIELDS, Part
from workflow.statements import Signed, is_uuid, require_timely
from workflow.store import hold
from workflow.times import local_date

CASE_WAITING, QUORUM_LOST, DRILL_DUE = "case_waiting", "quorum_lost", "drill_due"


def newest_roster(db: Session) -> Rostered:
    """The newest signed roster; before the first nobody can be sealed to."""
    signed = organisation.latest_roster(db)
    if signed is None:
        raise Unavailable("nobody_competent")
    return signed.rostered


def hold_case(db: Session, case_id: str) -> models.Case:
    """The case, held until this transaction ends; an unknown one is refused like one that isn't yours."""
    if not is_uuid(case_id):
        raise NotEligible()
    hold(db, f"case/{case_id}")
    case = db.get(models.Case, case_id)
    if case is None:
        raise NotEligible()
    return case


def reading_of(db: Session, case_id: str, person_id: str, *, at: datetime) -> Reading | None:
    return readers.reading(db, case_id, person_id, on=local_date(at))


def readership(db: Session, case_id: str, person_id: str) -> models.Readership:
    """The row that `reading_of` has judged."""
    query = select(models.Readership).where(
        models.Readership.case_id == case_id, models.Readership.person_id == person_id
    )
    return db.scalars(query).one()


def is_repeated(db: Session, signed: Signed) -> bool:
    """Whether this very statement was stored before: sent again after a lost answer.

    Raises Conflict("known_id_other_content") when its id holds something else.
    """
    known = db.get(models.Statement, signed.id)
    if known is None:
        return False
    if known.hash != signed.hash or known.kind != signed.kind or known.signer != signed.by:
        raise Conflict("known_id_other_content")
    return True


def store_statement(db: Session, signed: Signed, *, case_id: str | None, at: datetime) -> str:
    """Keep a statement as received, after seeing that its checkpoint is one of ours and its time is now."""
    ledger.require_checkpoint(db, signed.checkpoint)
    if is_repeated(db, signed):
        raise Conflict("known_id_other_content")
    require_timely(signed.body["at"], signed.by, at=at)
    row = {
        "id": signed.id,
        "case_id": case_id,
        "kind": signed.kind,
        "signer": signed.by,
        "doc": signed.doc,
        "signature": signed.signature,
        "hash": signed.hash,
        "stored": at,
    }
    _insert_own(db, models.Statement, [row])
    return signed.id


def store_parts(
    db: Session, case_id: str, parts: Iterable[Part], *, author: str, at: datetime, statement: str | None
) -> None:
    """Keep sealed objects behind those that the case has; an id that is taken is refused."""
    last = db.scalar(select(func.max(models.SealedObject.position)).where(models.SealedObject.case_id == case_id)) or 0
    rows = [
        {
            **{name: getattr(part, name) for name in PLACE_FIELDS},
            "case_id": case_id,
            "data": part.data,
            "sha256": part.sha256,
            "author": author,
            "stored": at,
            "position": position,
            "statement_id": statement,
        }
        for position, part in enumerate(parts, start=last + 1)
    ]
    if rows:
        _insert_own(db, models.SealedObject, rows)


def _insert_own(db: Session, model: type[models.Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write, in one statement, rows with ids of their sender's making; Conflict where one is taken, be it just now."""
    db.flush()
    try:
        db.execute(insert(model), rows)
    except IntegrityError:
        raise Conflict("known_id_other_content") from None


def tell_readers(db: Session, case_id: str, *, delay: tuple[float, float], chance: Random, at: datetime) -> None:
    """Leave a content-free notice for each entitled reader; when they may go out is drawn now, once for all.

    Several draws for one event would narrow down when it was.
    """
    codes = [reader.id for reader in readers.present(db, case_id, on=local_date(at))]
    not_before = at + timedelta(seconds=chance.uniform(*delay))
    _tell(db, CASE_WAITING, models.Person.code.in_(codes), not_before=not_before)


def tell_one(db: Session, person_id: str, *, delay: tuple[float, float], chance: Random, at: datetime) -> None:
    """Leave a content-free notice for somebody who was just made a reader."""
    not_before = at + timedelta(seconds=chance.uniform(*delay))
    _tell(db, CASE_WAITING, models.Person.id == person_id, not_before=not_before)


def tell_overseers(db: Session, *, at: datetime) -> None:
    """A case has too few readers left, or none: supervisors and administrators are told, not which case it is."""
    whom = or_(models.Person.supervisor.is_(True), models.Person.administrator.is_(True))
    _tell(db, QUORUM_LOST, whom, not_before=at)


def tell_custodians(db: Session, people: Iterable[str], *, at: datetime) -> None:
    """Remind these people, by uuid, of the drill that they have not done for long."""
    _tell(db, DRILL_DUE, models.Person.id.in_(list(people)), not_before=at)


def _tell(db: Session, kind: str, whom: ColumnElement[bool], *, not_before: datetime) -> None:
    """A notice for each of these people who has none of its kind waiting: it says nothing, so a second adds nothing.

    Two cases that have news at once take turns here: nobody gets two mails for it.
    """
    hold(db, "notices")
    waiting = exists().where(
        models.Notice.person_id == models.Person.id, models.Notice.kind == kind, models.Notice.sent.is_(None)
    )
    told = [
        {"id": str(uuid4()), "kind": kind, "person_id": person_id, "not_before": not_before, "sent": None}
        for person_id in db.scalars(select(models.Person.id).where(whom, ~waiting).order_by(models.Person.code))
    ]
    if told:
        db.execute(insert(models.Notice), told)
