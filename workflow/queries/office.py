"""What the office sees: what is missing, what waits for the roster's signature, bodies as a tree, people by name.

Lists come in pages: an organisation may have thousands of bodies and tens of thousands of people.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.errors import NotFound
from workflow.facts import CODE
from workflow.lacking import Lack, lacks
from workflow.organisation import Body, Organisation
from workflow.queries import organisation
from workflow.queries.account import Enrolment, enrolments
from workflow.queries.inspections import Registered, registry
from workflow.roster_changes import Change, changes
from workflow.routes import load_rules

PAGE = 50
TREE_PAGE = 200  # a line of the tree is short


@dataclass(frozen=True)
class Overview:
    """`waiting`: what a roster of this day would say otherwise than the newest one does."""

    lacks: tuple[Lack, ...]
    waiting: tuple[Change, ...]
    roster: organisation.SignedRoster | None
    bodies: int
    people: int
    enrolled: int


@dataclass(frozen=True)
class BodyLine:
    """A body of the tree; `depth` counts the bodies above it, seats are those that handle."""

    body: Body
    depth: int
    seats: int
    enrolled: int
    signed: int
    lacks: tuple[Lack, ...]


@dataclass(frozen=True)
class BodySpan:
    """What a body was, is or will be for a time; `state`: ended | now | coming."""

    body: Body
    since: date
    until: date | None
    state: str


@dataclass(frozen=True)
class SeatLine:
    person: str
    name: str
    function: str
    roles: tuple[str, ...]
    since: date
    until: date | None
    state: str
    enrolled: bool
    signed: bool


@dataclass(frozen=True)
class BodyFile:
    """Everything on record of one body; `successor` where it has been merged: whose it is, and from when on."""

    code: str
    spans: tuple[BodySpan, ...]
    seats: tuple[SeatLine, ...]
    below: tuple[Body, ...]
    lacks: tuple[Lack, ...]
    successor: tuple[str, date] | None


@dataclass(frozen=True)
class Bodies:
    lines: tuple[BodyLine, ...]
    next: str | None
    found: int


@dataclass(frozen=True)
class OtherBodies:
    """Bodies that have ended, or are to come."""

    spans: tuple[BodySpan, ...]
    next: str | None
    found: int


@dataclass(frozen=True)
class People:
    """`free` is the first person code that nobody has yet, counted from the highest."""

    people: tuple[Enrolment, ...]
    next: str | None
    found: int
    all: int
    enrolled: int
    free: str


@dataclass(frozen=True)
class Inspections:
    teams: tuple[Registered, ...]
    next: str | None


def overview(db: Session, on: date) -> Overview:
    """What has to be done first."""
    last = organisation.latest_roster(db)
    key, there = models.MemberKey, organisation.current(db, on)
    return Overview(
        lacks=tuple(missing(db, there, on)),
        waiting=waiting(db, on, last),
        roster=last,
        bodies=len(there.bodies),
        people=db.scalars(select(func.count()).select_from(models.Person)).one(),
        enrolled=db.scalars(select(func.count(key.person_id.distinct())).where(key.ended.is_(None))).one(),
    )


def missing(db: Session, there: Organisation, on: date) -> list[Lack]:
    """What the organisation of a day lacks."""
    return lacks(there, organisation.sittings(db, on), load_rules())


def waiting(db: Session, on: date, last: organisation.SignedRoster | None) -> tuple[Change, ...]:
    """What the tables of a day say otherwise than a roster; without one, everything."""
    held: dict[str, Any] = organisation.roster_content(db, on)
    return changes(last.body, {**last.body, **held}) if last else changes(None, held)


def bodies(db: Session, on: date, *, search: str = "", after: str | None = None) -> Bodies:
    """The bodies of a day in the order of the tree, those that match, a page behind the code `after`."""
    there = organisation.current(db, on)
    wanted = [(body, depth) for body, depth in _tree(there) if _matches(search, body.code, body.name_vi, body.name_en)]
    page, following = _page(wanted, lambda one: one[0].code, after, TREE_PAGE)
    lacking: dict[str, list[Lack]] = defaultdict(list)
    for lack in missing(db, there, on):
        lacking[lack.about].append(lack)
    return Bodies(tuple(_line(there, body, depth, lacking[body.code]) for body, depth in page), following, len(wanted))


def other_bodies(db: Session, on: date, *, state: str, search: str = "", after: str | None = None) -> OtherBodies:
    """The bodies that aren't there on a day: `ended` before it, or `coming` after it; of each what is nearest."""
    nearest: dict[str, BodySpan] = {}
    there = organisation.current(db, on).by_code
    for row in db.scalars(select(models.Body).order_by(models.Body.code, models.Body.valid_from)):
        span = _span(row, on)
        if row.code not in there and (state == "ended" or row.code not in nearest):
            nearest[row.code] = span
    wanted = [
        span
        for span in nearest.values()
        if span.state == state and _matches(search, span.body.code, span.body.name_vi, span.body.name_en)
    ]
    page, following = _page(wanted, lambda span: span.body.code, after, PAGE)
    return OtherBodies(tuple(page), following, len(wanted))


