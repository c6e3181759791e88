"""Epochs of a case's rings: making the next one, and cutting off who leaves (sealing.md, *Epoch* and *Rules*).

These are the parts that commands are made of: they store, and hand back what the one ledger entry of the command says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crypto.encoding import parse_jcs, sha256hex
from workflow import models
from workflow.access import narrowed
from workflow.commands import casefile
from workflow.errors import Conflict, Malformed, NotEligible
from workflow.queries import readers
from workflow.queries.granting import added, granted
from workflow.queries.remaining import Remaining, remaining
from workflow.rostered import Rostered
from workflow.sealed import REPORTER, Part, check_part
from workflow.statements import ZEROS, Signed, is_count, is_hash
from workflow.times import local_date

REPORT, INTERNAL = "report", "internal"
RINGS = (REPORT, INTERNAL)


@dataclass(frozen=True)
class Recorded:
    """What a ledger entry says of it: to everybody who sees the chain, and to those entitled."""

    pub: Mapping[str, Any]
    priv: Mapping[str, Any]


@dataclass(frozen=True)
class Before:
    """What the new epoch follows: the hash of the last statement, and the list that may only be narrowed."""

    prev: str
    readers: Sequence[Mapping[str, str]]


def newest(db: Session, case_id: str, ring: str) -> models.Epoch | None:
    query = select(models.Epoch).where(models.Epoch.case_id == case_id, models.Epoch.ring == ring)
    return db.scalars(query.order_by(models.Epoch.epoch.desc()).limit(1)).first()


def require_open(db: Session, case_id: str, ring: str, epoch: int) -> models.Epoch:
    """The ring's newest epoch, if it is this one and has a key. Conflict("epoch_pending" | "epoch_closed")."""
    row = newest(db, case_id, ring)
    if row is None or row.state == "pending":
        raise Conflict("epoch_pending")
    if row.epoch != epoch:
        raise Conflict("epoch_closed")
    return row


def readers_of(db: Session, row: models.Epoch) -> Sequence[Mapping[str, str]]:
    """Whom an epoch's statement names, and who was given its key since, with their keys."""
    statement = db.get_one(models.Statement, row.statement_id)
    given = [
        reader
        for said in (parse_jcs(grant.doc) for grant in granted(db, row.case_id))
        if {"ring": row.ring, "epoch": row.epoch, "statement": statement.hash} in said["rings"]
        for reader in added(said)
    ]
    return sorted([*parse_jcs(statement.doc)["readers"], *given], key=lambda reader: str(reader["id"]))


def open_next(
    db: Session,
    case: models.Case,
    signed: Signed,
    grants: Sequence[Part],
    *,
    roster: Rostered,
    at: datetime,
    stored: datetime | None = None,
) -> Recorded:
    """Put a pending epoch in force: its statement, and one grant for each of exactly those who remain.

    `stored` is the time to keep, where it is not `at`: of the reporter's acts it is the hour.

    Raises Conflict("epoch_closed") when it has been made already or its list of readers is no longer true,
    NotEligible for a reader who never was one, Malformed with `wrong_binding`, `wrong_size`, `unexpected_object`,
    `missing_object` or `unknown_reader`.
    """
    said = signed.body
    _check_words(said)
    row = _pending(db, case.id, said["ring"], said["epoch"], by=signed.by)
    before = _before(db, case.id, said["ring"], said["epoch"])
    if said["prev"] != before.prev:
        raise Conflict("epoch_closed")
    _check_list(db, case, signed, before, roster, at=at)
    _check_grants(said, grants)
    kept = stored or at
    statement_id = casefile.store_statement(db, signed, case_id=case.id, at=kept)
    casefile.store_parts(db, case.id, grants, author=signed.by, at=kept, statement=statement_id)
    if row is None:
        row = models.Epoch(case_id=case.id, ring=said["ring"], epoch=said["epoch"])
        db.add(row)
    row.state, row.commitment, row.statement_id = "open", said["commitment"], statement_id
    db.flush()
    return Recorded(
        pub={"ring": row.ring, "epoch": row.epoch, "statement": signed.hash, "readers": len(said["readers"])},
        priv={
            "by": signed.by,
            "readers": [reader["id"] for reader in said["readers"]],
            "removed": list(said["removed"]),
            "grants": [{"id": grant.id, "reader": grant.reader, "sha256": grant.sha256} for grant in grants],
        },
    )


