"""Who receives: the table of rules.md, section 5, row by row, and when a body is passed over (contracts, *Reading facts*)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.routed import DAY, HANDLERS, PLAN, U1, changed, decide, handlers, one, without
from workflow import routing, rules
from workflow.organisation import Body, Organisation, Seat

# (row, accused, Party column, state column, next for Party work, next for state work, copies)
TABLE = [
    (1, one("DU-TT-01", "ordinary"), "UBKT-TT-01", "GDS", "UBKT-S", "UBKT-S", []),
    (1, one("DU-CQ", "ordinary"), "UBKT-CQ", "GDS", "UBKT-S", "UBKT-S", []),
    (1, one("SGD", "ordinary"), "UBKT-CQ", "GDS", "UBKT-S", "UBKT-S", []),
    (1, one("DU-TT-01", "employee", party_member=True), "UBKT-TT-01", "GDS", "UBKT-S", "UBKT-S", []),
    (2, one("CB-01", "ordinary"), "UBKT-S", "UBKT-S", U1, U1, []),
    (2, one("CB-02", "head"), "UBKT-S", "UBKT-S", U1, U1, []),
    (3, one("DU-TT-01", "team_member"), "UBKT-S", "GDS", U1, U1, []),
    (3, one("UBKT-TT-02", "team_member"), "UBKT-S", "GDS", U1, U1, []),
    (5, one("DU-CQ", "team_head"), "UBKT-S", "GDS", U1, U1, ["TT-S"]),
    (5, one("UBKT-TT-01", "team_head"), "UBKT-S", "GDS", U1, U1, ["TT-S"]),
    (6, one("UBKT-S", "team_head"), U1, "GDS", "BTV-TU", "BTV-TU", []),
    (6, one("BTV-S", "team_head"), U1, "GDS", "BTV-TU", "BTV-TU", []),
    (6, one("SGD", "team_head"), U1, "CT-UB", "BTV-TU", "BTV-TU", []),
    (7, one("UBKT-TT-01", "member"), "UBKT-S", "UBKT-S", U1, U1, []),
    (8, one("UBKT-CQ", "head"), "UBKT-S", "UBKT-S", U1, U1, ["BTV-S"]),
    (9, one("DU-TT-02", "member"), "UBKT-S", "UBKT-S", U1, U1, ["BTV-S"]),
    (9, one("DU-TT-02", "head"), "UBKT-S", "UBKT-S", U1, U1, ["BTV-S"]),
    (10, one("UBKT-S", "member"), U1, U1, "BTV-TU", "BTV-TU", ["BTV-S"]),
    (10, one("UBKT-S", "ordinary"), U1, U1, "BTV-TU", "BTV-TU", ["BTV-S"]),
    (11, one("UBKT-S", "head"), U1, U1, "BTV-TU", "BTV-TU", []),
    (12, one("BCH-S", "member"), "UBKT-S", "UBKT-S", U1, U1, ["BTV-S"]),
    (13, one("BTV-S", "member"), U1, U1, "BTV-TU", "BTV-TU", []),
    (13, one("TT-S", "head"), U1, U1, "BTV-TU", "BTV-TU", []),
    (13, one("BCH-S", "head"), U1, U1, "BTV-TU", "BTV-TU", []),
    (14, one("TTS", "ordinary"), "UBKT-CQ", "GDS", "UBKT-S", "CT-UB", ["DU-CQ"]),
    (14, one("PKT", "member"), "UBKT-CQ", "GDS", "UBKT-S", "CT-UB", ["DU-CQ"]),
    (15, one("TTS", "head"), "UBKT-S", "GDS", U1, "CT-UB", ["BTV-S"]),
    (16, one("SGD", "head"), U1, "CT-UB", "BTV-TU", "BTV-TU", []),
    (16, one("GDS", "head"), U1, "CT-UB", "BTV-TU", "BTV-TU", []),
    (17, one("TTTP", "member"), U1, "TTTP", "CT-UB", "CT-UB", ["UBKT-S"]),
    (17, one("TTTP", "team_head"), U1, "TTTP", "CT-UB", "CT-UB", ["UBKT-S"]),
    (17, one("TTTP", "head"), U1, "CT-UB", "CT-UB", None, ["UBKT-S"]),
    (18, one("CDN", "member"), "UBKT-S", "UBKT-S", U1, U1, []),
    (19, one("VP-DU", "adviser"), "UBKT-S", "GDS", U1, U1, []),
    (19, one("BTV-S", "adviser"), "UBKT-S", "GDS", U1, U1, []),
    (20, one("UBKT-S", "adviser"), U1, U1, "BTV-TU", "BTV-TU", []),
    (20, one("VP-DU", "operator"), U1, U1, "BTV-TU", "BTV-TU", []),
    (21, one("DU-TT-01", "unit_leader"), "UBKT-TT-01", "GDS", U1, "CT-UB", []),
    (21, one("CB-01", "unit_leader"), "UBKT-S", "GDS", U1, "CT-UB", []),
    (22, one("CB-01", "organisation"), "UBKT-S", "UBKT-S", U1, U1, []),
    (23, one("DU-TT-01", "organisation"), "UBKT-S", "UBKT-S", U1, U1, []),
    (23, one("UBKT-TT-01", "organisation"), "UBKT-S", "UBKT-S", U1, U1, []),
    (24, one("UBKT-S", "organisation"), U1, U1, "BTV-TU", "BTV-TU", []),
    (25, one("BTV-S", "organisation"), "BTV-TU", "BTV-TU", None, None, []),
    (25, one("BCH-S", "organisation"), "BTV-TU", "BTV-TU", None, None, []),
    (26, one("TTS", "organisation"), "UBKT-S", "GDS", "CT-UB", "CT-UB", []),
    (26, one("SGD", "organisation"), "UBKT-S", "CT-UB", "CT-UB", None, []),
    (27, one("DU-TT-01", "employee"), "GDS", "GDS", "CT-UB", "CT-UB", []),
    (27, one("SGD", "ordinary", party_member=False), "GDS", "GDS", "CT-UB", "CT-UB", []),
    (30, one("CT-UB", "head"), None, None, None, None, []),
    (30, one(U1, "member"), None, None, None, None, []),
    (30, one("BTV-TU", "organisation"), None, None, None, None, []),
]
CITED = {row["row"]: "+".join(row["citations"]) for row in rules.read("routes")["rows"]}
LINES = [
    pytest.param(*line, id=f"row-{line[0]} {CITED[line[0]]} {line[1]['body']} {line[1]['role']}") for line in TABLE
]
# Rows that no single accused shows: an inspection, several accused, nobody known.
APART = {4, 28, 29}


def test_every_row_of_the_table_is_tested_in_both_columns():
    assert {line[0] for line in TABLE} | APART == set(range(1, 31)) == CITED.keys()


@pytest.mark.parametrize(("row", "accused", "party", "state", "party_next", "state_next", "copies"), LINES)
def test_the_row_and_the_kind_of_work_say_who_receives(row, accused, party, state, party_next, state_next, copies):
    for kinds, body in (((None, "inspection", "supervision", "discipline"), party), (("inspectorate", "audit"), state)):
        for kind in kinds:
            decision = decide([accused], **({"work_kind": kind} if kind else {}))
            assert (decision["rule"], decision["body"], decision["escalated"]) == (f"row-{row}", body, []), kind
            assert decision["readers"] == (handlers(body) if body else [])
            assert decision["copies"] == copies


@pytest.mark.parametrize(("row", "accused", "party", "state", "party_next", "state_next", "copies"), LINES)
def test_where_all_of_that_body_should_not_see_it_the_next_receives(
    row, accused, party, state, party_next, state_next, copies
):
    for kind, first, then in (("inspection", party, party_next), ("inspectorate", state, state_next)):
        decision = decide([accused], work_kind=kind, objections=handlers(first))
        assert decision["body"] == then, kind
        assert decision["rule"] == f"row-{row}"
        if first is not None:
            assert {"from": first, "why": "quorum"} in decision["escalated"]


def test_row_4_needs_the_inspection():
    accused = [one("UBKT-S", "team_member")]
    with_it = decide(accused, inspection="KT-2026-07")
    assert (with_it["rule"], with_it["body"], with_it["copies"]) == ("row-4", "UBKT-S", ["TT-S"])
    assert decide(accused, inspection="KT-2026-07", work_kind="inspectorate")["body"] == "GDS"
    for unknown in ({}, {"inspection": "KT-1999-01"}):
        without_it = decide(accused, **unknown)
        assert (without_it["rule"], without_it["body"]) == ("row-4", U1)
        assert without_it["escalated"] == [{"from": "UBKT-S", "why": "row_conflict"}]


def test_row_4_keeps_out_whoever_directed_headed_or_joined_the_team_and_not_the_body():
    decision = decide([one("UBKT-S", "team_member")], inspection="KT-2026-07")
    assert decision["readers"] == sorted(set(handlers("UBKT-S")) - {"P-002", "P-004"})
    assert {line["person"]: line["reasons"] for line in decision["excluded"]} == {
        "P-002": ["directed_inspection"],
        "P-004": ["same_inspection"],
    }
    headless = decide([one("UBKT-S", "team_member")], inspection="KT-2026-07", objections=["P-001"])
    assert (headless["body"], headless["escalated"]) == (U1, [{"from": "UBKT-S", "why": "quorum"}])


@pytest.mark.parametrize(
    ("accused", "inspection", "kind", "body"),
    [
        (one("DU-TT-02", "unit_leader"), "KT-2026-12", "inspection", U1),  # its own committee's people were the team
        (one("DU-TT-01", "unit_leader"), "KT-2026-07", "inspection", "UBKT-TT-01"),  # the team came from elsewhere
        (one("CB-01", "ordinary"), "GS-2026-02", "supervision", U1),
        (one("UBKT-S", "team_head"), "TTR-2026-05", "inspectorate", "CT-UB"),  # row 6: not by the one who signed
        (one("UBKT-S", "team_head"), "KT-2026-07", "inspectorate", "GDS"),
        (one("TTS", "ordinary"), "TTR-2026-05", "inspectorate", "CT-UB"),
    ],
)
def test_a_body_of_which_somebody_directed_or_joined_the_inspection_is_passed_over(accused, inspection, kind, body):
    decision = decide([accused], work_kind=kind, inspection=inspection)
    assert decision["body"] == body
    plain = decide([accused], work_kind=kind)["body"]
    if plain != body:
        assert {"from": plain, "why": "inspection_body"} in decision["escalated"]


def test_a_custodian_who_joined_the_inspection_keeps_no_share():
    inspection = replace(PLAN.inspection("KT-2026-12"), members=("P-043",))
    organisation = replace(PLAN, inspections=(inspection,))
    accused = [one("DU-TT-01", "head")]
    assert decide(accused, organisation)["custodians"] == "KS-S"
    assert decide(accused, organisation, inspection="KT-2026-12")["custodians"] == "KS-TU"


def test_row_22_a_cell_below_a_party_committee_is_for_the_committee_above_it():
    cell = Body(code="CB-TT-01", kind="cell", level=1, parent="DU-TT-01", quorum=2)
    organisation = replace(PLAN, bodies=(*PLAN.bodies, cell))
    decision = decide([one("CB-TT-01", "organisation")], organisation)
    assert (decision["rule"], decision["body"]) == ("row-22", "UBKT-TT-01")
    ordinary = decide([one("CB-TT-01", "ordinary")], organisation)
    assert (ordinary["rule"], ordinary["body"]) == ("row-1", "UBKT-TT-01")


def test_row_1_without_a_committee_of_their_own_goes_to_the_departments():
    organisation = replace(PLAN, bodies=tuple(body for body in PLAN.bodies if body.code != "UBKT-TT-01"))
    decision = decide([one("DU-TT-01", "ordinary")], organisation)
    assert (decision["rule"], decision["body"]) == ("row-1", "UBKT-S")
    again = decide([one("DU-TT-01", "ordinary")], organisation, objections=handlers("UBKT-S"))
    assert again["body"] == U1, "the row's next body is the one that was just passed over: the list goes on from it"


@pytest.mark.parametrize(
    ("accused", "row", "body"),
    [
        ([one("CB-01", "ordinary"), one("UBKT-S", "member")], 10, U1),
        ([one("DU-TT-01", "ordinary"), one("DU-TT-01", "head")], 9, "UBKT-S"),
        ([one("UBKT-S", "head"), one("BTV-S", "member")], 13, U1),
        ([one("PKT", "ordinary"), one("CB-01", "ordinary")], 2, "UBKT-S"),  # a higher body, though of lower rank
        ([one("BTV-S", "organisation"), one("SGD", "head")], 25, "BTV-TU"),
        ([one("BTV-S", "organisation"), one("CT-UB", "head")], 30, None),
        ([one("DU-TT-01", "employee"), one("CB-01", "ordinary")], 2, "UBKT-S"),
    ],
)
def test_row_28_the_highest_ranked_accused_decides(accused, row, body):
    decision = decide(accused)
    assert (decision["rule"], decision["body"]) == (f"row-{row}", body)


def test_row_28_whose_own_way_ends_higher_decides_though_the_row_ranks_lower():
    (director,) = handlers("GDS")
    alone = decide([one("CB-01", "employee", person=director)])
    both = decide([one("CB-01", "employee", person=director), one("CB-01", "adviser")])
    assert alone["body"] == both["body"] == "CT-UB"


def test_equals_with_committees_of_their_own_go_to_the_committee_above_both():
    decision = decide([one("DU-TT-01", "ordinary"), one("DU-TT-02", "ordinary")])
    assert (decision["rule"], decision["body"]) == ("row-1", "UBKT-S")
    assert [step["why"] for step in decision["escalated"]] == ["row_conflict"]
    assert decide([one("DU-TT-02", "ordinary"), one("DU-TT-01", "ordinary")]) == decision


def test_equals_of_whom_one_has_no_committee_need_no_second_step():
    organisation = replace(PLAN, bodies=tuple(body for body in PLAN.bodies if body.code != "UBKT-TT-01"))
    decision = decide([one("DU-TT-01", "ordinary"), one("DU-TT-02", "ordinary")], organisation)
    assert (decision["body"], decision["escalated"]) == ("UBKT-S", [])


@pytest.mark.parametrize("kind", [None, "inspection", "inspectorate"])
def test_row_29_a_small_cell_takes_in_what_concerns_nobody_known(kind):
    decision = decide([], **({"work_kind": kind} if kind else {}))
    assert (decision["rule"], decision["body"]) == ("row-29", "UBKT-S")
    cell = sorted(seat.person for seat in PLAN.seats if seat.body == "UBKT-S" and "intake" in seat.roles)
    assert decision["readers"] == cell
    assert len(cell) < len(handlers("UBKT-S"))


def test_row_30_gives_nobody_and_the_way_to_the_level_above():
    facts = routing.parse_facts({"on": DAY, "accused": [one("CT-UB", "head")]})
    decision = routing.route(facts, PLAN, routing.load_rules())
    assert (decision.body, decision.readers, decision.custodians, decision.external) == (None, (), None, False)
    told = routing.guidance(decision)
    assert told == routing.guidance(decision.as_json())
    assert told["vi"].startswith("Việc này vượt cấp")
    assert told["en"].startswith("This is above the level")


def test_a_combination_that_no_row_names_counts_as_member():
    assert decide([one("UBKT-S", "unit_leader")])["rule"] == "row-10"
    assert decide([one("CDN", "team_member")])["rule"] == "row-18"
    assert decide([one("UBKT-TT-01", "ordinary")])["rule"] == "row-7"


def test_party_membership_is_assumed_but_not_of_an_employee():
    assert decide([one("CB-01", "ordinary")])["rule"] == "row-2"
    assert decide([one("CB-01", "ordinary", party_member=False)])["rule"] == "row-27"
    assert decide([one("CB-01", "employee")])["rule"] == "row-27"
    assert decide([one("DU-CQ", "employee", party_member=True)])["rule"] == "row-1"


def test_a_day_before_the_first_release_uses_the_first():
    facts = routing.parse_facts({"on": "2019-05-01", "accused": [one("CB-01", "ordinary")]})
    assert routing.route(facts, PLAN, routing.load_rules()).rule == "row-2"


# Passing over


def test_a_body_in_which_an_accused_sits_is_passed_over():
    decision = decide([one("GDS", "adviser")], work_kind="inspectorate")
    assert decision["escalated"] == [{"from": "GDS", "why": "accused_body"}]
    assert decision["body"] == "UBKT-S"


def test_an_accused_person_takes_their_whole_committee_out():
    """The role given is another body's: the seat of the person who was named counts all the same."""
    decision = decide([one("CB-01", "ordinary", person="P-002")])
    assert (decision["body"], decision["escalated"]) == (U1, [{"from": "UBKT-S", "why": "accused_body"}])
    assert decision["excluded"] == [{"person": "P-002", "reasons": ["accused"]}]


