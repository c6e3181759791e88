"""Opening what the server serves: every key, hash and signature is checked before a word is shown.

The same rules as in static/js/client (opening.js, epochs.js): the reporter's keys come from the first item
alone, lists of readers only grow fewer, each item carries its author's statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from crypto.binding import object_binding
from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.items import open_item
from crypto.padding import unfill
from crypto.rings import ring_commitment
from crypto.signing import verify_statement
from intake.client.contents import is_sound
from intake.client.errors import ClientFault
from intake.client.sealing import SUPPLEMENT_LIMITS, ZEROS, Object, Statement, manifest_line
from workflow.sealed import REPORTER

ORIGINAL = ("first", "summary", "narrative")
FIRST = ("report", 1)  # the key that the reporter made and signed for


class Signers(Protocol):
    """Who knows what somebody signs with: a verified installation, or the roster that came with a package."""

    def signing_key(self, reader: Mapping[str, str]) -> bytes | None: ...


@dataclass(frozen=True)
class Move:
    """A case moved on by one of its readers: `readers` are those of the body that has it since."""

    before: str
    body: str
    why: str
    by: str
    at: str
    hash: str
    ruleset: str
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Epoch:
    """A verified epoch; `key` is None for one that this reader holds no grant of.

    One whose maker's key the roster no longer holds is not `trusted`: it is read, and never written to. Neither is a
    `bad` one, whose grant is damaged or holds another key than was signed; it has no key either; nor one that names
    readers who have left, `returned`, although no next key is pending. `added` are those of `readers` who were given
    its key later, with the hashes of the statements that say so.
    """

    ring: str
    epoch: int
    key: bytes | None
    readers: tuple[Mapping[str, str], ...]
    by: str
    hash: str
    trusted: bool
    signed: bool = True  # with a key that the roster holds
    bad: bool = False
    returned: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()  # (code, hash of the statement)
    move: Move | None = None  # with which the case went on to another body under this epoch


@dataclass(frozen=True)
class Chain:
    """A ring's verified epochs, and the number of the one that waits for a key."""

    epochs: Mapping[int, Epoch]
    pending: int | None

    @property
    def hashes(self) -> dict[int, str]:
        """The hash of each verified epoch's statement."""
        return {number: epoch.hash for number, epoch in self.epochs.items()}

    @property
    def newest(self) -> Epoch | None:
        return self.epochs[max(self.epochs)] if self.epochs else None

    @property
    def warnings(self) -> tuple[Mapping[str, Any], ...]:
        """Who made keys that open nothing here, and who has left and is named by the newest key all the same."""
        told = [("epoch_key_wrong", one, one.by) for one in self.epochs.values() if one.bad]
        told += [("reader_returned", one, who) for one in self.epochs.values() for who in one.returned]
        return tuple({"code": code, "ring": one.ring, "epoch": one.epoch, "who": who} for code, one, who in told)


@dataclass(frozen=True)
class Message:
    """A later item, opened and verified. It fails alone: with a `fault` there is no text.

    Only with "signer_unknown", where the roster lost its author's key since, there is. A supplement says more apart.
    """

    id: str
    kind: str
    by: str
    at: str
    text: str | None
    fault: str | None = None
    when: str = ""
    where: str = ""
    whom: str = ""


@dataclass(frozen=True)
class OpenedCase:
    """A case as its reader has verified it."""

    id: str
    first: Mapping[str, Any]
    summary: str
    narrative: Mapping[str, Any]
    supplements: tuple[Message, ...]
    messages: tuple[Message, ...]
    notes: tuple[Message, ...]
    reporter_kem: bytes
    reporter_sign: bytes
    rings: Mapping[str, Chain]
    submission: Mapping[str, Any]
    departed: frozenset[str]
    warnings: tuple[Mapping[str, Any], ...]  # of the case as a whole; each ring has its own
    moves: tuple[Move, ...] = ()
    answer: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def body(self) -> str:
        """The body that has the case."""
        return self.moves[-1].body if self.moves else str(self.submission["body"])

    @property
    def departures_hidden(self) -> bool:
        """Whether somebody who has left may be among those who are said to be present."""
        return any(warning["code"] == "departures_hidden" for warning in self.warnings)


