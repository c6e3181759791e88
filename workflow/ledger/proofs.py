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
    query = select(models.Checkpoint).where(models.Checkpoint.no >= no, models.Checkpoint.no <= upto)
    for row in db.scalars(query.order_by(models.Checkpoint.no).execution_options(yield_per=PAGE)):
        yield checkpoint_of(row)


def entries_from(db: Session, chain: str, seq: int) -> Iterator[bytes]:
    """The entries of a chain from this number on, oldest first: the public bytes, with the private part's digest."""
    query = select(models.LedgerEntry.entry).where(models.LedgerEntry.chain == chain, models.LedgerEntry.seq >= seq)
    yield from db.scalars(query.order_by(models.LedgerEntry.seq).execution_options(yield_per=PAGE))


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
