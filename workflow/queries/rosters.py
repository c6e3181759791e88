"""The line of signed rosters: where in it a successor took the organisation's key over (sealing.md, *Roster*)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs
from workflow import models
from workflow.errors import NotFound


@dataclass(frozen=True)
class Takeover:
    """Two neighbouring rosters as they were signed: the last by a key, and the first by the successor it names."""

    last: Mapping[str, str]
    first: Mapping[str, str]


@dataclass(frozen=True)
class _Read:
    no: int = 0
    hash: str = ""
    org: str = ""
    takeovers: tuple[int, ...] = ()


# As far as this process has read the line, which only grows. The last hash covers all that is kept here; where another
# database has another line, it is read from its beginning.
_read = _Read()


def takeovers(db: Session) -> tuple[int, ...]:
    """The numbers of the rosters which are the first under another key of the organisation's than the one before."""
    global _read
    known = _read if _holds(db, _read) else _Read()
    rows = select(models.Roster.no, models.Roster.hash, models.Roster.doc).where(models.Roster.no > known.no)
    for no, hash_, doc in db.execute(rows.order_by(models.Roster.no), execution_options={"yield_per": 4}):
        org = str(parse_jcs(doc)["org"])
        changed = known.org not in ("", org)
        known = _Read(no, hash_, org, (*known.takeovers, no) if changed else known.takeovers)
    _read = known
    return known.takeovers


def takeover(db: Session, no: int) -> Takeover:
    """The pair whose second roster has this number. NotFound."""
    if no not in takeovers(db):
        raise NotFound()
    return Takeover(last=_document(db, no - 1), first=_document(db, no))


def _document(db: Session, no: int) -> Mapping[str, str]:
    row = db.get_one(models.Roster, no)
    return {"doc": b64u(row.doc), "sig": b64u(row.signature)}


def _holds(db: Session, read: _Read) -> bool:
    return db.scalar(select(models.Roster.hash).where(models.Roster.no == read.no)) == read.hash
