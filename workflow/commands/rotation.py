"""Charges and their rotation: entering and ending them, and what a head or an administrator says of somebody's turn.

Whoever has reached a limit is given nothing new in that field or area (KH84-II.2.2-UBKT-4, KH84-II.3-TTr-5).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from crypto.encoding import sha256hex
from workflow import ledger, models
from workflow.commands import casefile
from workflow.commands.organisation import person_of
from workflow.errors import Conflict, Malformed, NotEligible, NotFound
from workflow.queries import rotation as queries
from workflow.rotation import (
    AREA,
    FIELD,
    Act,
    Over,
    Spell,
    last_exception_day,
    load_rotation,
    read_over,
    touches,
)
from workflow.statements import is_hash, read_statement
from workflow.store import hold
from workflow.times import local_date

LONGEST_NOTE = 400
YEARS = range(1950, 2200)  # anything else is a slip of the hand


def add_charge(db: Session, person: str, over: Over, spell: Spell, *, at: datetime) -> None:
    """Enter that somebody is, or was, in charge of a field or an area.

    Raises Conflict("rotation_due") when they had reached its limit by the first day, Conflict("known_charge") where times
    overlap, NotFound("unknown_person" | "unknown_body" | "unknown_field"), Malformed.
    """
    hold(db, "rotation")
    since, until = spell
    if (until is not None and until < since) or any(day.year not in YEARS for day in (since, until or since)):
        raise Malformed()
    who = person_of(db, person)
    _require_over(db, over)
    overlapping = _of(who.id, over).where(or_(models.Charge.until.is_(None), models.Charge.until >= since))
    if until is not None:
        overlapping = overlapping.where(models.Charge.since <= until)
    if db.scalars(overlapping).first() is not None:
        raise Conflict("known_charge", person=person, over=str(over))
    require_free(db, [person], [over], on=since)
    db.add(models.Charge(id=str(uuid4()), person_id=who.id, kind=over.kind, code=over.code, since=since, until=until))
    db.flush()
    pub: dict[str, object] = {"person": person, "over": str(over), "from": since.isoformat()}
    if until is not None:
        pub["to"] = until.isoformat()
    _record(db, "charge_added", pub, at)


def end_charge(db: Session, person: str, over: Over, *, until: date, at: datetime) -> None:
    """Say which day was the last of the newest time in charge; that can be corrected. NotFound("unknown_charge"), Malformed."""
    hold(db, "rotation")
    newest = _of(person_of(db, person).id, over).order_by(models.Charge.since.desc())
    row = db.scalars(newest.limit(1)).first()
    if row is None:
        raise NotFound("unknown_charge", person=person, over=str(over))
    if until < row.since or until.year not in YEARS:
        raise Malformed()
    if row.until != until:
        row.until = until
        db.flush()
        pub = {"person": person, "over": str(over), "from": row.since.isoformat(), "to": until.isoformat()}
        _record(db, "charge_ended", pub, at)


def require_rotation(db: Session, person: str, over: Over, *, reason: str, note: str, at: datetime) -> None:
    """An administrator requires that somebody is moved although the limit isn't reached ("khi thấy cần thiết").

    Raises NotFound("unknown_person" | "unknown_charge"), Malformed for a reason that isn't in the list or has no words.
    """
    hold(db, "rotation")
    who = person_of(db, person)
    _check_reason(Act.REQUIREMENT, reason, note)
    on = local_date(at)
    _require_charge(db, person, over, on)
    _enter(db, who, over, Act.REQUIREMENT, reason, note, at=at)
    pub = {"person": person, "over": str(over), "reason": reason, "note": sha256hex(note.encode())}
    _record(db, "rotation_requirement", pub, at)


def sign_rotation(db: Session, signer: str, statement: Mapping[str, str], *, note: str, at: datetime) -> Act:
    """Take a head's signed exception or requirement; the same statement again is answered as before.

    `note` is the reason in words, whose hash the statement holds. Raises NotEligible for who is not the head whom it falls
    to, NotFound("unknown_charge"), Conflict("exception_too_long" | "roster_expired"), and what a statement may meet.
    """
    hold(db, "rotation")
    me = db.get_one(models.Person, signer).code
    roster = casefile.newest_roster(db)
    if me not in roster.members:
        raise NotEligible()
    signed = read_statement(statement, "rotation", key=roster.sign_key(me), by=me, case=None)
    act, person, over, until = _read(signed.body, note)
    if casefile.is_repeated(db, signed):
        return act
    on = local_date(at)
    roster.require_fresh(on)
    if me not in queries.signers(db, on).get(person, frozenset()):
        raise NotEligible()
    _require_charge(db, person, over, on)
    if until is not None and not on <= until <= last_exception_day(load_rotation(), on):
        raise Conflict("exception_too_long")
    statement_id = casefile.store_statement(db, signed, case_id=None, at=at)
    reason = str(signed.body["reason"])
    _enter(db, person_of(db, person), over, act, reason, note, until=until, by=me, statement=statement_id, at=at)
    pub: dict[str, object] = {"person": person, "over": str(over), "reason": reason, "by": me, "statement": signed.hash}
    if until is not None:
        pub["to"] = until.isoformat()
    kind = {Act.EXCEPTION: "rotation_exception", Act.REQUIREMENT: "rotation_requirement"}[act]
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)
    return act


def require_free(db: Session, people: Iterable[str], overs: Iterable[Over], *, on: date) -> None:
    """A part of commands: Conflict("rotation_due") if somebody has reached the limit of one of these or an area that touches it."""
    due, parents, asked = queries.due(db, on), dict(queries.tree(db, on)), set(people)
    wanted = list(overs)
    for person, over in sorted(due):
        if person in asked and any(touches(over, one, parents) for one in wanted):
            raise Conflict("rotation_due", person=person, over=str(over))


def overs_of(work_kind: str, units: Iterable[str]) -> frozenset[Over]:
    """A part of commands: what somebody who joins an inspection would work in."""
    table = load_rotation()
    areas = {Over(AREA, unit) for unit in units} if table.counts_areas(work_kind) else set()
    return table.fields_of(work_kind) | areas


def _read(said: Mapping[str, object], note: str) -> tuple[Act, str, Over, date | None]:
    """What a statement says, exactly; Malformed."""
    person, reason, until = said["person"], said["reason"], said.get("until")
    try:
        act, over = Act(str(said["act"])), read_over(str(said["over"]))
        day = None if until is None else date.fromisoformat(str(until))
    except ValueError:
        raise Malformed(kind="rotation") from None
    if not isinstance(person, str) or not isinstance(reason, str) or (day is not None) != (act is Act.EXCEPTION):
        raise Malformed(kind="rotation")
    if day is not None and day.isoformat() != until:
        raise Malformed(kind="rotation")
    _check_reason(act, reason, note)
    if not is_hash(said["note"]) or said["note"] != sha256hex(note.encode()):
        raise Malformed("swapped_object", kind="rotation")
    return act, person, over, day


def _check_reason(act: Act, reason: str, note: str) -> None:
    readable = all(unicodedata.category(letter) not in ("Cc", "Cs") for letter in note)  # what every database takes
    if reason not in load_rotation().reasons[act] or not readable:
        raise Malformed()
    if not 0 < len(note.strip()) <= len(note) <= LONGEST_NOTE:
        raise Malformed()


def _require_over(db: Session, over: Over) -> None:
    """It exists; a body may be entered here from a later day than somebody was in charge of it."""
    if over.kind == FIELD and over.code not in load_rotation().fields:
        raise NotFound("unknown_field", field=over.code)
    known = select(models.Body.id).where(models.Body.code == over.code).limit(1)
    if over.kind == AREA and db.scalars(known).first() is None:
        raise NotFound("unknown_body", body=over.code)


def _require_charge(db: Session, person: str, over: Over, on: date) -> None:
    if not any((one.person, one.over) == (person, over) for one in queries.standings(db, on)):
        raise NotFound("unknown_charge", person=person)


def _of(person_id: str, over: Over) -> Select[models.Charge]:
    row = models.Charge
    return select(row).where(row.person_id == person_id, row.kind == over.kind, row.code == over.code)


def _enter(
    db: Session,
    who: models.Person,
    over: Over,
    act: Act,
    reason: str,
    note: str,
    *,
    until: date | None = None,
    by: str | None = None,
    statement: str | None = None,
    at: datetime,
) -> None:
    db.add(
        models.RotationAct(
            id=str(uuid4()),
            person_id=who.id,
            kind=over.kind,
            code=over.code,
            act=act.value,
            since=local_date(at),
            until=until,
            reason=reason,
            note=note,
            said_by=by,
            statement_id=statement,
            said_at=at,
        )
    )
    db.flush()


def _record(db: Session, kind: str, pub: Mapping[str, object], at: datetime) -> None:
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)
