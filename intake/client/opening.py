"""Opening what the server serves: every key, hash and signature is checked before a word is shown.

The same rules as in static/js/client (opening.js, epochs.js): the reporter's keys come from the first item
alone, lists of readers only grow fewer, each item carries its author's statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crypto.binding import object_binding
from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.items import open_item
from crypto.rings import ring_commitment
from crypto.signing import verify_statement
from intake.client.errors import ClientFault
from intake.client.sealing import ZEROS, Object, Statement, manifest_line
from intake.client.trust import Trust
from workflow.sealed import REPORTER

ORIGINAL = ("first", "summary", "narrative")


@dataclass(frozen=True)
class Epoch:
    """A verified epoch; `key` is None for one that this reader holds no grant of."""

    ring: str
    epoch: int
    key: bytes | None
    readers: tuple[Mapping[str, str], ...]
    by: str
    hash: str


@dataclass(frozen=True)
class Chain:
    """A ring's verified epochs, and the number of the one that waits for a key."""

    epochs: Mapping[int, Epoch]
    pending: int | None

    @property
    def newest(self) -> Epoch | None:
        return self.epochs[max(self.epochs)] if self.epochs else None


@dataclass(frozen=True)
class Message:
    """A later item, opened and verified."""

    id: str
    kind: str
    by: str
    at: str
    text: str


@dataclass(frozen=True)
class OpenedCase:
    """A case as its reader has verified it."""

    id: str
    first: Mapping[str, Any]
    summary: str
    narrative: Mapping[str, Any]
    messages: tuple[Message, ...]
    notes: tuple[Message, ...]
    reporter_kem: bytes
    reporter_sign: bytes
    rings: Mapping[str, Chain]
    submission: Mapping[str, Any]
    answer: Mapping[str, Any] = field(repr=False, default_factory=dict)


def granted_keys(
    case: str, grants: Iterable[Object], kem_seed: bytes, readerkey: str, reader: str
) -> dict[tuple[str, int], bytes]:
    """The ring keys of the grants that are mine."""
    keys = {}
    for grant in grants:
        if "ring" not in grant or grant["reader"] != reader or grant["readerkey"] != readerkey:
            continue
        try:
            key = open_sealed(kem_seed, "grant", object_binding(case, grant), unb64u(grant["data"]))
        except CryptoError:
            raise ClientFault("grant_damaged", ring=grant["ring"]) from None
        keys[grant["ring"], grant["epoch"]] = key
    return keys


def open_text(case: str, made: Object, keys: Mapping[tuple[str, int], bytes]) -> Mapping[str, Any]:
    key = keys.get((made["ring"], made["epoch"]))
    if key is None:
        raise ClientFault("item_closed", id=made["id"])
    try:
        return dict(parse_jcs(open_item(key, object_binding(case, made), unb64u(made["data"]))))
    except CryptoError:
        raise ClientFault("item_damaged", kind=made["kind"]) from None


def verify_chains(
    case: str,
    rows: Sequence[Mapping[str, Any]],
    keys: Mapping[tuple[str, int], bytes],
    trust: Trust,
    *,
    reporter_sign: bytes,
    submitted: Sequence[str],
) -> dict[str, Chain]:
    """Every ring's epochs in order; `submitted` are the readers whom the reporter signed for."""
    chains = {}
    for ring in sorted({row["ring"] for row in rows}):
        mine = sorted((row for row in rows if row["ring"] == ring), key=lambda row: row["epoch"])
        chains[ring] = _chain(case, ring, mine, keys, trust, reporter_sign, submitted)
    return chains


def _chain(
    case: str,
    ring: str,
    rows: Sequence[Mapping[str, Any]],
    keys: Mapping[tuple[str, int], bytes],
    trust: Trust,
    reporter_sign: bytes,
    submitted: Sequence[str],
) -> Chain:
    verified: dict[int, Epoch] = {}
    for number, row in enumerate(rows, start=1):
        if row["epoch"] != number:
            raise ClientFault("epoch_missing", ring=ring, epoch=number)
        if row["state"] == "pending":
            if number != len(rows):
                raise ClientFault("epoch_broken", ring=ring, epoch=number)
            return Chain(verified, number)
        before = verified.get(number - 1)
        made = _epoch(case, ring, row, before, keys, trust, reporter_sign)
        _check_readers(made, before, submitted)
        verified[number] = made
    return Chain(verified, None)


