"""HKDF-SHA256 (RFC 5869; twin: kdf.js)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.errors import Malformed

LONGEST = 255 * 32  # bytes (RFC 5869 section 2.3)


def hkdf(key: bytes, info: bytes, *, salt: bytes = b"", length: int = 32) -> bytes:
    """`length` bytes from `key`. Malformed for more than there are."""
    if length > LONGEST:
        raise Malformed("more than HKDF gives")
    return HKDF(SHA256(), length, salt or None, info).derive(key)
