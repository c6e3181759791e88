"""Key pairs from seeds and from receipt codes (sealing.md, *Keys* and *Bytes*: seeds, receipt code; twin: keys.js)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crypto.encoding import label, require_bytes, sha256hex
from crypto.errors import Malformed
from crypto.hpke import kem_public
from crypto.kdf import hkdf, stretched_code
from crypto.signing import sign_public

PAIR = "/pair"
CODE = re.compile(r"[a-z]+(?:-[a-z]+){8}", re.ASCII)


@dataclass(frozen=True)
class KeyPair:
    """An X-Wing pair (seed 32 bytes, public 1216) and an Ed25519 pair (32 and 32). Seeds are never printed."""

    kem_seed: bytes = field(repr=False)
    kem_public: bytes = field(repr=False)
    sign_seed: bytes = field(repr=False)
    sign_public: bytes


@dataclass(frozen=True)
class ReporterKeys(KeyPair):
    """A reporter's pairs, the mailbox secret (32 bytes, sent sealed), and its hash, which is what the server stores."""

    mailbox: bytes = field(repr=False)
    mailbox_hash: str


def member_keys(seed: bytes) -> KeyPair:
    """A member's keys from their 32-byte seed."""
    require_bytes(seed, 32, "a member's seed")
    kem_seed, sign_seed = hkdf(seed, label("kem")), hkdf(seed, label("sign"))
    return KeyPair(kem_seed, kem_public(kem_seed), sign_seed, sign_public(sign_seed))


def reporter_keys(code: str, salt: bytes) -> ReporterKeys:
    """A reporter's keys from the receipt code, as `parse_code` spells it, and the installation's salt. Malformed."""
    return _branch(code, salt, "")


def pair_keys(code: str, salt: bytes) -> ReporterKeys:
    """The same for the second case of a linked pair: other keys and another mailbox under the same code. Malformed."""
    return _branch(code, salt, PAIR)


def _branch(code: str, salt: bytes, branch: str) -> ReporterKeys:
    if not CODE.fullmatch(code):
        raise Malformed("a receipt code as parse_code spells it")
    stretched = stretched_code(code, salt)
    mailbox = hkdf(stretched, label("mailbox" + branch))
    kem_seed, sign_seed = (hkdf(stretched, label(f"reporter-{use}{branch}")) for use in ("kem", "sign"))
    return ReporterKeys(
        kem_seed,
        kem_public(kem_seed),
        sign_seed,
        sign_public(sign_seed),
        mailbox=mailbox,
        mailbox_hash=sha256hex(mailbox),
    )
