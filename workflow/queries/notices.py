"""Notices that wait to be sent: kind and addressee, which is all there is to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import models


@dataclass(frozen=True)
class DueNotice:
    """One notice whose time has come; `mail` is None for somebody without an address."""

    id: str
    kind: str
    person: str
    username: str
    mail: str | None


def due(db: Session, *, at: datetime, limit: int = 200) -> tuple[DueNotice, ...]:
    """Unsent notices whose `not_before` has passed, the oldest first."""
    query = (
        select(models.Notice, models.Person)
        .join(models.Person, models.Person.id == models.Notice.person_id)
        .where(models.Notice.sent.is_(None), models.Notice.not_before <= at)
        .order_by(models.Notice.not_before, models.Notice.id)
        .limit(limit)
    )
    return tuple(
        DueNotice(id=notice.id, kind=notice.kind, person=person.code, username=person.username, mail=person.mail)
        for notice, person in db.execute(query)
    )
