"""HKDF-SHA256 (RFC 5869), and PBKDF2 for codes that are drawn and not chosen (RFC 8018; twin: kdf.js)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from crypto.errors import Malformed

LONGEST = 255 * 32  # bytes (RFC 5869 section 2.3)
ROUNDS = 600_000


def hkdf(key: bytes, info: bytes, *, salt: bytes = b"", length: int = 32) -> bytes:
    """`length` bytes from `key`. Malformed for more than there are."""
    if length > LONGEST:
        raise Malformed("more than HKDF gives")
    return HKDF(SHA256(), length, salt or None, info).derive(key)


def stretched_code(code: str, salt: bytes) -> bytes:
    """32 bytes of a drawn code's words: PBKDF2-HMAC-SHA256, 600,000 rounds."""
    return PBKDF2HMAC(SHA256(), 32, salt, ROUNDS).derive(code.encode("ascii"))
