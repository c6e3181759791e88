"""Checkpoints: an Ed25519-signed Merkle root (RFC 6962 section 2.1) over the heads of all chains at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import ledgers
from crypto.encoding import b64u, jcs, parse_jcs, sha256hex, unb64u
from crypto.signing import sign_document
from workflow import models
from workflow.errors import Conflict
from workflow.ledger.chains import START
from workflow.ledger.signers import in_force
from workflow.store import hold
from workflow.times import stamp

LARGEST = 2**31 - 1  # more than the column takes is none of ours, and on PostgreSQL an error to ask for


@dataclass(frozen=True)
class Checkpoint:
    """A signed Merkle root over the heads of all chains at one moment."""

    no: int
    hash: str
    doc: bytes
    signature: bytes

    @property
    def document(self) -> dict[str, str]:
        return {"doc": b64u(self.doc), "sig": b64u(self.signature)}


def checkpoint(db: Session, *signing_seeds: bytes, at: datetime) -> Checkpoint | None:
    """Sign the root over all heads; None when no chain has moved since the last one.

    Of the installation keys that this server holds the one in force signs. Conflict("installation_key_missing").
    """
    hold(db, "checkpoint")
    signing_seed = in_force(db, signing_seeds)
    last = latest_checkpoint(db)
    known = folded(db)
    now = _heads(db)
    changed = [leaf for chain, leaf in sorted(now.items()) if known.get(chain) != leaf]
    if not changed:
        return None
    body = {
        "v": 1,
        "no": last.no + 1 if last else 1,
        "prev": last.hash if last else START,
        "root": ledgers.merkle_root(leaf_bytes(now)).hex(),
        "size": len(now),
        "at": stamp(at),
    }
    document = sign_document(signing_seed, "checkpoint", body)
    doc = unb64u(document["doc"])
    row = models.Checkpoint(
        no=body["no"],
        doc=doc,
        signature=unb64u(document["sig"]),
        hash=sha256hex(doc),
        changed=jcs(changed),
        made=at,
    )
    db.add(row)
    db.flush()
    return checkpoint_of(row)


def latest_checkpoint(db: Session) -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    row = db.scalars(select(models.Checkpoint).order_by(models.Checkpoint.no.desc()).limit(1)).first()
    return checkpoint_of(row) if row else None


def require_checkpoint(db: Session, named: Mapping[str, Any], *, or_none: bool = False) -> None:
    """Refuse a statement whose `checkpoint` {no, hash} is none that was ever signed here.

    So no two histories can be kept apart (sealing.md, *Statement*). With `or_none` number 0 and a hash of zeros pass:
    somebody who enrols before the first roster has nothing to verify a checkpoint with.
    """
    if or_none and named == {"no": 0, "hash": START}:
        return
    no = named.get("no")
    known = select(models.Checkpoint.hash).where(models.Checkpoint.no == no)  # not all that one has changed
    hash_ = db.scalar(known) if type(no) is int and 0 < no <= LARGEST else None
    if hash_ is None or dict(named) != {"no": no, "hash": hash_}:
        raise Conflict("checkpoint_unknown")


Leaf = dict[str, Any]


def leaf_bytes(heads: Mapping[str, Leaf]) -> list[bytes]:
    """The leaves of the tree: JCS {chain, head, seq}, sorted by chain id."""
    return [ledgers.leaf_bytes(**heads[chain]) for chain in sorted(heads)]


def folded(db: Session) -> dict[str, Leaf]:
    """The leaves of the newest checkpoint."""
    heads: dict[str, Leaf] = {}
    for changed in changes_after(db, 0):
        heads.update((leaf["chain"], leaf) for leaf in changed)
    return heads


def changes_after(db: Session, no: int, upto: int | None = None) -> Iterator[list[Leaf]]:
    """The leaves that each checkpoint after this number added or moved, in order."""
    query = select(models.Checkpoint.changed).where(models.Checkpoint.no > no)
    if upto is not None:
        query = query.where(models.Checkpoint.no <= upto)
    for changed in db.scalars(query.order_by(models.Checkpoint.no)):
        yield list(parse_jcs(changed))


def _heads(db: Session) -> dict[str, Leaf]:
    """All heads, in one statement, so that they are of one moment."""
    last = (
        select(models.LedgerEntry.chain, func.max(models.LedgerEntry.seq).label("seq"))
        .group_by(models.LedgerEntry.chain)
        .subquery()
    )
    rows = db.execute(
        select(models.LedgerEntry.chain, models.LedgerEntry.seq, models.LedgerEntry.hash).join(
            last, (models.LedgerEntry.chain == last.c.chain) & (models.LedgerEntry.seq == last.c.seq)
        )
    )
    return {chain: {"chain": chain, "head": hash_, "seq": seq} for chain, seq, hash_ in rows}


def checkpoint_of(row: models.Checkpoint) -> Checkpoint:
    """A stored checkpoint."""
    return Checkpoint(no=row.no, hash=row.hash, doc=row.doc, signature=row.signature)
