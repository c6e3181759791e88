"""The registry of inspections: all of them for routing, and what is public of those that a report can be about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.organisation import Inspection

# Reports are seldom about what ended longer ago than a term; an older one can be named in the story.
OFFERED_FOR = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Registered:
    """An inspection with the number of the decision that set it up."""

    decision: str
    inspection: Inspection


def registry(db: Session) -> tuple[Registered, ...]:
    """All inspections, the newest first."""
    rows = list(db.scalars(select(models.Inspection).order_by(models.Inspection.since.desc(), models.Inspection.code)))
    return _filled(db, rows)


def offered(db: Session, on: date) -> tuple[Registered, ...]:
    """Those that began, and did not end longer ago than a term, the newest first."""
    row = models.Inspection
    query = (
        select(row)
        .where(row.since <= on, or_(row.until.is_(None), row.until >= on - OFFERED_FOR))
        .order_by(row.since.desc(), row.code)
    )
    return _filled(db, list(db.scalars(query)))


def _filled(db: Session, rows: Iterable[models.Inspection]) -> tuple[Registered, ...]:
    people: dict[tuple[str, str], list[str]] = defaultdict(list)
    listed = select(models.InspectionPerson, models.Person.code).join(
        models.Person, models.Person.id == models.InspectionPerson.person_id
    )
    for row, code in db.execute(listed.order_by(models.Person.code)):
        people[row.inspection_id, row.part].append(code)
    units: dict[str, list[str]] = defaultdict(list)
    for unit in db.scalars(select(models.InspectionUnit).order_by(models.InspectionUnit.body)):
        units[unit.inspection_id].append(unit.body)
    return tuple(
        Registered(
            row.decision,
            Inspection(
                code=row.code,
                body=row.body,
                work_kind=row.work_kind,
                directing=tuple(people[row.id, "directing"]),
                heads=tuple(people[row.id, "head"]),
                members=tuple(people[row.id, "member"]),
                units=tuple(units[row.id]),
                since=row.since,
                until=row.until,
            ),
        )
        for row in rows
    )
