"""Items: content under a ring's or scope's key (sealing.md, *Objects* and *Bytes*: item; twin: items.js).

Stored: 01 | salt 32 | commitment 32 | AES-256-GCM(key, nonce 12 zeros, Padmé frame, aad = binding). Key and commitment
are derived for this one salt, so the nonce may be constant; the commitment tells another key from damage.
"""

from __future__ import annotations

import hmac

from crypto.aead import NONCE, TAG, decrypt, encrypt
from crypto.encoding import labelled, require_bytes
from crypto.errors import Malformed, NotForMe
from crypto.kdf import hkdf
from crypto.padding import pad, unpad
from crypto.rng import Rng, random_bytes

VERSION = 1
SALT = 32
HEAD = 65
ZERO_NONCE = bytes(NONCE)


def seal_item(key: bytes, binding: bytes, plaintext: bytes, rng: Rng = random_bytes) -> bytes:
    """Seal content under a key of 32 bytes."""
    salt = rng(SALT)
    item_key, commitment = _derive(key, salt, binding)
    return bytes([VERSION]) + salt + commitment + encrypt(item_key, ZERO_NONCE, pad(plaintext), binding)


def open_item(key: bytes, binding: bytes, data: bytes) -> bytes:
    """The content. Raises NotForMe (another key or place), Damaged (altered), Malformed."""
    if len(data) < HEAD + TAG:
        raise Malformed("too short for an item")
    if data[0] != VERSION:
        raise Malformed("an item of unknown version")
    item_key, commitment = _derive(key, data[1 : 1 + SALT], binding)
    if not hmac.compare_digest(commitment, data[1 + SALT : HEAD]):
        raise NotForMe("an item under another key, or of another place")
    return unpad(decrypt(item_key, ZERO_NONCE, data[HEAD:], binding))


def _derive(key: bytes, salt: bytes, binding: bytes) -> tuple[bytes, bytes]:
    okm = hkdf(require_bytes(key, 32, "an item's key"), labelled("item", binding), salt=salt, length=64)
    return okm[:32], okm[32:]
