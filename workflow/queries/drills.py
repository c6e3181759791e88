"""Who keeps parts of identity keys, and when they last proved that theirs opens something (docs/sealing.md, *Drills*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from workflow import models

# A proof is good for a roster's life: whoever lost a key or a passphrase is found out before the next one is signed.
GOOD_FOR = timedelta(days=92)
# Who has just got a key is asked by the page, and by mail only after this.
GRACE = timedelta(days=7)


@dataclass(frozen=True)
class Keeper:
    """A custodian, since when their key is in force, and the last drill that they passed with it."""

    person: str  # uuid
    code: str
    since: datetime | None
    last: datetime | None

    def due(self, at: datetime) -> bool:
        return self.last is None or self.last + GOOD_FOR <= at

    def reminded(self, at: datetime) -> bool:
        """Whether it is time for a mail: due, and the key isn't new. Without a key there is nothing to be drilled."""
        return self.due(at) and self.since is not None and self.since + GRACE <= at


@dataclass(frozen=True)
class KeptSet:
    """A custodian set of today with those who sit in it, by code."""

    code: str
    k: int
    keepers: tuple[Keeper, ...]

    def proved(self, at: datetime) -> int:
        return sum(not keeper.due(at) for keeper in self.keepers)


def passed(db: Session, person_id: str) -> tuple[datetime, ...]:
    """When somebody passed drills, newest first."""
    query = select(models.Drill.answered).where(models.Drill.person_id == person_id, models.Drill.answered.is_not(None))
    return tuple(at for at in db.scalars(query.order_by(models.Drill.answered.desc())) if at is not None)


def keeper(db: Session, person_id: str) -> Keeper:
    """One person's standing as a custodian."""
    (found,) = _keepers(db, models.Person.id.in_([person_id]))
    return found


def kept_sets(db: Session, *, on: date) -> tuple[KeptSet, ...]:
    """The custodian sets of a day, sorted by code."""
    seated = models.Custodian
    query = (
        select(models.CustodianSet, models.Person.code)
        .join(seated, seated.set_id == models.CustodianSet.id)
        .join(models.Person, models.Person.id == seated.person_id)
        .where(
            models.CustodianSet.valid_from <= on,
            or_(models.CustodianSet.valid_to.is_(None), models.CustodianSet.valid_to >= on),
        )
        .order_by(models.CustodianSet.code, models.Person.code)
    )
    members: dict[str, tuple[models.CustodianSet, list[str]]] = {}
    for kept, code in db.execute(query):
        members.setdefault(kept.id, (kept, []))[1].append(code)
    codes = {code for _, people in members.values() for code in people}
    found = {one.code: one for one in _keepers(db, models.Person.code.in_(codes))}
    return tuple(KeptSet(kept.code, kept.k, tuple(found[code] for code in people)) for kept, people in members.values())


def _keepers(db: Session, which: ColumnElement[bool]) -> Iterable[Keeper]:
    """Drills count for the key in force: who enrolled anew has proved nothing of the new one."""
    key, drill = models.MemberKey, models.Drill
    query = (
        select(models.Person.id, models.Person.code, func.max(key.created), func.max(drill.answered))
        .outerjoin(key, (key.person_id == models.Person.id) & key.ended.is_(None))
        .outerjoin(drill, (drill.person_id == models.Person.id) & (drill.readerkey == key.readerkey))
        .where(which)
        .group_by(models.Person.id, models.Person.code)
    )
    return [Keeper(person, code, since, last) for person, code, since, last in db.execute(query)]