def granted_keys(
    case: str, grants: Iterable[Object], kem_seed: bytes, readerkey: str, reader: str
) -> dict[tuple[str, int], bytes | None]:
    """The ring keys of the grants that are mine; None for a damaged one, which its epoch's maker has to answer for.

    The report ring's first is part of the report: ClientFault("grant_damaged").
    """
    keys: dict[tuple[str, int], bytes | None] = {}
    for grant in grants:
        if "ring" not in grant or grant["reader"] != reader or grant["readerkey"] != readerkey:
            continue
        key: bytes | None = None
        try:
            key = open_sealed(kem_seed, "grant", object_binding(case, grant), unb64u(grant["data"]))
        except CryptoError:
            if (grant["ring"], grant["epoch"]) == FIRST:
                raise ClientFault("grant_damaged", ring=grant["ring"]) from None
        keys[grant["ring"], grant["epoch"]] = key
    return keys


def open_text(case: str, made: Object, keys: Mapping[tuple[str, int], bytes | None]) -> Mapping[str, Any]:
    key = keys.get((made["ring"], made["epoch"]))
    if key is None:
        raise ClientFault("item_closed", id=made["id"])
    try:
        content = open_item(key, object_binding(case, made), unb64u(made["data"]))
        said = parse_jcs(unfill(content) if made["kind"] == "supplement" else content)
    except CryptoError:
        said = None
    if not is_sound(made["kind"], said):  # whoever holds the key may have sealed anything
        raise ClientFault("first_damaged" if made["kind"] == "first" else "item_damaged", kind=made["kind"])
    return dict(said)


def verify_chains(
    case: str,
    rows: Sequence[Mapping[str, Any]],
    keys: Mapping[tuple[str, int], bytes | None],
    trust: Signers,
    *,
    reporter_sign: bytes,
    submitted: Sequence[str],
) -> dict[str, Chain]:
    """Every ring's epochs in order; `submitted` are the readers whom the reporter signed for."""
    chains: dict[str, Chain] = {}
    # The report ring first: its first list, which the reporter signed, says with which keys anybody may read.
    for ring in sorted({row["ring"] for row in rows}, key=lambda ring: (ring != "report", ring)):
        mine = sorted((row for row in rows if row["ring"] == ring), key=lambda row: row["epoch"])
        origin = ever_read(chains["report"]) if "report" in chains else ()
        chains[ring] = _chain(case, ring, mine, keys, trust, reporter_sign, submitted, origin)
    return chains


