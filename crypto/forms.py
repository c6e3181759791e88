"""Form tokens: what a page gets when it is opened, to be counted by (docs/decisions/0021).

01 | nonce 16 | until u64 (seconds) | HMAC-SHA256(key, L("form") | 00 | what stands before) 32. Nothing is kept of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from crypto.encoding import b64u, labelled, unb64u
from crypto.errors import Malformed
from crypto.rng import Rng, random_bytes

VERSION = 1
NONCE = 16
HEAD = 1 + NONCE + 8


def make_form_token(key: bytes, until: int, rng: Rng = random_bytes) -> str:
    """A token that counts for itself until then."""
    head = bytes([VERSION]) + rng(NONCE) + until.to_bytes(8, "big")
    return b64u(head + _mac(key, head))


def read_form_token(keys: Sequence[bytes], token: str, at: int) -> bytes:
    """The token's nonce. Malformed for one that was altered, is of no such key, or has run out."""
    raw = unb64u(token)
    head = raw[:HEAD]
    ours = any(hmac.compare_digest(_mac(key, head), raw[HEAD:]) for key in keys)
    if len(raw) != HEAD + 32 or raw[0] != VERSION or not ours:
        raise Malformed("not a form token")
    if int.from_bytes(head[1 + NONCE :], "big") <= at:
        raise Malformed("a form token that has run out")
    return head[1 : 1 + NONCE]


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, labelled("form", head), "sha256")
