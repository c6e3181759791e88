"""Whose keys these are: the signed roster and what hangs on it (sealing.md, *Roster*; twin: trust.js)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crypto.encoding import fingerprint, unb64u
from crypto.errors import CryptoError, Expired, Stale
from crypto.ledgers import verify_checkpoint
from crypto.rosters import Roster
from crypto.signing import verify_document
from intake.client.errors import ClientFault
from intake.client.memory import Former, Memory, Pointer, SeenRoster
from intake.client.succession import Fetch, former_keys, organisation_key, pointer_of, signed_roster
from workflow.access import HANDLING, LEADING
from workflow.rostered import Keys, KeySet, Rostered, read_roster
from workflow.times import read_stamp


@dataclass(frozen=True)
class Trust:
    """What a verified installation answer gives; everything else is looked up in here."""

    org_key: bytes
    former: tuple[Former, ...]  # the keys that successors have replaced since the one trusted first, oldest first
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

    def handles(self, body: str, code: str) -> bool:
        """Whether the roster has this person handle for that body."""
        seats = [seat for seat in self.said["seats"] if (seat["body"], seat["person"]) == (body, code)]
        return any(HANDLING & set(seat["roles"]) for seat in seats)

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
    answer: Mapping[str, Any],
    *,
    org_key: bytes | None,
    printed: str | None,
    at: datetime,
    since: Pointer | None = None,
    memory: Memory | None = None,
    takeover: Fetch | None = None,
) -> Trust:
    """Verify roster, checkpoint and routing key of an installation answer, and add them to the memory.

    `org_key` is the pinned organisation key, `since` the roster that was pinned with it; who has none may give the
    `printed` fingerprint, or takes the key that the roster names (a reporter's page then shows its fingerprint beside
    who will read). A key that was taken over by the successor which it named leads to the new one: `takeover` fetches
    the rosters between. Of the pin and the memory the newer counts.
    """
    if not answer.get("roster") or not answer.get("checkpoint"):
        raise ClientFault("roster_missing")
    memory = Memory() if memory is None else memory
    roster = _signed(answer["roster"])

    def is_pinned(key: bytes) -> bool:
        return (org_key is None or key == org_key) and (printed is None or fingerprint(key) == printed)

    try:
        former = former_keys(
            roster,
            answer.get("takeovers"),
            is_pinned=is_pinned if org_key or printed else None,
            since=since,
            seen=memory.roster,
            fetch=takeover,
        )
    except ClientFault as fault:
        if fault.code == "roster_bad" and org_key is None and printed is not None:
            raise ClientFault("fingerprint_other") from None
        raise
    if date.fromisoformat(roster.said["expires"]) < at.date():
        raise ClientFault("roster_expired")
    installation = unb64u(roster.said["installation"])
    checkpoint = _following_checkpoint(answer["checkpoint"], installation, memory.checkpoint)
    routing = _verified(installation, "routing-key", answer["routing"], "routing_key_bad")
    if not read_stamp(routing["from"]) <= at < read_stamp(routing["until"]):
        raise ClientFault("routing_key_bad")
    key = organisation_key(roster)
    memory.learn(roster=SeenRoster(pointer_of(roster), key, former), checkpoint=checkpoint)
    return Trust(
        org_key=key,
        former=former,
        roster=read_roster(roster.hash, roster.said),
        said=roster.said,
        checkpoint=checkpoint,
        salt=unb64u(answer["salt"]),
        demonstration=answer["demo"],
        routing_id=routing["id"],
        routing_public=unb64u(routing["kem"]),
    )


def _signed(document: Mapping[str, str]) -> Roster:
    try:
        return signed_roster(document)
    except Expired:
        raise ClientFault("roster_expired") from None
    except CryptoError:
        raise ClientFault("roster_bad") from None


def _following_checkpoint(document: Mapping[str, str], installation: bytes, seen: Pointer | None) -> Pointer:
    """The newest checkpoint, signed, and of the history seen before. Twin: followingCheckpoint in trust.js."""
    try:
        found = verify_checkpoint(installation, document)
    except CryptoError:
        raise ClientFault("checkpoint_bad") from None
    try:
        if seen is not None:
            verify_checkpoint(installation, document, (seen.no, seen.hash))
    except Stale:
        raise ClientFault("checkpoint_older", no=found.no, seen=seen.no) from None
    except CryptoError:
        raise ClientFault("checkpoint_forked", no=found.no, seen=seen.no) from None
    return Pointer(found.no, found.hash)


def _verified(key: bytes, label: str, document: Mapping[str, str], fault: str) -> dict[str, Any]:
    try:
        return dict(verify_document(key, label, document))
    except CryptoError:
        raise ClientFault(fault) from None
