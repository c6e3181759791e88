"""Who could be given a case that is there already, and who was (docs/sealing.md, *Later grants*).

The server forgot the facts of a case when it was received. So a reader's browser sends them again, and whom they exclude
is worked out and forgotten as at the preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from workflow import models, routing
from workflow.access import Declared, cleared
from workflow.errors import Malformed, NotEligible
from workflow.queries import organisation, readers
from workflow.statements import is_uuid
from workflow.times import local_date

CUSTODIAN = "custodian"  # who keeps a share of the reporter's identity reads nothing of the case


@dataclass(frozen=True)
class Eligible:
    """Who may be given the case now, and whom of the newcomers something keeps from it: codes, sorted, with reasons."""

    readers: tuple[str, ...]
    excluded: tuple[tuple[str, tuple[str, ...]], ...]


def granted(db: Session, case_id: str) -> Sequence[models.Statement]:
    """The statements with which readers of a case gave it to others, or moved it to another body, oldest first."""
    query = select(models.Statement).where(
        models.Statement.case_id == case_id, models.Statement.kind.in_(("grant", "move"))
    )
    return list(db.scalars(query.order_by(models.Statement.stored, models.Statement.id)))


def added(said: Mapping[str, Any]) -> list[dict[str, str]]:
    """Whom such a statement adds to the lists of the epochs that it names."""
    if said["kind"] == "move":
        return [{"id": one["id"], "key": one["key"]} for one in said["readers"]]
    return [{"id": said["reader"], "key": said["readerkey"]}]


def newcomers(db: Session, case: models.Case, *, on: date) -> tuple[str, ...]:
    """Who handles for the case's body today, is no reader of it, and has never left it by their own word: codes, sorted.

    Whoever read it in a body that it has moved from since is none either. The newest signed roster holds their key.
    Whether the facts exclude them is not known here.
    """
    signed = organisation.latest_roster(db)
    if signed is None:
        return ()
    reading = models.Readership
    moved = select(func.max(models.Statement.stored)).where(
        models.Statement.case_id == case.id, models.Statement.kind == "move"
    )
    barred = exists().where(
        reading.case_id == case.id,
        reading.person_id == models.Person.id,
        or_(
            reading.ended.is_(None),
            reading.ended_why.in_(("withdrawal", "conflict")),
            reading.ended <= moved.scalar_subquery(),
            and_(reading.declared.is_not(None), reading.declared == Declared.CONFLICT.value),
        ),
    )
    query = (
        select(models.Person.code, models.MemberKey.readerkey)
        .join(models.MemberKey, models.MemberKey.person_id == models.Person.id)
        .where(models.MemberKey.ended.is_(None), readers.handling_seat_of(case.body, models.Person.id, on), ~barred)
        .order_by(models.Person.code)
    )
    roster = signed.rostered
    rostered = {code: keys.readerkey for code, keys in roster.members.items()}
    return tuple(code for code, readerkey in db.execute(query) if rostered.get(code) == readerkey)


def eligible_for(db: Session, case_id: str, person: str, facts: Mapping[str, Any], *, at: datetime) -> Eligible:
    """As `eligible`, for a reader who has declared no conflict; NotEligible for everybody else and every other case."""
    if not is_uuid(case_id):
        raise NotEligible()
    cleared(readers.reading(db, case_id, person, on=local_date(at)))
    return eligible(db, db.get_one(models.Case, case_id), facts, at=at)


def eligible(db: Session, case: models.Case, facts: Mapping[str, Any], *, at: datetime) -> Eligible:
    """Weigh the newcomers of a case by its facts. Malformed for bad facts, or those of another kind of work."""
    read = routing.parse_facts(dict(facts))
    on = local_date(at)
    if isinstance(read, routing.BadFacts) or facts.get("work_kind") != case.work_kind:
        raise Malformed()
    there = organisation.current(db, on)
    able, excluded = routing.weigh(read, there, routing.load_rules(), case.body)
    kept = next((each.members for each in there.sets if each.code == case.custodian_set), ())
    new = newcomers(db, case, on=on)
    reasons = {person: set(why) for person, why in excluded if person in new}
    for person in set(new) & set(kept):
        reasons.setdefault(person, set()).add(CUSTODIAN)
    return Eligible(
        readers=tuple(person for person in new if person in able and person not in reasons),
        excluded=tuple((person, tuple(sorted(why))) for person, why in sorted(reasons.items())),
    )