def _chain(
    case: str,
    ring: str,
    rows: Sequence[Mapping[str, Any]],
    keys: Mapping[tuple[str, int], bytes | None],
    trust: Signers,
    reporter_sign: bytes,
    submitted: Sequence[str],
    origin: Sequence[Mapping[str, str]],
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
        named = before.readers if before else origin
        made = _epoch(case, ring, row, before, named, keys, trust, reporter_sign)
        _check_readers(made, named, submitted)
        verified[number] = widened(case, made, row.get("added", ()), trust)
    return Chain(verified, None)


def ever_read(chain: Chain) -> tuple[Mapping[str, str], ...]:
    """Everybody whom a ring's verified lists have ever named, each with each key of theirs."""
    found = {(one["id"], one["key"]): one for epoch in chain.epochs.values() for one in epoch.readers}
    return tuple(found.values())


def _epoch(
    case: str,
    ring: str,
    row: Mapping[str, Any],
    before: Epoch | None,
    named: Sequence[Mapping[str, str]],  # the list that named the maker as a reader, and with which key
    keys: Mapping[tuple[str, int], bytes | None],
    trust: Signers,
    reporter_sign: bytes,
) -> Epoch:
    number = row["epoch"]
    try:
        body = unverified(row["statement"], "epoch")
        by = body["by"]
        sign = reporter_sign if by == REPORTER else _signing_key(by, named, trust)
        if sign is not None:
            verify_statement(sign, row["statement"], "epoch")
        place = (body["case"], body["ring"], body["epoch"], body["prev"])
        readers = tuple({"id": reader["id"], "key": reader["key"]} for reader in body["readers"])
        commitment, removed = body["commitment"], {str(code) for code in body["removed"]}
    except (CryptoError, KeyError, TypeError):
        raise ClientFault("epoch_forged", ring=ring, epoch=number) from None
    if place != (case, ring, number, before.hash if before else ZEROS):
        raise ClientFault("epoch_broken", ring=ring, epoch=number)
    if removed & {reader["id"] for reader in readers}:
        raise ClientFault("epoch_readers", ring=ring)
    key = keys.get((ring, number))
    if key is not None and commitment != ring_commitment(case, ring, number, key):
        key = None
    bad = key is None and (ring, number) in keys
    if bad and (ring, number) == FIRST:
        raise ClientFault("epoch_key_wrong", ring=ring, epoch=number)
    hashed = sha256hex(unb64u(row["statement"]["stmt"]))
    signed = sign is not None
    return Epoch(
        ring,
        number,
        key=key,
        readers=readers,
        by=by,
        hash=hashed,
        trusted=signed and not bad,
        signed=signed,
        bad=bad,
    )


def widened(case: str, made: Epoch, statements: Sequence[Statement], trust: Signers) -> Epoch:
    """An epoch with those who were given its key later, each by the signed act of somebody who read it then.

    A move to another body adds its readers in the same way, once; after it the epoch takes nothing more. They may come in
    any order. ClientFault("reader_forged") for one that isn't rightly signed, or adds whom the list
    names already. A giver whose key the roster no longer holds leaves an epoch that is read and never written to.
    """
    waiting = sorted(statements, key=_is_move)  # before a move what was given before it
    while waiting:
        taken = [(statement, grown) for statement in waiting if (grown := _added(case, made, statement, trust))]
        if not taken:
            raise ClientFault("reader_forged", ring=made.ring, epoch=made.epoch)
        statement, made = taken[0]
        waiting.remove(statement)
    return made


def _added(case: str, made: Epoch, statement: Statement, trust: Signers) -> Epoch | None:
    """The epoch with one more reader, or with those of another body; None where no present reader rightly says so."""
    try:
        kind = "move" if _is_move(statement) else "grant"
        body = unverified(statement, kind)
        giver = next(one for one in made.readers if one["id"] == body["by"] and one["id"] != REPORTER)
        sign = trust.signing_key(giver)
        if sign is not None:
            verify_statement(sign, statement, kind)
        place = {"ring": made.ring, "epoch": made.epoch, "statement": made.hash}
        hashed = str(sha256hex(unb64u(statement["stmt"])))
        new, move = _named(body, hashed)
        known = {one["id"] for one in made.readers} | {REPORTER}
        if body["case"] != case or place not in body["rings"] or known & {one["id"] for one in new} or made.move:
            return None
    except (CryptoError, KeyError, TypeError, StopIteration):
        return None
    readers = tuple(sorted((*made.readers, *new), key=lambda one: one["id"]))
    added = (*made.added, *((one["id"], hashed) for one in new))
    return replace(made, readers=readers, added=added, move=move, trusted=made.trusted and sign is not None)


def _is_move(statement: Statement) -> bool:
    try:
        return bool(parse_jcs(unb64u(statement["stmt"]))["kind"] == "move")
    except (CryptoError, KeyError, TypeError):
        return False


def _named(body: Mapping[str, Any], hashed: str) -> tuple[list[dict[str, str]], Move | None]:
    """Whom a statement adds, and the move that it is."""
    if body["kind"] == "grant":
        return [{"id": body["reader"], "key": body["readerkey"]}], None
    new = [{"id": one["id"], "key": one["key"]} for one in body["readers"]]
    told = {name: str(body[name]) for name in ("body", "why", "by", "at", "ruleset")}
    return new, Move(before=str(body["from"]), hash=hashed, readers=tuple(one["id"] for one in new), **told)


def moves_of(chain: Chain, body: str) -> tuple[Move, ...]:
    """The moves of a case in their order, each from the body that had it; `body` is the first's code.

    Raises ClientFault("reader_forged") for one from another body.
    """
    moves = tuple(epoch.move for epoch in chain.epochs.values() if epoch.move)
    for move in moves:
        if move.before != body:
            raise ClientFault("reader_forged", ring="report")
        body = move.body
    return moves


def moved_away(chain: Chain) -> frozenset[str]:
    """Whose reading ended when a case moved on: all that the list named and the move did not."""
    gone = set()
    for epoch in chain.epochs.values():
        if epoch.move:
            gone |= {one["id"] for one in epoch.readers} - {REPORTER, *epoch.move.readers}
    return frozenset(gone)


def unverified(statement: Statement, kind: str) -> Mapping[str, Any]:
    """What a statement says, where the key that could verify it isn't known."""
    body = parse_jcs(unb64u(statement["stmt"]))
    if not isinstance(body, dict) or body.get("kind") != kind:
        raise CryptoError("another kind of statement")
    return body


def _signing_key(code: str, named: Sequence[Mapping[str, str]], trust: Signers) -> bytes | None:
    reader = next((one for one in named if one["id"] == code), None)
    return None if reader is None else trust.signing_key(reader)


def _check_readers(made: Epoch, named: Sequence[Mapping[str, str]], submitted: Sequence[str]) -> None:
    codes = [reader["id"] for reader in made.readers]
    if made.by not in codes:
        raise ClientFault("epoch_readers", ring=made.ring)
    is_narrowed = all(reader in named for reader in made.readers)
    if made.epoch > 1:
        if not is_narrowed:
            raise ClientFault("epoch_widened", ring=made.ring, epoch=made.epoch)
        return
    if made.ring == "report":
        handlers = sorted(code for code in codes if code != REPORTER)
        fits = made.by == REPORTER and REPORTER in codes and handlers == sorted(submitted)
    else:
        fits = REPORTER not in codes and is_narrowed
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
    chains: Mapping[str, Chain],
    trust: Signers,
    reporter_sign: bytes,
) -> Message:
    """One later item: opened, signed by who is said to have written it, who could read it then; else with a fault."""
    made = entry["object"]
    closed = Message(id=made["id"], kind=made["kind"], by=entry["by"], at=entry["at"], text=None)
    try:
        return _verified_item(case, entry, closed, chains, trust, reporter_sign)
    except ClientFault as fault:
        return replace(closed, fault=fault.code)


