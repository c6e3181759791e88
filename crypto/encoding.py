"""Bytes and text: base64url, canonical JSON (RFC 8785), labels, hashes (sealing.md, *Bytes*; twin: encoding.js)."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

from crypto.errors import Malformed

BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
LARGEST = 2**53 - 1
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
DEEPEST = 64  # nothing of ours nests deeper; a deeper text would end in a RecursionError


def b64u(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def unb64u(text: str) -> bytes:
    """Bytes of base64url without padding, in its one spelling: unused bits are zero. Malformed otherwise."""
    if not isinstance(text, str) or not BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u(data) != text:
        raise Malformed("not base64url")
    return data


def require_bytes(data: bytes, length: int, what: str) -> bytes:
    """The bytes themselves, when there are exactly so many; Malformed otherwise."""
    if not isinstance(data, bytes | bytearray | memoryview) or len(data) != length:
        raise Malformed(f"{what} must be {length} bytes")
    return bytes(data)


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of a lower-case UUID; Malformed otherwise."""
    if not isinstance(text, str) or not UUID_TEXT.fullmatch(text):
        raise Malformed("not a lower-case UUID")
    return UUID(text).bytes


def uuid_text(data: bytes) -> str:
    """The text of a UUID's 16 bytes."""
    return str(UUID(bytes=require_bytes(data, 16, "a UUID")))


def jcs(value: object) -> bytes:
    """Canonical JSON (RFC 8785) in UTF-8: ASCII keys, integers below 2^53, no floats. Malformed otherwise.

    Of such values Python's own encoder writes what the RFC asks for: ASCII keys have one order, and only control
    characters, quotes and backslashes are escaped.
    """
    _check(value, DEEPEST)
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("text with lone surrogates") from None


def parse_jcs(data: bytes) -> Any:
    """The value of canonical JSON; what isn't canonical is refused, doubled keys too. Malformed."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise Malformed("not JSON") from fault
    if jcs(value) != data:
        raise Malformed("not canonical JSON")
    return value


def is_version(value: object, version: int = 1) -> bool:
    """Whether a `v` is this number; `true` is not, though Python counts it equal to 1."""
    return value == version and not isinstance(value, bool)


def _check(value: object, depth: int) -> None:
    """Refuse what canonical JSON doesn't hold; lone surrogates are found when it is written."""
    if not depth:
        raise Malformed("nested too deeply")
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise Malformed("only integers below 2^53")
    elif isinstance(value, list | tuple):
        for each in value:
            _check(each, depth - 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise Malformed("only ASCII keys")
            if depth == 1 or type(each) is not str:  # most are texts, and a call costs more than the question
                _check(each, depth - 1)
    else:
        raise Malformed("not a JSON value")


def label(name: str) -> bytes:
    """L(name): the ASCII text `niemphong/v1/` + name."""
    return b"niemphong/v1/" + name.encode("ascii")


def labelled(name: str, *rest: bytes) -> bytes:
    """L(name) | 00 | rest: the prefix of whatever is signed, hashed or derived."""
    return b"".join((label(name), b"\x00", *rest))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sha256hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def clean_text(text: str) -> str:
    """Text fit for JSON and UTF-8: lone surrogates become U+FFFD, halves that meet become their character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fingerprint(public: bytes) -> str:
    """What people compare: the first 20 bytes of SHA-256 of a raw public key, hex in groups of four."""
    figures = sha256(public)[:20].hex()
    return " ".join(figures[at : at + 4] for at in range(0, len(figures), 4))
