"""What an administrator enters of inspections: teams, their people, their end (rules.md 5, principle 2).

Who directed or joined a team is never removed again: a report may be about their time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands.organisation import body_on, person_of
from workflow.commands.rotation import overs_of, require_free
from workflow.errors import Conflict, Malformed, NotFound
from workflow.facts import CODE, LONGEST_CODE, columns
from workflow.organisation import LEADING, Inspection
from workflow.queries import inspections, relations
from workflow.relations import Clash, clashes
from workflow.times import local_date

LONGEST_DECISION = 80
PARTS = ("directing", "head", "member")


def add_inspection(
    db: Session, inspection: Inspection, *, decision: str, at: datetime, by: str | None = None
) -> list[Clash]:
    """Enter a team with its people; who of a team that is over should not have been in it, by the relations on record.

    `by` is the administrator who is signed in, nobody at the server's own console.
    Raises Malformed for a code, kind or period that can't be, Malformed("inspection_without_head") or
    Malformed("inspection_without_unit") for what is missing, NotFound("unknown_body" | "unknown_person"),
    Conflict("known_code"), Conflict("rotation_due") for somebody who has reached a limit in such work or there, and
    for a team at work Conflict("relatives_in_team" | "tied_to_inspected").
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
    found = _unfit(db, row, joined, at)
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
    return found


def join_inspection(
    db: Session, code: str, people: Mapping[str, Iterable[str]], *, at: datetime, by: str | None = None
) -> list[Clash]:
    """Add people to a team, by part (`directing`, `head`, `member`); who is there already stays so.

    Returns and raises as `add_inspection`, for those who are new; NotFound("unknown_inspection" | "unknown_person").
    """
    row = _inspection(db, code)
    joined = _join(db, row, people, on=local_date(at))
    if not joined:
        return []
    found = _unfit(db, row, joined, at)
    _record(db, "inspection_joined", {"inspection": code, **joined}, at, by)
    return found


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


def _unfit(db: Session, row: models.Inspection, joined: Mapping[str, list[str]], at: datetime) -> list[Clash]:
    """Who of the new people may not be in the team, and why; refused while it is at work, because they have to withdraw
    (KH84-II.5.3-TV-1) or may not be assigned (KH84-II.2.2-UBKT-3). One that is over is kept as it was: reports are about it.
    """
    today = local_date(at)
    day = max(today, row.since)
    (team,) = (one.inspection for one in inspections.registry(db) if one.inspection.code == row.code)
    new = {code for codes in joined.values() for code in codes}
    ties = relations.in_force(db, day if row.until is None else min(day, row.until))
    found = [one for one in clashes(team, _leaders(db, team.units, day), ties) if new & {one.person, one.other}]
    if found and (row.until is None or row.until >= today):
        within = [one for one in found if {one.person, one.other} <= team.people]
        told = sorted({f"{one.person} – {one.other}" for one in within or found})
        raise Conflict("relatives_in_team" if within else "tied_to_inspected", who="; ".join(told))
    return found


def _leaders(db: Session, bodies: Iterable[str], on: date) -> list[str]:
    """Heads and deputies of these bodies on a day."""
    seat = models.Seat
    query = (
        select(models.Person.code)
        .join(seat, seat.person_id == models.Person.id)
        .where(seat.body.in_(list(bodies)), seat.function.in_(sorted(LEADING)), seat.term_from <= on)
        .where(or_(seat.term_to.is_(None), seat.term_to >= on))
    )
    return list(db.scalars(query))


def _inspection(db: Session, code: str) -> models.Inspection:
    row = db.scalars(select(models.Inspection).where(models.Inspection.code == code)).first()
    if row is None:
        raise NotFound("unknown_inspection", inspection=code)
    return row


def _record(db: Session, kind: str, pub: Mapping[str, object], at: datetime, by: str | None) -> None:
    pub = {**pub, "by": by} if by else pub
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)
