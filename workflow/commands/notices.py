"""Sending notices (architecture, *Processes*): what the clock does, and no person, hence without a ledger entry."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from workflow import models

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
HANDED_OVER = timedelta(minutes=30)  # longer than any job may take: see intake.queue.JOB_SECONDS
KEPT = timedelta(days=30)


def take_up(db: Session, notice_id: str, *, at: datetime) -> int | None:
    """Claim a due notice; the number of this attempt, or None when somebody else has it or it is sent.

    The claim is a pause: who dies or fails before `mark_sent` has left it due again after a minute, then two, at most
    an hour. One conditional write decides between two workers.
    """
    attempts = db.scalar(select(models.Notice.attempts).where(models.Notice.id == notice_id))
    if attempts is None:
        return None
    pause = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
    taken = db.execute(
        update(models.Notice)
        .where(
            models.Notice.id == notice_id,
            models.Notice.sent.is_(None),
            models.Notice.not_before <= at,
            models.Notice.attempts == attempts,
        )
        .values(attempts=attempts + 1, not_before=at + pause)
    )
    return attempts + 1 if _rows(taken) == 1 else None


def hand_over(db: Session, notice_id: str, attempt: int, *, at: datetime) -> bool:
    """Keep the claim of this attempt while a mail server has the mail and hasn't answered; False when it has run out.

    Whoever gets False lets the mail go: another worker has taken the notice up, or has sent it.
    """
    kept = db.execute(
        update(models.Notice)
        .where(models.Notice.id == notice_id, models.Notice.sent.is_(None), models.Notice.attempts == attempt)
        .values(not_before=at + HANDED_OVER)
    )
    return _rows(kept) == 1


def mark_sent(db: Session, notice_id: str, *, at: datetime) -> None:
    """Note that a notice went out; one that was marked before keeps its time."""
    db.execute(update(models.Notice).where(models.Notice.id == notice_id, models.Notice.sent.is_(None)).values(sent=at))


def forget_notices(db: Session, *, at: datetime) -> int:
    """Drop what was sent a month ago: who was told of something when is not kept for longer than anybody asks."""
    return _rows(db.execute(delete(models.Notice).where(models.Notice.sent <= at - KEPT)))


def _rows(result: object) -> int:
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
