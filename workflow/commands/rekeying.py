"""Bringing what the server keeps under a new key of its own: some rows at a time, each batch a transaction.

Every row says by itself under which key it is, so a run that was killed goes on with what is left, and another one changes
nothing (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crypto.boxes import Box
from crypto.errors import CryptoError
from crypto.layers import brought_up, brought_up_text, text_prefix
from workflow import models
from workflow.commands.members import ENROLMENT_MINUTES

BATCH = 50


@dataclass(frozen=True)
class Batch:
    """What one transaction did: where the next one begins (None at the end), rows seen, rows changed, rows that no key opens."""

    after: str | None
    seen: int
    changed: int
    closed: tuple[str, ...]


@dataclass(frozen=True)
class _Sealed:
    """A table with values under the server's key: its key column, and how each value's box is named."""

    model: Any
    key: str
    names: tuple[tuple[str, Callable[[Any], str]], ...]


_OF_A_PERSON = (("pepper", lambda row: f"pepper/{row.person_id}"), ("totp", lambda row: f"totp/{row.person_id}"))
SEALED = (
    _Sealed(models.EnrolmentSession, "sid_hash", _OF_A_PERSON),
    _Sealed(models.MemberKey, "id", _OF_A_PERSON),  # after the enrolments: a finished one moves its values here
    _Sealed(models.MemberSession, "sid_hash", (("key", lambda row: f"session/{row.sid_hash}"),)),
)


def sealed_rows(db: Session) -> int:
    """How many rows hold something under the server's key."""
    return sum(db.scalar(select(func.count()).select_from(one.model)) or 0 for one in SEALED)


def reseal(db: Session, table: int, after: str, *, box: Box) -> Batch:
    """Seal what lies under an older server key under the newest one, in the next rows of the table of this place."""
    one = SEALED[table]
    closed, changed = [], 0
    rows = _next(db, one.model, getattr(one.model, one.key), after)
    for row in rows:
        try:
            stale = {field: name(row) for field, name in one.names if not box.is_newest(name(row), getattr(row, field))}
        except CryptoError:
            closed.append(f"{one.model.__tablename__} {getattr(row, one.key)}")
            continue
        for field, name in stale.items():
            setattr(row, field, box.seal(name, box.open(name, getattr(row, field))))
        changed += bool(stale)
    last = str(getattr(rows[-1], one.key)) if len(rows) == BATCH else None
    return Batch(last, len(rows), changed, tuple(closed))


def layered_rows(db: Session) -> int:
    """How many rows hold an HMAC under the authentication key."""
    tables = (models.MemberKey, models.BackupCode, models.DeviceMark)
    return sum(db.scalar(select(func.count()).select_from(model)) or 0 for model in tables)


def waiting_layers(db: Session, auth_key: bytes) -> bool:
    """Whether something still lies under fewer keys than there are."""
    if any(_texts(db, column, auth_key) for column in (models.BackupCode.code_hash, models.DeviceMark.mark_hash)):
        return True
    stored = db.execute(select(models.MemberKey.auth, models.MemberKey.recovery_auth))
    return any(one != brought_up(auth_key, one) for row in stored for one in row if one is not None)


def add_layers_to_keys(db: Session, after: str, *, auth_key: bytes) -> Batch:
    """Put the newest authentication key over what proves passphrases and recovery keys, in the next rows."""
    rows = _next(db, models.MemberKey, models.MemberKey.id, after)
    changed = 0
    for row in rows:
        auth = brought_up(auth_key, row.auth)
        recovery = row.recovery_auth and brought_up(auth_key, row.recovery_auth)
        changed += (auth, recovery) != (row.auth, row.recovery_auth)
        row.auth, row.recovery_auth = auth, recovery
    return Batch(rows[-1].id if len(rows) == BATCH else None, len(rows), changed, ())


def add_layers_to_codes(db: Session, *, auth_key: bytes) -> int:
    """The same for backup codes, some at a time; how many there were, 0 when none is left."""
    return _rename(db, models.BackupCode.code_hash, auth_key)


def add_layers_to_marks(db: Session, *, auth_key: bytes) -> int:
    """The same for marks of browsers, and in the sessions that were begun in one."""
    return _rename(db, models.DeviceMark.mark_hash, auth_key, (models.MemberSession.mark_hash,))


def sessions_before(db: Session, moment: datetime) -> int:
    """How many sessions were begun before a moment, enrolments that are still under way included."""
    signed_in = select(func.count()).where(models.MemberSession.created <= moment)
    enrolling = select(func.count()).where(
        models.EnrolmentSession.expires <= moment + timedelta(minutes=ENROLMENT_MINUTES)
    )
    return (db.scalar(signed_in) or 0) + (db.scalar(enrolling) or 0)


def _next(db: Session, model: Any, key: Any, after: str) -> Sequence[Any]:
    return db.scalars(select(model).where(key > after).order_by(key).limit(BATCH).with_for_update()).all()


def _texts(db: Session, column: Any, auth_key: bytes) -> Sequence[str]:
    """The next values that don't lie under all keys."""
    prefix = text_prefix(auth_key)
    query = select(column).where(column.not_like(f"{prefix}%")).limit(BATCH) if prefix else None
    return db.scalars(query).all() if query is not None else ()


def _rename(db: Session, column: Any, auth_key: bytes, also: Sequence[Any] = ()) -> int:
    stale = _texts(db, column, auth_key)
    for old in stale:
        new = brought_up_text(auth_key, old)
        for each in (column, *also):
            db.execute(update(each.class_).where(each == old).values({each.key: new}))
    return len(stale)
