"""What the server keeps encrypted in its own database: peppers, TOTP secrets, session keys (sealing.md, *In the clear*).

Stored: 01 | nonce 12 | AES-256-GCM(HKDF(server key, empty, L("box")), plaintext, aad L("box") | 00 | name). The name says
whose it is and what for, so that a value moved to another row or column does not open.
"""

from __future__ import annotations

from collections.abc import Callable

from crypto.aead import NONCE, TAG, decrypt, encrypt
from crypto.encoding import label, labelled, require_bytes
from crypto.errors import Damaged, Malformed
from crypto.kdf import hkdf
from crypto.rng import random_bytes

VERSION = 1


class Box:
    """Seals under a server key of 32 bytes, and opens under this one and older ones."""

    def __init__(self, server_key: bytes, *older: bytes) -> None:
        self._keys = tuple(_derived(key) for key in (server_key, *older))

    def __repr__(self) -> str:
        return "Box(…)"

    def seal(self, name: str, plaintext: bytes) -> bytes:
        nonce = random_bytes(NONCE)
        return bytes([VERSION]) + nonce + encrypt(self._in_use()[0], nonce, plaintext, _place(name))

    def open(self, name: str, data: bytes) -> bytes:
        """Raises Damaged for an altered or moved value, or under another server key; Malformed."""
        return self._opened(name, data)[1]

    def is_newest(self, name: str, data: bytes) -> bool:
        """Whether it is sealed under the key that seals, and no older one. Raises as `open`."""
        return self._opened(name, data)[0] == 0

    def _opened(self, name: str, data: bytes) -> tuple[int, bytes]:
        """The place of the key that opens it, and what is inside."""
        if len(data) < 1 + NONCE + TAG or data[0] != VERSION:
            raise Malformed("not a box")
        for place, key in enumerate(self._in_use()):
            try:
                return place, decrypt(key, data[1 : 1 + NONCE], data[1 + NONCE :], _place(name))
            except Damaged:
                continue
        raise Damaged("a box that no server key opens")

    def _in_use(self) -> tuple[bytes, ...]:
        return self._keys


class ChangingBox(Box):
    """A box whose keys are asked for at each use, the newest first: they change while a process runs."""

    def __init__(self, server_keys: Callable[[], tuple[bytes, ...]]) -> None:
        self._server_keys = server_keys
        self._known: tuple[tuple[bytes, ...], tuple[bytes, ...]] = ((), ())

    def _in_use(self) -> tuple[bytes, ...]:
        given, known = self._server_keys(), self._known
        if given != known[0]:
            known = self._known = given, tuple(_derived(key) for key in given)
        return known[1]


def _derived(server_key: bytes) -> bytes:
    return hkdf(require_bytes(server_key, 32, "a server key"), label("box"))


def _place(name: str) -> bytes:
    return labelled("box", name.encode("utf-8"))
