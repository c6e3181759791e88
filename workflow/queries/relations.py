"""Relations on record: those in force for routing, one's own, those of a body's members, and all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.organisation import Relation
from workflow.relations import kinds, kinds_on

DAY = bindparam("day", type_=Date)


@dataclass(frozen=True)
class Recorded:
    """A relation as it is on record; `basis` is of an official one, `by` the administrator who entered it, if one did."""

    id: str
    person: str
    kind: str
    what: str
    code: str
    since: date
    until: date | None
    recorded: datetime
    declared: bool
    basis: str | None
    by: str | None


class RelationRow(NamedTuple):
    """The fields of a `Relation`, in its order: plain values, which are compared faster than records."""

    person: str
    kind: str
    what: str
    code: str
    since: date
    until: date | None
    reason: str
    mutual: bool


def in_force(db: Session, on: date) -> tuple[Relation, ...]:
    """The relations that count on a day, for routing: a unit stands for its body."""
    return tuple(Relation(*row) for row in rows_in_force(db, on))


def rows_in_force(db: Session, on: date) -> tuple[RelationRow, ...]:
    """The same as plain rows."""
    known = {code: (one.reason, one.mutual) for code, one in kinds_on(on).items()}
    return tuple(
        RelationRow(person, kind, "body" if what == "unit" else what, code, since, until, *known[kind])
        for person, kind, what, code, since, until in db.execute(_in_force(), {"day": on})
        if kind in known
    )


@cache
def _in_force() -> Select[*tuple[Any, ...]]:
    row, unit = models.Relation, models.Unit
    home = and_(
        row.what == "unit",
        unit.code == row.code,
        unit.valid_from <= DAY,
        or_(unit.valid_to.is_(None), unit.valid_to >= DAY),
    )
    return (
        select(models.Person.code, row.kind, row.what, func.coalesce(unit.body, row.code), row.valid_from, row.valid_to)
        .join(models.Person, models.Person.id == row.person_id)
        .outerjoin(unit, home)
        .where(row.valid_from <= DAY, or_(row.valid_to.is_(None), row.valid_to >= DAY))
        .order_by(models.Person.code, row.what, row.code, row.id)
    )


def concerning(db: Session, code: str) -> tuple[Recorded, ...]:
    """What is on record of a person: what they declared, what was recorded of them, and what others said that binds them."""
    mutual = [one.code for one in kinds() if one.mutual]
    row = models.Relation
    theirs = and_(row.what == "person", row.code == code, row.kind.in_(mutual))
    return _recorded(db, or_(models.Person.code == code, theirs))


def of_headed(db: Session, code: str, on: date) -> tuple[Recorded, ...]:
    """What is on record of those who sit today in a body that this person heads, themselves apart."""
    head = models.Seat
    person = select(models.Person.id).where(models.Person.code == code).scalar_subquery()
    term = head.term_from <= on, or_(head.term_to.is_(None), head.term_to >= on)
    bodies = list(db.scalars(select(head.body).where(head.person_id == person, head.function == "head", *term)))
    if not bodies:
        return ()
    members = select(head.person_id).where(head.body.in_(bodies), *term)
    return _recorded(db, and_(models.Relation.person_id.in_(members), models.Person.code != code))


def everything(db: Session) -> tuple[Recorded, ...]:
    """All relations, for administrators."""
    return _recorded(db)


def _recorded(db: Session, *which: ColumnElement[bool]) -> tuple[Recorded, ...]:
    row = models.Relation
    query = (
        select(row, models.Person.code)
        .join(models.Person, models.Person.id == row.person_id)
        .where(*which)
        .order_by(models.Person.code, row.valid_from.desc(), row.recorded, row.id)
    )
    return tuple(_told(db.execute(query)))


def _told(rows: Iterable[Any]) -> Iterable[Recorded]:
    for row, person in rows:
        yield Recorded(
            id=row.id,
            person=person,
            kind=row.kind,
            what=row.what,
            code=row.code,
            since=row.valid_from,
            until=row.valid_to,
            recorded=row.recorded,
            declared=row.statement_id is not None,
            basis=row.basis,
            by=row.recorded_by,
        )
