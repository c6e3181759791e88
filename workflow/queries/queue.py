"""The queue of a member: the cases they are entitled to, page by page, each line with what a list shows and no more.

A page begins behind the last line of the one before (a keyset), so the tenth costs what the first does. What belongs to
its lines is asked once for all of them. Whoever isn't entitled gets no line: the entitlement is part of the `where`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy import String, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from crypto.encoding import b64u, jcs, parse_jcs, unb64u
from crypto.errors import CryptoError
from workflow import models
from workflow.access import Declared
from workflow.errors import Malformed
from workflow.models.base import UtcTime
from workflow.queries import readers
from workflow.queries.cases import part_of
from workflow.sealed import REPORTER, Part
from workflow.times import local_date

T = TypeVar("T")

PAGE = 50
WRITTEN = ("message", "supplement")
# The last first; the number decides between those of one hour, and is given once.
ORDER = (models.Case.updated, models.Case.received, models.Case.number)


@dataclass(frozen=True)
class CaseLine:
    """A case in the queue; how often the reporter wrote, the summary and the key to it only after a clear declaration."""

    id: str
    number: str
    state: str
    received: date
    updated: date
    body: str
    categories: tuple[str, ...]
    declared: str | None
    pending: tuple[str, ...]
    new: bool
    messages: int | None  # of the reporter
    supplements: int | None  # to the report
    summary: Part | None
    grants: tuple[Part, ...]


@dataclass(frozen=True)
class QueuePage:
    """Some lines, and the place behind the last of them where there are more."""

    lines: tuple[CaseLine, ...]
    next: str | None


def queue(db: Session, person: str, *, at: datetime, after: str | None = None, size: int = PAGE) -> QueuePage:
    """Cases this person is entitled to, those changed last first, from behind `after` (a page's `next`).

    A case that changes between two pages moves to the front; none that stays is left out. Malformed for another `after`.
    """
    query = (
        select(models.Case, models.Readership, models.Person.code)
        .join(models.Readership, models.Readership.case_id == models.Case.id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .where(models.Readership.person_id == person, readers.entitled_now(local_date(at)))
        .order_by(*(column.desc() for column in ORDER))
        .limit(size + 1)
    )
    if after is not None:
        updated, received, number = _place(after)
        behind = (literal(updated, UtcTime), literal(received, UtcTime), literal(number, String))
        query = query.where(tuple_(*ORDER) < tuple_(*behind))
    rows = [(case, reading, code) for case, reading, code in db.execute(query)]
    listed = rows[:size]
    return QueuePage(
        lines=_lines(db, listed),
        next=_cursor(listed[-1][0]) if len(rows) > size else None,
    )


def _cursor(case: models.Case) -> str:
    return b64u(jcs([int(case.updated.timestamp()), int(case.received.timestamp()), case.number]))


def _place(after: str) -> tuple[datetime, datetime, str]:
    """What a cursor says. It opens nothing: whoever makes one up sees their own queue from another place."""
    try:
        updated, received, number = parse_jcs(unb64u(after))
        if type(updated) is not int or type(received) is not int or not isinstance(number, str):
            raise Malformed()
        return datetime.fromtimestamp(updated, UTC), datetime.fromtimestamp(received, UTC), number
    except (CryptoError, TypeError, ValueError, OverflowError, OSError):
        raise Malformed() from None


def _lines(db: Session, rows: list[tuple[models.Case, models.Readership, str]]) -> tuple[CaseLine, ...]:
    ids = [case.id for case, _, _ in rows]
    cleared = [case.id for case, reading, _ in rows if reading.declared == Declared.CLEAR]
    codes = {code for _, _, code in rows} - {REPORTER}  # the reporter's own are served by the mailbox alone
    categories, pending = _categories(db, ids), _pending(db, ids)
    written, summaries = _written(db, cleared), _summaries(db, cleared)
    grants = _grants(db, summaries, codes)
    return tuple(
        CaseLine(
            id=case.id,
            number=case.number,
            state=case.state,
            received=local_date(case.received),
            updated=local_date(case.updated),
            body=case.body,
            categories=categories.get(case.id, ()),
            declared=reading.declared,
            pending=pending.get(case.id, ()),
            new=reading.opened_at is None,
            messages=written.get((case.id, "message"), 0) if reading.declared == Declared.CLEAR else None,
            supplements=written.get((case.id, "supplement"), 0) if reading.declared == Declared.CLEAR else None,
            summary=summaries.get(case.id),
            grants=grants.get(case.id, ()),
        )
        for case, reading, _ in rows
    )


def _categories(db: Session, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    found = models.CaseCategory
    query = select(found.case_id, found.code).where(found.case_id.in_(ids)).order_by(found.case_id, found.code)
    return _grouped((case, code) for case, code in db.execute(query))


def _pending(db: Session, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The rings whose next key nobody has made yet."""
    epoch = models.Epoch
    query = select(epoch.case_id, epoch.ring).where(epoch.case_id.in_(ids), epoch.state == "pending")
    return _grouped((case, ring) for case, ring in db.execute(query.order_by(epoch.case_id, epoch.ring)))


def _written(db: Session, ids: Collection[str]) -> Mapping[tuple[str, str], int]:
    """How often the reporter has written, by case and kind: a browser that remembers what it showed marks what is newer."""
    stored = models.SealedObject
    query = (
        select(stored.case_id, stored.kind, func.count().label("written"))
        .where(stored.case_id.in_(ids), stored.kind.in_(WRITTEN), stored.author == REPORTER)
        .group_by(stored.case_id, stored.kind)
    )
    return {(row.case_id, row.kind): int(row.written) for row in db.execute(query)}


def _summaries(db: Session, ids: Collection[str]) -> Mapping[str, Part]:
    stored = models.SealedObject
    query = select(stored).where(stored.case_id.in_(ids), stored.kind == "summary").order_by(stored.position.desc())
    return {row.case_id: part_of(row) for row in db.scalars(query)}  # the first that was stored


def _grants(db: Session, summaries: Mapping[str, Part], codes: Collection[str]) -> Mapping[str, tuple[Part, ...]]:
    """Of each case the person's grant to the key that its summary is sealed under; other epochs are the case page's."""
    grant, summary = models.SealedObject, aliased(models.SealedObject)
    same_key = and_(
        summary.case_id == grant.case_id,
        summary.kind == "summary",
        summary.ring == grant.ring,
        summary.epoch == grant.epoch,
    )
    query = (
        select(grant)
        .join(summary, same_key)
        .where(grant.case_id.in_(list(summaries)), grant.kind == "grant", grant.reader.in_(codes))
        .order_by(grant.case_id, grant.position)
    )
    return _grouped((row.case_id, part_of(row)) for row in db.scalars(query).unique())


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for case, value in pairs:
        found[case].append(value)
    return {case: tuple(values) for case, values in found.items()}