def test_an_inspector_who_does_not_decide_is_left_out_and_the_inspectorate_receives():
    decision = decide([one("TTTP", "member", person="P-026")], work_kind="inspectorate")
    assert (decision["body"], decision["readers"]) == ("TTTP", ["P-024", "P-025"])
    assert decision["excluded"] == [{"person": "P-026", "reasons": ["accused"]}]
    chief = decide([one("TTTP", "member", person="P-024")], work_kind="inspectorate")
    assert (chief["body"], chief["escalated"]) == ("CT-UB", [{"from": "TTTP", "why": "accused_body"}])


def test_who_sits_with_the_accused_in_another_body_does_not_read():
    seat = Seat("DU-CQ", "P-003", "member", (), enrolled=True, signed=True)
    organisation = replace(PLAN, seats=(*PLAN.seats, seat))
    decision = decide([one("DU-CQ", "head")], organisation)
    assert decision["excluded"] == [{"person": "P-003", "reasons": ["same_body_as_accused"]}]
    assert "P-003" not in decision["readers"]
    ordinary = decide([one("DU-CQ", "ordinary")], organisation, objections=handlers("UBKT-CQ"))
    assert "P-003" in ordinary["readers"], "an ordinary member doesn't sit in the committee"


def test_an_objection_takes_one_reader_away():
    decision = decide([one("CB-01", "ordinary")], objections=["P-004"])
    assert (decision["body"], decision["readers"]) == ("UBKT-S", ["P-001", "P-002", "P-003", "P-005"])
    assert decision["excluded"] == [{"person": "P-004", "reasons": ["objection"]}]


