"""The table of competence as data: which row is whose, and where it sends a case (rules.md, section 5).

`rules/routes.yaml` says in its header what each field means; this only gives the fields types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from workflow import rules
from workflow.facts import Accused, columns
from workflow.organisation import Body, Organisation
from workflow.succession import standing

OWN_COMMITTEE = "own_committee"
OTHER = {"party": "state", "state": "party"}


@dataclass(frozen=True)
class Place:
    """A class of bodies: those that fit everything it says; empty fits all."""

    codes: frozenset[str]
    kinds: frozenset[str]
    levels: frozenset[int]
    parent_kinds: frozenset[str]

    def holds(self, body: Body, organisation: Organisation) -> bool:
        parent = organisation.by_code.get(body.parent or "")
        return (
            (not self.codes or body.code in self.codes)
            and (not self.kinds or body.kind in self.kinds)
            and (not self.levels or body.level in self.levels)
            and (not self.parent_kinds or (parent is not None and parent.kind in self.parent_kinds))
        )


@dataclass(frozen=True)
class Whom:
    """A line of a case: roles at a place; `party_member` limits it where it isn't None."""

    place: Place
    roles: frozenset[str]
    party_member: bool | None


@dataclass(frozen=True)
class Route:
    """One case of a row."""

    row: int
    citations: tuple[str, ...]
    since: date
    until: date | None
    whom: tuple[Whom, ...]
    targets: Mapping[str, tuple[str, ...]]  # by column; empty = a dash in the table
    if_conflicted: Mapping[str, str]
    if_inspecting: Mapping[str, str]
    copies: tuple[str, ...]
    rank: int
    needs_inspection: bool
    staff: bool
    readers_with: str | None

    @property
    def rule(self) -> str:
        return f"row-{self.row}"

    def column(self, work_kind: str | None) -> str:
        """The column that applies: the work's own, the other one where that holds a dash."""
        own = columns()[work_kind] if work_kind else "party"
        return own if self.targets[own] else OTHER[own]


@dataclass(frozen=True)
class Rise:
    """A line of the escalation list."""

    place: Place
    to: str | None
    citations: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """One release of the table with its escalation list; `routes` in the order of the data."""

    release: str
    aliases: Mapping[str, str]
    party_home: Mapping[str, str]
    routes: tuple[Route, ...]
    rises: tuple[Rise, ...]

    def route_of(self, accused: Accused, organisation: Organisation, on: date) -> tuple[Route, str] | None:
        """The route of one accused and the role it reads: `member` where no row names the role at that body.

        None for a body that isn't there, or that no row knows.
        """
        body = organisation.by_code.get(accused.body)
        if body is None:
            return None
        for role in (accused.role, "member"):
            for route in self.in_force(on):
                if any(_fits(whom, body, role, accused.party_member, organisation) for whom in route.whom):
                    return route, role
        return None

    def unknown(self, on: date) -> Route:
        """The route of a report of which nobody knows whom it concerns."""
        return next(route for route in self.in_force(on) if not route.whom)

    def in_force(self, on: date) -> Iterator[Route]:
        """What is valid on a day; days before the first release use the first (contracts, *Rules named ...*)."""
        day = max(on, min(route.since for route in self.routes))
        return (route for route in self.routes if route.since <= day and (route.until is None or day <= route.until))

    def resolve(self, target: str, about: str | None, organisation: Organisation) -> str | None:
        """The code that a target stands for; None for an `own_committee` that isn't there."""
        if target == OWN_COMMITTEE:
            return self._own_committee(about, organisation) if about else None
        return standing(self.aliases.get(target, target), organisation)

    def rise_from(self, code: str, organisation: Organisation) -> tuple[str | None, tuple[str, ...]]:
        """Where the list goes on from a body, and by which clauses."""
        body = organisation.by_code[code]
        for rise in self.rises:
            if rise.place.holds(body, organisation):
                return (self.resolve(rise.to, None, organisation) if rise.to else None), rise.citations
        return None, ()

    def _own_committee(self, code: str, organisation: Organisation) -> str | None:
        """The inspection committee of the Party committee that a body is, or belongs to directly."""
        home = organisation.by_code.get(standing(self.party_home.get(code, code), organisation))
        if home is None:
            return None
        return organisation.committee_of(home.code) or (organisation.committee_of(home.parent) if home.parent else None)


@cache
def load_rules() -> Rules:
    """The release in the product's own data."""
    return read_rules(rules.read("routes"), rules.read("escalation"))


def read_rules(table: Mapping[str, Any], list_: Mapping[str, Any]) -> Rules:
    """Rules from a table and an escalation list as the files have them."""
    places = {name: _place(said) for name, said in table["places"].items()}
    return Rules(
        release=table["release"].isoformat(),
        aliases=table["aliases"],
        party_home=table["party_home"],
        routes=tuple(_route(row, case, places) for row in table["rows"] for case in row["cases"]),
        rises=tuple(Rise(places[line["from"]], line["to"], tuple(line["citations"])) for line in list_["escalation"]),
    )


def _fits(whom: Whom, body: Body, role: str, party_member: bool, organisation: Organisation) -> bool:
    return role in whom.roles and whom.party_member in (None, party_member) and whom.place.holds(body, organisation)


def _place(said: Mapping[str, Iterable[Any]]) -> Place:
    codes, kinds, levels, parents = (frozenset(said.get(f, ())) for f in ("codes", "kinds", "levels", "parent_kinds"))
    return Place(codes=codes, kinds=kinds, levels=levels, parent_kinds=parents)


def _route(row: Mapping[str, Any], case: Mapping[str, Any], places: Mapping[str, Place]) -> Route:
    return Route(
        row=row["row"],
        citations=tuple(row["citations"]),
        since=row["valid_from"],
        until=row.get("valid_to"),
        whom=tuple(
            Whom(places[line["place"]], frozenset(line["roles"]), line.get("party_member")) for line in case["accused"]
        ),
        targets={column: _targets(case[column]) for column in OTHER},
        if_conflicted=case["if_conflicted"],
        if_inspecting=case.get("if_inspecting", {}),
        copies=tuple(case["copies"]),
        rank=case["rank"],
        needs_inspection=case.get("needs_inspection", False),
        staff=case.get("staff", False),
        readers_with=case.get("readers_with"),
    )


def _targets(said: str | list[str] | None) -> tuple[str, ...]:
    if said is None:
        return ()
    return (said,) if isinstance(said, str) else tuple(said)
