"""Who may read a case, asked in SQL: whoever isn't entitled is never in an answer (a filter, not a second look).

Used by commands and by the other queries alike, so that both hold the same people to be entitled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workflow import models
from workflow.access import HANDLING, Declared, Reading, Seated

Day = date | BindParameter[date]  # a day, or its place in a query that is put together once


@dataclass(frozen=True)
class Reader:
    """A person who is entitled now, with the key that is in force."""

    id: str
    readerkey: str
    since: datetime


def handling_seat_of(
    body: str | InstrumentedAttribute[str], person: InstrumentedAttribute[str], on: Day
) -> ColumnElement[bool]:
    """Whether a person holds a handling seat of a body on this day."""
    seat = aliased(models.Seat)  # the query around may ask for seats of its own
    roles = literal(" ") + seat.roles + literal(" ")
    return exists(
        select(seat.id).where(
            seat.body == body,
            seat.person_id == person,
            seat.term_from <= on,
            or_(seat.term_to.is_(None), seat.term_to >= on),
            or_(*(roles.contains(f" {role} ") for role in sorted(HANDLING))),
        )
    )


def handling_seat(on: Day) -> ColumnElement[bool]:
    """Whether the person of a reading holds a handling seat of the case's receiving body on this day."""
    return handling_seat_of(models.Case.body, models.Readership.person_id, on)


def entitled_now(on: Day) -> ColumnElement[bool]:
    """For a query over Case and Readership: the reading lives and the seat is held."""
    return and_(
        models.Readership.case_id == models.Case.id,
        models.Readership.ended.is_(None),
        or_(models.Readership.declared.is_(None), models.Readership.declared != Declared.CONFLICT.value),
        handling_seat(on),
    )


def reading(db: Session, case_id: str, person_id: str, *, on: date) -> Reading | None:
    """One person's relation to one case; None where there is no such case or they never were its reader."""
    query = (
        select(models.Readership, models.Person.code, handling_seat(on).label("seated"))
        .join(models.Case, models.Case.id == models.Readership.case_id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .where(models.Readership.case_id == case_id, models.Readership.person_id == person_id)
    )
    row = db.execute(query).first()
    if row is None:
        return None
    read, code, seated = row
    return Reading(person=code, declared=read.declared, ended=read.ended is not None, seated=bool(seated))


def present(db: Session, case_id: str, *, on: date) -> tuple[Reader, ...]:
    """The case's entitled readers of this day who have a key, sorted by code."""
    rows = db.execute(_present(), {"case": case_id, "day": on})
    return tuple(Reader(id=code, readerkey=key, since=since) for code, key, since in rows)


@cache
def _present() -> Select[str, str, datetime]:
    """Put together once: that takes longer than asking."""
    return (
        select(models.Person.code, models.MemberKey.readerkey, models.Readership.since)
        .select_from(models.Readership)
        .join(models.Case, models.Case.id == models.Readership.case_id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .join(models.MemberKey, models.MemberKey.person_id == models.Person.id)
        .where(models.Case.id == bindparam("case"), models.MemberKey.ended.is_(None))
        .where(entitled_now(bindparam("day", type_=Date)))
        .order_by(models.Person.code)
    )


def present_keys(db: Session, case_id: str, *, on: date) -> Mapping[str, str]:
    return {reader.id: reader.readerkey for reader in present(db, case_id, on=on)}


def former(db: Session, *, on: date, rostered: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Whose reading lives though they may read no more: (case, person), sorted.

    They hold no handling seat of its body on this day; or the key that their newest header was sealed to is not the one
    in force, or none of the `rostered`.
    """
    header, key, later = models.SealedObject, models.MemberKey, aliased(models.SealedObject)
    newer = exists().where(
        later.case_id == header.case_id,
        later.kind == "header",
        later.reader == header.reader,
        later.position > header.position,
    )
    read_with = and_(
        header.case_id == models.Case.id, header.kind == "header", header.reader == models.Person.code, ~newer
    )
    in_force = and_(key.person_id == models.Person.id, key.readerkey == header.readerkey, key.ended.is_(None))
    query = (
        select(models.Case.id, models.Readership.person_id)
        .select_from(models.Readership)
        .join(models.Case, models.Case.id == models.Readership.case_id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .join(header, read_with)
        .outerjoin(key, in_force)
        .where(
            models.Readership.ended.is_(None),
            or_(~handling_seat(on), key.id.is_(None), header.readerkey.not_in(rostered)),
        )
        .distinct()
        .order_by(models.Case.id, models.Readership.person_id)
    )
    return tuple((case, person) for case, person in db.execute(query))


def head(db: Session, case_id: str, *, besides: str, on: date) -> Reader | None:
    """The head of the receiving body, to whom the reason of a conflict is sealed; None if they are no reader."""
    leading = {one.person for one in seated(db, case_id, on=on) if one.function == "head"} - {besides}
    return next((reader for reader in present(db, case_id, on=on) if reader.id in leading), None)


def seated(db: Session, case_id: str, *, on: date) -> tuple[Seated, ...]:
    """The entitled readers with the functions of their seats in the receiving body."""
    query = (
        select(models.Person.code, models.Seat.function)
        .select_from(models.Readership)
        .join(models.Case, models.Case.id == models.Readership.case_id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .join(models.Seat, and_(models.Seat.person_id == models.Person.id, models.Seat.body == models.Case.body))
        .where(
            models.Case.id == case_id,
            models.Seat.term_from <= on,
            or_(models.Seat.term_to.is_(None), models.Seat.term_to >= on),
            entitled_now(on),
        )
        .order_by(models.Person.code)
    )
    return tuple(Seated(person=code, function=function) for code, function in db.execute(query))
