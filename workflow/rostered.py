"""What the newest signed roster says, as the commands look things up in it (sealing.md, *Roster*).

Its signature was verified when it was published, and the table that keeps it is append-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from crypto.encoding import sha256hex, unb64u
from workflow.errors import Conflict, NotEligible


@dataclass(frozen=True)
class Keys:
    """One member's public halves."""

    kem: bytes
    sign: bytes
    readerkey: str


@dataclass(frozen=True)
class KeySet:
    """A custodian set as the roster names it."""

    id: str
    v: int
    k: int
    n: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Rostered:
    """A roster by code."""

    no: int
    hash: str
    expires: date
    members: Mapping[str, Keys]
    sets: Mapping[str, KeySet]

    def require_fresh(self, on: date) -> None:
        """Nothing is sealed under an expired roster: it may hold the keys of people who have left."""
        if self.expires < on:
            raise Conflict("roster_expired")

    def sign_key(self, code: str) -> bytes:
        """The key a member signs with; NotEligible for somebody whom no signed roster holds."""
        if code not in self.members:
            raise NotEligible()
        return self.members[code].sign


def read_roster(hash_: str, body: Mapping[str, Any]) -> Rostered:
    """The roster's own words, put in order."""
    return Rostered(
        no=body["no"],
        hash=hash_,
        expires=date.fromisoformat(body["expires"]),
        members=MappingProxyType({member["id"]: _keys(member) for member in body["members"]}),
        sets=MappingProxyType(
            {
                each["id"]: KeySet(each["id"], each["v"], each["k"], each["n"], tuple(each["members"]))
                for each in body["sets"]
            }
        ),
    )


def _keys(member: Mapping[str, Any]) -> Keys:
    kem = unb64u(member["kem"])
    return Keys(kem=kem, sign=unb64u(member["sign"]), readerkey=sha256hex(kem))
