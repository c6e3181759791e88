"""The organisations that are ready to use: the plan's bodies and sets, and who staffs them in the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from workflow import rules
from workflow.organisation import Body, Inspection, KeptBy, Organisation, Seat
from workflow.rotation import AREA, FIELD, Charge, Over, Spell

QUORUM = 2  # contracts, *Quorum for routing*: 1 for a body of one person


@dataclass(frozen=True)
class SetListed:
    """A custodian set of the plan, before anybody sits in it."""

    code: str
    version: int
    k: int
    level: int
    purpose: str


@dataclass(frozen=True)
class Plan:
    """Bodies and custodian sets, valid from `since`."""

    since: date
    bodies: tuple[Body, ...]
    sets: tuple[SetListed, ...]


@dataclass(frozen=True)
class Listed:
    """A fictional person."""

    code: str
    username: str
    name: str
    supervisor: bool = False
    administrator: bool = False


@dataclass(frozen=True)
class SeatListed:
    body: str
    person: str
    function: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class InspectionListed:
    """An inspection, and the number of the decision that set it up."""

    decision: str
    inspection: Inspection


@dataclass(frozen=True)
class Ready:
    """A plan with people in its seats and sets."""

    plan: Plan
    term_from: date
    people: tuple[Listed, ...]
    seats: tuple[SeatListed, ...]
    custodians: Mapping[str, tuple[str, ...]]
    inspections: tuple[InspectionListed, ...]
    charges: tuple[Charge, ...]


@cache
def plan() -> Plan:
    """The organisation of the plan, with the bodies above it."""
    return read_plan(rules.read("organisation-plan"))


def read_plan(read: Mapping[str, Any]) -> Plan:
    """An organisation as a file has it."""
    return Plan(
        since=read["valid_from"],
        bodies=tuple(_body(row) for row in read["bodies"]),
        sets=tuple(
            SetListed(row["code"], row["version"], row["k"], row["level"], row["purpose"]) for row in read["sets"]
        ),
    )


@cache
def demonstration() -> Ready:
    """The plan's organisation as the demonstration staffs it."""
    read = rules.read("demonstration")
    return Ready(
        plan=plan(),
        term_from=read["term_from"],
        people=tuple(Listed(**row) for row in read["people"]),
        seats=tuple(
            SeatListed(row["body"], row["person"], row["function"], tuple(sorted(row["roles"])))
            for row in read["seats"]
        ),
        custodians={code: tuple(sorted(people)) for code, people in read["custodians"].items()},
        inspections=tuple(InspectionListed(row["decision"], _inspection(row)) for row in read["inspections"]),
        charges=tuple(_charge(row) for row in read["charges"]),
    )


@cache
def staffed() -> Organisation:
    """The demonstration as routing sees it once everybody has enrolled and the roster is signed."""
    made = demonstration()
    levels = {key_set.code: key_set.level for key_set in made.plan.sets}
    return Organisation(
        bodies=made.plan.bodies,
        seats=tuple(
            Seat(seat.body, seat.person, seat.function, seat.roles, enrolled=True, signed=True) for seat in made.seats
        ),
        sets=tuple(KeptBy(code, levels[code], people) for code, people in sorted(made.custodians.items())),
        inspections=tuple(one.inspection for one in made.inspections),
    )


def _inspection(row: Mapping[str, Any]) -> Inspection:
    return Inspection(
        code=row["code"],
        body=row["body"],
        work_kind=row["work_kind"],
        directing=tuple(sorted(row["directing"])),
        heads=tuple(sorted(row["heads"])),
        members=tuple(sorted(row["members"])),
        units=tuple(sorted(row["units"])),
        since=row["from"],
        until=row["to"],
    )


def _charge(row: Mapping[str, Any]) -> Charge:
    over = Over(FIELD, row["field"]) if "field" in row else Over(AREA, row["area"])
    return Charge(row["person"], over, Spell(row["from"], row["to"]))


def _body(row: Mapping[str, Any]) -> Body:
    single = bool(row.get("single", False))
    return Body(
        code=row["code"],
        kind=row["kind"],
        level=row["level"],
        parent=row["parent"],
        quorum=row.get("quorum", 1 if single else QUORUM),
        single=single,
        name_vi=row["name"]["vi"],
        name_en=row["name"]["en"],
    )
