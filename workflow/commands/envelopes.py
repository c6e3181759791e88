"""Envelopes that were answered already: each is opened once (docs/sealing.md, *Envelopes*)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow import models
from workflow.errors import Conflict

# A routing key is valid for seven days and destroyed after two more: older envelopes can't be opened by anybody.
REMEMBERED = timedelta(days=10)


def remember_envelope(db: Session, digest: str, *, at: datetime) -> None:
    """Note an envelope as seen, in a transaction of its own; Conflict("replayed") for the second.

    The day is all that is kept of the time. One that fails afterwards is sealed anew by its sender.
    """
    try:
        db.execute(insert(models.SeenEnvelope), [{"digest": digest, "forget": at.date() + REMEMBERED}])
    except IntegrityError:
        raise Conflict("replayed") from None


def forget_envelopes(db: Session, *, on: date) -> int:
    """Drop what no key can open any more; the clock calls this daily. Returns how many went."""
    gone = db.execute(delete(models.SeenEnvelope).where(models.SeenEnvelope.forget < on))
    return int(gone.rowcount) if isinstance(gone, CursorResult) else 0
