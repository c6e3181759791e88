"""The tamper-evident log: chains of entries, checkpoints over their heads, and reading it all again."""

from workflow.ledger.audit import Fault, verify
from workflow.ledger.chains import ORGANISATION, START, Entry, append, entries, head
from workflow.ledger.checkpoints import Checkpoint, checkpoint, latest_checkpoint, require_checkpoint

__all__ = [
    "ORGANISATION",
    "START",
    "Checkpoint",
    "Entry",
    "Fault",
    "append",
    "checkpoint",
    "entries",
    "head",
    "latest_checkpoint",
    "require_checkpoint",
    "verify",
]
