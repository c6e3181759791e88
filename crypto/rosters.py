"""The signed roster: whose keys these are (sealing.md, *Roster* and *Bytes*: roster; twin: rosters.js)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from crypto.encoding import b64u, fingerprint, jcs, require_bytes, sha256hex, unb64u
from crypto.errors import BadSignature, Expired, Malformed, Stale
from crypto.signing import verify_document

FIELDS = frozenset(
    (
        "bodies",
        "expires",
        "installation",
        "issued",
        "members",
        "no",
        "org",
        "prev",
        "seats",
        "sets",
        "successor",
        "v",
    )
)
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
KEM, SIGN = 1216, 32


@dataclass(frozen=True)
class Roster:
    """A verified roster: its words, and the hash that the next one and the ledger name it by."""

    said: Mapping[str, Any]
    hash: str


def verify_roster(document: Mapping[str, str], org_key: bytes, *, on: date) -> Roster:
    """Verify a roster document with the organisation's key, on a day.

    Raises WeakKey, BadSignature (also for another organisation's), Malformed, and Expired after its last day.
    """
    said = verify_document(org_key, "roster", document)
    _require_form(said)
    if said["org"] != b64u(org_key):
        raise BadSignature("a roster of another organisation")
    if date.fromisoformat(said["expires"]) < on:
        raise Expired("the roster has expired")
    return Roster(said, sha256hex(unb64u(document["doc"])))


def check_successor(previous: Mapping[str, Any], following: Mapping[str, Any]) -> None:
    """Whether one verified roster follows another: next number, previous hash, the same key or the successor it named.

    Raises Stale (not newer), BadSignature (another key), Malformed (a gap, or another past).
    """
    if following["no"] <= previous["no"]:
        raise Stale("a roster that is not newer")
    if following["no"] != previous["no"] + 1 or following["prev"] != sha256hex(jcs(previous)):
        raise Malformed("a roster that does not follow")
    if following["org"] != previous["org"] and fingerprint(unb64u(following["org"])) != previous["successor"]:
        raise BadSignature("a roster of a key that was not named as successor")


def _require_form(said: Mapping[str, Any]) -> None:
    texts = ("prev", "issued", "expires", "successor", "installation", "org")
    if said.keys() != FIELDS or not all(isinstance(said[name], str) for name in texts):
        raise Malformed("not a roster")
    numbered = isinstance(said["no"], int) and not isinstance(said["no"], bool) and said["no"] >= 1
    if not numbered or not HASH.fullmatch(said["prev"]):
        raise Malformed("not a roster")
    for day in (said["issued"], said["expires"]):
        _require_day(day)
    for what in ("bodies", "seats", "members"):
        _require_sorted(said[what], what, strictly=True)
    _require_sorted(said["sets"], "sets", strictly=False)  # one id may stand there in two versions
    require_bytes(unb64u(said["installation"]), SIGN, "the installation key")
    for member in said["members"]:
        require_bytes(unb64u(member.get("kem", "")), KEM, "a member's X-Wing key")
        require_bytes(unb64u(member.get("sign", "")), SIGN, "a member's Ed25519 key")


def _require_day(text: str) -> None:
    try:
        if DAY.fullmatch(text) and date.fromisoformat(text):
            return
    except ValueError:
        pass
    raise Malformed("not a day")


def _require_sorted(rows: object, what: str, *, strictly: bool) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise Malformed(f"{what} must have ids")
    ids = [str(row["id"]) for row in rows]
    if not all(left < right or (left == right and not strictly) for left, right in pairwise(ids)):
        raise Malformed(f"{what} must be sorted by id")