def test_without_head_and_deputy_there_is_no_quorum():
    decision = decide([one("CB-01", "ordinary")], objections=["P-001", "P-002"])
    assert (decision["body"], decision["escalated"]) == (U1, [{"from": "UBKT-S", "why": "quorum"}])
    assert decision["custodians"] == "KS-TU"


def test_one_reader_is_enough_only_for_a_body_of_one_person():
    assert decide([one("DU-TT-01", "employee")])["readers"] == ["P-022"]
    alone = without(PLAN, "P-002", "P-003", "P-004", "P-005")
    assert decide([one("CB-01", "ordinary")], alone)["escalated"] == [{"from": "UBKT-S", "why": "quorum"}]


def test_who_has_no_signed_key_does_not_read():
    decision = decide([one("CB-01", "ordinary")], changed(PLAN, "P-003", signed=False))
    assert "P-003" not in decision["readers"]
    assert decision["excluded"] == [{"person": "P-003", "reasons": ["not_enrolled"]}]


def test_where_nobody_can_be_sealed_to_the_next_receives():
    organisation = PLAN
    for person in handlers("UBKT-S"):
        organisation = changed(organisation, person, signed=False)
    decision = decide([one("CB-01", "ordinary")], organisation)
    assert (decision["body"], decision["escalated"]) == (U1, [{"from": "UBKT-S", "why": "not_sealable"}])