def body_file(db: Session, code: str, on: date) -> BodyFile:
    """Everything of one body. NotFound("unknown_body")."""
    known = select(models.Body).where(models.Body.code == code).order_by(models.Body.valid_from)
    rows = db.scalars(known).all() if CODE.fullmatch(code) else ()
    if not rows:
        raise NotFound("unknown_body", body=code)
    there = organisation.current(db, on)
    held = {seat.person: seat for seat in there.seated.get(code, ())}
    keys = set(db.scalars(select(models.MemberKey.person_id).where(models.MemberKey.ended.is_(None))))
    query = (
        select(models.Seat, models.Person.code, models.Person.name)
        .join(models.Person, models.Person.id == models.Seat.person_id)
        .where(models.Seat.body == code)
        .order_by(models.Seat.term_from, models.Person.code)
    )
    seats = [
        SeatLine(
            person=person,
            name=name,
            function=seat.function,
            roles=tuple(seat.roles.split()),
            since=seat.term_from,
            until=seat.term_to,
            state=_state(seat.term_from, seat.term_to, on),
            enrolled=seat.person_id in keys,
            signed=_state(seat.term_from, seat.term_to, on) == "now" and person in held and held[person].signed,
        )
        for seat, person, name in db.execute(query)
    ]
    merged = models.BodySuccessor
    successor = db.scalars(select(merged).where(merged.body == code).order_by(merged.since.desc()).limit(1)).first()
    return BodyFile(
        code=code,
        spans=tuple(_span(row, on) for row in rows),
        seats=tuple(sorted(seats, key=lambda seat: STATES.index(seat.state))),
        below=tuple(sorted((body for body in there.bodies if body.parent == code), key=lambda body: body.code)),
        lacks=tuple(lack for lack in missing(db, there, on) if lack.about == code),
        successor=(successor.successor, successor.since) if successor else None,
    )


def people(
    db: Session, on: date, *, at: datetime, search: str = "", unenrolled: bool = False, after: str | None = None
) -> People:
    """Everybody who matches by code, name, user name, or a body they sit in; a page behind the code `after`."""
    person, seat = models.Person, models.Seat
    rows = db.execute(select(person.id, person.code, person.name, person.username).order_by(person.code)).all()
    enrolled = set(db.scalars(select(models.MemberKey.person_id).where(models.MemberKey.ended.is_(None))))
    sitting: set[str] = set()
    if search:
        term = seat.term_from <= on, seat.term_to.is_(None) | (seat.term_to >= on)
        there = organisation.current(db, on).bodies
        named = {body.code for body in there if _matches(search, body.code, body.name_vi, body.name_en)}
        sitting = {id for id, body in db.execute(select(seat.person_id, seat.body).where(*term)) if body in named}
    wanted = [
        code
        for id, code, name, username in rows
        if not (unenrolled and id in enrolled) and (id in sitting or _matches(search, code, name, username))
    ]
    page, following = _page(wanted, lambda code: code, after, PAGE)
    highest = max((int(code[2:]) for _, code, _, _ in rows), default=0)
    return People(
        people=tuple(enrolments(db, at=at, on=on, codes=page)),
        next=following,
        found=len(wanted),
        all=len(rows),
        enrolled=len(enrolled.intersection(id for id, *_ in rows)),
        free=f"P-{highest + 1:03d}",
    )


