"""Whose keys these are: the signed roster and what hangs on it (sealing.md, *Roster*; twin: trust.js)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crypto.encoding import fingerprint, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError, Expired
from crypto.rosters import verify_roster
from crypto.signing import verify_document
from intake.client.errors import ClientFault
from workflow.access import HANDLING, LEADING
from workflow.rostered import Keys, KeySet, Rostered, read_roster
from workflow.times import read_stamp


@dataclass(frozen=True)
class Pointer:
    """Number and hash of something signed, as statements name it."""

    no: int
    hash: str

    @property
    def json(self) -> dict[str, Any]:
        return {"no": self.no, "hash": self.hash}


@dataclass(frozen=True)
class Trust:
    """What a verified installation answer gives; everything else is looked up in here."""

    org_key: bytes
    roster: Rostered
    said: Mapping[str, Any]  # the roster's own words
    checkpoint: Pointer
    salt: bytes
    demonstration: bool
    routing_id: str
    routing_public: bytes

    @property
    def fingerprint(self) -> str:
        return str(fingerprint(self.org_key))

    @property
    def roster_pointer(self) -> Pointer:
        return Pointer(self.roster.no, self.roster.hash)

    def keys(self, code: str) -> Keys:
        """A rostered member's public halves."""
        found = self.roster.members.get(code)
        if found is None:
            raise ClientFault("reader_unrostered", who=code)
        return found

    def signing_key(self, reader: Mapping[str, str]) -> bytes | None:
        """What a reader signs with whom a verified list names with this `key`.

        None where the roster doesn't hold that key of theirs any more, because they left it or enrolled anew: their
        signatures are then neither right nor wrong, but unknown.
        """
        found = self.roster.members.get(reader["id"])
        return found.sign if found is not None and found.readerkey == reader["key"] else None

    def key_set(self, shown: Mapping[str, Any]) -> KeySet:
        """The custodian set of a preview, if the roster holds exactly this one."""
        found = self.roster.sets.get(shown["id"])
        told = (shown["id"], shown["v"], shown["k"], shown["n"], tuple(shown["members"]))
        if found is None or told != (found.id, found.v, found.k, found.n, tuple(sorted(found.members))):
            raise ClientFault("set_unrostered")
        if found.k < 2 or found.n < 4 or len(found.members) != found.n:
            raise ClientFault("set_weak")
        return found

    def require_quorum(self, body: str, readers: list[str]) -> None:
        """Each reader handles for the named body, and together they are enough (sealing.md, *Submission*)."""
        bodies = {each["id"]: each for each in self.said["bodies"]}
        seats = {seat["person"]: seat for seat in self.said["seats"] if seat["body"] == body}
        if body not in bodies or not all(HANDLING & set(seats.get(code, {}).get("roles", ())) for code in readers):
            raise ClientFault("reader_unrostered")
        single = bool(bodies[body].get("single"))
        persons = set(readers)  # named twice is still one
        enough = len(readers) == len(persons) >= (1 if single else bodies[body]["quorum"])
        if not enough or not (single or any(seats[code]["function"] in LEADING for code in readers)):
            raise ClientFault("below_quorum")


def verify_installation(
    answer: Mapping[str, Any], *, org_key: bytes | None, printed: str | None, at: datetime
) -> Trust:
    """Verify roster, checkpoint and routing key of an installation answer.

    `org_key` is the pinned organisation key; who has none may give the `printed` fingerprint, or takes the key that
    the roster names (a reporter's page then shows its fingerprint beside who will read).
    """
    if not answer.get("roster") or not answer.get("checkpoint"):
        raise ClientFault("roster_missing")
    named = _organisation_key(answer["roster"])
    key = org_key or named
    if printed is not None and fingerprint(key) != printed:
        raise ClientFault("fingerprint_other")
    try:
        verify_roster(answer["roster"], key, on=at.date())
    except Expired:
        raise ClientFault("roster_expired") from None
    except CryptoError:
        raise ClientFault("roster_bad") from None
    doc = unb64u(answer["roster"]["doc"])
    said = parse_jcs(doc)
    installation = unb64u(said["installation"])
    checkpoint = _verified(installation, "checkpoint", answer["checkpoint"], "checkpoint_bad")
    routing = _verified(installation, "routing-key", answer["routing"], "routing_key_bad")
    if not read_stamp(routing["from"]) <= at < read_stamp(routing["until"]):
        raise ClientFault("routing_key_bad")
    return Trust(
        org_key=key,
        roster=read_roster(sha256hex(doc), said),
        said=said,
        checkpoint=Pointer(checkpoint["no"], sha256hex(unb64u(answer["checkpoint"]["doc"]))),
        salt=unb64u(answer["salt"]),
        demonstration=answer["demo"],
        routing_id=routing["id"],
        routing_public=unb64u(routing["kem"]),
    )


def _organisation_key(document: Mapping[str, str]) -> bytes:
    """The key the roster says it is signed with: only its fingerprint can tell whether it is the right one."""
    try:
        return unb64u(parse_jcs(unb64u(document["doc"]))["org"])
    except (CryptoError, KeyError, TypeError):
        raise ClientFault("roster_bad") from None


def _verified(key: bytes, label: str, document: Mapping[str, str], fault: str) -> dict[str, Any]:
    try:
        return dict(verify_document(key, label, document))
    except CryptoError:
        raise ClientFault(fault) from None
