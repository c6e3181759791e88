"""What a client remembers between two visits: numbers, hashes and public keys, never anything secret.

The same as a member's browser keeps in `localStorage` (static/js/client/trust.js): the newest roster with the key that
signed it and the keys before that one, the newest checkpoint, and each ring's highest epoch under a hash of its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crypto.encoding import b64u, sha256hex, unb64u
from crypto.errors import CryptoError
from intake.client.errors import ClientFault
from intake.files import write_private

RINGS = ("report", "internal")  # that every case has, sooner or later
FORMER_KEPT = 32  # as many takeovers as anybody follows (succession.py)


@dataclass(frozen=True)
class Pointer:
    """Number and hash of something signed, as statements name it."""

    no: int
    hash: str

    @property
    def json(self) -> dict[str, Any]:
        return {"no": self.no, "hash": self.hash}


@dataclass(frozen=True)
class Former:
    """A key of the organisation's that its successor has replaced, and the last roster by it."""

    org: bytes
    last: int


@dataclass(frozen=True)
class SeenRoster:
    """The newest roster that was verified here: by which key, and which keys that one came after."""

    pointer: Pointer
    org: bytes
    former: tuple[Former, ...] = ()


@dataclass
class Memory:
    """A memory of this process, or of a JSON file, which is written whenever something is learnt."""

    path: Path | None = None
    roster: SeenRoster | None = None
    checkpoint: Pointer | None = None
    epochs: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def kept_in(cls, path: Path) -> Memory:
        """The memory in this file, empty where there is none yet. ValueError for a file that is no memory."""
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return cls(path)
        try:
            told = json.loads(text)
            return cls(
                path,
                roster=_roster(told["roster"]),
                checkpoint=_pointer(told["checkpoint"]),
                epochs={str(name): (int(no), str(hashed)) for name, (no, hashed) in told["epochs"].items()},
            )
        except (CryptoError, KeyError, TypeError, ValueError, AttributeError) as fault:
            raise ValueError(f"{path} is not a memory") from fault

    def learn(self, *, roster: SeenRoster, checkpoint: Pointer) -> None:
        """What has just been verified against this memory."""
        former = roster.former[-FORMER_KEPT:]
        self.roster, self.checkpoint = SeenRoster(roster.pointer, roster.org, former), checkpoint
        self._write()

    def learn_epochs(self, case: str, chains: Mapping[str, Mapping[int, str]]) -> None:
        """A case's verified epochs by ring: number and hash. A ring's highest never goes back, and never changes.

        Raises ClientFault("epoch_rolled_back").
        """
        learnt = {}
        for ring in {*RINGS, *chains}:  # one may be hidden as a whole
            hashes = chains.get(ring, {})
            name = sha256hex(f"{case}/{ring}".encode())
            no, hashed = self.epochs.get(name, (0, ""))
            if no and hashes.get(no) != hashed:
                raise ClientFault("epoch_rolled_back", ring=ring, epoch=no)
            if hashes:
                learnt[name] = (max(hashes), hashes[max(hashes)])
        self.epochs.update(learnt)
        self._write()

    def _write(self) -> None:
        if self.path is None:
            return
        roster = self.roster
        told = {
            "roster": {
                **roster.pointer.json,
                "org": b64u(roster.org),
                "former": [{"org": b64u(one.org), "last": one.last} for one in roster.former],
            }
            if roster
            else None,
            "checkpoint": self.checkpoint.json if self.checkpoint else None,
            "epochs": self.epochs,
        }
        write_private(self.path, json.dumps(told, sort_keys=True).encode() + b"\n")


def _pointer(told: Mapping[str, Any] | None) -> Pointer | None:
    return None if told is None else Pointer(int(told["no"]), str(told["hash"]))


def _roster(told: Mapping[str, Any] | None) -> SeenRoster | None:
    if told is None:
        return None
    former = tuple(Former(unb64u(one["org"]), int(one["last"])) for one in told["former"])
    return SeenRoster(Pointer(int(told["no"]), str(told["hash"])), unb64u(told["org"]), former)
