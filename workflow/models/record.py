"""The tamper-evident log: one hash chain a case, one for the organisation, checkpoints over all heads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Hash, Record, UtcTime


class LedgerEntry(Record):
    """Append-only by trigger (migration 0001). `entry` is the canonical bytes that are hashed."""

    __tablename__ = "ledger_entry"

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)  # case id or `org`
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    entry: Mapped[bytes]
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    private_salt: Mapped[bytes]
    private: Mapped[bytes]  # canonical JSON of the part that only those entitled are shown


class Checkpoint(Record):
    """Signed Merkle root over all chain heads (RFC 6962 hashing); append-only by trigger."""

    __tablename__ = "checkpoint"

    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    doc: Mapped[bytes]
    signature: Mapped[bytes]
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    # Canonical JSON [{chain, head, seq}] of the leaves that are new or moved since the checkpoint before: folding
    # them from number 1 gives every checkpoint's tree, although heads move on.
    changed: Mapped[bytes]
    made: Mapped[datetime] = mapped_column(UtcTime)
