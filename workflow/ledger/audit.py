"""`niemphong ledger verify`: read the whole ledger again and say which entry is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crypto import ledgers
from crypto.encoding import b64u, parse_jcs, sha256hex
from crypto.errors import CryptoError
from crypto.signing import verify_document
from workflow import models
from workflow.ledger.chains import ORGANISATION, START
from workflow.ledger.checkpoints import Leaf, leaf_bytes
from workflow.ledger.signers import Signers, read_signers

PAGE = 100  # checkpoints in memory at once
LOOKED_UP = 200  # entries asked for in one statement
LEAF = frozenset({"chain", "head", "seq"})


@dataclass(frozen=True)
class Fault:
    """Something recorded that can't be as it was made: `chain` (`checkpoint`, `roster`), number, and why as a code."""

    chain: str
    seq: int
    why: str


class _Row(NamedTuple):
    """A ledger entry as it is read here: nothing of it is kept."""

    chain: str
    seq: int
    kind: str
    entry: bytes
    hash: str
    private_salt: bytes
    private: bytes


class _Point(NamedTuple):
    """A checkpoint as it is read here."""

    no: int
    doc: bytes
    signature: bytes
    hash: str
    changed: bytes


def verify(db: Session, signing_public: bytes) -> list[Fault]:
    """All faults of all chains, rosters and checkpoints; an empty list is what one wants to see.

    `signing_public` is the installation key in force; older ones are known from the rosters. What is kept in memory is
    one head a chain, however many entries there are.
    """
    signers, wrong = read_signers(db, signing_public)
    faults = [Fault("roster", fault.no, fault.why) for fault in wrong]
    faults += _chains(db)
    faults += _checkpoints(db, signers)
    return faults


def _chains(db: Session) -> Iterator[Fault]:
    chain, seq, prev = "", 0, START
    rows = db.execute(
        select(*(getattr(models.LedgerEntry, name) for name in _Row._fields))
        .order_by(models.LedgerEntry.chain, models.LedgerEntry.seq)
        .execution_options(yield_per=500)
    )
    for row in (_Row(*one) for one in rows):
        if row.chain != chain:
            chain, seq, prev = row.chain, 0, START
        if row.seq != seq + 1:
            yield Fault(chain, seq + 1, "missing")
            prev = ""  # what came before is gone: the link to it can't be judged
        for why in _entry_faults(row, prev):
            yield Fault(row.chain, row.seq, why)
        seq, prev = row.seq, row.hash


def _entry_faults(row: _Row, prev: str) -> Iterator[str]:
    try:
        entry = parse_jcs(row.entry)
        private = parse_jcs(row.private)
    except CryptoError:
        yield "unreadable"
        return
    if not isinstance(entry, dict):
        yield "unreadable"
        return
    if ledgers.entry_hash(row.entry) != row.hash:
        yield "hash"
    if (entry.get("chain"), entry.get("seq"), entry.get("kind")) != (row.chain, row.seq, row.kind):
        yield "place"
    if prev and entry.get("prev") != prev:
        yield "link"
    if ledgers.private_digest(row.private_salt, private) != entry.get("priv"):
        yield "private"


def _checkpoints(db: Session, signers: Signers) -> Iterator[Fault]:
    heads: dict[str, Leaf] = {}
    no, prev = 0, START
    for rows in _pages(db):
        leaves = [_leaves(row) for row in rows]
        hashes = _hashes(db, {(leaf["chain"], leaf["seq"]) for found in leaves for leaf in found or ()})
        for row, changed in zip(rows, leaves, strict=True):
            if row.no != no + 1:
                yield Fault("checkpoint", no + 1, "missing")
                prev = ""
            for why in _checkpoint_faults(row, changed, signers, prev, heads, hashes):
                yield Fault("checkpoint", row.no, why)
            no, prev = row.no, row.hash
    organisation = heads.get(ORGANISATION)
    if signers.since[-1] > (organisation["seq"] if organisation else 0):
        # The first checkpoint under a new key is made together with its roster: it can only have been taken away.
        yield Fault("roster", signers.roster, "uncovered")


def _pages(db: Session) -> Iterator[Sequence[_Point]]:
    query = select(*(getattr(models.Checkpoint, name) for name in _Point._fields)).order_by(models.Checkpoint.no)
    no = 0
    while page := [_Point(*row) for row in db.execute(query.where(models.Checkpoint.no > no).limit(PAGE))]:
        yield page
        no = page[-1].no


def _leaves(row: _Point) -> list[Leaf] | None:
    """The leaves that a checkpoint added or moved; None where they can't be read."""
    try:
        told = parse_jcs(row.changed)
    except CryptoError:
        return None
    sound = isinstance(told, list) and all(isinstance(leaf, dict) and leaf.keys() == LEAF for leaf in told)
    return told if sound else None


def _hashes(db: Session, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The hashes of these entries, worked out anew from what they say."""
    row, places, found = models.LedgerEntry, sorted(wanted), {}
    for start in range(0, len(places), LOOKED_UP):
        numbers = groupby(places[start : start + LOOKED_UP], key=lambda place: place[0])
        # One condition a chain: an index serves these, and not a list of pairs.
        some = [and_(row.chain == chain, row.seq.in_([seq for _, seq in of])) for chain, of in numbers]
        for chain, seq, entry in db.execute(select(row.chain, row.seq, row.entry).where(or_(*some))):
            found[chain, seq] = ledgers.entry_hash(entry)
    return found


def _checkpoint_faults(
    row: _Point,
    changed: list[Leaf] | None,
    signers: Signers,
    prev: str,
    heads: dict[str, Leaf],
    hashes: Mapping[tuple[str, int], str],
) -> Iterator[str]:
    moved = {leaf["chain"]: leaf for leaf in changed or ()}
    organisation = moved.get(ORGANISATION) or heads.get(ORGANISATION)
    key = signers.at(organisation["seq"] if organisation else 0)
    try:
        body = verify_document(key, "checkpoint", {"doc": b64u(row.doc), "sig": b64u(row.signature)})
    except CryptoError:
        body = None
    if body is None or changed is None:
        yield "signature"
        return
    if sha256hex(row.doc) != row.hash:
        yield "hash"
    if body.get("no") != row.no:
        yield "place"
    if prev and body.get("prev") != prev:
        yield "link"
    for leaf in changed:
        before = heads.get(leaf["chain"])
        if before and before["seq"] >= leaf["seq"]:
            yield "backwards"
        if hashes.get((leaf["chain"], leaf["seq"])) != leaf["head"]:
            yield "head"  # an entry that was checkpointed has been changed or cut off since
        heads[leaf["chain"]] = leaf
    if body.get("root") != ledgers.merkle_root(leaf_bytes(heads)).hex() or body.get("size") != len(heads):
        yield "root"
