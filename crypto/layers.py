"""HMACs of secrets that only their owners know, kept under a key that can be changed (docs/decisions/0022).

Nobody can compute such an HMAC anew, but anybody with the next key can put one more HMAC over it. So the key is a row of
keys of 32 bytes, oldest first, and what is stored says how many lie over it: with one key the HMAC itself, 32 bytes; with
n keys u8 n | HMAC(key n, L("auth-layer") | 00 | … HMAC(key 2, L("auth-layer") | 00 | HMAC under key 1)). As text: hex, or
n and base64url with a full stop between.
"""

from __future__ import annotations

import hmac

from crypto.encoding import b64u, labelled, require_bytes, unb64u
from crypto.errors import Malformed

KEY = 32


def keys_of(auth_key: bytes) -> tuple[bytes, ...]:
    """The single keys, oldest first. Malformed."""
    if not auth_key or len(auth_key) % KEY:
        raise Malformed("an authentication key is a row of keys of 32 bytes")
    return tuple(auth_key[start : start + KEY] for start in range(0, len(auth_key), KEY))


def depths(auth_key: bytes) -> tuple[bytes, ...]:
    """The key as it was at each time, the present one first."""
    return tuple(auth_key[: KEY * count] for count in range(len(keys_of(auth_key)), 0, -1))


def as_of(auth_key: bytes, stored: bytes | None) -> bytes:
    """The key as it was when a value was stored; the present one for none, and for one of a later key."""
    count = 0 if stored is None else _count(stored)
    return auth_key[: KEY * count] or auth_key


def layered(auth_key: bytes, mac: bytes, done: int = 1) -> bytes:
    """What is stored of an HMAC that was made under the first `done` keys."""
    keys = keys_of(auth_key)
    for key in keys[done:]:
        mac = hmac.digest(key, labelled("auth-layer", require_bytes(mac, KEY, "an HMAC")), "sha256")
    return mac if len(keys) == 1 else bytes([len(keys)]) + mac


def brought_up(auth_key: bytes, stored: bytes) -> bytes:
    """A stored value under all keys; one that is so already stays. Malformed for one of more keys than these."""
    count = _count(stored)
    if count > len(keys_of(auth_key)):
        raise Malformed("stored under a later key")
    return layered(auth_key, stored[-KEY:], count)


def layered_text(auth_key: bytes, mac: bytes) -> str:
    """The same as text of at most 64 letters."""
    return _text(layered(auth_key, mac))


def brought_up_text(auth_key: bytes, stored: str) -> str:
    """`brought_up` for text. Malformed."""
    count, _, told = stored.partition(".")
    try:
        raw = bytes([int(count)]) + unb64u(told) if told else bytes.fromhex(stored)
    except ValueError:
        raise Malformed("not a stored HMAC") from None
    return _text(brought_up(auth_key, raw))


def text_prefix(auth_key: bytes) -> str:
    """With what a text begins that is stored under all keys; empty with a single one."""
    count = len(keys_of(auth_key))
    return f"{count}." if count > 1 else ""


def _text(stored: bytes) -> str:
    return stored.hex() if len(stored) == KEY else f"{stored[0]}.{b64u(stored[1:])}"


def _count(stored: bytes) -> int:
    """How many keys lie over a stored value. Malformed."""
    if len(stored) == KEY:
        return 1
    if len(stored) != KEY + 1 or stored[0] < 2:
        raise Malformed("not a stored HMAC")
    return stored[0]
