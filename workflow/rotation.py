"""How long somebody has been in charge of a field or an area, and what follows (KH84-II.2.2-UBKT-4, KH84-II.3-TTr-5).

Pure. The limits are data (`rules/rotation.yaml`); an *area* is a body with all bodies below it.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from workflow import rules
from workflow.facts import columns

FIELD, AREA = "field", "area"
DAY = timedelta(days=1)
Label = Mapping[str, str]
Parents = Mapping[str, str | None]


class Over(NamedTuple):
    """What somebody is in charge of: a field by its code, or an area by the code of its body."""

    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.code}"


def read_over(text: str) -> Over:
    """What `str` of it made; ValueError for anything else."""
    kind, slash, code = text.partition("/")
    if kind not in (FIELD, AREA) or not slash or not code:
        raise ValueError("neither a field nor an area")
    return Over(kind, code)


class Spell(NamedTuple):
    """A time in charge, from its first day to its last; `until` is None while it lasts."""

    since: date
    until: date | None


class State(StrEnum):
    FREE = "free"
    WARNING = "warning"
    DUE = "due"


class Act(StrEnum):
    EXCEPTION = "exception"  # may stay for a time although the limit is reached
    REQUIREMENT = "requirement"  # has to be moved although it isn't ("khi thấy cần thiết")


@dataclass(frozen=True)
class Limit:
    """The months after which somebody has to be moved, from a day on."""

    months: int
    since: date
    citations: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    code: str
    work_kinds: frozenset[str]
    label: Label
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Standing:
    """One charge on one day. `due_on` is the day the limit is reached if it goes on as entered; None if it won't be."""

    state: State
    months: int  # whole months in charge
    limit: int  # months
    since: date | None  # the first day that is counted
    due_on: date | None
    citations: tuple[str, ...]


@dataclass(frozen=True)
class Rotation:
    """One release of the limits."""

    release: str
    warn_before: int  # months, as all of these
    fresh_after: int
    exception_most: int
    keys: Mapping[str, frozenset[str]]  # by column
    fields: Mapping[str, Field]
    area_limits: tuple[Limit, ...]
    reasons: Mapping[Act, Mapping[str, Label]]

    def limit(self, over: Over, on: date) -> Limit:
        """The limit in force on a day; a day before the first has the first. KeyError for a field there isn't."""
        limits = self.fields[over.code].limits if over.kind == FIELD else self.area_limits
        day = max(on, min(limit.since for limit in limits))
        return max((limit for limit in limits if limit.since <= day), key=lambda limit: limit.since)

    def fields_of(self, work_kind: str | None) -> frozenset[Over]:
        """The fields that work of this kind belongs to. Of a kind that isn't known: all of the Party column, which it reads."""
        kinds = {work_kind} if work_kind else {kind for kind, column in columns().items() if column == "party"}
        return frozenset(Over(FIELD, one.code) for one in self.fields.values() if one.work_kinds & kinds)

    def counts_areas(self, work_kind: str | None) -> bool:
        """Whether areas count in work of this kind."""
        return AREA in self.keys[columns()[work_kind] if work_kind else "party"]

    def overs(self, work_kind: str | None, bodies: Iterable[str], parents: Parents) -> frozenset[Over]:
        """All that a matter of this kind of work about these bodies falls under."""
        fields = self.fields_of(work_kind)
        if not self.counts_areas(work_kind):
            return fields
        return fields | {Over(AREA, code) for body in bodies for code in above(body, parents)}

    def standing(self, spells: Iterable[Spell], over: Over, on: date, *, required: date | None = None) -> Standing:
        """Where somebody stands on a day, by all their times in charge of it. `required`: since when they have to be moved."""
        limit = self.limit(over, on)
        run = self._run(spells, on)
        if not run:
            return Standing(State.FREE, 0, limit.months, None, None, limit.citations)
        first = run[0].since
        served = _served(run, on)
        needed = (_later(first, limit.months) - first).days
        warned = (_later(first, limit.months - self.warn_before) - first).days
        asked = required is not None and first <= required <= on
        state = State.DUE if asked or served >= needed else State.WARNING if served >= warned else State.FREE
        months = _whole_months(first, first + timedelta(days=served))
        days = [day for day in (required if asked else None, _reached(run, needed)) if day is not None]
        return Standing(state, months, limit.months, first, min(days, default=None), limit.citations)

    def _run(self, spells: Iterable[Spell], on: date) -> list[Spell]:
        """The times that count together: what came before a break of `fresh_after` months doesn't, nor what is long over."""
        run: list[Spell] = []
        for spell in _joined(spells):
            if run and _is_fresh(run[-1], spell.since, self.fresh_after):
                if spell.since > on:
                    break
                run = []
            run.append(spell)
        if not run or run[0].since > on or _is_fresh(run[-1], on, self.fresh_after):
            return []
        return run


class Charge(NamedTuple):
    """Somebody in charge of something for a time."""

    person: str
    over: Over
    spell: Spell


class Said(NamedTuple):
    """What a head or an administrator said of somebody's charge, in the order in which it was said."""

    person: str
    over: Over
    act: Act
    since: date
    until: date | None  # of an exception: its last day
    reason: str
    note: str
    by: str | None  # the head who signed; None for what was entered at the server


