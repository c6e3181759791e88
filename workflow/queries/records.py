"""The record of a case as its reporter may check it: the chain's public parts, signed checkpoints, an inclusion proof.

Found by the hash of the mailbox secret and by nothing else, as everything of a mailbox (workflow.queries.mailboxes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.errors import Malformed


@dataclass(frozen=True)
class Record:
    """What is left of a record after what a browser has; the iterators are read while the session lives."""

    entries: Iterator[bytes]
    checkpoints: Iterator[ledger.Checkpoint]
    newest: ledger.Checkpoint | None
    case: str


def record(db: Session, mailbox: str, *, entry: int, checkpoint: int) -> Record:
    """Entries and checkpoints from these numbers on; Malformed("wrong_code") when no case has this mailbox."""
    case = db.scalars(select(models.Case.id).where(models.Case.mailbox_hash == mailbox)).first()
    if case is None:
        raise Malformed("wrong_code")
    newest = ledger.latest_checkpoint(db)
    return Record(
        entries=ledger.entries_from(db, case, entry),
        checkpoints=ledger.checkpoints_from(db, checkpoint, newest.no if newest else 0),
        newest=newest,
        case=case,
    )


def proof(db: Session, found: Record) -> ledger.Proof | None:
    """Where the newest checkpoint holds the case's chain; None where it is older than the case."""
    return ledger.prove(db, found.case, found.newest) if found.newest else None
