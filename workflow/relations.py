"""Relations that keep somebody from a case: the kinds as data, and whom they tie (docs/decisions/0029)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

from workflow import rules
from workflow.facts import Facts
from workflow.matters import Matter
from workflow.organisation import Inspection, Organisation, Relation
from workflow.routes import Rules

REASONS = frozenset({"relation", "interest", "earlier_handler"})
WITH = ("person", "unit", "body", "inspection")


@dataclass(frozen=True)
class Kind:
    """A kind of relation, `label` and `hint` by language; `mutual`: one side's word keeps the other side out too."""

    code: str
    label: Mapping[str, str]
    hint: Mapping[str, str]
    ties: tuple[Mapping[str, str], ...]
    reason: str
    mutual: bool
    within: frozenset[str]  # what it can be with
    citations: tuple[str, ...]
    since: date
    until: date | None


@dataclass(frozen=True, order=True)
class Clash:
    """Why somebody can't be in a team: tied to another of its people, or to what it inspects."""

    person: str
    other: str
    kind: str


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of the data, in the order in which they are offered."""
    return tuple(_kind(row) for row in rules.read("relations")["kinds"])


def kinds_on(day: date) -> Mapping[str, Kind]:
    """The kinds in force on a day, by code."""
    return {one.code: one for one in kinds() if one.since <= day and (one.until is None or day <= one.until)}


def clashes(team: Inspection, leaders: Iterable[str], relations: Iterable[Relation]) -> list[Clash]:
    """Whom the Plan wants out of a team: relatives among its own people (KH84-II.5.3-TV-1), and whoever is tied by family or
    interest to a body that it inspects or to one of its `leaders` (KH84-II.2.2-UBKT-3), directing leaders included.
    """
    held = [one for one in relations if one.reason != "earlier_handler"]
    family = {frozenset((one.person, one.code)) for one in held if one.mutual and one.what == "person"}
    pairs = combinations(sorted(team.people), 2)
    found = {Clash(one, other, "family") for one, other in pairs if frozenset((one, other)) in family}
    heads = set(leaders) - team.people
    for one in held:
        about = one.what == "person" and one.code in heads
        if one.person in team.people and (about or (one.what == "body" and one.code in team.units)):
            found.add(Clash(one.person, one.code, one.kind))
        if one.mutual and one.what == "person" and one.code in team.people and one.person in heads:
            found.add(Clash(one.code, one.person, one.kind))
    return sorted(found)


def on_record(facts: Facts, organisation: Organisation, table: Rules, whom: frozenset[str]) -> tuple[Relation, ...]:
    """What ties these people to what is at issue, or to those who sit in a body at issue: whom a report means is often
    known only when it has been read.
    """
    at_issue = Matter(facts, organisation, table).at_issue
    there = {("person", seat.person) for _, code in at_issue for seat in organisation.seated.get(code, ())}
    found = {
        relation
        for about in at_issue | there
        for person, relation in organisation.tied.get(about, ())
        if person in whom
    }
    return tuple(sorted(found, key=lambda one: (one.person, one.what, one.code, one.kind, one.since)))


def tied(facts: Facts, organisation: Organisation, table: Rules, whom: frozenset[str]) -> frozenset[str]:
    """Who of these is accused, or tied to what is at issue."""
    matter = Matter(facts, organisation, table)
    return whom & (matter.accused | matter.related.keys())


def _kind(row: Mapping[str, Any]) -> Kind:
    return Kind(
        code=row["code"],
        label=row["label"],
        hint=row["hint"],
        ties=tuple({"vi": one["vi"], "en": one["en"]} for one in row.get("ties", ())),
        reason=row["reason"],
        mutual=row["mutual"],
        within=frozenset(row["with"]),
        citations=tuple(row["citations"]),
        since=row["valid_from"],
        until=row.get("valid_to"),
    )
