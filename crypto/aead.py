"""AES-256-GCM, with a tag that doesn't fit told as Damaged (twin: aead.js)."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors import Damaged

TAG = 16
NONCE = 12


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Ciphertext and tag."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext; Damaged when the tag does not fit."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag as fault:
        raise Damaged("the tag does not fit") from fault
