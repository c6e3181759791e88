"""Signed statements from outside: the signature first, then exact fields (sealing.md, *Statement*; *Bytes*).

A statement that is kept says nothing but codes, ids and hashes, so unknown fields are refused: prose could hide there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError, WeakKey
from crypto.errors import Malformed as Unreadable
from crypto.signing import verify_statement
from workflow.errors import Conflict, Malformed
from workflow.sealed import REPORTER
from workflow.times import read_stamp, to_hour

ZEROS = "0" * 64
HEX = re.compile(r"[0-9a-f]{64}")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

COMMON = frozenset({"v", "kind", "id", "at", "checkpoint", "by"})
# About people of the organisation; every other one is about one case.
CASELESS = frozenset({"drill", "relation", "relation_end", "rotation"})
FIELDS: Mapping[str, frozenset[str]] = {
    "submission": frozenset(
        {"key", "kem", "roster", "objects", "rings", "scopes", "set", "body", "readers", "categories", "epoch"}
    ),
    "epoch": frozenset({"ring", "epoch", "prev", "commitment", "readers", "removed"}),
    "item": frozenset({"ring", "epoch", "item", "item_kind", "sha256"}),
    "conflict": frozenset({"conflict", "header"}),
    "withdrawal": frozenset({"header"}),
    "badkey": frozenset({"ring", "epoch", "statement"}),
    "drill": frozenset({"drill", "readerkey", "sha256"}),
    "grant": frozenset({"reader", "readerkey", "header", "rings", "grants"}),
    "move": frozenset({"from", "body", "why", "ruleset", "readers", "rings", "headers", "grants"}),
    "package": frozenset({"package", "to", "manifest", "receipt"}),
    "relation": frozenset({"tie", "with", "code", "since"}),
    "relation_end": frozenset({"relation", "until"}),
    "rotation": frozenset({"act", "person", "over", "reason", "note"}),
}
BOOLEANS = frozenset({"conflict"})
MAY_HAVE: Mapping[str, frozenset[str]] = {
    "conflict": frozenset({"reason"}),
    "package": frozenset({"readerkey"}),
    "relation": frozenset({"until"}),
    "rotation": frozenset({"until"}),
}
# How far a signer's clock may be from the server's. What is signed is what is shown, so it may not be made up; of the
# reporter's act both times are whole hours.
CLOCK = timedelta(minutes=10)
REPORTERS_CLOCK = timedelta(hours=2)


@dataclass(frozen=True)
class Signed:
    """A verified statement: what it says, and the bytes that were signed."""

    kind: str
    id: str
    by: str
    body: Mapping[str, Any]
    doc: bytes
    signature: bytes

    @property
    def hash(self) -> str:
        return sha256hex(self.doc)

    @property
    def checkpoint(self) -> Mapping[str, Any]:
        return dict(self.body["checkpoint"])

    @property
    def statement(self) -> dict[str, str]:
        return {"stmt": b64u(self.doc), "sig": b64u(self.signature)}


def read_statement(statement: Mapping[str, str], kind: str, *, key: bytes, by: str, case: str | None) -> Signed:
    """The statement, if `by` signed it for this case with `key`; `case` is None for those that are about no case.

    Raises Malformed with `weak_key`, `bad_signature`, `wrong_binding` (another signer's or case's) or `malformed`.
    """
    try:
        body = verify_statement(key, dict(statement), kind)
        doc, signature = unb64u(statement["stmt"]), unb64u(statement["sig"])
    except WeakKey:
        raise Malformed("weak_key") from None
    except Unreadable:
        raise Malformed(kind=kind) from None
    except (CryptoError, KeyError):
        raise Malformed("bad_signature", kind=kind) from None
    if not _well_formed(body, kind):
        raise Malformed(kind=kind)
    if body["by"] != by or body.get("case") != case:
        raise Malformed("wrong_binding", kind=kind)
    return Signed(kind=kind, id=body["id"], by=by, body=body, doc=doc, signature=signature)


def require_timely(said_at: str, by: str, *, at: datetime) -> None:
    """Refuse a statement that gives another time than the server's. Conflict("clock_off"), Malformed for no stamp.

    To be asked after it is known that the statement was not stored before: a lost answer may be repeated at any time.
    """
    if not _is_time(said_at, by):
        raise Malformed()
    now, allowed = (to_hour(at), REPORTERS_CLOCK) if by == REPORTER else (at, CLOCK)
    if abs(read_stamp(said_at) - now) > allowed:
        raise Conflict("clock_off")


def unverified(statement: Mapping[str, str]) -> dict[str, Any]:
    """What a statement says, before anybody has looked at its signature: good for finding the key, for nothing else."""
    try:
        body = parse_jcs(unb64u(statement["stmt"]))
    except (CryptoError, KeyError):
        raise Malformed() from None
    if not isinstance(body, dict):
        raise Malformed()
    return body


def is_hash(value: object) -> bool:
    return isinstance(value, str) and HEX.fullmatch(value) is not None


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and UUID4.fullmatch(value) is not None


def is_count(value: object) -> bool:
    """An integer from 1; JSON's `true` is none."""
    return type(value) is int and value >= 1


def _well_formed(body: object, kind: str) -> bool:
    if not isinstance(body, dict):
        return False
    about = frozenset() if kind in CASELESS else frozenset({"case"})
    given, needed = frozenset(body), COMMON | about | FIELDS[kind]
    if not needed <= given <= needed | MAY_HAVE.get(kind, frozenset()):
        return False
    if any(_holds_boolean(value) for name, value in body.items() if name not in BOOLEANS):
        return False
    return (
        type(body["v"]) is int
        and body["v"] == 1
        and body["kind"] == kind
        and is_uuid(body["id"])
        and (kind in CASELESS or is_uuid(body["case"]))
        and _is_checkpoint(body["checkpoint"])
        and _is_time(body["at"], body["by"])
    )


def _holds_boolean(value: object) -> bool:
    """Python takes `true` for 1 wherever numbers are compared; browsers don't, and would refuse what was stored."""
    if isinstance(value, dict):
        return any(_holds_boolean(each) for each in value.values())
    if isinstance(value, list):
        return any(_holds_boolean(each) for each in value)
    return isinstance(value, bool)


def _is_checkpoint(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"no", "hash"}
        and type(value["no"]) is int
        and is_hash(value["hash"])
    )


def _is_time(value: object, by: object) -> bool:
    """A stamp; of a reporter's act only the hour is ever written down, also inside what they sign."""
    try:
        at = read_stamp(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return at is not None and (by != REPORTER or at == to_hour(at))
