"""Routing for tests: the plan's organisation as the demonstration staffs it, and facts in few words."""

from __future__ import annotations

from dataclasses import replace

from workflow import ready, routing

DAY = "2026-11-24"
PLAN = ready.staffed()
BODIES = sorted(PLAN.by_code)
HANDLERS = sorted({seat.person for seat in PLAN.seats if seat.handles})
CUSTODIANS = sorted(person for kept in PLAN.sets for person in kept.members)
U1 = "UBKT-TU"


def decide(accused=(), organisation=PLAN, **other):
    facts = routing.parse_facts({"on": DAY, "accused": list(accused), **other})
    assert isinstance(facts, routing.Facts), facts
    return routing.route(facts, organisation, routing.load_rules()).as_json()


def one(body, role, **other):
    return {"body": body, "role": role, **other}


def handlers(*bodies):
    return sorted(seat.person for seat in PLAN.seats if seat.body in bodies and seat.handles)


def without(organisation, *people):
    return replace(organisation, seats=tuple(seat for seat in organisation.seats if seat.person not in people))


def changed(organisation, person, **changes):
    seats = (replace(seat, **changes) if seat.person == person else seat for seat in organisation.seats)
    return replace(organisation, seats=tuple(seats))