def test_a_set_with_somebody_concerned_is_not_used():
    accused = [one("CB-01", "ordinary", person="P-043")]
    assert decide(accused)["custodians"] == "KS-TU", "the set of the level above serves"
    top = decide([one("UBKT-S", "head", person="P-047")])
    assert (top["body"], top["custodians"]) == (U1, "KS-TU-2")


def test_without_any_set_nobody_is_competent():
    decision = decide([one("CB-01", "ordinary")], replace(PLAN, sets=()))
    assert (decision["body"], decision["custodians"], decision["readers"]) == (None, None, [])
    assert {step["why"] for step in decision["escalated"]} == {"not_sealable"}
    assert [step["from"] for step in decision["escalated"]] == ["BTV-TU", "UBKT-S", U1]


def test_where_everybody_is_kept_away_the_paper_way_is_shown():
    facts = routing.parse_facts({"on": DAY, "accused": [one("CB-01", "ordinary")], "objections": HANDLERS})
    decision = routing.route(facts, PLAN, routing.load_rules())
    assert (decision.body, decision.readers, decision.copies) == (None, (), ())
    assert [why for _, why in decision.escalated] == ["quorum"] * 3
    assert routing.guidance(decision)["en"].startswith("At present no body here")


def test_a_body_that_is_not_here_is_outside_and_is_named():
    organisation = replace(PLAN, bodies=tuple(body for body in PLAN.bodies if body.code != "GDS"))
    facts = routing.parse_facts({"on": DAY, "accused": [one("DU-TT-01", "employee")]})
    decision = routing.route(facts, organisation, routing.load_rules())
    assert (decision.body, decision.external, decision.readers) == ("GDS", True, ())
    assert "Director of the Department" in routing.guidance(decision)["en"]
    assert "Giám đốc Sở" in routing.guidance(decision)["vi"]


