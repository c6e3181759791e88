"""Hash chains: one a case and one for the organisation, so that cases do not wait for each other.

The formats are those of sealing.md, *Bytes* (ledger entry); the arithmetic is in `crypto.ledgers`. Entries hold codes
and ids, never content.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import ledgers
from crypto.encoding import jcs
from workflow import models
from workflow.store import hold
from workflow.times import stamp

ORGANISATION = "org"
START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One entry as it was chained; `hash` is its public name."""

    chain: str
    seq: int
    kind: str
    entry: bytes
    hash: str


@dataclass(frozen=True)
class Private:
    """What an entry's digest was made of: the salt, and the canonical JSON of the private part."""

    salt: bytes
    part: bytes


def append(
    db: Session,
    *,
    chain: str,
    kind: str,
    pub: Mapping[str, Any],
    priv: Mapping[str, Any],
    at: datetime,
    rng: Callable[[int], bytes] = secrets.token_bytes,
) -> Entry:
    """Chain one more entry; `at` is recorded to the second, so a reporter's act comes rounded already."""
    hold(db, f"ledger/{chain}")
    before = head(db, chain)
    salt = rng(32)
    seq = before.seq + 1 if before else 1
    entry = ledgers.entry_bytes(
        chain=chain,
        seq=seq,
        at=stamp(at),
        kind=kind,
        prev=before.hash if before else START,
        pub=dict(pub),
        priv=ledgers.private_digest(salt, dict(priv)),
    )
    row = models.LedgerEntry(
        chain=chain,
        seq=seq,
        kind=kind,
        entry=entry,
        hash=ledgers.entry_hash(entry),
        private_salt=salt,
        private=jcs(dict(priv)),
    )
    db.add(row)
    db.flush()
    return _entry(row)


def head(db: Session, chain: str) -> Entry | None:
    """The newest entry of a chain, if it has any."""
    row = db.scalars(
        select(models.LedgerEntry)
        .where(models.LedgerEntry.chain == chain)
        .order_by(models.LedgerEntry.seq.desc())
        .limit(1)
    ).first()
    return _entry(row) if row else None


def entries(db: Session, chain: str) -> tuple[Entry, ...]:
    """A whole chain, oldest first."""
    rows = db.scalars(
        select(models.LedgerEntry).where(models.LedgerEntry.chain == chain).order_by(models.LedgerEntry.seq)
    )
    return tuple(_entry(row) for row in rows)


def private_parts(db: Session, chain: str, kinds: Collection[str]) -> Mapping[int, Private]:
    """The private parts of a chain's entries of these kinds, by number: for those who are entitled to them."""
    query = select(models.LedgerEntry.seq, models.LedgerEntry.private_salt, models.LedgerEntry.private).where(
        models.LedgerEntry.chain == chain, models.LedgerEntry.kind.in_(kinds)
    )
    return {seq: Private(salt=salt, part=part) for seq, salt, part in db.execute(query)}


def _entry(row: models.LedgerEntry) -> Entry:
    return Entry(chain=row.chain, seq=row.seq, kind=row.kind, entry=row.entry, hash=row.hash)
