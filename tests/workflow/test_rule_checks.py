"""`niemphong rules check`: the product's rules have no flaw, and each kind of flaw is found where it was put."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from intake.cli.rules import WHY
from workflow.rule_checks import FILES, Flaw, check, product_data
from workflow.rules import FOLDER


@pytest.fixture
def data():
    return copy.deepcopy(product_data())


def row(data, no):
    return next(row for row in data["routes"]["rows"] if row["row"] == no)


def whys(data):
    return {(flaw.where, flaw.why) for flaw in check(data)}


def test_the_products_rules_have_no_flaw():
    assert check(product_data()) == []
    assert set(FILES) == {path.stem for path in FOLDER.glob("*.yaml")}


# Where a flaw is put into the data, and what is then found: (how, place, why).
def cites_nothing(data):
    row(data, 10)["citations"] = []


def cites_what_is_not_there(data):
    row(data, 10)["citations"] = ["P99"]


def is_surer_than_anybody(data):
    row(data, 10)["mark"] = "certain"


def does_not_say_how_sure(data):
    del data["categories"]["categories"][0]["mark"]


def a_category_rests_on_nothing(data):
    data["categories"]["categories"][0]["basis"] = []


def sends_to_nobody_known(data):
    row(data, 7)["cases"][0]["party"] = "UBKT-X"


def sends_to_a_body_that_receives_nothing(data):
    row(data, 7)["cases"][0]["party"] = "TT-S"


def copies_to_nobody_known(data):
    row(data, 8)["cases"][0]["copies"] = ["BTV-X"]


def is_about_no_place(data):
    row(data, 7)["cases"][0]["accused"][0]["place"] = "moon"


def is_about_no_role(data):
    row(data, 7)["cases"][0]["accused"][0]["roles"] = ["king"]


def ends_before(data):
    row(data, 7).update(valid_to=date(2019, 1, 1))


def ends_for_good(data):
    row(data, 7).update(valid_to=date(2030, 1, 1))


def a_second_version_on_the_same_days(data):
    data["routes"]["rows"].append(copy.deepcopy(row(data, 7)) | {"valid_from": date(2025, 7, 1)})


def a_second_version_after_a_pause(data):
    row(data, 7).update(valid_to=date(2025, 6, 1))
    data["routes"]["rows"].append(copy.deepcopy(row(data, 7)) | {"valid_from": date(2025, 7, 1), "valid_to": None})


def hides_the_rows_below(data):
    line = {"place": "committee_below", "roles": ["member"]}
    row(data, 1)["cases"][0]["accused"].append(line)


def takes_a_part_of_another(data):
    row(data, 1)["cases"][0]["accused"].append({"place": "any", "roles": ["team_head"]})


def forgets_somebody(data):
    data["routes"]["rows"] = [one for one in data["routes"]["rows"] if one["row"] != 18]


def forgets_the_unknown(data):
    row(data, 29)["cases"] = []


def leads_nowhere(data):
    data["escalation"]["escalation"] = [
        line for line in data["escalation"]["escalation"] if line["from"] != "city_inspectorate"
    ]


def leads_in_a_circle(data):
    next(line for line in data["escalation"]["escalation"] if line["from"] == "city_standing")["to"] = "UBKT-TU"


def leads_down(data):
    next(line for line in data["escalation"]["escalation"] if line["from"] == "city_standing")["to"] = "UBKT-S"


def a_later_change_ends_a_body_that_receives(data):
    ending = {"code": "GDS", "valid_to": date(2025, 6, 30), "mark": "found", "citations": ["rules-5"]}
    data["organisation-2025"]["bodies"].append(ending)


def a_later_body_is_in_no_row(data):
    body = {"code": "UBKT-X", "kind": "inspection_committee", "level": 4, "parent": "BTV-TU", "receives": False}
    named = {"mark": "found", "citations": ["rules-5"], "name": {"vi": "X", "en": "X"}}
    data["organisation-2025"]["bodies"].append(body | named)


def a_later_body_rests_on_nothing(data):
    data["organisation-2025"]["bodies"][0]["citations"] = []


def lasts_longer_than_the_plan_allows(data):
    data["rotation"]["fields"][0]["limits"][0]["months"] = 61


def lasts_shorter_than_the_plan_allows(data):
    data["rotation"]["area_limits"][0]["months"] = 23


def warns_at_the_limit(data):
    data["rotation"]["warn_before_months"] = 60


def begins_anew_at_once(data):
    data["rotation"]["fresh_after_months"] = 0


def counts_work_that_is_not_there(data):
    data["rotation"]["fields"][0]["work_kinds"].append("gardening")


def counts_no_audit(data):
    data["rotation"]["fields"] = [one for one in data["rotation"]["fields"] if one["code"] != "audit"]


def counts_by_the_moon(data):
    data["rotation"]["keys"]["state"] = ["field", "moon"]


def a_limit_rests_on_nothing(data):
    data["rotation"]["area_limits"][0]["citations"] = []


def a_limit_ends(data):
    data["rotation"]["fields"][0]["limits"][0]["valid_to"] = date(2027, 1, 1)


def relation(data, code):
    return next(row for row in data["relations"]["kinds"] if row["code"] == code)


def a_relation_gives_no_known_reason(data):
    relation(data, "family")["reason"] = "dislike"


def a_relation_is_with_the_weather(data):
    relation(data, "family")["with"].append("weather")


def a_relation_is_with_nothing(data):
    relation(data, "shares")["with"] = []


FLAWS = [
    (a_relation_gives_no_known_reason, "relation family", "unknown_reason"),
    (a_relation_is_with_the_weather, "relation family", "unknown_thing"),
    (a_relation_is_with_nothing, "relation shares", "with_nothing"),
    (cites_nothing, "row-10", "no_citation"),
    (cites_what_is_not_there, "routes row-10", "unknown_citation"),
    (is_surer_than_anybody, "routes row-10", "unknown_mark"),
    (does_not_say_how_sure, "D4-01-HOILO", "unknown_mark"),
    (a_category_rests_on_nothing, "D4-01-HOILO", "no_citation"),
    (sends_to_nobody_known, "row-7", "unknown_body"),
    (sends_to_a_body_that_receives_nothing, "row-7", "does_not_receive"),
    (copies_to_nobody_known, "row-8", "unknown_body"),
    (is_about_no_place, "row-7", "unknown_place"),
    (is_about_no_role, "row-7", "unknown_role"),
    (ends_before, "row-7", "ends_before_it_begins"),
    (ends_for_good, "row-7", "no_longer_valid"),
    (a_second_version_on_the_same_days, "row-7", "valid_twice"),
    (a_second_version_after_a_pause, "row-7", "gap_in_time"),
    (hides_the_rows_below, "row-7", "never_reached"),
    (takes_a_part_of_another, "row-1", "overlaps"),
    (forgets_somebody, "CDN", "no_row"),
    (forgets_the_unknown, "routes", "no_row"),
    (leads_nowhere, "TTTP", "no_way_on"),
    (leads_in_a_circle, "UBKT-S", "goes_in_a_circle"),
    (leads_down, "BTV-TU", "goes_down"),
    (a_later_change_ends_a_body_that_receives, "organisation-2025 row-1", "unknown_body"),
    (a_later_body_is_in_no_row, "organisation-2025 UBKT-X", "no_row"),
    (a_later_body_rests_on_nothing, "TTS", "no_citation"),
    (lasts_longer_than_the_plan_allows, "rotation inspection", "outside_the_band"),
    (lasts_shorter_than_the_plan_allows, "rotation areas", "outside_the_band"),
    (warns_at_the_limit, "rotation inspection", "no_time_to_warn"),
    (begins_anew_at_once, "rotation", "no_time_at_all"),
    (counts_work_that_is_not_there, "rotation", "unknown_work_kind"),
    (counts_no_audit, "rotation", "no_field"),
    (counts_by_the_moon, "rotation", "unknown_key"),
    (a_limit_rests_on_nothing, "rotation areas", "no_citation"),
    (a_limit_ends, "rotation inspection", "no_longer_valid"),
]


@pytest.mark.parametrize(("put", "where", "why"), FLAWS, ids=[put.__name__ for put, _, _ in FLAWS])
def test_each_kind_of_flaw_is_found_where_it_was_put(data, put, where, why):
    put(data)
    assert (where, why) in whys(data)


def test_every_kind_of_flaw_is_tried_and_told_in_words():
    assert {why for _, _, why in FLAWS} == WHY.keys()


def test_flaws_are_sorted_and_told_once(data):
    cites_nothing(data)
    sends_to_nobody_known(data)
    flaws = check(data)
    assert flaws == sorted(set(flaws))
    assert Flaw("row-10", "no_citation") in flaws
