"""What a member does with a case: declare, write, renew and reject its keys, withdraw (sealing.md, *Objects* and *Rules*).

`person` is the member's uuid; whoever isn't entitled is refused alike for every case, known or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.access import Declared, cleared, entitled, undeclared
from workflow.commands import casefile, epochs
from workflow.errors import Conflict, Malformed, NotEligible
from workflow.queries import readers
from workflow.queries.remaining import Remaining, holds_key, remaining
from workflow.sealed import Part, check_part
from workflow.statements import Signed, read_statement
from workflow.times import local_date, to_hour

Statement = Mapping[str, str]
# What a member may add, and to which ring: `message` reaches the reporter too, `note` handlers alone.
RING_OF = {"message": epochs.REPORT, "note": epochs.INTERNAL}


def declare(
    db: Session, case_id: str, person: str, statement: Statement, reason: Part | None = None, *, at: datetime
) -> Declared:
    """Sign whether there is a conflict, once: *clear* opens the case, *conflict* closes it for good.

    Raises NotEligible, Conflict("already_declared" | "roster_expired"), Malformed.
    """
    case = casefile.hold_case(db, case_id)
    me = undeclared(casefile.reading_of(db, case_id, person, at=at)).person
    signed = _signed(db, case_id, me, statement, "conflict")
    _check_header(db, case_id, me, signed)
    conflict = signed.body["conflict"]
    if type(conflict) is not bool:
        raise Malformed(kind="conflict")
    _check_reason(db, case_id, me, signed, reason, at=at)
    if not conflict:
        casefile.newest_roster(db).require_fresh(local_date(at))
    statement_id = casefile.store_statement(db, signed, case_id=case_id, at=at)
    if reason is not None:
        casefile.store_parts(db, case_id, [reason], author=me, at=at, statement=statement_id)
    reading = casefile.readership(db, case_id, person)
    reading.declared_at = at
    if conflict:
        reading.declared = Declared.CONFLICT
        done = epochs.cut_off(db, case, person, why="conflict", at=at)
        priv = {**done.priv, "statement": signed.hash}
        ledger.append(db, chain=case_id, kind="conflict_declared", pub=done.pub, priv=priv, at=at)
        return Declared.CONFLICT
    reading.declared, reading.opened_at = Declared.CLEAR, at
    priv = {"person": me, "statement": signed.hash}
    ledger.append(db, chain=case_id, kind="opened", pub={}, priv=priv, at=at)
    return Declared.CLEAR


def add_item(db: Session, case_id: str, person: str, part: Part, statement: Statement, *, at: datetime) -> datetime:
    """Add a message to the reporter or an internal note under the ring's newest epoch; returns when it was stored.

    The same object again gets the same answer. Raises NotEligible, Malformed, TooLarge,
    Conflict("epoch_pending" | "epoch_closed" | "known_id_other_content" | "roster_expired").
    """
    case = casefile.hold_case(db, case_id)
    me = cleared(casefile.reading_of(db, case_id, person, at=at)).person
    signed = _signed(db, case_id, me, statement, "item")
    check_item(part, signed, RING_OF)
    stored = stored_before(db, case_id, part, author=me)
    if stored is not None:
        return stored
    casefile.newest_roster(db).require_fresh(local_date(at))
    row = epochs.require_open(db, case_id, str(part.ring), int(part.epoch or 0))
    if me not in {reader["id"] for reader in epochs.readers_of(db, row)}:
        raise NotEligible()
    statement_id = casefile.store_statement(db, signed, case_id=case_id, at=at)
    casefile.store_parts(db, case_id, [part], author=me, at=at, statement=statement_id)
    case.updated = to_hour(at)
    pub, priv = item_record(part, by=me)
    ledger.append(db, chain=case_id, kind="item_added", pub=pub, priv=priv, at=at)
    return at


def open_epoch(
    db: Session, case_id: str, person: str, statement: Statement, grants: Sequence[Part], *, at: datetime
) -> None:
    """Make the key of a ring that waits for one: the internal ring's first, or the next after somebody has left.

    Of two who do it at once the second gets Conflict("epoch_closed"); the same one again is answered as before.
    """
    case = casefile.hold_case(db, case_id)
    me = cleared(casefile.reading_of(db, case_id, person, at=at)).person
    signed = _signed(db, case_id, me, statement, "epoch")
    if casefile.is_repeated(db, signed):
        return
    roster = casefile.newest_roster(db)
    roster.require_fresh(local_date(at))
    done = epochs.open_next(db, case, signed, grants, roster=roster, at=at)
    ledger.append(db, chain=case_id, kind="epoch_opened", pub=done.pub, priv=done.priv, at=at)


def report_bad_key(db: Session, case_id: str, person: str, statement: Statement, *, at: datetime) -> None:
    """Say that a ring's newest key opens nothing for its reader: the ring then waits for the next one.

    Said again it changes nothing. Raises as `epochs.mark_bad`.
    """
    case = casefile.hold_case(db, case_id)
    me = cleared(casefile.reading_of(db, case_id, person, at=at)).person
    signed = _signed(db, case_id, me, statement, "badkey")
    readerkey = casefile.newest_roster(db).members[me].readerkey
    done = None if casefile.is_repeated(db, signed) else epochs.mark_bad(db, case, signed, readerkey=readerkey, at=at)
    if done is not None:
        ledger.append(db, chain=case_id, kind="bad_key_reported", pub=done.pub, priv=done.priv, at=at)


def withdraw(db: Session, case_id: str, person: str, statement: Statement, *, at: datetime) -> None:
    """Leave a case: access is cut, one's grants are deleted, and every ring waits for a key that one never had.

    Raises Conflict("last_reader") for the last who holds a key: the report would be closed to everybody for good. A
    conflict of interest is never refused: whoever has one may not go on reading.
    """
    case = casefile.hold_case(db, case_id)
    me = entitled(casefile.reading_of(db, case_id, person, at=at)).person
    signed = _signed(db, case_id, me, statement, "withdrawal")
    _check_header(db, case_id, me, signed)
    if holds_key(db, case_id, me) and remaining(db, case, on=local_date(at), besides=me) is Remaining.NOBODY:
        raise Conflict("last_reader")
    casefile.store_statement(db, signed, case_id=case_id, at=at)
    done = epochs.cut_off(db, case, person, why="withdrawal", at=at)
    priv = {**done.priv, "statement": signed.hash}
    ledger.append(db, chain=case_id, kind="withdrawn", pub=done.pub, priv=priv, at=at)


def check_item(part: Part, signed: Signed, rings: Mapping[str, str]) -> None:
    """An item that may be added at all, and a statement about exactly this one."""
    if part.kind not in rings:
        raise Malformed("unexpected_object", kind=part.kind[:16])
    check_part(part)
    if part.ring != rings[part.kind]:
        raise Malformed("wrong_binding", kind=part.kind)
    about = {"ring": part.ring, "epoch": part.epoch, "item": part.id, "item_kind": part.kind}
    if {field: signed.body[field] for field in about} != about:
        raise Malformed("wrong_binding", kind="item")
    if signed.body["sha256"] != part.sha256:
        raise Malformed("swapped_object", kind=part.kind)


def stored_before(db: Session, case_id: str, part: Part, *, author: str) -> datetime | None:
    """When this very object was stored; Conflict when its id holds something else."""
    known = db.get(models.SealedObject, part.id)
    if known is None:
        return None
    if known.sha256 != part.sha256 or known.case_id != case_id or known.author != author:
        raise Conflict("known_id_other_content")
    return known.stored


def item_record(part: Part, *, by: str) -> tuple[dict[str, object], dict[str, object]]:
    """What the ledger says of an item: of a note everybody who sees the chain learns no more than that there is one."""
    told = {"item": part.id, "kind": part.kind, "sha256": part.sha256}
    if part.ring == epochs.REPORT:
        return {"ring": part.ring, **told}, {"by": by}
    return {"ring": part.ring}, {"by": by, **told}


def _signed(db: Session, case_id: str, code: str, statement: Statement, kind: str) -> Signed:
    """A member's statement, by the key that the signed roster gives them, not by what the server's tables say."""
    key = casefile.newest_roster(db).sign_key(code)
    return read_statement(statement, kind, key=key, by=code, case=case_id)


def _check_header(db: Session, case_id: str, code: str, signed: Signed) -> None:
    """Who declares or leaves has seen the header that was sealed to them."""
    query = select(models.SealedObject.sha256).where(
        models.SealedObject.case_id == case_id,
        models.SealedObject.kind == "header",
        models.SealedObject.reader == code,
    )
    if signed.body["header"] not in list(db.scalars(query)):  # a list: what was signed may be unhashable
        raise Malformed("wrong_binding", kind="header")


def _check_reason(db: Session, case_id: str, me: str, signed: Signed, reason: Part | None, *, at: datetime) -> None:
    """A reason goes with a conflict only, and to the head of the receiving body only."""
    if signed.body.get("reason") != (reason.id if reason else None):
        raise Malformed("missing_object" if reason is None else "swapped_object", kind="direct")
    if reason is None:
        return
    if reason.kind != "direct" or not signed.body["conflict"]:
        raise Malformed("unexpected_object", kind=reason.kind[:16])
    check_part(reason)
    head = readers.head(db, case_id, besides=me, on=local_date(at))
    if head is None or (reason.reader, reason.readerkey) != (head.id, head.readerkey):
        raise Malformed("unknown_reader", kind="direct")
