"""A member's passphrase, and the seed wrapped under it (sealing.md, *Member key* and *Bytes*; twin: passphrase.js).

A = Argon2id(passphrase, salt) has two HKDF branches: the auth secret, which is sent, and the wrapping key, which never is.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b32decode, b32encode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto.aead import NONCE, TAG, decrypt, encrypt
from crypto.encoding import clean_text, jcs, label, labelled, parse_jcs, require_bytes
from crypto.errors import Malformed
from crypto.kdf import hkdf
from crypto.layers import keys_of, layered
from crypto.rng import Rng, random_bytes
from crypto.syllables import SYLLABLES

VERSION = 1
SALT = 16
MEMBER_ID = 16
SEED = 32
RECOVERY = 20  # 160 bits: 32 letters of base32, eight groups of four
WORDS = 6  # of two syllables, 20 bits each: 120 bits
# Constants of version 1, never served (sealing.md, *Member key*).
MEMORY_KIB = 65_536
PASSES = 3
LANES = 1
USERNAME = re.compile(r"[\x21-\x7e]+", re.ASCII)
RECOVERY_LETTERS = re.compile(r"[A-Z2-7]{32}", re.ASCII)


def member_salt(salt_key: bytes, username: str) -> bytes:
    """The salt of a user name, known or unknown: HMAC(salt key, L("salt") | 00 | name), first 16. Malformed: not ASCII."""
    if not USERNAME.fullmatch(username):
        raise Malformed("a user name is ASCII")
    return _hmac(salt_key, labelled("salt", username.lower().encode("ascii")))[:SALT]


def stretch(passphrase: str, salt: bytes) -> bytes:
    """The stretched passphrase A, 32 bytes: NFC, UTF-8, Argon2id v1.3 with 64 MiB, t=3, p=1 (RFC 9106). Malformed."""
    password = unicodedata.normalize("NFC", clean_text(passphrase)).encode("utf-8")
    if not password:
        raise Malformed("an empty passphrase")
    salt = require_bytes(salt, SALT, "a salt")
    return Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB).derive(password)


def auth_secret(stretched: bytes) -> bytes:
    """What is sent at sign-in."""
    return hkdf(require_bytes(stretched, 32, "a stretched passphrase"), label("auth"))


def wrapping_key(stretched: bytes, pepper: bytes) -> bytes:
    """What wraps the seed, with the pepper that the server releases after both factors."""
    return hkdf(require_bytes(stretched, 32, "a stretched passphrase"), label("wrap"), salt=pepper)


def stored_auth(auth_key: bytes, member_id: bytes, auth: bytes) -> bytes:
    """What the server keeps of an auth secret: HMAC(auth key, L("auth") | 00 | member id | auth), in layers."""
    return _stored(auth_key, labelled("auth", require_bytes(member_id, MEMBER_ID, "a member id"), auth))


def recovery_auth_secret(text: str) -> bytes:
    """What proves the printed recovery key before its blob is released: HKDF(20 bytes, empty, L("recovery-auth"))."""
    return hkdf(_recovery_bytes(text), label("recovery-auth"))


def stored_recovery_auth(auth_key: bytes, member_id: bytes, auth: bytes) -> bytes:
    """What the server keeps of it: HMAC(auth key, L("recovery-auth") | 00 | member id | auth), in layers."""
    return _stored(auth_key, labelled("recovery-auth", require_bytes(member_id, MEMBER_ID, "a member id"), auth))


def wrap_seed(key: bytes, member_id: bytes, seed: bytes, pins: Mapping[str, Any], rng: Rng = random_bytes) -> bytes:
    """01 | nonce | AES-GCM(wrapping key, seed | JCS(pins), aad L("blob") | 00 | member id)."""
    return _wrap("blob", key, member_id, seed, pins, rng)


def unwrap_seed(key: bytes, member_id: bytes, data: bytes) -> tuple[bytes, dict[str, Any]]:
    """Seed and pins. Damaged also for a wrong key; Malformed."""
    return _unwrap("blob", key, member_id, data)


def wrap_recovery(key: bytes, member_id: bytes, seed: bytes, pins: Mapping[str, Any], rng: Rng = random_bytes) -> bytes:
    """The second wrapping, under the printed recovery key: the same with L("recovery")."""
    return _wrap("recovery", key, member_id, seed, pins, rng)


def unwrap_recovery(key: bytes, member_id: bytes, data: bytes) -> tuple[bytes, dict[str, Any]]:
    """Seed and pins. Damaged, Malformed."""
    return _unwrap("recovery", key, member_id, data)


def new_recovery_key(rng: Rng = random_bytes) -> str:
    """A new recovery key as it is printed: eight groups of four letters."""
    letters = b32encode(rng(RECOVERY)).decode("ascii")
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def recovery_wrapping_key(text: str) -> bytes:
    """HKDF(20 bytes, empty, L("recovery")) of the printed key; case, spaces and hyphens don't matter. Malformed."""
    return hkdf(_recovery_bytes(text), label("recovery"))


def new_passphrase(rng: Rng = random_bytes) -> str:
    """A passphrase to offer: six words of two Vietnamese syllables each, drawn uniformly."""
    drawn = rng(4 * WORDS)
    chosen = [SYLLABLES[int.from_bytes(drawn[at : at + 2], "big") % len(SYLLABLES)] for at in range(0, len(drawn), 2)]
    return " ".join(chosen[at] + chosen[at + 1] for at in range(0, len(chosen), 2))


def _recovery_bytes(text: str) -> bytes:
    letters = re.sub(r"[\s-]", "", text.upper())
    if not RECOVERY_LETTERS.fullmatch(letters):
        raise Malformed("a recovery key has 32 letters")
    return b32decode(letters)


def _stored(auth_key: bytes, message: bytes) -> bytes:
    return layered(auth_key, _hmac(keys_of(auth_key)[0], message))


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(message)
    return mac.finalize()


def _wrap(name: str, key: bytes, member_id: bytes, seed: bytes, pins: Mapping[str, Any], rng: Rng) -> bytes:
    aad = labelled(name, require_bytes(member_id, MEMBER_ID, "a member id"))
    nonce = rng(NONCE)
    plaintext = require_bytes(seed, SEED, "a seed") + jcs(pins)
    return bytes([VERSION]) + nonce + encrypt(require_bytes(key, 32, "a wrapping key"), nonce, plaintext, aad)


def _unwrap(name: str, key: bytes, member_id: bytes, data: bytes) -> tuple[bytes, dict[str, Any]]:
    if len(data) < 1 + NONCE + SEED + TAG:
        raise Malformed("too short for a wrapped seed")
    if data[0] != VERSION:
        raise Malformed("a wrapped seed of unknown version")
    aad = labelled(name, require_bytes(member_id, MEMBER_ID, "a member id"))
    key = require_bytes(key, 32, "a wrapping key")
    plaintext = decrypt(key, data[1 : 1 + NONCE], data[1 + NONCE :], aad)
    pins = parse_jcs(plaintext[SEED:])
    if not isinstance(pins, dict):
        raise Malformed("pins that are no object")
    return plaintext[:SEED], pins
