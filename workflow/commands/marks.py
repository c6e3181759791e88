"""Marks of browsers in which a member has signed in: parts of commands, with no entry of their own.

A mark is 32 random bytes that the browser keeps in a cookie; the database has its HMAC. It opens nothing: whoever holds
one has a small count of failures of their own, and doesn't pay for what strangers do to the name (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crypto.encoding import label
from crypto.kdf import hkdf
from crypto.layers import depths, keys_of, layered_text
from workflow import models
from workflow.slowdown import MARK_FAILURES, MARK_KEPT, MOST_MARKS


def find(db: Session, person_id: str, held: Iterable[str], *, auth_key: bytes) -> models.DeviceMark | None:
    """The mark of this member among those that a browser holds; one browser may know several members."""
    hashes = [_hash(then, mark) for mark in held for then in depths(auth_key)]
    found = select(models.DeviceMark).where(
        models.DeviceMark.mark_hash.in_(hashes), models.DeviceMark.person_id == person_id
    )
    return db.scalars(found.with_for_update()).first()


def failed(db: Session, mark: models.DeviceMark) -> None:
    """One more failure in this browser; the tenth in a row makes it a stranger."""
    mark.failures += 1
    if mark.failures >= MARK_FAILURES:
        db.delete(mark)


def succeeded(db: Session, mark: models.DeviceMark, *, at: datetime) -> None:
    mark.failures, mark.seen = 0, at


def make(db: Session, person_id: str, mark: str, *, auth_key: bytes, at: datetime) -> str:
    """Keep a new mark, and of this member's at most ten; its hash."""
    made = models.DeviceMark(mark_hash=_hash(auth_key, mark), person_id=person_id, failures=0, seen=at)
    db.add(made)
    db.flush()
    newest = models.DeviceMark.seen.desc(), models.DeviceMark.mark_hash
    query = select(models.DeviceMark).where(models.DeviceMark.person_id == person_id).order_by(*newest)
    for surplus in [row for row in db.scalars(query) if row is not made][MOST_MARKS - 1 :]:
        db.delete(surplus)
    return made.mark_hash


def drop(db: Session, person_id: str, *, but: str | None = None) -> None:
    """Forget a member's browsers, but for the one of this hash."""
    others = models.DeviceMark.person_id == person_id
    db.execute(delete(models.DeviceMark).where(others, models.DeviceMark.mark_hash != (but or "")))


def sweep(db: Session, *, at: datetime) -> None:
    db.execute(delete(models.DeviceMark).where(models.DeviceMark.seen <= at - MARK_KEPT))


def _hash(auth_key: bytes, mark: str) -> str:
    return layered_text(auth_key, hkdf(keys_of(auth_key)[0], label("device") + b"\x00" + mark.encode()))