def mark_bad(
    db: Session, case: models.Case, signed: Signed, *, readerkey: str, at: datetime, stored: datetime | None = None
) -> Recorded | None:
    """Close the key that a ring's readers were given last, because it opens nothing for this one: the next is pending.

    The server can't tell who is right. So its maker can't say it, and each reader says it once of each epoch, which is
    kept for everybody to see; None when they have said it before. `readerkey` is the signer's key of today.

    Raises Malformed, NotEligible for who is no reader of it, Conflict("epoch_closed") when there is a newer one.
    """
    said = signed.body
    if said["ring"] not in RINGS or not is_count(said["epoch"]) or not is_hash(said["statement"]):
        raise Malformed(kind="badkey")
    made = _last_made(db, case.id, said["ring"])
    if made is None or {"id": signed.by, "key": readerkey} not in readers_of(db, made):
        raise NotEligible()
    if said["epoch"] < made.epoch:
        raise Conflict("epoch_closed")
    maker = db.get_one(models.Statement, made.statement_id)
    # The first key of the report ring is part of what the reporter signed: no later key could open what lies under it.
    first = (made.ring, made.epoch) == (REPORT, 1)
    if first or (said["epoch"], said["statement"]) != (made.epoch, maker.hash):
        raise Malformed("wrong_binding", kind="badkey")
    if maker.signer == signed.by:
        raise NotEligible()
    if _has_marked(db, signed):
        return None
    casefile.store_statement(db, signed, case_id=case.id, at=stored or at)
    _, pending = _close(db, case.id, made.ring)
    return Recorded(
        pub={"ring": made.ring, "epoch": made.epoch, "pending": pending},
        priv={"by": signed.by, "maker": maker.signer, "statement": signed.hash},
    )


def _has_marked(db: Session, signed: Signed) -> bool:
    said = signed.body
    query = select(models.Statement.doc).where(
        models.Statement.case_id == said["case"],
        models.Statement.kind == signed.kind,
        models.Statement.signer == signed.by,
    )
    before = [parse_jcs(doc) for doc in db.scalars(query)]
    return any((one["ring"], one["epoch"]) == (said["ring"], said["epoch"]) for one in before)


def cut_off(db: Session, case: models.Case, person_id: str, *, why: str, at: datetime) -> Recorded:
    """End somebody's reading: access first, then their grants, then every ring waits for its next key.

    Where too few remain for the case to be handled, or none, supervisors and administrators get a notice that says
    only that there is something new.
    """
    reading = casefile.readership(db, case.id, person_id)
    reading.ended, reading.ended_why = at, why
    db.flush()
    code = db.get_one(models.Person, person_id).code
    delete_grants(db, case.id, [code])
    pending = close_rings(db, case.id)
    if remaining(db, case, on=local_date(at)) is not Remaining.ENOUGH:
        casefile.tell_overseers(db, at=at)
    return Recorded(pub={"pending": pending}, priv={"person": code})


def delete_grants(db: Session, case_id: str, codes: Sequence[str]) -> None:
    """The sealed copies of keys that these readers hold of a case."""
    grant = models.SealedObject
    db.execute(delete(grant).where(grant.case_id == case_id, grant.kind == "grant", grant.reader.in_(list(codes))))


def close_rings(db: Session, case_id: str) -> list[dict[str, Any]]:
    """Every ring waits for its next key: `{ring, epoch}` of each, as the ledger says it."""
    pending = [_close(db, case_id, ring) for ring in _rings(db, case_id)]
    return [{"ring": ring, "epoch": epoch} for ring, epoch in pending]


def _close(db: Session, case_id: str, ring: str) -> tuple[str, int]:
    """The ring takes no more objects until its next epoch has a key."""
    row = newest(db, case_id, ring)
    if row is None:
        raise LookupError("a ring that is listed has an epoch")
    if row.state == "pending":
        return ring, row.epoch
    row.state = "closed"
    db.add(models.Epoch(case_id=case_id, ring=ring, epoch=row.epoch + 1, state="pending"))
    db.flush()
    return ring, row.epoch + 1


def _rings(db: Session, case_id: str) -> list[str]:
    query = select(models.Epoch.ring).where(models.Epoch.case_id == case_id).distinct().order_by(models.Epoch.ring)
    return list(db.scalars(query))