def test_the_reporters_own_unit_and_its_own_committee_do_not_receive():
    accused = [one("DU-TT-01", "ordinary")]
    decision = decide(accused, reporter_unit="DU-TT-01")
    assert (decision["body"], decision["escalated"]) == ("UBKT-S", [{"from": "UBKT-TT-01", "why": "own_unit"}])
    assert decide(accused, reporter_unit="DU-TT-02")["body"] == "UBKT-TT-01"
    assert decide([one("TTS", "ordinary")], reporter_unit="DU-CQ")["copies"] == []


def test_who_sits_in_the_reporters_own_unit_does_not_read():
    organisation = replace(PLAN, seats=(*PLAN.seats, Seat("CB-01", "P-003", "member", (), enrolled=True, signed=True)))
    decision = decide([one("CB-02", "ordinary")], organisation, reporter_unit="CB-01")
    assert decision["excluded"] == [{"person": "P-003", "reasons": ["own_unit"]}]
    assert "P-003" not in decision["readers"]


def test_a_committee_that_serves_more_than_the_unit_still_receives():
    assert decide([one("CB-01", "ordinary")], reporter_unit="BTV-S")["body"] == "UBKT-S"


def test_copies_go_to_no_body_that_is_concerned():
    accused = [one("UBKT-S", "member"), one("BTV-S", "adviser")]
    decision = decide(accused)
    assert (decision["rule"], decision["copies"]) == ("row-10", [])
    assert decide([one("TT-S", "team_member")], inspection="KT-2026-07")["copies"] == []


def test_a_step_of_the_escalation_list_brings_its_citation():
    decision = decide([one("CB-01", "ordinary")], objections=handlers("UBKT-S", U1))
    assert decision["body"] == "BTV-TU"
    assert set(decide([one("CB-01", "ordinary")])["citations"]) | {"P13"} == set(decision["citations"])


def test_the_rule_is_told_with_its_citations_in_plain_words():
    told = routing.rule_text(decide([one("UBKT-S", "member")]))
    assert told["vi"].startswith("Việc của thành viên Ủy ban Kiểm tra Đảng ủy Sở")
    assert told["vi"].endswith(".")
    assert "Căn cứ: " in told["vi"]
    assert "Kế hoạch 84-KH/ĐU" in told["vi"]
    assert "Basis: " in told["en"]
    assert "P13" not in told["en"]


def test_an_organisation_without_anything_has_nobody():
    decision = decide([], Organisation((), (), ()))
    assert (decision["body"], decision["external"]) == ("UBKT-S", True)
