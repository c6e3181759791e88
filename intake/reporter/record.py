"""`mailbox.record`: a page of what the reporter's browser checks the ledger with (workflow.queries.records)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from crypto.encoding import b64u, jcs, sha256hex
from intake.reporter import schemas
from intake.services import services
from workflow.ledger import Proof
from workflow.queries import records

PROOF_ROOM = 4_096  # a path has as many hashes as the number of cases has bits
Told = TypeVar("Told", str, dict[str, str])


class _Page:
    """Room for what is told, until something did not fit."""

    def __init__(self, room: int) -> None:
        self.room, self.full = room, False

    def take(self, told: Iterable[Told]) -> list[Told]:
        """As many of them as fit, from the first on."""
        taken: list[Told] = []
        for one in () if self.full else told:
            self.room -= len(jcs(one)) + 1
            if self.room < 0:
                self.full = True
                break
            taken.append(one)
        return taken


def record_page(asked: schemas.RecordArgs, *, room: int) -> dict[str, Any]:
    """Entries, then checkpoints, from the numbers asked for; the proof comes with the last page.

    Each page is of one moment: who goes on asking until nothing is left has entries, checkpoints and proof that fit.
    """
    with services().store.reading() as db:
        found = records.record(db, sha256hex(asked.secret), entry=asked.entry, checkpoint=asked.checkpoint)
        page = _Page(room - PROOF_ROOM)
        entries = page.take(b64u(entry) for entry in found.entries)
        checkpoints = page.take(one.document for one in found.checkpoints)
        proof = None if page.full else records.proof(db, found)
    return {
        "entries": entries,
        "checkpoints": checkpoints,
        "proof": _proof_json(proof) if proof else None,
        "more": page.full,
    }


def _proof_json(proof: Proof) -> dict[str, Any]:
    return {"no": proof.no, "leaf": proof.leaf, "index": proof.index, "path": list(proof.path)}
