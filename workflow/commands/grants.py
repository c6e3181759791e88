"""Giving a case to somebody who may read it now: a colleague with a new seat, or with a new key (sealing.md, *Grant*).

A reader's browser makes the copies of the keys and the header. The server adds nobody: it checks that the rules of
today call the new reader entitled, and keeps who gave it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import jcs, sha256hex
from workflow import ledger, models
from workflow.access import cleared
from workflow.commands import casefile, epochs
from workflow.errors import Conflict, Malformed, NotEligible
from workflow.queries.granting import eligible
from workflow.rostered import Rostered
from workflow.sealed import MOST_READERS, Part, check_header, check_part
from workflow.statements import is_count, is_hash, read_statement
from workflow.times import local_date


def grant_case(
    db: Session,
    case_id: str,
    person: str,
    *,
    facts: Mapping[str, Any],
    statement: Mapping[str, str],
    header: Part,
    grants: Sequence[Part],
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random | None = None,
) -> str:
    """Add one reader to the newest epoch of every ring of a case, with its header and the keys that the giver holds.

    `facts` are those of the header, to weigh the new reader by; they are forgotten. Returns the new reader's code; the
    same statement again is answered as before. Raises NotEligible, Malformed, Conflict("already_reader" |
    "reader_not_eligible" | "readers_full" | "epoch_pending" | "epoch_closed" | "roster_expired" |
    "known_id_other_content").
    """
    case = casefile.hold_case(db, case_id)
    me = cleared(casefile.reading_of(db, case_id, person, at=at)).person
    roster = casefile.newest_roster(db)
    signed = read_statement(statement, "grant", key=roster.sign_key(me), by=me, case=case_id)
    if casefile.is_repeated(db, signed):
        return str(signed.body["reader"])
    roster.require_fresh(local_date(at))
    said = signed.body
    _check_words(said)
    reader = _entitled(db, case, said, facts, roster, at=at)
    rings = open_rings(db, case_id, me, said["rings"], kind="grant")
    _check_header(said, header)
    _check_grants(said, grants, rings)
    statement_id = casefile.store_statement(db, signed, case_id=case_id, at=at)
    casefile.store_parts(db, case_id, [header, *grants], author=me, at=at, statement=statement_id)
    seat(db, case_id, reader, at=at)
    casefile.tell_one(db, reader.id, delay=notice_delay, chance=chance or SystemRandom(), at=at)
    places = [{"ring": ring, "epoch": epoch} for ring, epoch in sorted(rings.items())]
    priv = {
        "by": me,
        "reader": said["reader"],
        "header": {"id": header.id, "sha256": header.sha256},
        "grants": [{"id": grant.id, "sha256": grant.sha256} for grant in grants],
    }
    pub = {"rings": places, "statement": signed.hash}
    ledger.append(db, chain=case_id, kind="granted", pub=pub, priv=priv, at=at)
    return reader.code


def grants_digest(grants: Sequence[Part]) -> str:
    """SHA-256 over the JCS of the copies' ids and hashes, sorted by id: what the statement says was given."""
    listed = [{"id": grant.id, "sha256": grant.sha256} for grant in sorted(grants, key=lambda one: one.id)]
    return sha256hex(jcs(listed))


def _check_words(said: Mapping[str, Any]) -> None:
    sound = (
        isinstance(said["reader"], str)
        and is_hash(said["readerkey"])
        and is_hash(said["header"])
        and is_hash(said["grants"])
        and are_rings(said["rings"])
    )
    if not sound:
        raise Malformed(kind="grant")


def are_rings(rings: object) -> bool:
    """Whether this names epochs with the hashes of their statements, one of each ring, sorted by its name."""
    return (
        isinstance(rings, list)
        and all(isinstance(one, dict) and one.keys() == {"ring", "epoch", "statement"} for one in rings)
        and all(isinstance(one["ring"], str) and is_count(one["epoch"]) and is_hash(one["statement"]) for one in rings)
        and [one["ring"] for one in rings] == sorted({one["ring"] for one in rings})
    )


