"""Who is left to a case: whether they could have received it, and whether anybody holds a key to it at all.

Nobody can give a key to somebody who never had one, so a case that its last reader leaves is closed for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.access import quorum_kept
from workflow.queries import readers

CLOSED = "S95"  # ended and filed: nobody waits for anything


class Remaining(StrEnum):
    ENOUGH = "enough"
    BELOW_QUORUM = "below_quorum"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Thin:
    """How many open cases nobody can read, and how many have readers, but too few."""

    nobody: int
    below_quorum: int


def remaining(db: Session, case: models.Case, *, on: date, besides: str | None = None) -> Remaining:
    """What is left of the case's readers, or would be left without `besides` (a person's code)."""
    if not _holders(db, case.id, on=on) - {besides}:
        return Remaining.NOBODY
    seated = [one for one in readers.seated(db, case.id, on=on) if one.person != besides]
    quorum, single = _body_quorum(db, case.body, on=on)
    return Remaining.ENOUGH if quorum_kept(seated, quorum=quorum, single=single) else Remaining.BELOW_QUORUM


def thin(db: Session, *, on: date) -> Thin:
    """Counts over the open cases, for whoever runs the server: nothing that says which."""
    cases = db.scalars(select(models.Case).where(models.Case.state != CLOSED))
    found = [remaining(db, case, on=on) for case in cases]
    return Thin(nobody=found.count(Remaining.NOBODY), below_quorum=found.count(Remaining.BELOW_QUORUM))


def holds_key(db: Session, case_id: str, code: str) -> bool:
    """Whether the server still keeps a copy of a key to the exchange with the reporter for this person."""
    grant = models.SealedObject
    query = exists().where(
        grant.case_id == case_id, grant.kind == "grant", grant.ring == "report", grant.reader == code
    )
    return bool(db.scalar(select(query)))


def _holders(db: Session, case_id: str, *, on: date) -> set[str]:
    return {reader.id for reader in readers.present(db, case_id, on=on) if holds_key(db, case_id, reader.id)}


def _body_quorum(db: Session, code: str, *, on: date) -> tuple[int, bool]:
    """The quorum for routing of a body on a day, and whether one person is the whole body."""
    query = select(models.Body.quorum, models.Body.single, models.Body.valid_to).where(
        models.Body.code == code, models.Body.valid_from <= on
    )
    for quorum, single, valid_to in db.execute(query.order_by(models.Body.valid_from.desc())):
        if valid_to is None or valid_to >= on:
            return quorum, single
    return 1, True  # a body that has ended: whoever remains, remains