def inspections(db: Session, *, after: str | None = None) -> Inspections:
    """The registry, the newest first; a page behind the code `after`."""
    page, following = _page(registry(db), lambda one: one.inspection.code, after, PAGE)
    return Inspections(tuple(page), following)


STATES = ("now", "coming", "ended")
Row = TypeVar("Row")


def _page(
    rows: Sequence[Row], code: Callable[[Row], str], after: str | None, size: int
) -> tuple[Sequence[Row], str | None]:
    """What comes behind the row of that code, and the code to go on with; an unknown one begins anew."""
    start = next((place + 1 for place, row in enumerate(rows) if code(row) == after), 0) if after else 0
    page = rows[start : start + size]
    return page, (code(page[-1]) if start + size < len(rows) else None)


def _tree(there: Organisation) -> Iterator[tuple[Body, int]]:
    """Every body once, each behind the one above it; whoever has nobody above stands first, from the top down."""
    below: dict[str | None, list[Body]] = defaultdict(list)
    for body in sorted(there.bodies, key=lambda one: (-one.level, one.code)):
        below[body.parent if body.parent in there.by_code else None].append(body)
    seen: set[str] = set()
    waiting = [(body, 0) for body in reversed(below[None])]
    while waiting:
        body, depth = waiting.pop()
        seen.add(body.code)
        yield body, depth
        waiting += [(one, depth + 1) for one in reversed(below[body.code])]
    yield from ((body, 0) for body in there.bodies if body.code not in seen)  # a circle, entered past the checks


def _line(there: Organisation, body: Body, depth: int, lacking: Iterable[Lack]) -> BodyLine:
    seats = [seat for seat in there.seated.get(body.code, ()) if seat.handles]
    return BodyLine(
        body=body,
        depth=depth,
        seats=len(seats),
        enrolled=sum(seat.enrolled for seat in seats),
        signed=sum(seat.signed for seat in seats),
        lacks=tuple(lacking),
    )


def _span(row: models.Body, on: date) -> BodySpan:
    body = Body(
        code=row.code,
        kind=row.kind,
        level=row.level,
        parent=row.parent,
        quorum=row.quorum,
        single=row.single,
        name_vi=row.name_vi,
        name_en=row.name_en,
    )
    return BodySpan(body, row.valid_from, row.valid_to, _state(row.valid_from, row.valid_to, on))


def _state(since: date, until: date | None, on: date) -> str:
    if since > on:
        return "coming"
    return "now" if until is None or until >= on else "ended"


def _matches(search: str, *texts: str) -> bool:
    """Whether any of them holds it, without regard to case and Vietnamese marks: people leave them out."""
    wanted = _plain(search.strip())
    return not wanted or any(wanted in _plain(text) for text in texts)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char)).replace("đ", "d")


def names_of(db: Session, codes: Iterable[str]) -> Mapping[str, str]:
    """The names of these people; who isn't there is left out."""
    wanted = sorted(set(codes))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):  # a database takes only so many values in one question
        some = wanted[start : start + 500]
        found.update(
            dict(db.execute(select(models.Person.code, models.Person.name).where(models.Person.code.in_(some))).all())
        )
    return found
