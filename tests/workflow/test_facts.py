"""Reading facts: what the contract knows is read, anything else is a fault with a line of its own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routed import DAY, PLAN, one
from workflow import routing
from workflow.facts import columns, roles

GOOD = {"on": DAY, "accused": [one("CB-01", "ordinary")]}


@pytest.mark.parametrize(
    ("bad", "faults"),
    [
        (None, ["facts: not an object"]),
        ([], ["facts: not an object"]),
        ({}, ["on: missing", "accused: missing"]),
        (GOOD | {"on": "yesterday"}, ["on: not a date like 2026-11-24"]),
        (GOOD | {"on": "20261124"}, ["on: not a date like 2026-11-24"]),
        (GOOD | {"on": "2026-02-30"}, ["on: not a date like 2026-11-24"]),
        (GOOD | {"accused": {}}, ["accused: not a list"]),
        (GOOD | {"accused": ["CB-01"]}, ["accused[0]: not an object"]),
        (GOOD | {"accused": [{}]}, ["accused[0].body: missing", "accused[0].role: missing"]),
        (GOOD | {"accused": [one("cb 01", "ordinary")]}, ["accused[0].body: not a code like UBKT-S"]),
        (GOOD | {"accused": [one("A" * 41, "ordinary")]}, ["accused[0].body: not a code like UBKT-S"]),
        (GOOD | {"accused": [one("CB-01", "ordinary")] * 51}, ["accused: more than 50"]),
        (
            GOOD | {"accused": [one("CB-01", "ordinary", person="Nguyễn Văn A")]},
            ["accused[0].person: not a code like P-001"],
        ),
        (
            GOOD | {"accused": [one("CB-01", "ordinary", party_member="yes")]},
            ["accused[0].party_member: neither true nor false"],
        ),
        (GOOD | {"work_kind": "gardening"}, [f"work_kind: not one of {', '.join(columns())}"]),
        (GOOD | {"work_kind": ["inspection"]}, [f"work_kind: not one of {', '.join(columns())}"]),
        (GOOD | {"inspection": 7}, ["inspection: not a code like UBKT-S"]),
        (GOOD | {"reporter_unit": ""}, ["reporter_unit: not a code like UBKT-S"]),
        (GOOD | {"objections": "P-001"}, ["objections: not a list of at most 500"]),
        (GOOD | {"objections": ["P-001", "x", []]}, [f"objections[{i}]: not a code like P-001" for i in (1, 2)]),
    ],
)
def test_bad_facts_give_one_line_per_fault(bad, faults):
    assert routing.parse_facts(bad) == routing.BadFacts(tuple(faults))


def test_roles_are_those_of_the_contract():
    (fault,) = routing.parse_facts({"on": DAY, "accused": [one("CB-01", "boss")]}).faults
    assert fault == f"accused[0].role: not one of {', '.join(roles())}"
    assert len(roles()) == 10


@pytest.mark.parametrize("place", ["facts", "accused"])
def test_names_and_other_strangers_are_refused_and_not_quoted(place):
    bad = GOOD | {"name": "Nguyễn"} if place == "facts" else GOOD | {"accused": [one("CB-01", "head", name="Nguyễn")]}
    (fault,) = routing.parse_facts(bad).faults
    assert "unknown field" in fault
    assert "Nguyễn" not in fault


def test_facts_may_leave_open_what_is_optional():
    asked = GOOD | {"work_kind": None, "inspection": None, "reporter_unit": None, "objections": None}
    assert routing.parse_facts(asked) == routing.parse_facts(GOOD)


def test_a_body_that_does_not_exist_is_a_fault_of_the_facts():
    facts = routing.parse_facts({"on": DAY, "accused": [one("CB-01", "head"), one("NOBODY", "head")]})
    assert routing.unknown_bodies(facts, PLAN) == ("accused[1].body: no such body here",)
    assert routing.route(facts, PLAN, routing.load_rules()).body == "UBKT-S"


words = st.text("P-01 on[]", max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["on", "accused", "work_kind", "objections", "inspection", "x"]), json_values))
def test_reading_never_raises(asked):
    assert isinstance(routing.parse_facts(asked), routing.Facts | routing.BadFacts)
