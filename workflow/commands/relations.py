"""Relations that keep somebody from a case: a person declares and ends their own, signed; an administrator records others.

Details are in the ledger's private part: the chain tells everybody that something was recorded, and the person what.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands import casefile
from workflow.commands.organisation import body_on, person_of
from workflow.errors import Conflict, Malformed, NotEligible, NotFound
from workflow.facts import CODE, DAY, LONGEST_CODE
from workflow.relations import Kind, kinds_on
from workflow.statements import Signed, is_uuid, read_statement
from workflow.store import hold
from workflow.times import local_date

LONGEST_BASIS = 80
MOST_DECLARED = 100
FIRST = date(1900, 1, 1)


def declare_relation(db: Session, person_id: str, statement: Mapping[str, str], *, at: datetime) -> str:
    """Keep what somebody declares of themselves; the relation's id, which is the statement's. Sent again, the same.

    Raises NotEligible for who is in no signed roster, Malformed, Malformed("relation_with_self"),
    NotFound("unknown_person" | "unknown_unit" | "unknown_body" | "unknown_inspection"), Conflict("relation_known" |
    "relations_full"), and what a statement may meet.
    """
    person = db.get_one(models.Person, person_id)
    signed = _signed(db, person.code, statement, "relation")
    hold(db, f"relations/{person_id}")
    if casefile.is_repeated(db, signed):
        return signed.id
    declared = select(func.count()).where(
        models.Relation.person_id == person_id, models.Relation.statement_id.is_not(None)
    )
    if db.scalars(declared).one() >= MOST_DECLARED:
        raise Conflict("relations_full")
    said = signed.body
    until = _day(said["until"]) if "until" in said else None
    row = _row(db, person, said["tie"], said["with"], said["code"], _day(said["since"]), until, at=at)
    row.id = signed.id
    row.statement_id = casefile.store_statement(db, signed, case_id=None, at=at)
    db.add(row)
    _record(db, "relation_declared", row, person.code, {"statement": signed.hash}, at)
    return row.id


def end_own_relation(
    db: Session, person_id: str, relation_id: str, statement: Mapping[str, str], *, at: datetime
) -> None:
    """End what one has declared, with the last day on which it counts.

    Raises NotFound("unknown_relation") for another's, NotEligible for an official one, Conflict("relation_ended"),
    Malformed for a day before it began, and what a statement may meet.
    """
    person = db.get_one(models.Person, person_id)
    signed = _signed(db, person.code, statement, "relation_end")
    hold(db, f"relations/{person_id}")
    row = _relation(db, relation_id)
    if row.person_id != person_id:
        raise NotFound("unknown_relation")
    if row.statement_id is None:
        raise NotEligible()
    if signed.body["relation"] != row.id:
        raise Malformed("wrong_binding", kind="relation_end")
    if casefile.is_repeated(db, signed):
        return
    _end(row, _day(signed.body["until"]))
    row.ended_statement_id = casefile.store_statement(db, signed, case_id=None, at=at)
    _record(db, "relation_ended", row, person.code, {"statement": signed.hash}, at)


def record_relation(
    db: Session,
    person: str,
    kind: str,
    *,
    what: str,
    code: str,
    since: date,
    until: date | None,
    basis: str,
    by: str | None,
    at: datetime,
) -> str:
    """Enter an official relation, with the paper that it rests on; `by` is an administrator, None at the console.

    Returns its id. Raises as `declare_relation`, statements apart.
    """
    who, said = person_of(db, person), basis.strip()
    if not 0 < len(said) <= LONGEST_BASIS:
        raise Malformed()
    hold(db, f"relations/{who.id}")
    row = _row(db, who, kind, what, code, since, until, at=at)
    row.basis, row.recorded_by = said, by
    db.add(row)
    _record(db, "relation_recorded", row, who.code, {"by": by} if by else {}, at)
    return row.id


def end_relation(db: Session, relation_id: str, *, until: date, by: str | None, at: datetime) -> None:
    """End an official relation. Raises NotFound("unknown_relation"), NotEligible for a declared one, as `end_own_relation`."""
    row = _relation(db, relation_id)
    hold(db, f"relations/{row.person_id}")
    db.refresh(row)
    if row.statement_id is not None:
        raise NotEligible("relation_is_declared")
    _end(row, until)
    code = db.get_one(models.Person, row.person_id).code
    _record(db, "relation_ended", row, code, {"by": by} if by else {}, at)


def _signed(db: Session, code: str, statement: Mapping[str, str], kind: str) -> Signed:
    key = casefile.newest_roster(db).sign_key(code)
    return read_statement(statement, kind, key=key, by=code, case=None)


def _row(
    db: Session,
    person: models.Person,
    kind: object,
    what: object,
    code: object,
    since: date,
    until: date | None,
    *,
    at: datetime,
) -> models.Relation:
    """The row of what was said, if it can be so and isn't known already."""
    known = kinds_on(local_date(at)).get(kind) if isinstance(kind, str) else None
    if known is None or not isinstance(what, str) or what not in known.within:
        raise Malformed()
    if not isinstance(code, str) or len(code) > LONGEST_CODE or not CODE.fullmatch(code):
        raise Malformed()
    if since < FIRST or (until is not None and until < since):
        raise Malformed()
    if (what, code) == ("person", person.code):
        raise Malformed("relation_with_self")
    _require(db, what, code, local_date(at))
    _refuse_known(db, person, known, what, code, since, until)
    return models.Relation(
        id=str(uuid4()),
        person_id=person.id,
        kind=known.code,
        what=what,
        code=code,
        valid_from=since,
        valid_to=until,
        recorded=at,
    )