def _check_words(said: Mapping[str, Any]) -> None:
    """The statement's own shape: names, numbers, hashes, sorted lists."""
    listed, removed = said["readers"], said["removed"]
    sound = (
        said["ring"] in RINGS
        and is_count(said["epoch"])
        and is_hash(said["prev"])
        and is_hash(said["commitment"])
        and isinstance(listed, list)
        and all(isinstance(one, dict) and one.keys() == {"id", "key"} and isinstance(one["id"], str) for one in listed)
        and isinstance(removed, list)
        and all(isinstance(code, str) for code in removed)
    )
    if not sound:
        raise Malformed(kind="epoch")
    codes = [one["id"] for one in listed]
    if codes != sorted(set(codes)) or removed != sorted(set(removed)):
        raise Malformed(kind="epoch")


def _pending(db: Session, case_id: str, ring: str, epoch: int, *, by: str) -> models.Epoch | None:
    """The row that waits for its key; None for the first internal epoch, which nobody had to wait for."""
    row = newest(db, case_id, ring)
    if row is None and ring == INTERNAL and epoch == 1 and by != REPORTER:
        return None
    if row is None or row.epoch < epoch:
        raise Malformed("wrong_binding", kind="epoch")
    if row.state != "pending" or row.epoch != epoch:
        raise Conflict("epoch_closed")
    if ring == INTERNAL and by == REPORTER:
        raise NotEligible()
    return row


def _last_made(db: Session, case_id: str, ring: str) -> models.Epoch | None:
    """The ring's newest epoch that somebody has made a key for, open or closed."""
    query = select(models.Epoch).where(
        models.Epoch.case_id == case_id, models.Epoch.ring == ring, models.Epoch.state != "pending"
    )
    return db.scalars(query.order_by(models.Epoch.epoch.desc()).limit(1)).first()


def _before(db: Session, case_id: str, ring: str, epoch: int) -> Before:
    """The last epoch with a key; before the internal ring's first there is the report ring's list, no hash."""
    source, number = (ring, epoch - 1) if epoch > 1 else (REPORT, None)
    last = _last_made(db, case_id, source)
    if last is None:
        raise LookupError("a case begins with a key of the report ring")
    listed = readers_of(db, last)
    if number is None:
        return Before(prev=ZEROS, readers=[one for one in listed if one["id"] != REPORTER])
    statement = db.get_one(models.Statement, last.statement_id)
    return Before(prev=sha256hex(statement.doc), readers=listed)


def _check_list(
    db: Session, case: models.Case, signed: Signed, before: Before, roster: Rostered, *, at: datetime
) -> None:
    """Exactly those of the last list who may still read; the one who signs is among them."""
    given = list(signed.body["readers"])
    expected = list(narrowed(before.readers, readers.present_keys(db, case.id, on=local_date(at)), roster))
    if given != expected:
        known = [dict(reader) for reader in before.readers]
        if any(reader not in known for reader in given):
            raise NotEligible()  # nobody is added by a renewal
        if any(reader not in expected for reader in given):
            raise Conflict("epoch_closed")  # somebody left while this was being made
        raise Malformed("missing_object", kind="grant")  # somebody who may read was left out
    codes = {reader["id"] for reader in given}
    removed = sorted({reader["id"] for reader in before.readers} - codes) if signed.body["epoch"] > 1 else []
    if signed.by not in codes or signed.body["removed"] != removed:
        raise Malformed("wrong_binding", kind="epoch")


def _check_grants(said: Mapping[str, Any], grants: Sequence[Part]) -> None:
    """One grant for each reader, at this ring and epoch, to the very key that the statement names."""
    for grant in grants:
        if grant.kind != "grant":
            raise Malformed("unexpected_object", kind=grant.kind[:16])
        check_part(grant)
        if grant.ring != said["ring"] or grant.epoch != said["epoch"]:
            raise Malformed("wrong_binding", kind="grant")
    keys = {reader["id"]: reader["key"] for reader in said["readers"]}
    recipients = [grant.reader for grant in grants]
    if not keys.keys() >= set(recipients) or len(set(recipients)) != len(recipients):
        raise Malformed("unexpected_object", kind="grant")
    if keys.keys() != set(recipients):
        raise Malformed("missing_object", kind="grant")
    if any(grant.readerkey != keys[str(grant.reader)] for grant in grants):
        raise Malformed("unknown_reader", kind="grant")