def _verified_item(
    case: str,
    entry: Mapping[str, Any],
    closed: Message,
    chains: Mapping[str, Chain],
    trust: Signers,
    reporter_sign: bytes,
) -> Message:
    made, by = entry["object"], entry["by"]
    chain = chains.get(made["ring"])
    epoch = chain.epochs.get(made["epoch"]) if chain else None
    if epoch is None or epoch.key is None:
        raise ClientFault("item_closed", id=made["id"])
    if made["kind"] == "supplement" and by != REPORTER:
        raise ClientFault("author_not_reporter", id=made["id"])
    said = open_text(case, made, {(made["ring"], made["epoch"]): epoch.key})
    texts = {name: str(said[name]) for name in (SUPPLEMENT_LIMITS if made["kind"] == "supplement" else ("text",))}
    if by not in {reader["id"] for reader in epoch.readers}:
        raise ClientFault("author_not_reader", id=made["id"])
    sign = reporter_sign if by == REPORTER else _signing_key(by, epoch.readers, trust)
    try:
        body = unverified(entry["statement"], "item")
        if sign is not None:
            verify_statement(sign, entry["statement"], "item")
    except (CryptoError, KeyError, TypeError):
        raise ClientFault("signature_bad", id=made["id"]) from None
    line = manifest_line(made)
    about = {"by": by, "case": case, "item": line["id"], "item_kind": line["kind"], "ring": line["ring"]}
    about |= {"epoch": line["epoch"], "sha256": line["sha256"]}
    if {name: body.get(name) for name in about} != about:
        raise ClientFault("signature_bad", id=made["id"])
    read = replace(closed, **texts)
    return replace(read, fault="signer_unknown") if sign is None else replace(read, at=body["at"])
