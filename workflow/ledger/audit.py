"""`niemphong ledger verify`: read the whole ledger again and say which entry is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import ledgers
from crypto.encoding import b64u, parse_jcs, sha256hex
from crypto.errors import CryptoError
from crypto.signing import verify_document
from workflow import models
from workflow.ledger.chains import START
from workflow.ledger.checkpoints import leaf_bytes


@dataclass(frozen=True)
class Fault:
    """Something recorded that can't be as it was made: `chain` (or `checkpoint`), number, and why as a code."""

    chain: str
    seq: int
    why: str


def verify(db: Session, signing_public: bytes) -> list[Fault]:
    """All faults of all chains and checkpoints; an empty list is what one wants to see."""
    seen: dict[tuple[str, int], str] = {}
    faults = list(_chains(db, seen))
    faults += _checkpoints(db, signing_public, seen)
    return faults


def _chains(db: Session, seen: dict[tuple[str, int], str]) -> Iterator[Fault]:
    chain, seq, prev = "", 0, START
    rows = db.scalars(
        select(models.LedgerEntry)
        .order_by(models.LedgerEntry.chain, models.LedgerEntry.seq)
        .execution_options(yield_per=500)
    )
    for row in rows:
        if row.chain != chain:
            chain, seq, prev = row.chain, 0, START
        if row.seq != seq + 1:
            yield Fault(chain, seq + 1, "missing")
            prev = ""  # what came before is gone: the link to it can't be judged
        for why in _entry_faults(row, prev):
            yield Fault(row.chain, row.seq, why)
        seen[row.chain, row.seq] = ledgers.entry_hash(row.entry)
        seq, prev = row.seq, row.hash


def _entry_faults(row: models.LedgerEntry, prev: str) -> Iterator[str]:
    try:
        entry = parse_jcs(row.entry)
        private = parse_jcs(row.private)
    except CryptoError:
        yield "unreadable"
        return
    if not isinstance(entry, dict):
        yield "unreadable"
        return
    if ledgers.entry_hash(row.entry) != row.hash:
        yield "hash"
    if (entry.get("chain"), entry.get("seq"), entry.get("kind")) != (row.chain, row.seq, row.kind):
        yield "place"
    if prev and entry.get("prev") != prev:
        yield "link"
    if ledgers.private_digest(row.private_salt, private) != entry.get("priv"):
        yield "private"


def _checkpoints(db: Session, signing_public: bytes, seen: dict[tuple[str, int], str]) -> Iterator[Fault]:
    heads: dict[str, dict[str, Any]] = {}
    no, prev = 0, START
    for row in db.scalars(select(models.Checkpoint).order_by(models.Checkpoint.no)):
        if row.no != no + 1:
            yield Fault("checkpoint", no + 1, "missing")
            prev = ""
        for why in _checkpoint_faults(row, signing_public, prev, heads, seen):
            yield Fault("checkpoint", row.no, why)
        no, prev = row.no, row.hash


def _checkpoint_faults(
    row: models.Checkpoint,
    signing_public: bytes,
    prev: str,
    heads: dict[str, dict[str, Any]],
    seen: dict[tuple[str, int], str],
) -> Iterator[str]:
    try:
        body = verify_document(signing_public, "checkpoint", {"doc": b64u(row.doc), "sig": b64u(row.signature)})
        changed = parse_jcs(row.changed)
    except CryptoError:
        yield "signature"
        return
    if sha256hex(row.doc) != row.hash:
        yield "hash"
    if body.get("no") != row.no:
        yield "place"
    if prev and body.get("prev") != prev:
        yield "link"
    for leaf in changed:
        before = heads.get(leaf["chain"])
        if before and before["seq"] >= leaf["seq"]:
            yield "backwards"
        if seen.get((leaf["chain"], leaf["seq"])) != leaf["head"]:
            yield "head"  # an entry that was checkpointed has been changed or cut off since
        heads[leaf["chain"]] = leaf
    if body.get("root") != ledgers.merkle_root(leaf_bytes(heads)).hex() or body.get("size") != len(heads):
        yield "root"
