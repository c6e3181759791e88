"""The organisation of a day as routing sees it: bodies, who sits in them, who keeps shares (contracts, *Bodies*, *Seats*).

Plain data: `workflow.queries.organisation.current` fills it from the tables, `workflow.ready.staffed` from the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from workflow.rotation import Over

HANDLING = frozenset({"intake", "classify", "decide", "secretary"})
LEADING = frozenset({"head", "deputy"})


@dataclass(frozen=True)
class Body:
    """A body; `quorum` is the one for routing, `single` says that one person is the whole body."""

    code: str
    kind: str
    level: int
    parent: str | None
    quorum: int
    single: bool = False
    name_vi: str = ""
    name_en: str = ""

    @property
    def name(self) -> dict[str, str]:
        return {"vi": self.name_vi, "en": self.name_en}


@dataclass(frozen=True)
class Seat:
    """Who sits where: `enrolled` = has a key in force, `signed` = the valid roster holds this very seat and key."""

    body: str
    person: str
    function: str
    roles: tuple[str, ...]
    enrolled: bool
    signed: bool

    @property
    def handles(self) -> bool:
        return not HANDLING.isdisjoint(self.roles)


@dataclass(frozen=True)
class KeptBy:
    """A custodian set that the valid roster holds."""

    code: str
    level: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Inspection:
    """A team that inspects, supervises or verifies: who set it up, who directs, heads and joins it, and what it looks at.

    `directing` are the leaders whom the body that set it up assigned to it (KH84-II.5.1-LDUBKT-5). Whoever was one of its
    people stays one: a report may be about their time.
    """

    code: str
    body: str
    work_kind: str
    directing: tuple[str, ...]
    heads: tuple[str, ...]
    members: tuple[str, ...]
    units: tuple[str, ...]  # the bodies of those inspected
    since: date
    until: date | None

    @property
    def joined(self) -> frozenset[str]:
        """Its heads and members."""
        return frozenset({*self.heads, *self.members})

    @property
    def people(self) -> frozenset[str]:
        """Whoever directed or joined it."""
        return self.joined | frozenset(self.directing)


@dataclass(frozen=True)
class Relation:
    """What ties a person to another, to a body or to an inspection, while it counts (`workflow/rules/relations.yaml`).

    `reason` is what it gives in a decision; `mutual` says that the other person is tied by it as well.
    """

    person: str
    kind: str
    what: str  # person | body | inspection
    code: str
    since: date
    until: date | None
    reason: str
    mutual: bool


@dataclass(frozen=True)
class Organisation:
    """Bodies, seats and custodian sets of one day, relations that count on it, and inspections a report can be about."""

    bodies: tuple[Body, ...]
    seats: tuple[Seat, ...]
    sets: tuple[KeptBy, ...]
    inspections: tuple[Inspection, ...] = ()
    due: frozenset[tuple[str, Over]] = frozenset()  # people, and what they have been in charge of for too long
    successors: tuple[tuple[str, str], ...] = ()  # (ended body, who goes on with its work), in the order of their days
    relations: tuple[Relation, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, Body]:
        return {body.code: body for body in self.bodies}

    @cached_property
    def seated(self) -> Mapping[str, tuple[Seat, ...]]:
        """The seats of each body, by person."""
        found: dict[str, list[Seat]] = {}
        for seat in sorted(self.seats, key=lambda seat: (seat.body, seat.person)):
            found.setdefault(seat.body, []).append(seat)
        return {code: tuple(seats) for code, seats in found.items()}

    @cached_property
    def held(self) -> Mapping[str, tuple[Seat, ...]]:
        """The seats of each person, by body."""
        found: dict[str, list[Seat]] = {}
        for seat in sorted(self.seats, key=lambda seat: (seat.person, seat.body)):
            found.setdefault(seat.person, []).append(seat)
        return {person: tuple(seats) for person, seats in found.items()}

    @cached_property
    def succeeded(self) -> Mapping[str, str]:
        """Which body goes on with the work of each that has been merged into another; the last merger counts."""
        return dict(self.successors)

    def inspection(self, code: str | None) -> Inspection | None:
        """The inspection of that code, if it is in the registry."""
        return self._inspections.get(code or "")

    @cached_property
    def _inspections(self) -> Mapping[str, Inspection]:
        return {one.code: one for one in self.inspections}

    @cached_property
    def parents(self) -> Mapping[str, str | None]:
        return {body.code: body.parent for body in self.bodies}

    @cached_property
    def due_in(self) -> Mapping[Over, frozenset[str]]:
        """Who has been in charge for too long, by what of; only where there is anybody."""
        found: dict[Over, set[str]] = {}
        for person, over in self.due:
            found.setdefault(over, set()).add(person)
        return {over: frozenset(people) for over, people in found.items()}

    @cached_property
    def tied(self) -> Mapping[tuple[str, str], tuple[tuple[str, Relation], ...]]:
        """Who is tied to something, and by what: by (what it is, its code)."""
        found: dict[tuple[str, str], list[tuple[str, Relation]]] = {}
        for one in self.relations:
            found.setdefault((one.what, one.code), []).append((one.person, one))
            if one.mutual and one.what == "person":
                found.setdefault(("person", one.person), []).append((one.code, one))
        return {about: tuple(ties) for about, ties in found.items()}

    @cached_property
    def top(self) -> int:
        """The highest level there is; 0 without any body."""
        return max((body.level for body in self.bodies), default=0)

    def committee_of(self, code: str) -> str | None:
        """The inspection committee that a Party body has of its own, if any."""
        return self._committees.get(code)

    @cached_property
    def _committees(self) -> Mapping[str, str]:
        """The first committee by code of each body that has any."""
        ordered = sorted(
            (body for body in self.bodies if body.kind == "inspection_committee"), key=lambda one: one.code
        )
        return {body.parent: body.code for body in reversed(ordered) if body.parent is not None}


def at_quorum(functions: Iterable[str], *, quorum: int, single: bool) -> bool:
    """Whether people with these functions are enough to receive: one of them a head or deputy, one alone if `single`."""
    there = list(functions)
    if single:
        return bool(there)
    return len(there) >= quorum and not LEADING.isdisjoint(there)
