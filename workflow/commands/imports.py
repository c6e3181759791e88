"""Taking in an organisation from a file: one transaction, one ledger entry (docs/organisation-file.md).

Nobody becomes a reader by this: a new seat, like a changed one, waits for the signed roster. Whoever may read no more by
what ends here is cut off in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands.organisation import enter_body, enter_custodian_set, enter_person, enter_seat
from workflow.commands.removals import remove_former_readers
from workflow.organisation import Body
from workflow.organisation_file import Key, OrganisationFile
from workflow.organisation_import import Change, Plan, plan
from workflow.queries.organisation_record import held
from workflow.store import hold
from workflow.timelines import DAY, Span, Timeline
from workflow.times import local_date


@dataclass(frozen=True)
class Imported:
    """What was planned, and in how many cases somebody was cut off by it."""

    plan: Plan
    cases: int


def import_organisation(
    db: Session, file: OrganisationFile, *, day: date, whole: bool = False, at: datetime, by: str | None = None
) -> Imported:
    """Make the organisation what a file says from `day` on; nothing at all where the file or the plan has faults.

    `whole`: what the file doesn't name ends with the day before. The same file again changes nothing and records nothing.
    `by` is the administrator who is signed in, nobody at the server's own console.
    """
    hold(db, "organisation")
    there = held(db)
    made = plan(there, file, day=day, today=local_date(at), whole=whole)
    if not file.sound or made.faults or not made.changes:
        return Imported(made, 0)
    for name, write in WRITERS.items():
        before, after = there.sections[name], made.after[name]
        for key in sorted(after):
            if before.get(key, ()) != after[key]:
                write(db, key, before.get(key, ()), after[key], at)
    pub: dict[str, Any] = {
        "from": day.isoformat(),
        "whole": whole,
        "file": file.sha256,
        "changes": [_told(change) for change in made.changes],
    }
    if by:
        pub["by"] = by
    ledger.append(db, chain=ledger.ORGANISATION, kind="organisation_changed", pub=pub, priv={}, at=at)
    return Imported(made, remove_former_readers(db, at=at))


def _told(change: Change) -> dict[str, Any]:
    """A change as the ledger keeps it: codes and numbers; of names only that they changed."""
    step, told = change.step, {"section": change.section.name, "id": change.id, "kind": change.step.kind}
    if change.section.since is not None:
        told["from" if step.kind != "ended" else "to"] = step.day.isoformat()
        if step.until is not None and step.kind != "ended":
            told["to"] = step.until.isoformat()
    said: dict[str, Any] = {name: step.after[name] for name in change.section.nameless if name in step.after}
    if step.kind == "changed":
        said["changed"] = sorted(name for name in step.after if step.before.get(name) != step.after[name])
    return {**told, **said}


def _bodies(db: Session, key: Key, before: Timeline, after: Timeline, at: datetime) -> None:
    _replace(db, models.Body, (models.Body.code == key[0],), before, after)
    for span in _new(before, after):
        facts = span.facts
        body = Body(
            code=key[0],
            kind=facts["kind"],
            level=facts["level"],
            parent=facts["parent"],
            quorum=facts["quorum"],
            single=facts["single"],
            name_vi=facts["name"]["vi"],
            name_en=facts["name"]["en"],
        )
        enter_body(db, body, valid_from=span.since, valid_to=span.until)


def _units(db: Session, key: Key, before: Timeline, after: Timeline, at: datetime) -> None:
    _replace(db, models.Unit, (models.Unit.code == key[0],), before, after)
    for span in _new(before, after):
        name = span.facts["name"]
        db.add(
            models.Unit(
                id=str(uuid4()),
                code=key[0],
                name_vi=name["vi"],
                name_en=name["en"],
                body=span.facts["body"],
                valid_from=span.since,
                valid_to=span.until,
            )
        )
    db.flush()


def _people(db: Session, key: Key, before: Timeline, after: Timeline, at: datetime) -> None:
    facts: Mapping[str, Any] = after[0].facts
    if before:
        db.execute(update(models.Person).where(models.Person.code == key[0]).values(**facts))
    else:
        enter_person(db, code=key[0], **facts, at=at)


def _seats(db: Session, key: Key, before: Timeline, after: Timeline, at: datetime) -> None:
    body, code = key
    person = db.scalars(select(models.Person.id).where(models.Person.code == code)).one()
    _replace(db, models.Seat, (models.Seat.body == body, models.Seat.person_id == person), before, after)
    for span in _new(before, after):
        enter_seat(db, body=body, person=code, **span.facts, term_from=span.since, term_to=span.until)


def _sets(db: Session, key: Key, before: Timeline, after: Timeline, at: datetime) -> None:
    """A version stays as it was made, with its members: one that is never to be in force ends before it begins."""
    there = {span.facts["version"]: span for span in after}
    for old in before:
        version, span = old.facts["version"], there.get(old.facts["version"])
        row = update(models.CustodianSet).where(
            models.CustodianSet.code == key[0], models.CustodianSet.version == version
        )
        if span is None:
            db.execute(row.values(valid_to=old.since - DAY))
        elif span.until != old.until:
            db.execute(row.values(valid_to=span.until))
    for version in sorted(there.keys() - {span.facts["version"] for span in before}):
        span = there[version]
        enter_custodian_set(db, code=key[0], **span.facts, valid_from=span.since, valid_to=span.until)


WRITERS = {"bodies": _bodies, "units": _units, "people": _people, "seats": _seats, "sets": _sets}


def _replace(db: Session, model: Any, which: tuple[Any, ...], before: Timeline, after: Timeline) -> None:
    """End the rows that end, and take away those that say something else from their first day on."""
    first, last = (model.term_from, "term_to") if model is models.Seat else (model.valid_from, "valid_to")
    there = {span.since: span for span in after}
    for old in before:
        span = there.get(old.since)
        if span is None or span.facts != old.facts:
            db.execute(delete(model).where(*which, first == old.since))
        elif span.until != old.until:
            db.execute(update(model).where(*which, first == old.since).values({last: span.until}))


def _new(before: Timeline, after: Timeline) -> list[Span]:
    there = {span.since: span for span in before}
    return [span for span in after if span.since not in there or there[span.since].facts != span.facts]
