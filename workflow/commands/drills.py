"""A custodian proves that their key works: a practice share is sealed to it, opened, and answered with a signature.

Nothing of a reporter is in a drill, and passing one opens nothing (docs/sealing.md, *Drills*).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crypto.binding import binding
from crypto.encoding import sha256hex
from crypto.hpke import seal
from crypto.rng import random_bytes
from workflow import ledger, models
from workflow.commands import casefile
from workflow.errors import Conflict, Gone, Malformed, NotEligible
from workflow.queries.drills import kept_sets
from workflow.rostered import Rostered
from workflow.sealed import SHAMIR_SHARE, Part
from workflow.statements import is_hash, is_uuid, read_statement
from workflow.store import hold
from workflow.times import local_date

LIFE = timedelta(minutes=15)
REMIND_EVERY = timedelta(days=14)


def begin_drill(db: Session, person_id: str, *, at: datetime, rng: Callable[[int], bytes] = random_bytes) -> Part:
    """A practice share, as large as a real one, sealed to this custodian's key in the newest signed roster.

    One that was begun before and not answered ends. Raises NotEligible for who is no custodian by the roster,
    Conflict("roster_expired").
    """
    roster = casefile.newest_roster(db)
    roster.require_fresh(local_date(at))
    person = db.get_one(models.Person, person_id)
    if not keeps(roster, person.code):
        raise NotEligible()
    value, keys = rng(SHAMIR_SHARE), roster.members[person.code]
    waiting = models.Drill.person_id == person_id, models.Drill.answered.is_(None)
    db.execute(delete(models.Drill).where(*waiting))
    made = Part(kind="drill", id=str(uuid4()), reader=person.code, readerkey=keys.readerkey, data=b"")
    place = {name: value for name, value in made.place.items() if name != "kind"}
    db.add(
        models.Drill(
            id=made.id,
            person_id=person_id,
            readerkey=keys.readerkey,
            value_hash=sha256hex(value),
            expires=at + LIFE,
            answered=None,
            statement_id=None,
        )
    )
    db.flush()
    return replace(made, data=seal(keys.kem, "drill", binding("drill", **place), value))


def answer_drill(db: Session, drill_id: str, person_id: str, statement: Mapping[str, str], *, at: datetime) -> datetime:
    """Take the signed answer to one's own drill; when it was passed. The same answer again gets the same.

    Raises Gone("drill_ended") for one that is another's, unknown or a quarter of an hour old, Conflict("drill_wrong")
    for another value, and what a statement may meet.
    """
    if not is_uuid(drill_id):
        raise Gone("drill_ended")
    hold(db, f"drill/{drill_id}")
    person, drill = db.get_one(models.Person, person_id), db.get(models.Drill, drill_id)
    if drill is None or drill.person_id != person_id:
        raise Gone("drill_ended")
    roster = casefile.newest_roster(db)
    signed = read_statement(statement, "drill", key=roster.sign_key(person.code), by=person.code, case=None)
    if drill.answered is not None:
        if casefile.is_repeated(db, signed) and drill.statement_id == signed.id:
            return drill.answered
        raise Gone("drill_ended")
    if drill.expires <= at:
        raise Gone("drill_ended")
    said = signed.body
    if not is_hash(said["sha256"]) or (said["drill"], said["readerkey"]) != (drill.id, drill.readerkey):
        raise Malformed("wrong_binding", kind="drill")
    if not keeps(roster, person.code) or roster.members[person.code].readerkey != drill.readerkey:
        raise NotEligible()
    if said["sha256"] != drill.value_hash:
        raise Conflict("drill_wrong")
    drill.statement_id = casefile.store_statement(db, signed, case_id=None, at=at)
    drill.answered = at
    pub = {"person": person.code, "readerkey": drill.readerkey, "statement": signed.hash}
    ledger.append(db, chain=ledger.ORGANISATION, kind="drill", pub=pub, priv={}, at=at)
    return at


def remind_of_drills(db: Session, *, at: datetime) -> int:
    """Leave a content-free notice for each custodian whose drill is due and whose key is a week old, at most one in two weeks.

    Returns how many.
    """
    keepers = {keeper.person: keeper for kept in kept_sets(db, on=local_date(at)) for keeper in kept.keepers}
    due = {person for person, keeper in keepers.items() if keeper.reminded(at)}
    told = select(models.Notice.person_id).where(
        models.Notice.kind == casefile.DRILL_DUE, models.Notice.not_before > at - REMIND_EVERY
    )
    due -= set(db.scalars(told))
    casefile.tell_custodians(db, due, at=at)
    return len(due)


def keeps(roster: Rostered, code: str) -> bool:
    """Whether a rostered member sits in a custodian set of the roster."""
    return code in roster.members and any(code in kept.members for kept in roster.sets.values())
