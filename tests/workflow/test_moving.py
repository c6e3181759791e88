"""Routing a case again, as a pure answer: whom the case itself rules out, in which body, and what follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workflow import routing
from workflow.moving import Standing, route_again
from workflow.organisation import Body, KeptBy, Organisation, Seat

BODIES = (
    Body("BTV-TU", "standing_committee", 4, None, 2),
    Body("UBKT-TU", "inspection_committee", 4, "BTV-TU", 2),
    Body("BTV-S", "standing_committee", 3, "BTV-TU", 2),
    Body("UBKT-S", "inspection_committee", 3, "BTV-S", 2),
    Body("CB-01", "cell", 1, "BTV-S", 2),
)
SETS = (
    KeptBy("KS-S", 3, ("P-011", "P-012", "P-013", "P-014")),
    KeptBy("KS-TU", 4, ("P-015", "P-016", "P-017", "P-018")),
)
FACTS = routing.parse_facts({"on": "2026-11-24", "accused": [{"body": "CB-01", "role": "ordinary"}]})


def sits(body, person, function="member", roles=("intake",)):
    return Seat(body=body, person=person, function=function, roles=roles, enrolled=True, signed=True)


LOWER = (sits("UBKT-S", "P-001", "head"), sits("UBKT-S", "P-002", "deputy"), sits("UBKT-S", "P-003"))
UPPER = (sits("UBKT-TU", "P-005", "head"), sits("UBKT-TU", "P-006"), sits("UBKT-TU", "P-007"))
STANDING = Standing(
    body="UBKT-S",
    departed=frozenset(),
    handled=frozenset({"P-001", "P-002", "P-003"}),
    custodians=frozenset(SETS[0].members),
    custodian_set="KS-S",
)


def again(*, seats=(*LOWER, *UPPER), facts=FACTS, **changed):
    return route_again(facts, Organisation(BODIES, seats, SETS), routing.load_rules(), replace(STANDING, **changed))


def excluded(decision):
    return {person: list(why) for person, why in decision.excluded}


def test_a_case_that_nobody_left_stays_with_the_same_readers():
    decision = again()
    assert (decision.body, decision.readers, excluded(decision)) == ("UBKT-S", ("P-001", "P-002", "P-003"), {})
    assert decision == routing.route(FACTS, Organisation(BODIES, (*LOWER, *UPPER), SETS), routing.load_rules())


@pytest.mark.parametrize("departed", [{"P-001", "P-002"}, {"P-002", "P-003"}])
def test_a_body_without_enough_or_without_a_leader_is_passed_over(departed):
    decision = again(departed=frozenset(departed))
    assert (decision.body, decision.readers) == ("UBKT-TU", ("P-005", "P-006", "P-007"))
    assert ("UBKT-S", "quorum") in decision.escalated
    assert excluded(decision) == {code: ["departed"] for code in sorted(departed)}


def test_a_newcomer_of_the_body_can_keep_a_case_there():
    decision = again(seats=(*LOWER, sits("UBKT-S", "P-031"), *UPPER), departed=frozenset({"P-002", "P-003"}))
    assert (decision.body, decision.readers) == ("UBKT-S", ("P-001", "P-031"))


def test_whoever_read_it_below_does_not_read_it_above():
    seats = (*LOWER, *UPPER, sits("UBKT-TU", "P-003"))
    decision = again(seats=seats, departed=frozenset({"P-001", "P-002"}))
    assert decision.readers == ("P-005", "P-006", "P-007")
    assert excluded(decision)["P-003"] == ["earlier_handler"]


def test_a_body_above_that_earlier_handlers_leave_below_its_quorum_is_passed_over_too():
    decision = again(departed=frozenset({"P-001", "P-002"}), handled=STANDING.handled | {"P-005", "P-006"})
    assert decision.readers == ()
    assert ("UBKT-TU", "quorum") in decision.escalated


def test_a_custodian_of_the_identity_reads_nowhere_and_the_set_stays_that_of_the_first_day():
    decision = again(seats=(*LOWER, *UPPER, sits("UBKT-TU", "P-011")), departed=frozenset({"P-001", "P-002"}))
    assert "P-011" not in decision.readers
    assert excluded(decision)["P-011"] == ["custodian"]
    assert decision.custodians == "KS-S"


def test_an_accused_who_read_the_case_still_makes_their_body_concerned():
    facts = routing.parse_facts(
        {"on": "2026-11-24", "accused": [{"body": "CB-01", "role": "ordinary", "person": "P-002"}]}
    )
    decision = again(facts=facts)
    assert ("UBKT-S", "accused_body") in decision.escalated
    assert decision.body == "UBKT-TU"
