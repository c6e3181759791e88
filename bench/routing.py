"""Routing in an organisation far larger than any: 5,000 bodies, 50,000 people, as many relations, one in ten at a limit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

from workflow import ready, routing
from workflow.organisation import Body, Organisation, Relation, Seat
from workflow.rotation import Over

BODIES, PEOPLE, ROUNDS = 5_000, 50_000, 200


def grown(bodies: int = BODIES, people: int = PEOPLE) -> Organisation:
    """The plan's organisation with as many Party committees and inspection committees below as it takes."""
    plan = ready.staffed()
    added: list[Body] = []
    for no in range(1_000, 1_000 + (bodies - len(plan.bodies)) // 2):
        committee = f"DU-TT-{no}"
        added += [
            Body(committee, "party_committee", 2, "BTV-S", quorum=2),
            Body(f"UBKT-TT-{no}", "inspection_committee", 2, committee, quorum=2),
        ]
    seats = [
        Seat(
            body=(body := added[no % len(added)]).code,
            person=f"P-{100_000 + no}",
            function="head" if no < len(added) else "member",
            roles=("classify", "intake") if body.kind == "inspection_committee" else (),
            enrolled=True,
            signed=True,
        )
        for no in range(people - len(plan.seats))
    ]
    due = frozenset((seat.person, Over("field", "inspection")) for seat in seats[::10])
    relations = [
        Relation(
            person=seat.person,
            kind="family",
            what="person" if no % 2 else "body",
            code=seats[-no].person if no % 2 else added[no % len(added)].code,
            since=date(2026, 1, 1),
            until=None,
            reason="relation",
            mutual=True,
        )
        for no, seat in enumerate(seats)
    ]
    grown = replace(plan, bodies=(*plan.bodies, *added), seats=(*plan.seats, *seats))
    return replace(grown, relations=tuple(relations), due=due)


def measured() -> tuple[float, float, float]:
    """Milliseconds: the first decision in the large organisation, the middle of many there, and of many in the plan's."""
    table, large = routing.load_rules(), grown()
    asked = [_facts(*one) for one in _ASKED]
    began = time.perf_counter()
    routing.route(asked[0], large, table)
    first = (time.perf_counter() - began) * 1000
    return first, _middle(asked, large), _middle(asked, ready.staffed())


_ASKED: Sequence[tuple[list[dict[str, Any]], dict[str, Any]]] = (
    ([{"body": "DU-TT-1500", "role": "ordinary"}], {"reporter_unit": "DU-TT-1600"}),
    ([{"body": "UBKT-S", "role": "member", "person": "P-001"}], {"objections": ["P-100500"]}),
    ([{"body": "DU-TT-1200", "role": "head", "person": "P-100398"}, {"body": "CB-01", "role": "ordinary"}], {}),
    ([], {}),
)


def _facts(accused: list[dict[str, Any]], other: dict[str, Any]) -> routing.Facts:
    facts = routing.parse_facts({"on": "2026-11-24", "accused": accused, **other})
    if isinstance(facts, routing.BadFacts):
        raise ValueError(facts.faults)
    return facts


def _middle(asked: Sequence[routing.Facts], organisation: Organisation) -> float:
    table = routing.load_rules()
    took = []
    for no in range(ROUNDS):
        began = time.perf_counter()
        routing.route(asked[no % len(asked)], organisation, table)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)