@dataclass(frozen=True)
class Held:
    """One person's charge of one field or area on a day, with what was said of it."""

    person: str
    over: Over
    standing: Standing
    ongoing: bool
    exception: Said | None  # in force that day
    requirement: Said | None

    @property
    def kept_out(self) -> bool:
        """Whether nothing new may be given to them in it."""
        return self.standing.state is State.DUE and self.exception is None


def held(
    charges: Iterable[Charge], said: Iterable[Said], parents: Parents, on: date, table: Rotation
) -> tuple[Held, ...]:
    """Everybody's charges that have begun and still count on a day, by person and what it is over.

    A field that the release doesn't know any more counts no longer.
    """
    spells: dict[str, list[tuple[Over, Spell]]] = defaultdict(list)
    for one in charges:
        if one.over.kind == AREA or one.over.code in table.fields:
            spells[one.person].append((one.over, one.spell))
    acts: dict[tuple[str, Over], list[Said]] = defaultdict(list)
    for act in said:
        if act.since <= on:
            acts[act.person, act.over].append(act)
    found = []
    for person, entered in spells.items():
        for over in {over for over, _ in entered}:
            counted = [spell for other, spell in entered if other in _counting(over, parents)]
            found.append(_held(person, over, counted, acts.get((person, over), []), on, table))
    return tuple(sorted((one for one in found if one.standing.since), key=lambda one: (one.person, one.over)))


def _held(person: str, over: Over, spells: list[Spell], acts: list[Said], on: date, table: Rotation) -> Held:
    asked = [act for act in acts if act.act is Act.REQUIREMENT]
    standing = table.standing(spells, over, on, required=asked[-1].since if asked else None)
    # The newest word counts: a requirement ends an exception, and an exception suspends a requirement while it lasts.
    last = acts[-1] if acts else None
    lasting = last is not None and last.act is Act.EXCEPTION and (last.until is None or on <= last.until)
    in_run = asked and standing.since is not None and standing.since <= asked[-1].since
    return Held(
        person=person,
        over=over,
        standing=standing,
        ongoing=any(spell.since <= on and (spell.until is None or on <= spell.until) for spell in spells),
        exception=last if lasting else None,
        requirement=asked[-1] if in_run else None,
    )


def above(code: str, parents: Parents) -> Iterator[str]:
    """A body and those above it, each once."""
    seen: set[str] = set()
    here: str | None = code
    while here is not None and here not in seen:
        seen.add(here)
        yield here
        here = parents.get(here)


def touches(one: Over, other: Over, parents: Parents) -> bool:
    """Whether they are the same, or one is an area within the other."""
    return one == other or (
        one.kind == other.kind == AREA
        and (one.code in above(other.code, parents) or other.code in above(one.code, parents))
    )


def _counting(over: Over, parents: Parents) -> frozenset[Over]:
    """What counts as having been in charge of it: for an area, whatever it lies in too."""
    return frozenset({over} if over.kind == FIELD else {Over(AREA, code) for code in above(over.code, parents)})


def _joined(spells: Iterable[Spell]) -> list[Spell]:
    """In order, with those that overlap or follow each other without a day between made one."""
    joined: list[Spell] = []
    for spell in sorted(spells, key=lambda one: one.since):
        last = joined[-1] if joined else None
        if last is None or (last.until is not None and spell.since - last.until > DAY):
            joined.append(spell)
        elif last.until is not None:
            until = None if spell.until is None else max(last.until, spell.until)
            joined[-1] = Spell(last.since, until)
    return joined


def _is_fresh(spell: Spell, day: date, months: int) -> bool:
    """Whether on a day the break since a spell is long enough to begin anew."""
    return spell.until is not None and spell.until < day and _later(spell.until + DAY, months) <= day


def _served(run: Iterable[Spell], on: date) -> int:
    """Days in charge before a day."""
    ends = ((spell.since, spell.until + DAY if spell.until and spell.until < on else on) for spell in run)
    return sum(max(0, (end - since).days) for since, end in ends)


def _reached(run: Iterable[Spell], needed: int) -> date | None:
    """The day by which so many days have been served."""
    for spell in run:
        length = (spell.until - spell.since).days + 1 if spell.until else needed
        if needed <= length:
            return spell.since + timedelta(days=needed)
        needed -= length
    return None


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _whole_months(since: date, day: date) -> int:
    months = (day.year - since.year) * 12 + day.month - since.month
    return months if _later(since, months) <= day else months - 1


@cache
def load_rotation() -> Rotation:
    """The release in the product's own data."""
    return read_rotation(rules.read("rotation"))


def read_rotation(said: Mapping[str, Any]) -> Rotation:
    """Limits as the file has them."""
    return Rotation(
        release=said["release"].isoformat(),
        warn_before=said["warn_before_months"],
        fresh_after=said["fresh_after_months"],
        exception_most=said["exception_most_months"],
        keys={column: frozenset(kinds) for column, kinds in said["keys"].items()},
        fields={
            row["code"]: Field(row["code"], frozenset(row["work_kinds"]), row["label"], _limits(row["limits"]))
            for row in said["fields"]
        },
        area_limits=_limits(said["area_limits"]),
        reasons={act: {row["code"]: row["label"] for row in said["reasons"][act.value]} for act in Act},
    )


def last_exception_day(table: Rotation, on: date) -> date:
    """The last day that an exception signed on a day may have."""
    return _later(on, table.exception_most)


def _limits(rows: Iterable[Mapping[str, Any]]) -> tuple[Limit, ...]:
    return tuple(Limit(row["months"], row["valid_from"], tuple(row["citations"])) for row in rows)
