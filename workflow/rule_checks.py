"""What can be wrong with the rules as data, found before anybody relies on them (`niemphong rules check`).

Pure: it takes what the files of `workflow/rules/` say and returns flaws. What a table should decide is the owner's to judge;
whether it says something for everybody, once, from bodies that exist, with its source, is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, pairwise, product
from typing import Any

from workflow import rules
from workflow.facts import Accused
from workflow.organisation import Body, Organisation
from workflow.ready import read_plan
from workflow.ready_files import overlaid
from workflow.relations import REASONS, WITH
from workflow.routes import OWN_COMMITTEE, Place, Rules, Whom, read_rules

FILES = (
    "categories",
    "citations",
    "demonstration",
    "escalation",
    "organisation-2025",
    "organisation-plan",
    "posts",
    "relations",
    "roles",
    "rotation",
    "routes",
    "states",
    "work_kinds",
)
MARKS = frozenset({"seed", "found", "mem", "proposal"})
COLUMNS = ("party", "state")

Data = Mapping[str, Mapping[str, Any]]
Spot = tuple[str, str, bool]  # (body, role, party member): somebody whom a report can concern


@dataclass(frozen=True, order=True)
class Flaw:
    """A place in the data, what is wrong there as a code (`WHY` in intake/cli/routes.py), and the name it is about."""

    where: str
    why: str
    about: str = ""


def product_data() -> Data:
    """The product's own files."""
    return {name: rules.read(name) for name in FILES}


def check(data: Data) -> list[Flaw]:
    """All flaws, sorted; an empty list is what one wants to see. The table has to fit both ready organisations."""
    flaws = _check(data)
    second = overlaid(data["organisation-plan"], data["organisation-2025"])
    later = _check({**data, "organisation-plan": second}) - flaws
    return sorted(flaws | {replace(flaw, where=f"organisation-2025 {flaw.where}") for flaw in later})


def _check(data: Data) -> set[Flaw]:
    flaws = [*_sources(data), *_names(data), *_relations(data)]
    if not flaws:  # the table is read only when whatever it names is there
        flaws = [*_validity(data), *_laid_over(data), *_escalation(data), *_rotation(data)]
    return set(flaws)


def _sources(data: Data) -> Iterator[Flaw]:
    """Every row says what it rests on and how sure that is; every source that is named exists."""
    cited = data["citations"]["citations"]
    for name, said in data.items():
        for where, found in _mappings(said, name):
            if "mark" in found and found["mark"] not in MARKS:
                yield Flaw(where, "unknown_mark", str(found["mark"]))
            for code in [*found.get("citations", ()), *found.get("basis", ())]:
                if name != "citations" and code not in cited:
                    yield Flaw(where, "unknown_citation", str(code))
    lines = [(f"row-{row['row']}", row, "citations") for row in data["routes"]["rows"]]
    lines += [(f"escalation {line['from']}", line, "citations") for line in data["escalation"]["escalation"]]
    lines += [(line["code"], line, "basis") for name in ("categories", "work_kinds") for line in data[name][name]]
    lines += [(where, line, "citations") for where, limits in _limits(data) for line in limits]
    lines.append(("rotation band", data["rotation"]["band"], "citations"))
    lines += [(f"relation {line['code']}", line, "citations") for line in data["relations"]["kinds"]]
    ready = ("organisation-plan", "organisation-2025")
    lines += [(line["code"], line, "citations") for name in ready for line in data[name]["bodies"]]
    yield from (Flaw(where, "no_citation") for where, line, field in lines if not line.get(field))
    marked = [(where, line) for where, line, _ in lines if not where.startswith("escalation")]
    yield from (Flaw(where, "unknown_mark") for where, line in [*marked, *cited.items()] if "mark" not in line)


def _names(data: Data) -> Iterator[Flaw]:
    """Bodies, places and roles that rules name exist, and a body that is to receive is one that can."""
    table, list_ = data["routes"], data["escalation"]
    bodies = {row["code"]: row for row in data["organisation-plan"]["bodies"]}
    aliases, places = table["aliases"], table["places"]
    roles = {row["code"] for row in data["roles"]["roles"]}
    elsewhere = {row["code"] for row in data["organisation-2025"]["bodies"]}  # there in one of the two, which is enough
    for where, code, receiving in _named_bodies(table, list_):
        body = bodies.get(aliases.get(code, code))
        if body is None:
            if receiving or code not in elsewhere:
                yield Flaw(where, "unknown_body", code)
        elif receiving and not body["receives"]:
            yield Flaw(where, "does_not_receive", code)
    for row in table["rows"]:
        for line in (line for case in row["cases"] for line in case["accused"]):
            where = f"row-{row['row']}"
            if line["place"] not in places:
                yield Flaw(where, "unknown_place", line["place"])
            yield from (Flaw(where, "unknown_role", role) for role in line["roles"] if role not in roles)
    for line in list_["escalation"]:
        if line["from"] not in places:
            yield Flaw("escalation", "unknown_place", line["from"])


