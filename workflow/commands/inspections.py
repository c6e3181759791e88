"""What an administrator enters of inspections: teams, their people, their end (rules.md 5, principle 2).

Who directed or joined a team is never removed again: a report may be about their time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands.organisation import body_on, person_of
from workflow.commands.rotation import overs_of, require_free
from workflow.errors import Conflict, Malformed, NotFound
from workflow.facts import CODE, LONGEST_CODE, columns
from workflow.organisation import Inspection
from workflow.times import local_date

LONGEST_DECISION = 80
PARTS = ("directing", "head", "member")


def add_inspection(db: Session, inspection: Inspection, *, decision: str, at: datetime, by: str | None = None) -> None:
    """Enter a team with its people; `by` is the administrator who is signed in, nobody at the server's own console.

    Raises Malformed for a code, kind or period that can't be, Malformed("inspection_without_head") or
    Malformed("inspection_without_unit") for what is missing, NotFound("unknown_body" | "unknown_person"),
    Conflict("known_code"), Conflict("rotation_due") for somebody who has reached a limit in such work or there.
    """
    code, said = inspection.code, decision.strip()
    backwards = inspection.until is not None and inspection.until < inspection.since
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE or inspection.work_kind not in columns() or backwards:
        raise Malformed()
    if not 0 < len(said) <= LONGEST_DECISION:
        raise Malformed()
    if not inspection.heads:
        raise Malformed("inspection_without_head")
    if not inspection.units:
        raise Malformed("inspection_without_unit")
    if db.scalars(select(models.Inspection).where(models.Inspection.code == code)).first() is not None:
        raise Conflict("known_code", inspection=code)
    for body in (inspection.body, *inspection.units):
        if body_on(db, body, inspection.since) is None:
            raise NotFound("unknown_body", body=body)
    row = models.Inspection(
        id=str(uuid4()),
        code=code,
        decision=said,
        work_kind=inspection.work_kind,
        body=inspection.body,
        since=inspection.since,
        until=inspection.until,
    )
    db.add(row)
    db.flush()
    db.add_all(models.InspectionUnit(inspection_id=row.id, body=body) for body in set(inspection.units))
    db.flush()
    people = dict(zip(PARTS, (inspection.directing, inspection.heads, inspection.members), strict=True))
    joined = _join(db, row, people, on=inspection.since)
    pub: dict[str, object] = {
        "inspection": code,
        "decision": said,
        "work_kind": inspection.work_kind,
        "body": inspection.body,
        "units": sorted(set(inspection.units)),
        "from": inspection.since.isoformat(),
        **joined,
    }
    if inspection.until is not None:
        pub["to"] = inspection.until.isoformat()
    _record(db, "inspection_added", pub, at, by)


def join_inspection(
    db: Session, code: str, people: Mapping[str, Iterable[str]], *, at: datetime, by: str | None = None
) -> None:
    """Add people to a team, by part (`directing`, `head`, `member`); who is there already stays so.

    Raises NotFound("unknown_inspection" | "unknown_person"), Conflict("rotation_due").
    """
    joined = _join(db, _inspection(db, code), people, on=local_date(at))
    if joined:
        _record(db, "inspection_joined", {"inspection": code, **joined}, at, by)


def end_inspection(db: Session, code: str, *, until: date, at: datetime, by: str | None = None) -> None:
    """Say when a team ended; that can be corrected. Raises NotFound("unknown_inspection"), Malformed."""
    row = _inspection(db, code)
    if until < row.since:
        raise Malformed()
    if row.until != until:
        row.until = until
        _record(db, "inspection_ended", {"inspection": code, "to": until.isoformat()}, at, by)


def _join(
    db: Session, row: models.Inspection, people: Mapping[str, Iterable[str]], *, on: date
) -> dict[str, list[str]]:
    """Who is new, by part. `on`: the day by which nobody new may have reached a limit of rotation."""
    units = db.scalars(select(models.InspectionUnit.body).where(models.InspectionUnit.inspection_id == row.id))
    there = select(models.Person.code).join(
        models.InspectionPerson, models.InspectionPerson.person_id == models.Person.id
    )
    known = set(db.scalars(there.where(models.InspectionPerson.inspection_id == row.id)))
    joining = {code for codes in people.values() for code in codes} - known
    require_free(db, joining, overs_of(row.work_kind, units), on=on)
    new: dict[str, list[str]] = {}
    for part, codes in people.items():
        for code in sorted(set(codes)):
            person = person_of(db, code)
            if db.get(models.InspectionPerson, (row.id, person.id, part)) is None:
                db.add(models.InspectionPerson(inspection_id=row.id, person_id=person.id, part=part))
                new.setdefault(part, []).append(code)
    db.flush()
    return new


def _inspection(db: Session, code: str) -> models.Inspection:
    row = db.scalars(select(models.Inspection).where(models.Inspection.code == code)).first()
    if row is None:
        raise NotFound("unknown_inspection", inspection=code)
    return row


def _record(db: Session, kind: str, pub: Mapping[str, object], at: datetime, by: str | None) -> None:
    pub = {**pub, "by": by} if by else pub
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)
