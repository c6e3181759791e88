"""Whether a submission is whole and goes where it was decided (sealing.md, *Submission*; contracts, *API*).

Pure: what arrived, what the server decided on its own, and the roster; out come a verdict and the few things that are
stored beside the sealed objects. Every refusal has its own code, so that a browser can say what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crypto.encoding import jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import check_kem_public
from workflow.errors import Conflict, Malformed, NotEligible, Unavailable
from workflow.rostered import KeySet, Rostered
from workflow.sealed import REPORTER, SCOPES, Part, check_part
from workflow.statements import ZEROS, Signed, is_hash, is_uuid, read_statement, unverified

ITEMS = ("first", "summary", "narrative")
RING, EPOCH = "report", 1
MOST_CATEGORIES = 12
Slot = tuple[object, ...]


@dataclass(frozen=True)
class Sending:
    """What arrived inside the envelope, but for the facts."""

    case: str
    parts: tuple[Part, ...]
    submission: Mapping[str, str]
    epoch: Mapping[str, str]
    categories: tuple[str, ...]
    mailbox: str  # SHA-256 of the mailbox secret, in hex


@dataclass(frozen=True)
class Receiving:
    """What the server's own routing says of it."""

    body: str
    readers: tuple[str, ...]
    custodians: str


@dataclass(frozen=True)
class Checked:
    """A submission that may be stored."""

    submission: Signed
    epoch: Signed
    reporter_kem: bytes
    reporter_sign: bytes
    commitment: str
    key_set: KeySet


def content_hash(sending: Sending) -> str:
    """What makes two sendings the same: the signed manifest, which covers every sealed object, and the mailbox."""
    try:
        manifest = sha256hex(unb64u(sending.submission["stmt"]))
    except (CryptoError, KeyError):
        raise Malformed() from None
    return sha256hex(jcs({"mailbox": sending.mailbox, "submission": manifest}))


def check_submission(sending: Sending, receiving: Receiving, roster: Rostered, *, on: date) -> Checked:
    """Refuse a submission that isn't exactly what the decision asks for.

    Raises Malformed with `malformed`, `weak_key`, `bad_signature`, `wrong_binding`, `wrong_size`, `unknown_version`,
    `missing_object`, `unexpected_object`, `swapped_object` or `unknown_reader`; TooLarge; NotEligible for a grant
    beyond the decision; Conflict with `roster_stale`, `roster_expired` or `decision_changed`.
    """
    roster.require_fresh(on)
    key_set = _key_set(receiving, roster)
    if not is_uuid(sending.case) or not is_hash(sending.mailbox):
        raise Malformed()
    kem, sign = _reporter_keys(sending.submission)
    submission = read_statement(sending.submission, "submission", key=sign, by=REPORTER, case=sending.case)
    epoch = read_statement(sending.epoch, "epoch", key=sign, by=REPORTER, case=sending.case)
    _check_roster(submission.body, roster)
    _check_decision(submission.body, receiving, key_set)
    _check_manifest(submission.body, sending.parts)
    for part in sending.parts:
        check_part(part)
    readers = _reader_keys(receiving, roster) | {REPORTER: sha256hex(kem)}
    _check_slots(sending.parts, readers, roster, key_set)
    _check_readers(sending.parts, readers, roster, key_set)
    commitment = _check_commitments(submission.body)
    _check_epoch(submission.body, epoch, readers, commitment)
    if submission.body["categories"] != sorted(set(sending.categories)) or len(sending.categories) > MOST_CATEGORIES:
        raise Malformed("wrong_binding")
    return Checked(submission, epoch, kem, sign, commitment, key_set)


def _key_set(receiving: Receiving, roster: Rostered) -> KeySet:
    """The decision's custodian set; without one, or readers whom no roster holds, nobody can be sealed to."""
    key_set = roster.sets.get(receiving.custodians)
    if key_set is None or not {*receiving.readers, *key_set.members} <= roster.members.keys():
        raise Unavailable("nobody_competent")
    return key_set


def _reader_keys(receiving: Receiving, roster: Rostered) -> dict[str, str]:
    return {code: roster.members[code].readerkey for code in receiving.readers}