def _named_bodies(table: Mapping[str, Any], list_: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """(where, code, whether a case may be sent there)."""
    for row in table["rows"]:
        where = f"row-{row['row']}"
        for case in row["cases"]:
            targets = [target for column in COLUMNS for target in _listed(case[column])]
            targets += [*case["if_conflicted"].values(), *case.get("if_inspecting", {}).values()]
            yield from ((where, code, True) for code in targets if code != OWN_COMMITTEE)
            yield from ((where, code, False) for code in case["copies"])
    for line in list_["escalation"]:
        if line["to"] is not None:
            yield f"escalation {line['from']}", line["to"], True
    for unit, home in table["party_home"].items():
        yield from (("party_home", code, False) for code in (unit, home))
    for name, place in table["places"].items():
        yield from ((f"place {name}", code, False) for code in place.get("codes", ()))


def _relations(data: Data) -> Iterator[Flaw]:
    """A kind of relation gives a reason that a decision can name, and can be with something."""
    for row in data["relations"]["kinds"]:
        where = f"relation {row['code']}"
        if row["reason"] not in REASONS:
            yield Flaw(where, "unknown_reason", row["reason"])
        if not row["with"]:
            yield Flaw(where, "with_nothing")
        yield from (Flaw(where, "unknown_thing", what) for what in row["with"] if what not in WITH)


def _validity(data: Data) -> Iterator[Flaw]:
    """A row is valid without a gap and never twice on one day, from its first day on."""
    named = [(f"row-{row['row']}", row) for row in data["routes"]["rows"]]
    named += [(f"relation {row['code']}", row) for row in data["relations"]["kinds"]]
    named += [(where, line) for where, limits in _limits(data) for line in limits]
    versions: dict[str, list[tuple[date, date | None]]] = {}
    for where, row in named:
        versions.setdefault(where, []).append((row["valid_from"], row.get("valid_to")))
    for where, spans in versions.items():
        spans.sort(key=lambda span: span[0])
        if any(until is not None and until < since for since, until in spans):
            yield Flaw(where, "ends_before_it_begins")
        for (_, until), (since, _) in pairwise(spans):
            if until is None or since <= until:
                yield Flaw(where, "valid_twice", since.isoformat())
            elif since > until + timedelta(days=1):
                yield Flaw(where, "gap_in_time", until.isoformat())
        if spans[-1][1] is not None:
            yield Flaw(where, "no_longer_valid", spans[-1][1].isoformat())


def _laid_over(data: Data) -> Iterator[Flaw]:
    """Everybody whom a report can concern has a row; no row is hidden by others; two rows differ in how narrow they are."""
    table = Laid(read_rules(data["routes"], data["escalation"]), data)
    for day in table.days:
        cases = list(table.rules.in_force(day))
        before: set[Spot] = set()
        for case in cases:
            spots = set().union(*(table.fitting(whom) for whom in case.whom))
            if case.whom and spots <= before:
                yield Flaw(case.rule, "never_reached", day.isoformat())
            before |= spots
        lines = [(case.rule, table.fitting(whom)) for case in cases for whom in case.whom]
        for (one, first), (other, second) in combinations(lines, 2):
            if first & second and not first < second:  # a line that comes first may only be an exception to the other
                yield Flaw(one, "overlaps", f"{other} ({_told(min(first & second))})")
        for body, role, member in table.spots:
            accused = Accused(body, role, None, member)
            if table.rules.route_of(accused, table.organisation, day) is None:
                yield Flaw(body, "no_row", _told((body, role, member)))
        if not any(not case.whom for case in cases):
            yield Flaw("routes", "no_row", "accused: []")


class Laid:
    """A table laid over all bodies of the plan, and one made up for each place that no body of the plan fits."""

    def __init__(self, table: Rules, data: Data) -> None:
        self.rules = table
        self.roles = [row["code"] for row in data["roles"]["roles"]]
        self._places = {line.place for case in table.routes for line in case.whom}
        self.planned = Organisation(read_plan(data["organisation-plan"]).bodies, (), ())

    @property
    def days(self) -> list[date]:
        """One day of every time in which the same rows are in force."""
        return sorted({case.since for case in self.rules.routes})

    @cached_property
    def organisation(self) -> Organisation:
        bodies = list(self.planned.bodies)
        for place in sorted(self._places, key=repr):
            if not any(place.holds(body, self.planned) for body in self.planned.bodies):
                bodies += _made_up(place, len(bodies))
        return Organisation(tuple(bodies), (), ())

    @cached_property
    def spots(self) -> list[Spot]:
        codes = [body.code for body in self.organisation.bodies]
        return list(product(codes, self.roles, (True, False)))

    def fitting(self, whom: Whom) -> set[Spot]:
        """Whom a line is about, whether or not one above it comes first."""
        there = [body.code for body in self.organisation.bodies if whom.place.holds(body, self.organisation)]
        members = (True, False) if whom.party_member is None else (whom.party_member,)
        return set(product(there, whom.roles, members))


def _made_up(place: Place, no: int) -> list[Body]:
    """A body that fits a place, with the parent that it needs."""
    kind, level = min(place.kinds, default="any"), min(place.levels, default=1)
    bodies = [Body(f"CHECK-{no}", kind, level, f"CHECK-{no}-ABOVE" if place.parent_kinds else None, quorum=2)]
    bodies += [
        Body(f"CHECK-{no}-ABOVE", parent, level + 1, None, quorum=2) for parent in sorted(place.parent_kinds)[:1]
    ]
    return bodies


def _escalation(data: Data) -> Iterator[Flaw]:
    """The list goes on from every body that can receive, upwards, and ends."""
    table = read_rules(data["routes"], data["escalation"])
    planned = Organisation(read_plan(data["organisation-plan"]).bodies, (), ())
    for row in data["organisation-plan"]["bodies"]:
        code = row["code"]
        if row["receives"] and not any(rise.place.holds(planned.by_code[code], planned) for rise in table.rises):
            yield Flaw(code, "no_way_on")
        seen = [code]
        while (then := table.rise_from(seen[-1], planned)[0]) is not None:
            if then in seen:
                yield Flaw(code, "goes_in_a_circle", " → ".join([*seen, then]))
                break
            if planned.by_code[then].level < planned.by_code[seen[-1]].level:
                yield Flaw(seen[-1], "goes_down", then)
            seen.append(then)


def _rotation(data: Data) -> Iterator[Flaw]:
    """Limits lie in the Plan's band, a warning comes before its limit, and every kind of work has a field."""
    said = data["rotation"]
    least, most = said["band"]["least_months"], said["band"]["most_months"]
    for where, limits in _limits(data):
        for line in limits:
            if not least <= line["months"] <= most:
                yield Flaw(where, "outside_the_band", str(line["months"]))
            if not 0 < said["warn_before_months"] < line["months"]:
                yield Flaw(where, "no_time_to_warn", str(said["warn_before_months"]))
    for name in ("fresh_after_months", "exception_most_months"):
        if said[name] < 1:
            yield Flaw("rotation", "no_time_at_all", name)
    kinds = {row["code"] for row in data["work_kinds"]["work_kinds"]}
    of_fields = {kind for row in said["fields"] for kind in row["work_kinds"]}
    yield from (Flaw("rotation", "unknown_work_kind", kind) for kind in of_fields - kinds)
    yield from (Flaw("rotation", "no_field", kind) for kind in kinds - of_fields)
    for column in COLUMNS:
        if not {"field"} <= set(said["keys"].get(column, ())) <= {"field", "area"}:
            yield Flaw("rotation", "unknown_key", column)


def _limits(data: Data) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The limits of each field, and those of areas."""
    said = data["rotation"]
    yield from ((f"rotation {row['code']}", row["limits"]) for row in said["fields"])
    yield "rotation areas", said["area_limits"]


def _mappings(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping inside, however deep, with a name for its place."""
    if isinstance(value, Mapping):
        name = value.get("code") or (f"row-{value['row']}" if "row" in value else None)
        here = f"{where} {name}" if name else where
        yield here, value
        for inner in value.values():
            yield from _mappings(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner, where)


def _listed(said: str | list[str] | None) -> Iterable[str]:
    return [] if said is None else [said] if isinstance(said, str) else said


def _told(spot: Spot) -> str:
    body, role, member = spot
    return f"{body} {role}{'' if member else ', party_member: false'}"
