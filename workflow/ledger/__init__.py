"""The tamper-evident log: chains of entries, checkpoints over their heads, proofs, and reading it all again."""

from workflow.ledger.audit import Fault, verify
from workflow.ledger.chains import ORGANISATION, START, Entry, Private, append, entries, head, private_parts
from workflow.ledger.checkpoints import Checkpoint, checkpoint, latest_checkpoint, require_checkpoint
from workflow.ledger.proofs import Proof, checkpoints_from, entries_from, prove
from workflow.ledger.signers import seed_of

__all__ = [
    "ORGANISATION",
    "START",
    "Checkpoint",
    "Entry",
    "Fault",
    "Private",
    "Proof",
    "append",
    "checkpoint",
    "checkpoints_from",
    "entries",
    "entries_from",
    "head",
    "latest_checkpoint",
    "private_parts",
    "prove",
    "require_checkpoint",
    "seed_of",
    "verify",
]