def _entitled(
    db: Session,
    case: models.Case,
    said: Mapping[str, Any],
    facts: Mapping[str, Any],
    roster: Rostered,
    *,
    at: datetime,
) -> models.Person:
    """The new reader, whom today's rules and the signed roster call entitled, with the key that the statement names."""
    code = said["reader"]
    if code not in roster.members:  # first: what isn't a code of ours need not be text that a database takes
        raise Conflict("reader_not_eligible")
    reader = db.scalars(select(models.Person).where(models.Person.code == code)).first()
    if reader is None:
        raise Conflict("reader_not_eligible")
    known = casefile.reading_of(db, case.id, reader.id, at=at)
    if known is not None and not known.ended:
        raise Conflict("already_reader")
    if code not in eligible(db, case, facts, at=at).readers:
        raise Conflict("reader_not_eligible")
    if roster.members[code].readerkey != said["readerkey"]:
        raise Malformed("unknown_reader", kind="grant")
    return reader


def open_rings(db: Session, case_id: str, me: str, said: Sequence[Mapping[str, Any]], *, kind: str) -> dict[str, int]:
    """The newest epoch of every ring that has one, all of them open and named with the hash of their statement."""
    named = {one["ring"]: one for one in said}
    rings: dict[str, int] = {}
    for ring in epochs.RINGS:
        newest = epochs.newest(db, case_id, ring)
        if newest is None:
            continue
        if ring not in named:
            raise Conflict("epoch_closed")  # a colleague made the ring meanwhile
        row = epochs.require_open(db, case_id, ring, named[ring]["epoch"])
        if db.get_one(models.Statement, row.statement_id).hash != named[ring]["statement"]:
            raise Malformed("wrong_binding", kind=kind)
        listed = {reader["id"] for reader in epochs.readers_of(db, row)}
        if me not in listed:
            raise NotEligible()
        if kind == "grant" and len(listed) >= MOST_READERS:
            raise Conflict("readers_full")
        rings[ring] = row.epoch
    if rings.keys() != named.keys():
        raise Malformed("wrong_binding", kind=kind)
    return rings


def _check_header(said: Mapping[str, Any], header: Part) -> None:
    check_header(header)
    if (header.reader, header.readerkey) != (said["reader"], said["readerkey"]):
        raise Malformed("unknown_reader", kind="header")
    if header.sha256 != said["header"]:
        raise Malformed("swapped_object", kind="header")


def _check_grants(said: Mapping[str, Any], grants: Sequence[Part], rings: Mapping[str, int]) -> None:
    """Copies for the new reader alone: of every newest epoch, and of earlier ones as far as the giver holds them."""
    for grant in grants:
        if grant.kind != "grant":
            raise Malformed("unexpected_object", kind=grant.kind[:16])
        check_part(grant)
        newest = rings.get(grant.ring or "", 0)
        if not 1 <= int(grant.epoch or 0) <= newest:
            raise Malformed("wrong_binding", kind="grant")
        if (grant.reader, grant.readerkey) != (said["reader"], said["readerkey"]):
            raise Malformed("unknown_reader", kind="grant")
    places = [(grant.ring, grant.epoch) for grant in grants]
    if len(set(places)) != len(places):
        raise Malformed("unexpected_object", kind="grant")
    if not set(rings.items()) <= set(places):
        raise Malformed("missing_object", kind="grant")
    if grants_digest(grants) != said["grants"]:
        raise Malformed("swapped_object", kind="grant")


def seat(db: Session, case_id: str, reader: models.Person, *, at: datetime) -> None:
    """A reading that begins now; of one that the rules had ended, the ledger keeps what was."""
    query = select(models.Readership).where(
        models.Readership.case_id == case_id, models.Readership.person_id == reader.id
    )
    reading = db.scalars(query).first()
    if reading is None:
        reading = models.Readership(id=str(uuid4()), case_id=case_id, person_id=reader.id)
        db.add(reading)
    reading.since = at
    reading.declared = reading.declared_at = reading.opened_at = reading.ended = reading.ended_why = None
    db.flush()
