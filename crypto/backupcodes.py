"""Backup codes: ten printed codes, each in place of one one-time code (docs/sealing.md, *Member key*).

Ten letters of base32 are 50 uniform bits; what the server keeps is an HMAC under a key outside the database, and ten
wrong ones in a row lock the name, so they need no stretching.
"""

from __future__ import annotations

import re
from base64 import b32encode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from crypto.encoding import labelled, require_bytes
from crypto.errors import Malformed
from crypto.layers import keys_of, layered_text
from crypto.rng import Rng, random_bytes

COUNT = 10
LETTERS = 10
MEMBER_ID = 16
CODE = re.compile(r"[A-Z2-7]{10}", re.ASCII)


def new_backup_codes(rng: Rng = random_bytes) -> tuple[str, ...]:
    """Ten new codes as they are printed: two groups of five letters."""
    drawn = {b32encode(rng(10)).decode("ascii")[:LETTERS] for _ in range(COUNT)}
    while len(drawn) < COUNT:  # two alike in 2^50
        drawn.add(b32encode(rng(10)).decode("ascii")[:LETTERS])
    return tuple(f"{code[:5]}-{code[5:]}" for code in sorted(drawn))


def plain_backup_code(text: str) -> str:
    """The ten letters of a typed code; case, spaces and hyphens don't matter. Malformed."""
    letters = re.sub(r"[\s-]", "", text.upper())
    if not CODE.fullmatch(letters):
        raise Malformed("a backup code has ten letters")
    return letters


def stored_backup_code(auth_key: bytes, member_id: bytes, code: str) -> str:
    """What the server keeps: HMAC(auth key, L("backup-code") | 00 | member id | ten letters), as layered text. Malformed."""
    mac = HMAC(keys_of(auth_key)[0], SHA256())
    member_id = require_bytes(member_id, MEMBER_ID, "a member id")
    mac.update(labelled("backup-code", member_id, plain_backup_code(code).encode("ascii")))
    return layered_text(auth_key, mac.finalize())