def _require(db: Session, what: str, code: str, on: date) -> None:
    """Refuse what isn't there, or isn't there any more."""
    if what == "person":
        person_of(db, code)
    elif what == "body":
        if body_on(db, code, on) is None:
            raise NotFound("unknown_body", body=code)
    elif what == "unit":
        unit = models.Unit
        there = unit.valid_from <= on, or_(unit.valid_to.is_(None), unit.valid_to >= on)
        if db.scalars(select(unit.id).where(unit.code == code, *there)).first() is None:
            raise NotFound("unknown_unit", unit=code)
    elif db.scalars(select(models.Inspection.id).where(models.Inspection.code == code)).first() is None:
        raise NotFound("unknown_inspection", inspection=code)


def _refuse_known(
    db: Session, person: models.Person, kind: Kind, what: str, code: str, since: date, until: date | None
) -> None:
    row = models.Relation
    same = row.person_id == person.id, row.kind == kind.code, row.what == what, row.code == code
    overlaps = or_(row.valid_to.is_(None), row.valid_to >= since)
    for held in db.scalars(select(row).where(*same, overlaps)):
        if until is None or held.valid_from <= until:
            raise Conflict("relation_known")


def _relation(db: Session, relation_id: str) -> models.Relation:
    row = db.get(models.Relation, relation_id) if is_uuid(relation_id) else None
    if row is None:
        raise NotFound("unknown_relation")
    return row


def _end(row: models.Relation, until: date) -> None:
    if until < row.valid_from:
        raise Malformed()
    if row.valid_to is not None and row.valid_to <= until:
        raise Conflict("relation_ended")
    row.valid_to = until


def _day(said: object) -> date:
    try:
        if isinstance(said, str) and DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise Malformed()


def _record(db: Session, kind: str, row: models.Relation, person: str, pub: Mapping[str, object], at: datetime) -> None:
    db.flush()
    priv: dict[str, Any] = {
        "person": person,
        "tie": row.kind,
        "with": row.what,
        "code": row.code,
        "from": row.valid_from.isoformat(),
    }
    if row.valid_to is not None:
        priv["to"] = row.valid_to.isoformat()
    if row.basis is not None:
        priv["basis"] = row.basis
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub={"relation": row.id, **pub}, priv=priv, at=at)
