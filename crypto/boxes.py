"""What the server keeps encrypted in its own database: peppers, TOTP secrets, session keys (sealing.md, *In the clear*).

Stored: 01 | nonce 12 | AES-256-GCM(HKDF(server key, empty, L("box")), plaintext, aad L("box") | 00 | name). The name says
whose it is and what for, so that a value moved to another row or column does not open.
"""

from __future__ import annotations

from crypto.aead import NONCE, TAG, decrypt, encrypt
from crypto.encoding import label, labelled, require_bytes
from crypto.errors import Malformed
from crypto.kdf import hkdf
from crypto.rng import random_bytes

VERSION = 1


class Box:
    """Seals and opens under one server key of 32 bytes."""

    def __init__(self, server_key: bytes) -> None:
        self._key = hkdf(require_bytes(server_key, 32, "a server key"), label("box"))

    def __repr__(self) -> str:
        return "Box(…)"

    def seal(self, name: str, plaintext: bytes) -> bytes:
        nonce = random_bytes(NONCE)
        return bytes([VERSION]) + nonce + encrypt(self._key, nonce, plaintext, _place(name))

    def open(self, name: str, data: bytes) -> bytes:
        """Raises Damaged for an altered or moved value, or under another server key; Malformed."""
        if len(data) < 1 + NONCE + TAG or data[0] != VERSION:
            raise Malformed("not a box")
        return decrypt(self._key, data[1 : 1 + NONCE], data[1 + NONCE :], _place(name))


def _place(name: str) -> bytes:
    return labelled("box", name.encode("utf-8"))