def _reporter_keys(statement: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The reporter's two public keys, which are as new as the report."""
    said = unverified(statement)
    try:
        kem, sign = unb64u(said["kem"]), unb64u(said["key"])
    except (CryptoError, KeyError, TypeError, AttributeError):
        raise Malformed() from None
    if len(sign) != 32:
        raise Malformed("weak_key")
    try:
        check_kem_public(kem)
    except CryptoError:
        raise Malformed("weak_key") from None
    return kem, sign


def _check_roster(said: Mapping[str, Any], roster: Rostered) -> None:
    if said["roster"] != {"no": roster.no, "hash": roster.hash}:
        raise Conflict("roster_stale")


def _check_decision(said: Mapping[str, Any], receiving: Receiving, key_set: KeySet) -> None:
    """The reporter signed where it goes: that must be where the server sends it."""
    signed_set = {"id": key_set.id, "v": key_set.v, "k": key_set.k, "n": key_set.n}
    same = said["body"] == receiving.body and said["readers"] == sorted(receiving.readers) and said["set"] == signed_set
    if not same:
        raise Conflict("decision_changed")


def _check_manifest(said: Mapping[str, Any], parts: Sequence[Part]) -> None:
    """Every object is the one that was signed, at the place that was signed, and none is missing."""
    lines = said["objects"]
    if not isinstance(lines, list) or not all(isinstance(line, dict) and is_uuid(line.get("id")) for line in lines):
        raise Malformed()
    listed = {line["id"]: line for line in lines}
    given = {part.id: part for part in parts}
    if len(given) != len(parts) or len(listed) != len(lines) or not listed.keys() >= given.keys():
        raise Malformed("unexpected_object")
    if given.keys() != listed.keys():
        raise Malformed("missing_object")
    for id_, part in given.items():
        if listed[id_].get("sha256") != part.sha256:
            raise Malformed("swapped_object", kind=part.kind[:16])
        if listed[id_] != part.listed:
            raise Malformed("wrong_binding", kind=part.kind[:16])
    if list(listed) != sorted(listed):
        raise Malformed()


def _slots(readers: Iterable[str], key_set: KeySet) -> Iterator[Slot]:
    """Everything a submission consists of, each thing once."""
    for kind in ITEMS:
        yield kind, RING, EPOCH
    for reader in readers:
        yield "grant", RING, EPOCH, reader
    for scope in SCOPES:
        yield "identity", scope
        yield "grant", scope, REPORTER
        for custodian in key_set.members:
            yield "share", scope, custodian


def _slot(part: Part) -> Slot:
    if part.kind in ITEMS:
        return part.kind, part.ring, part.epoch
    if part.kind == "grant" and part.ring is not None:
        return part.kind, part.ring, part.epoch, part.reader
    if part.kind in ("grant", "share"):
        return part.kind, part.scope, part.reader
    return part.kind, part.scope if part.kind == "identity" else part.id


def _check_slots(parts: Sequence[Part], readers: Mapping[str, str], roster: Rostered, key_set: KeySet) -> None:
    wanted = Counter(_slots(readers, key_set))
    given = Counter(_slot(part) for part in parts)
    for part in parts:
        if _slot(part) not in wanted:
            _refuse_stranger(part, readers, roster)
            raise Malformed("unexpected_object", kind=part.kind)
    if wanted - given:
        raise Malformed("missing_object", kind=str(next(iter(wanted - given))[0]))
    if given - wanted:
        raise Malformed("unexpected_object", kind=str(next(iter(given - wanted))[0]))


def _refuse_stranger(part: Part, readers: Mapping[str, str], roster: Rostered) -> None:
    """Say it more exactly where somebody was sealed to who shouldn't be."""
    if part.reader is None or part.reader in readers:
        return
    if part.reader not in roster.members:
        raise Malformed("unknown_reader")
    raise NotEligible()


def _check_readers(parts: Sequence[Part], readers: Mapping[str, str], roster: Rostered, key_set: KeySet) -> None:
    """Each recipient's key is the one in the roster, and each scope's shares are of one polynomial's shape."""
    for part in parts:
        if part.reader is not None:
            key = readers.get(part.reader) if part.kind == "grant" else roster.members[part.reader].readerkey
            if part.readerkey != key:
                raise Malformed("unknown_reader", kind=part.kind)
    for scope in SCOPES:
        shares = [part for part in parts if part.kind == "share" and part.scope == scope]
        told = (key_set.id, key_set.v, key_set.k, key_set.n)
        points = {part.x for part in shares}
        if any((part.set, part.setv, part.k, part.n) != told for part in shares):
            raise Malformed("wrong_binding", kind="share")
        if len(points) != len(shares) or not all(x is not None and 1 <= x <= 255 for x in points):
            raise Malformed("wrong_binding", kind="share")


def _check_commitments(said: Mapping[str, Any]) -> str:
    """One ring and five scopes are committed to; returns the ring's commitment."""
    rings, scopes = said["rings"], said["scopes"]
    try:
        commitment = rings[0]["commitment"]
        given = [scope["commitment"] for scope in scopes]
    except (KeyError, IndexError, TypeError):
        raise Malformed("missing_object", kind="commitment") from None
    if not all(is_hash(value) for value in (commitment, *given)):
        raise Malformed()
    exact = [{"scope": scope, "commitment": value} for scope, value in zip(SCOPES, given, strict=False)]
    if rings != [{"ring": RING, "epoch": EPOCH, "commitment": commitment}] or scopes != exact or len(exact) != 5:
        raise Malformed("missing_object", kind="commitment")
    return str(commitment)


def _check_epoch(said: Mapping[str, Any], epoch: Signed, readers: Mapping[str, str], commitment: str) -> None:
    wanted = {
        "ring": RING,
        "epoch": EPOCH,
        "prev": ZEROS,
        "commitment": commitment,
        "readers": [{"id": code, "key": readers[code]} for code in sorted(readers)],
        "removed": [],
    }
    if {field: epoch.body[field] for field in wanted} != wanted or said["epoch"] != epoch.hash:
        raise Malformed("wrong_binding", kind="epoch")
