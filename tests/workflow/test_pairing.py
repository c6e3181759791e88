"""A Party member who is a public employee under inspectorate work: a state case that leads and a linked Party case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routed import DAY, HANDLERS, PLAN, U1, changed, decide, handlers, one
from tests.workflow.test_routing_laws import PEOPLE, all_facts
from workflow import routing
from workflow.facts import roles

# (row, accused, the state body, the Party body)
PAIRED = [
    (1, one("DU-TT-01", "ordinary"), "GDS", "UBKT-TT-01"),
    (1, one("SGD", "ordinary"), "GDS", "UBKT-CQ"),
    (1, one("DU-TT-01", "employee", party_member=True), "GDS", "UBKT-TT-01"),
    (3, one("DU-TT-01", "team_member"), "GDS", "UBKT-S"),
    (5, one("UBKT-TT-01", "team_head"), "GDS", "UBKT-S"),
    (6, one("UBKT-S", "team_head"), "GDS", U1),
    (6, one("SGD", "team_head"), "CT-UB", U1),
    (14, one("PKT", "ordinary"), "GDS", "UBKT-CQ"),
    (14, one("PKT", "employee", party_member=True), "GDS", "UBKT-CQ"),
    (14, one("TTS", "member"), "GDS", "UBKT-CQ"),
    (15, one("TTS", "head"), "GDS", "UBKT-S"),
    (16, one("SGD", "head"), "CT-UB", U1),
    (17, one("TTTP", "member"), "TTTP", U1),
    (17, one("TTTP", "head"), "CT-UB", U1),
    (19, one("VP-DU", "adviser"), "GDS", "UBKT-S"),
    (21, one("DU-TT-01", "unit_leader"), "GDS", "UBKT-TT-01"),
]
SINGLE = [
    ("one body in both columns", one("CB-01", "ordinary")),
    ("a dash for the inspectorate", one("DU-TT-01", "head")),
    ("no Party member", one("DU-TT-01", "employee")),
    ("no Party member", one("PKT", "ordinary", party_member=False)),
    ("an employee of whom nothing more is said", one("PKT", "employee")),
    ("an organisation", one("TTS", "organisation")),
    ("an organisation", one("SGD", "organisation")),
    ("above this system", one("CT-UB", "head")),
]


def full(accused, organisation=PLAN, **other):
    facts = routing.parse_facts({"on": DAY, "accused": list(accused), **other})
    return routing.route(facts, organisation, routing.load_rules())


@pytest.mark.parametrize("kind", ["inspectorate", "audit"])
@pytest.mark.parametrize(
    ("row", "accused", "state", "party"),
    [pytest.param(*line, id=f"row-{line[0]} {line[1]['body']} {line[1]['role']}") for line in PAIRED],
)
def test_under_inspectorate_work_the_state_body_leads_and_the_party_body_has_a_linked_case(
    row, accused, state, party, kind
):
    decision = decide([accused], work_kind=kind)
    assert (decision["rule"], decision["body"]) == (f"row-{row}", state)
    assert decision["pair"] == {"body": party, "rule": f"row-{row}", "readers": handlers(party), "leads": False}


@pytest.mark.parametrize("accused", [line[1] for line in PAIRED])
@pytest.mark.parametrize("kind", [None, "inspection", "supervision", "discipline"])
def test_party_work_is_one_party_case(accused, kind):
    assert decide([accused], **({"work_kind": kind} if kind else {}))["pair"] is None


@pytest.mark.parametrize(("why", "accused"), SINGLE)
def test_nothing_is_paired_without_a_person_of_both(why, accused):
    assert decide([accused], work_kind="inspectorate")["pair"] is None, why


def test_an_accused_whom_nobody_knows_gives_no_pair():
    assert decide([], work_kind="inspectorate")["pair"] is None


def test_the_party_case_is_the_party_columns_own_decision():
    pair = full([one("PKT", "ordinary")], work_kind="inspectorate", objections=["P-013"]).pair
    alone = full([one("PKT", "ordinary")], work_kind="inspection", objections=["P-013"])
    assert pair == replace(alone, leads=False)


def test_row_4_without_its_inspection_goes_up_on_the_party_side_too():
    accused = [one("UBKT-S", "team_member")]
    assert decide(accused, work_kind="inspectorate", inspection="KT-2026-07")["pair"]["body"] == "UBKT-S"
    without_it = full(accused, work_kind="inspectorate")
    assert without_it.body == U1, "the state side went to a Party body"
    assert without_it.pair is None


def test_the_party_side_passes_over_bodies_like_any_other():
    accused = [one("PKT", "ordinary")]
    decision = full(accused, work_kind="inspectorate", objections=handlers("UBKT-CQ"))
    assert (decision.body, decision.pair.body) == ("GDS", "UBKT-S")
    assert decision.pair.escalated == (("UBKT-CQ", "quorum"),)
    assert decide(accused, work_kind="inspectorate", reporter_unit="DU-CQ")["pair"]["body"] == "UBKT-S"


def test_where_one_side_had_to_go_on_to_a_body_of_the_other_there_is_no_pair():
    kept = decide([one("DU-TT-01", "ordinary")], work_kind="inspectorate", objections=handlers("GDS"))
    assert (kept["body"], kept["pair"]) == ("UBKT-S", None)
    chief = decide([one("TTTP", "member")], work_kind="inspectorate", objections=handlers(U1))
    assert (chief["body"], chief["pair"]) == ("TTTP", None), "row 17's next on the Party side is the Chair"


def test_a_party_side_that_nobody_can_be_sealed_to_gives_no_pair():
    party = sorted(set(HANDLERS) - set(handlers("GDS", "CT-UB", "TTTP")))
    decision = decide([one("PKT", "ordinary")], work_kind="inspectorate", objections=party)
    assert (decision["body"], decision["pair"]) == ("GDS", None)
    organisation = PLAN
    for person in party:
        organisation = changed(organisation, person, signed=False)
    assert decide([one("PKT", "ordinary")], organisation, work_kind="inspectorate")["pair"] is None


def test_a_party_body_outside_the_installation_gives_no_pair():
    organisation = replace(PLAN, bodies=tuple(body for body in PLAN.bodies if body.code != U1))
    decision = decide([one("SGD", "head")], organisation, work_kind="inspectorate")
    assert (decision["body"], decision["pair"]) == ("CT-UB", None)


def test_who_reads_one_case_keeps_nothing_of_the_other():
    accused = [one("PKT", "ordinary")]
    (first, *others) = PLAN.sets
    reading = replace(first, members=("P-022", *first.members[1:]))  # the Director reads the state case
    decision = full(accused, replace(PLAN, sets=(reading, *others)), work_kind="inspectorate")
    assert decision.pair.custodians != reading.code
    crossed = replace(first, members=(handlers("UBKT-CQ")[0], *first.members[1:]))
    decision = full(accused, replace(PLAN, sets=(crossed, *others)), work_kind="inspectorate")
    assert (decision.custodians, decision.pair) == (crossed.code, None)


def test_the_highest_ranked_accused_decides_whether_there_is_a_pair():
    kept = decide([one("PKT", "ordinary"), one("DU-TT-01", "employee")], work_kind="inspectorate")
    assert (kept["rule"], kept["pair"]["body"]) == ("row-14", "UBKT-CQ"), "whoever is no member names no Party body"
    higher = decide([one("PKT", "ordinary"), one("SGD", "organisation")], work_kind="inspectorate")
    assert (higher["rule"], higher["pair"]) == ("row-26", None), "severable parts may be sent down later (row 28)"


@settings(max_examples=120, deadline=None)
@given(all_facts, st.sets(st.sampled_from(PEOPLE), max_size=12))
def test_what_no_facts_may_lead_to_holds_for_the_pair_as_well(facts, unsigned):
    organisation = PLAN
    for person in unsigned:
        organisation = changed(organisation, person, signed=False)
    decision = full(**facts, organisation=organisation)
    pair = decision.pair
    if pair is None:
        return
    assert facts["work_kind"] in ("inspectorate", "audit")
    assert not pair.leads
    assert pair.body != decision.body
    assert pair.body not in {code for code, _ in pair.escalated}
    inspection = PLAN.inspection(facts.get("inspection"))
    chain = inspection.people if inspection else frozenset()
    barred = {one.get("person") for one in facts["accused"]} | set(facts.get("objections", ())) | chain
    (kept,) = (kept for kept in PLAN.sets if kept.code == pair.custodians)
    (other,) = (kept for kept in PLAN.sets if kept.code == decision.custodians)
    readers = set(pair.readers) | set(decision.readers)
    assert barred.isdisjoint(readers | set(kept.members) | set(other.members))
    assert unsigned.isdisjoint(readers)
    assert readers.isdisjoint(kept.members)
    assert set(pair.readers).isdisjoint(other.members)
    assert kept.level >= PLAN.by_code[pair.body].level
    functions = {seat.function for seat in PLAN.seats if seat.body == pair.body and seat.person in pair.readers}
    assert functions & {"head", "deputy"}
    assert len(pair.readers) >= PLAN.by_code[pair.body].quorum
    for accused in facts["accused"]:
        assert not (roles()[accused["role"]] and accused["body"] == pair.body)
    assert list(pair.readers) == sorted(set(pair.readers))


@settings(max_examples=150, deadline=None)
@given(all_facts, st.randoms())
def test_a_pair_takes_nothing_from_the_leading_decision(facts, chance):
    decision = decide(**facts)
    mixed = dict(facts, accused=chance.sample(facts["accused"], len(facts["accused"])))
    assert decide(**mixed) == decision
    if decision["pair"] is not None:
        assert set(decision["pair"]) == {"body", "rule", "readers", "leads"}
        assert decision["readers"]
        assert decision["custodians"]
