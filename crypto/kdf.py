"""HKDF-SHA256 (RFC 5869; twin: kdf.js)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(key: bytes, info: bytes, *, salt: bytes = b"", length: int = 32) -> bytes:
    """`length` bytes from `key`."""
    return HKDF(SHA256(), length, salt or None, info).derive(key)
