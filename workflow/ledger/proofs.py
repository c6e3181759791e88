"""Proofs that a chain's head stands in the newest checkpoint (RFC 6962 section 2.1.1), and what they are checked with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import ledgers
from workflow import models
from workflow.ledger.checkpoints import Checkpoint, Leaf, changes_after, checkpoint_of, leaf_bytes

PAGE = 100  # rows fetched at once; answers take as many as fit


@dataclass(frozen=True)
class Proof:
    """A checkpoint's leaf of one chain, its place from 0, and the path to the root: hashes in lower-case hex."""

    no: int
    leaf: Leaf
    index: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class _Tree:
    """The leaves of one checkpoint."""

    no: int
    hash: str
    heads: Mapping[str, Leaf]
    chains: tuple[str, ...]
    leaves: tuple[bytes, ...]


_EMPTY = _Tree(0, "", {}, (), ())
# The tree asked for last, in this process: the next one is folded on from it instead of from the first checkpoint on.
# Its hash covers all of it, so what is kept here can't differ from what any database holds under that hash.
_last = _EMPTY


def prove(db: Session, chain: str, checkpoint: Checkpoint) -> Proof | None:
    """The proof for this chain's leaf in a checkpoint; None where the checkpoint is older than the chain."""
    tree = _tree(db, checkpoint)
    leaf = tree.heads.get(chain)
    if leaf is None:
        return None
    index = bisect_left(tree.chains, chain)
    path = ledgers.merkle_path(tree.leaves, index)
    return Proof(no=tree.no, leaf=leaf, index=index, path=tuple(sibling.hex() for sibling in path))


def checkpoints_from(db: Session, no: int, upto: int) -> Iterator[Checkpoint]:
    """The signed checkpoints of these numbers, oldest first."""
    query = select(models.Checkpoint).where(models.Checkpoint.no <= upto).order_by(models.Checkpoint.no).limit(PAGE)
    while page := db.scalars(query.where(models.Checkpoint.no >= no)).all():
        yield from map(checkpoint_of, page)
        no = page[-1].no + 1


def entries_from(db: Session, chain: str, seq: int) -> Iterator[bytes]:
    """The entries of a chain from this number on, oldest first: the public bytes, with the private part's digest."""
    row = models.LedgerEntry
    query = select(row.seq, row.entry).where(row.chain == chain).order_by(row.seq).limit(PAGE)
    while page := db.execute(query.where(row.seq >= seq)).all():
        yield from (entry for _, entry in page)
        seq = page[-1][0] + 1


def _tree(db: Session, checkpoint: Checkpoint) -> _Tree:
    global _last
    known = _last
    if known.hash == checkpoint.hash:
        return known
    goes_on = known.no < checkpoint.no and _holds(db, known)
    heads = dict(known.heads) if goes_on else {}
    for changed in changes_after(db, known.no if goes_on else 0, checkpoint.no):
        heads.update((leaf["chain"], leaf) for leaf in changed)
    chains = tuple(sorted(heads))
    _last = _Tree(checkpoint.no, checkpoint.hash, heads, chains, tuple(leaf_bytes(heads)))
    return _last


def _holds(db: Session, known: _Tree) -> bool:
    row = db.get(models.Checkpoint, known.no) if known.no else None
    return row is not None and row.hash == known.hash
