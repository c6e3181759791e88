"""Routing keys: what everything the public face receives is sealed to (sealing.md, *Routing keys*).

Private halves live in a folder outside the database, each for seven days and two more, and are never backed up: a
stolen disk of next month opens nothing of today's traffic. Several processes use the folder at once.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from crypto.encoding import b64u, unb64u
from crypto.errors import CryptoError
from crypto.hpke import kem_public
from crypto.signing import sign_document
from intake.files import alone, destroy, make_private_folder, write_private
from workflow.errors import StorageFailed
from workflow.times import read_stamp, stamp

VALID = timedelta(days=7)
OVERLAP = timedelta(days=2)  # a page that was opened with the key still gets through
RENEW_BEFORE = timedelta(days=1)
NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json")
# Backup programs that know the convention leave this folder out (docs/operations.md).
CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Routing keys are never backed up.\n"


@dataclass(frozen=True)
class RoutingKey:
    """The public side of a key."""

    id: str
    public: bytes
    valid_from: datetime
    until: datetime

    def signed(self, signing_seed: bytes) -> dict[str, str]:
        """The document that tells of it, under the installation's Ed25519 key."""
        return sign_document(signing_seed, "routing-key", self._body)

    @property
    def _body(self) -> dict[str, Any]:
        return {
            "v": 1,
            "id": self.id,
            "kem": b64u(self.public),
            "from": stamp(self.valid_from),
            "until": stamp(self.until),
        }


class RoutingKeys:
    """The keys in one folder."""

    def __init__(self, folder: Path, *, rng: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._folder = folder
        self._rng = rng

    def current(self, at: datetime) -> RoutingKey:
        """The newest key that is valid now. Where the clock stood still for too long, one is made.

        Raises StorageFailed where none can be kept.
        """
        key = self._newest(at)
        if key is None:
            with suppress(OSError):
                self.rotate(at)
            key = self._newest(at)
        if key is None:
            raise StorageFailed()
        return key

    def seed(self, id: str, at: datetime) -> bytes | None:
        """The private half, as long as envelopes sealed to it are taken; None afterwards, and for an unknown id."""
        for key, seed in self._all():
            if key.id == id and key.valid_from <= at <= key.until + OVERLAP:
                return seed
        return None

    def rotate(self, at: datetime) -> None:
        """Make the next key when the newest has less than a day left, and destroy those whose overlap has passed.

        Raises OSError; a full disk keeps no old key alive.
        """
        make_private_folder(self._folder)
        with alone(self._folder / ".lock"):
            try:
                self._make_when_due(at)
            finally:
                for key, _ in self._all():
                    if key.until + OVERLAP < at:
                        destroy(self._path(key.id))

    def replace(self, at: datetime) -> None:
        """Make a new key now and destroy all others: pages that were opened with one fetch the new one. Raises OSError."""
        make_private_folder(self._folder)
        with alone(self._folder / ".lock"):
            others = [key.id for key, _ in self._all()]
            self._make(at)
            for id in others:
                destroy(self._path(id))

    def _make_when_due(self, at: datetime) -> None:
        newest = self._newest(at)
        if newest is None or newest.until - at < RENEW_BEFORE:
            self._make(at)

    def _make(self, at: datetime) -> None:
        tag = self._folder / "CACHEDIR.TAG"
        if not tag.exists():
            write_private(tag, CACHE_TAG)
        start = at.astimezone(UTC).replace(microsecond=0)
        seed = self._rng(32)
        kept = {
            "v": 1,
            "id": str(UUID(bytes=self._rng(16), version=4)),
            "kem": b64u(kem_public(seed)),
            "from": stamp(start),
            "until": stamp(start + VALID),
            "seed": b64u(seed),
        }
        write_private(self._path(str(kept["id"])), json.dumps(kept).encode())

    def _newest(self, at: datetime) -> RoutingKey | None:
        valid = [key for key, _ in self._all() if key.valid_from <= at < key.until]
        return max(valid, key=lambda key: (key.valid_from, key.id), default=None)

    def _all(self) -> Iterator[tuple[RoutingKey, bytes]]:
        """All keys in the folder; what is not a key's file, or is gone meanwhile, is passed over."""
        try:
            paths = sorted(path for path in self._folder.iterdir() if NAME.fullmatch(path.name))
        except FileNotFoundError:
            return
        for path in paths:
            try:
                kept = json.loads(path.read_bytes())
                key = RoutingKey(
                    id=kept["id"],
                    public=unb64u(kept["kem"]),
                    valid_from=read_stamp(kept["from"]),
                    until=read_stamp(kept["until"]),
                )
                seed = unb64u(kept["seed"])
            except (FileNotFoundError, CryptoError, KeyError, TypeError, ValueError):
                continue
            yield key, seed

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.json"