def _epoch(
    case: str,
    ring: str,
    row: Mapping[str, Any],
    before: Epoch | None,
    keys: Mapping[tuple[str, int], bytes],
    trust: Trust,
    reporter_sign: bytes,
) -> Epoch:
    number = row["epoch"]
    try:
        by = parse_jcs(unb64u(row["statement"]["stmt"]))["by"]
        sign = reporter_sign if by == REPORTER else trust.keys(by).sign
        body = verify_statement(sign, row["statement"], "epoch")
    except (CryptoError, KeyError, TypeError):
        raise ClientFault("epoch_forged", ring=ring, epoch=number) from None
    place = (body["case"], body["ring"], body["epoch"], body["prev"])
    if place != (case, ring, number, before.hash if before else ZEROS):
        raise ClientFault("epoch_broken", ring=ring, epoch=number)
    key = keys.get((ring, number))
    if key is not None and body["commitment"] != ring_commitment(case, ring, number, key):
        raise ClientFault("epoch_key_wrong", ring=ring, epoch=number)
    hashed = sha256hex(unb64u(row["statement"]["stmt"]))
    return Epoch(ring=ring, epoch=number, key=key, readers=tuple(body["readers"]), by=by, hash=hashed)


def _check_readers(made: Epoch, before: Epoch | None, submitted: Sequence[str]) -> None:
    codes = [reader["id"] for reader in made.readers]
    if made.by not in codes:
        raise ClientFault("epoch_readers", ring=made.ring)
    if before is not None:
        if not all(reader in before.readers for reader in made.readers):
            raise ClientFault("epoch_widened", ring=made.ring, epoch=made.epoch)
        return
    handlers = sorted(code for code in codes if code != REPORTER)
    if made.ring == "report":
        fits = made.by == REPORTER and REPORTER in codes and handlers == sorted(submitted)
    else:
        fits = REPORTER not in codes and set(handlers) <= set(submitted)
    if not fits:
        raise ClientFault("epoch_readers", ring=made.ring)


def verify_manifest(
    case: str, statement: Statement, objects: Iterable[Object], reporter_sign: bytes, reporter_kem: bytes
) -> Mapping[str, Any]:
    """The reporter's submission, and that each of these objects is listed in it at its place, with its bytes."""
    try:
        body = dict(verify_statement(reporter_sign, statement, "submission"))
    except CryptoError:
        raise ClientFault("submission_forged") from None
    own = (body["case"], body["key"], body["kem"])
    if own != (case, b64u(reporter_sign), b64u(reporter_kem)):
        raise ClientFault("submission_forged")
    listed = {line["id"]: line for line in body["objects"]}
    for made in objects:
        if listed.get(made["id"]) != manifest_line(made):
            raise ClientFault("object_swapped", kind=made["kind"])
    return body


def verify_item(
    case: str,
    entry: Mapping[str, Any],
    keys: Mapping[tuple[str, int], bytes],
    chains: Mapping[str, Chain],
    trust: Trust,
    reporter_sign: bytes,
) -> Message:
    """One later item: opened, signed by who is said to have written it, who could read it then."""
    made, by = entry["object"], entry["by"]
    text = open_text(case, made, keys)["text"]
    sign = reporter_sign if by == REPORTER else trust.keys(by).sign
    try:
        body = verify_statement(sign, entry["statement"], "item")
    except (CryptoError, TypeError):
        raise ClientFault("signature_bad", id=made["id"]) from None
    line = manifest_line(made)
    about = {"by": by, "case": case, "item": line["id"], "item_kind": line["kind"], "ring": line["ring"]}
    about |= {"epoch": line["epoch"], "sha256": line["sha256"]}
    if {name: body[name] for name in about} != about:
        raise ClientFault("signature_bad", id=made["id"])
    epoch = chains[made["ring"]].epochs.get(made["epoch"])
    if epoch is None or by not in {reader["id"] for reader in epoch.readers}:
        raise ClientFault("author_not_reader", id=made["id"])
    return Message(id=made["id"], kind=made["kind"], by=by, at=body["at"], text=text)
