"""Sealing to one reader: HPKE base mode (RFC 9180) with X-Wing (0x647A), HKDF-SHA256, AES-256-GCM (twin: hpke.js).

Stored: 01 | enc 1120 | ciphertext. The place is bound by info = L(kind) | 00 | binding. A private key is its 32-byte seed:
SHAKE256 of it gives 64 bytes of ML-KEM seed and 32 of X25519 key (sealing.md, *Primitives*; draft-connolly-cfrg-xwing-kem).
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from crypto.aead import TAG
from crypto.encoding import labelled, require_bytes, sha256hex
from crypto.errors import Damaged, Malformed, NotForMe, WeakKey

VERSION = 1
ENC = 1120
PUBLIC = 1216
MLKEM_PUBLIC = 1184
MLKEM_COEFFICIENTS = 1152  # bytes: 768 coefficients of 12 bits, then a 32-byte seed
Q = 3329
MLKEM_SEED = 64
P = 2**255 - 19
# The u-coordinates of small order on Curve25519 and its twist (RFC 7748 section 6.1); second spellings reduce to them.
SMALL_ORDER = frozenset(
    (
        0,
        1,
        P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    )
)
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def kem_public(seed: bytes) -> bytes:
    """The raw public key of a 32-byte seed: ML-KEM-768 (1184 bytes), then X25519 (32)."""
    mlkem, x25519 = _halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def check_kem_public(public: bytes) -> bytes:
    """The key itself, unless it is no sound X-Wing public key.

    WeakKey for coefficients that are not reduced (FIPS 203 section 7.2) or an X25519 half of small order; Malformed for
    another length.
    """
    return _sound(require_bytes(public, PUBLIC, "an X-Wing public key"))


@lru_cache(maxsize=256)  # the same few readers are sealed to again and again
def _sound(public: bytes) -> bytes:
    for at in range(0, MLKEM_COEFFICIENTS, 3):
        low, middle, high = public[at : at + 3]
        if (low | (middle & 15) << 8) >= Q or (middle >> 4 | high << 4) >= Q:
            raise WeakKey("not an ML-KEM public key")
    point = int.from_bytes(public[MLKEM_PUBLIC:], "little") & (2**255 - 1)  # X25519 ignores the highest bit
    if point % P in SMALL_ORDER:
        raise WeakKey("an X25519 key of small order")
    return public


def seal(public: bytes, kind: str, binding: bytes, plaintext: bytes) -> bytes:
    """Seal to one reader. Raises Malformed or WeakKey when it is no sound key."""
    check_kem_public(public)
    key = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC:]),
    )
    return bytes([VERSION]) + SUITE.encrypt(plaintext, key, labelled(kind, binding))


def open_sealed(seed: bytes, kind: str, binding: bytes, data: bytes) -> bytes:
    """Open what was sealed to the key of this seed.

    Raises NotForMe (sealed to another key, as its binding says), Damaged (altered, or moved from its place), Malformed
    (too short, or of an unknown version).
    """
    require_bytes(seed, 32, "an X-Wing seed")
    if len(data) < 1 + ENC + TAG:
        raise Malformed("too short for a sealed copy")
    if data[0] != VERSION:
        raise Malformed("a sealed copy of unknown version")
    named = _named_key(binding)
    if named is not None and named != sha256hex(kem_public(seed)):
        raise NotForMe("sealed to another key")
    try:
        return SUITE.decrypt(data[1:], MLKEM768X25519PrivateKey(*_halves(seed)), labelled(kind, binding))
    except (InvalidTag, ValueError) as fault:
        raise Damaged("the sealed copy does not open") from fault


def _halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(require_bytes(seed, 32, "an X-Wing seed")).digest(MLKEM_SEED + 32)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(expanded[MLKEM_SEED:]),
    )


def _named_key(binding: bytes) -> str | None:
    """What a binding says of its reader's key; a binding may name none (an envelope's doesn't)."""
    try:
        named = json.loads(binding).get("readerkey")
    except (ValueError, AttributeError) as fault:
        raise Malformed("not a binding") from fault
    return None if named is None else str(named)
