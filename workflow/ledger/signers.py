"""Which key signs checkpoints: the installation key that the newest roster names which the ledger holds by then.

No clock decides it. A checkpoint covers the organisation's chain up to an entry; the last `roster` entry up to there names
the roster, and the roster the key. So whoever still has an older key can sign nothing that comes after its roster
(docs/decisions/0022-keys-change-in-steps.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.rosters import check_successor
from crypto.signing import sign_public, verify_document
from workflow import models
from workflow.errors import Conflict
from workflow.ledger.chains import ORGANISATION

ROSTER = "roster"


@dataclass(frozen=True)
class Signers:
    """The installation's keys in order, each with the number of the organisation's entry from which on it signs.

    `roster` is the number of the roster that brought the last one.
    """

    since: tuple[int, ...]
    keys: tuple[bytes, ...]
    roster: int

    def at(self, seq: int) -> bytes:
        """The key in force where a checkpoint covers the organisation's chain up to this number, 0 for not at all.

        Before the first roster it is that roster's: none changes where nobody could have been told.
        """
        return self.keys[max(bisect_right(self.since, seq) - 1, 0)]


@dataclass(frozen=True)
class RosterFault:
    no: int
    why: str


def in_force(db: Session, seeds: Sequence[bytes]) -> bytes:
    """Of the seeds that a server holds the one of the key in force; Conflict("installation_key_missing")."""
    installed = db.get(models.Installation, 1)
    if installed is None:  # nothing names a key yet
        return seeds[0]
    return seed_of(installed.signing_public, seeds)


def seed_of(public: bytes, seeds: Sequence[bytes]) -> bytes:
    """The seed of this public key; Conflict("installation_key_missing") where it isn't held."""
    for seed in seeds:
        if sign_public(seed) == public:
            return seed
    raise Conflict("installation_key_missing")


def read_signers(db: Session, signing_public: bytes) -> tuple[Signers, list[RosterFault]]:
    """The history of keys by the signed rosters, each verified; what is wrong with them.

    `signing_public` is the key in force, known from outside the database: the newest roster has to name it.
    """
    faults: list[RosterFault] = []
    entered = _entered(db)
    since, keys, changed = [0], [signing_public], 0
    before: Mapping[str, Any] | None = None
    for row in db.scalars(select(models.Roster).order_by(models.Roster.no).execution_options(yield_per=10)):
        said = _read(row)
        if said is None:
            faults.append(RosterFault(row.no, "signature"))
            before = None
            continue
        if not _follows(before, said, row.no):
            faults.append(RosterFault(row.no, "link"))
        if sha256hex(row.doc) != row.hash or row.hash not in entered:
            faults.append(RosterFault(row.no, "place"))
        key = unb64u(said["installation"])
        if before is None and len(keys) == 1:
            keys = [key]
        elif key != keys[-1]:
            since.append(entered.get(row.hash, 0))
            keys.append(key)
            changed = row.no
        before = said
    if keys[-1] != signing_public and before is not None:
        faults.append(RosterFault(before["no"], "key"))
    return Signers(tuple(since), tuple(keys), changed), faults


def _entered(db: Session) -> dict[str, int]:
    """The numbers of the organisation's entries that put rosters in force, by the rosters' hashes: of each the first."""
    row = models.LedgerEntry
    query = select(row.seq, row.entry).where(row.chain == ORGANISATION, row.kind == ROSTER).order_by(row.seq.desc())
    return dict(_named((seq, entry) for seq, entry in db.execute(query)))


def _named(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[str, int]]:
    for seq, entry in rows:
        try:
            yield str(parse_jcs(entry)["pub"]["hash"]), seq
        except (CryptoError, KeyError, TypeError):
            continue  # the chain's own check names it


def _read(row: models.Roster) -> Mapping[str, Any] | None:
    """What a roster says, if it is signed by the organisation key that it names."""
    try:
        org = unb64u(parse_jcs(row.doc)["org"])
        said = verify_document(org, "roster", {"doc": b64u(row.doc), "sig": b64u(row.signature)})
        unb64u(said["installation"])
    except (CryptoError, KeyError, TypeError):
        return None
    return said


def _follows(before: Mapping[str, Any] | None, said: Mapping[str, Any], no: int) -> bool:
    if said.get("no") != no:
        return False
    if before is None:
        return True
    try:
        check_successor(before, said)
    except CryptoError:
        return False
    return True
