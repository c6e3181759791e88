"""Moving a case to the body that is competent by its facts today (sealing.md, *Moving a case*).

A reader's browser makes the copies of the keys and the headers, as with a later grant. The server routes the facts again
itself, lets nobody be named but whom it decides on, and ends the reading of everybody who had the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs
from workflow import ledger, models
from workflow.access import cleared
from workflow.commands import casefile, epochs
from workflow.commands.grants import are_rings, grants_digest, open_rings, seat
from workflow.errors import Conflict, Malformed, NotEligible, Unavailable
from workflow.queries.decisions import profile
from workflow.queries.moving import COMPETENCE, QUORUM, Rerouted, moves_of, rerouted
from workflow.rostered import Rostered
from workflow.sealed import MOST_READERS, Part, check_header, check_part
from workflow.statements import Signed, is_hash, read_statement
from workflow.times import local_date, to_hour


def move_case(
    db: Session,
    case_id: str,
    person: str,
    *,
    facts: Mapping[str, Any],
    leaving: bool,
    statement: Mapping[str, str],
    headers: Sequence[Part],
    grants: Sequence[Part],
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random | None = None,
) -> str:
    """Give a case to the readers of another body, history of the report included, and end the reading of all others.

    `facts` are those of the header, corrected in codes where they were wrong; they are forgotten. With `leaving` the
    mover isn't counted among those who could handle it where it is. Returns the code of the body that has the case now;
    the same statement again is answered as before. Raises NotEligible, Malformed, Unavailable,
    Conflict("case_stays" | "decision_changed" | "readers_full" | "epoch_pending" | "epoch_closed" | "roster_expired" |
    "known_id_other_content").
    """
    case = casefile.hold_case(db, case_id)
    reading = casefile.reading_of(db, case_id, person, at=at)
    if reading is None:
        raise NotEligible()
    if reading.ended:  # whoever moved it is its reader no more
        return _moved_before(db, case_id, reading.person, statement)
    me = cleared(reading).person
    roster = casefile.newest_roster(db)
    signed = read_statement(statement, "move", key=roster.sign_key(me), by=me, case=case_id)
    roster.require_fresh(local_date(at))
    said = signed.body
    _check_words(said)
    found = rerouted(db, case, facts, leaver=me if leaving else None, at=at)
    _check_decision(said, case, found, roster)
    rings = open_rings(db, case_id, me, said["rings"], kind="move")
    _check_headers(said, headers)
    _check_grants(said, grants, newest=rings[epochs.REPORT])
    return _move(
        db,
        case,
        signed,
        found,
        facts,
        headers,
        grants,
        notice_delay=notice_delay,
        at=at,
        chance=chance or SystemRandom(),
    )


def _moved_before(db: Session, case_id: str, me: str, statement: Mapping[str, str]) -> str:
    """Where this very statement of theirs has moved the case, after a lost answer; NotEligible for any other."""
    for move in moves_of(db, case_id):
        if move.signer == me and {"stmt": b64u(move.doc), "sig": b64u(move.signature)} == dict(statement):
            return str(parse_jcs(move.doc)["body"])
    raise NotEligible()


def _move(
    db: Session,
    case: models.Case,
    signed: Signed,
    found: Rerouted,
    facts: Mapping[str, Any],
    headers: Sequence[Part],
    grants: Sequence[Part],
    *,
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random,
) -> str:
    """All that a move changes, access first."""
    said = signed.body
    former = _end_readings(db, case.id, at=at)
    epochs.delete_grants(db, case.id, former)
    statement_id = casefile.store_statement(db, signed, case_id=case.id, at=at)
    casefile.store_parts(db, case.id, [*headers, *grants], author=signed.by, at=at, statement=statement_id)
    pending = epochs.close_rings(db, case.id)
    case.body, case.ruleset, case.profile = said["body"], found.decision["ruleset"], profile(facts)
    case.updated = to_hour(at)
    codes = [one["id"] for one in said["readers"]]
    for reader in db.scalars(select(models.Person).where(models.Person.code.in_(codes)).order_by(models.Person.code)):
        seat(db, case.id, reader, at=at)
    casefile.tell_readers(db, case.id, delay=notice_delay, chance=chance, at=at)
    pub = {"from": said["from"], "to": said["body"], "why": said["why"], "statement": signed.hash, "pending": pending}
    priv = {
        "by": signed.by,
        "readers": codes,
        "former": former,
        "headers": [{"id": one.id, "reader": one.reader, "sha256": one.sha256} for one in headers],
        "grants": [{"id": one.id, "reader": one.reader, "sha256": one.sha256} for one in grants],
    }
    ledger.append(db, chain=case.id, kind="case_moved", pub=pub, priv=priv, at=at)
    return case.body


def _check_words(said: Mapping[str, Any]) -> None:
    listed = said["readers"]
    sound = (
        all(isinstance(said[name], str) for name in ("from", "body", "ruleset"))
        and said["why"] in (QUORUM, COMPETENCE)
        and is_hash(said["headers"])
        and is_hash(said["grants"])
        and are_rings(said["rings"])
        and isinstance(listed, list)
        and all(isinstance(one, dict) and one.keys() == {"id", "key"} for one in listed)
        and all(isinstance(one["id"], str) and is_hash(one["key"]) for one in listed)
    )
    if not sound or [one["id"] for one in listed] != sorted({one["id"] for one in listed}):
        raise Malformed(kind="move")
    if len(listed) > MOST_READERS:
        raise Conflict("readers_full")


def _check_decision(said: Mapping[str, Any], case: models.Case, found: Rerouted, roster: Rostered) -> None:
    """The move says what the rules of today say, from the body that has the case, to keys that the roster holds."""
    if said["from"] != case.body:
        raise Malformed("wrong_binding", kind="move")
    if found.stays:
        raise Conflict("case_stays")
    if not found.receivable:
        raise Unavailable("nobody_competent")
    decision = found.decision
    told = (said["body"], said["why"], said["ruleset"], [one["id"] for one in said["readers"]])
    if told != (decision["body"], found.why, decision["ruleset"], decision["readers"]):
        raise Conflict("decision_changed")
    if any(one["id"] not in roster.members for one in said["readers"]):
        raise Conflict("decision_changed")
    if any(roster.members[one["id"]].readerkey != one["key"] for one in said["readers"]):
        raise Malformed("unknown_reader", kind="move")


def _check_headers(said: Mapping[str, Any], headers: Sequence[Part]) -> None:
    for header in headers:
        check_header(header)
    _check_recipients(said, headers, kind="header")
    if len(headers) != len(said["readers"]):
        raise Malformed("unexpected_object", kind="header")
    if grants_digest(headers) != said["headers"]:
        raise Malformed("swapped_object", kind="header")


def _check_grants(said: Mapping[str, Any], grants: Sequence[Part], *, newest: int) -> None:
    """Copies of the report ring alone, the first and the newest key and as many between as the mover holds, to each alike."""
    held: dict[str | None, list[int]] = {}
    for grant in grants:
        if grant.kind != "grant":
            raise Malformed("unexpected_object", kind=grant.kind[:16])
        check_part(grant)
        if grant.ring != epochs.REPORT or not 1 <= int(grant.epoch or 0) <= newest:
            raise Malformed("wrong_binding", kind="grant")
        held.setdefault(grant.reader, []).append(int(grant.epoch or 0))
    _check_recipients(said, grants, kind="grant")
    for places in held.values():
        if len(set(places)) != len(places):
            raise Malformed("unexpected_object", kind="grant")
        if not {1, newest} <= set(places) or set(places) != set(next(iter(held.values()))):
            raise Malformed("missing_object", kind="grant")
    if grants_digest(grants) != said["grants"]:
        raise Malformed("swapped_object", kind="grant")


def _check_recipients(said: Mapping[str, Any], parts: Sequence[Part], *, kind: str) -> None:
    """Something for each new reader, and nothing for anybody else or another key."""
    keys = {one["id"]: one["key"] for one in said["readers"]}
    if any(keys.get(str(part.reader)) != part.readerkey for part in parts):
        raise Malformed("unknown_reader", kind=kind)
    if {part.reader for part in parts} != keys.keys():
        raise Malformed("missing_object", kind=kind)


def _end_readings(db: Session, case_id: str, *, at: datetime) -> list[str]:
    """Everybody who could read it until now reads it no more: their codes, sorted."""
    query = (
        select(models.Readership, models.Person.code)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .where(models.Readership.case_id == case_id, models.Readership.ended.is_(None))
        .order_by(models.Person.code)
    )
    former = []
    for reading, code in db.execute(query):
        reading.ended, reading.ended_why = at, "moved"
        former.append(code)
    db.flush()
    return former
