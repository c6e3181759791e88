"""The rules as data: every word is in both languages, and the ready organisations fit them (their flaws: test_rule_checks)."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from workflow import posts, ready, rules
from workflow.facts import roles
from workflow.organisation import HANDLING, Body

FILES = sorted(path.stem for path in rules.FOLDER.glob("*.yaml"))
TABLE = rules.read("routes")
PLAN = {body.code: body for body in ready.plan().bodies}
CASES = [(row, case) for row in TABLE["rows"] for case in row["cases"]]


def walk(value):
    """Every mapping inside, however deep."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


@pytest.mark.parametrize("name", FILES)
def test_every_word_is_in_both_languages(name):
    worded = [found for found in walk(rules.read(name)) if {"vi", "en"} & found.keys()]
    for words in worded:
        assert words.get("vi"), words
        assert words.get("en"), words
    assert worded or name in ("demonstration", "escalation")


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_dated(name):
    read = rules.read(name)
    days = {field: day for field, day in read.items() if field in ("release", "valid_from", "term_from")}
    assert days
    assert all(isinstance(day, date) for day in days.values())


def test_the_table_has_the_thirty_rows_of_its_source():
    assert [row["row"] for row in TABLE["rows"]] == list(range(1, 31))
    for row in TABLE["rows"]:
        assert row["valid_from"] <= date(2025, 1, 1)
        assert row["label"]
        assert row["text"]


def test_every_category_is_in_one_group():
    read = rules.read("categories")
    grouped = [code for group in read["groups"] for code in group["categories"]]
    assert sorted(grouped) == sorted(line["code"] for line in read["categories"])


def test_every_role_is_in_the_table_and_every_kind_of_a_place_in_the_plan():
    kinds = {body.kind for body in PLAN.values()}
    assert {role for _, case in CASES for line in case["accused"] for role in line["roles"]} == roles().keys()
    for place in TABLE["places"].values():
        assert {*place.get("kinds", ()), *place.get("parent_kinds", ())} <= kinds


def test_no_field_of_the_table_goes_unread():
    known = {"accused", "party", "state", "if_conflicted", "copies", "rank"}
    optional = {"needs_inspection", "staff", "readers_with", "if_inspecting"}
    for _, case in CASES:
        assert known <= case.keys() <= known | optional
        assert all(line.keys() - {"party_member"} == {"place", "roles"} for line in case["accused"])
    for place in TABLE["places"].values():
        assert place.keys() <= {"codes", "kinds", "levels", "parent_kinds"}


def test_the_demonstration_staffs_every_body_that_receives():
    receives = {row["code"] for row in rules.read("organisation-plan")["bodies"] if row["receives"]}
    assert receives == {seat.body for seat in ready.demonstration().seats if HANDLING & set(seat.roles)}


def test_parents_exist_and_are_not_below():
    for body in PLAN.values():
        if body.parent is not None:
            assert PLAN[body.parent].level >= body.level


def test_the_plans_sets_are_two_of_four_at_each_level_that_receives():
    sets = ready.plan().sets
    receiving = {PLAN[row["code"]].level for row in rules.read("organisation-plan")["bodies"] if row["receives"]}
    assert {one.level for one in sets} == receiving
    assert {one.k for one in sets} == {2}
    assert {len(people) for people in ready.demonstration().custodians.values()} == {4}


def test_custodians_supervisor_and_administrator_handle_nothing():
    made = ready.demonstration()
    handling = {seat.person for seat in made.seats if seat.roles}
    others = {person for people in made.custodians.values() for person in people}
    others |= {who.code for who in made.people if who.supervisor or who.administrator}
    assert handling.isdisjoint(others)


def test_everybody_of_the_demonstration_exists_once():
    made = ready.demonstration()
    codes = [who.code for who in made.people]
    assert len(codes) == len(set(codes)) == len({who.username for who in made.people})
    assert {seat.person for seat in made.seats} <= set(codes)
    assert {seat.body for seat in made.seats} <= PLAN.keys()


@pytest.mark.parametrize(
    ("kind", "function"), list(product(sorted({b.kind for b in PLAN.values()}), ["head", "clerk"]))
)
def test_every_seat_has_a_name_in_both_languages(kind, function):
    body = Body(code="X", kind=kind, level=3, parent=None, quorum=2, name_vi="Nơi Ấy", name_en="That Place")
    said = posts.post(body, function)
    assert "Nơi Ấy" in said["vi"]
    assert "That Place" in said["en"]


def test_posts_of_one_person_are_told_together():
    one = "P-001", PLAN["UBKT-S"], "head", ["decide"]
    two = "P-001", PLAN["CB-01"], "member", ()
    assert posts.posts([one, two])["P-001"]["vi"] == (
        "Chủ nhiệm Ủy ban Kiểm tra Đảng ủy Sở; Chi ủy viên Chi bộ Trường Minh Họa Ba"
    )
    assert posts.posts([]) == {}
    nameless = Body(code="CB-09", kind="made_up", level=1, parent=None, quorum=2)
    assert posts.post(nameless, "member")["en"] == "Member of CB-09"


def test_posts_of_one_name_are_told_apart_by_what_they_do_and_then_by_number():
    seats = [("P-5", ["intake", "classify"]), ("P-3", ["secretary"]), ("P-4", ["secretary"]), ("P-6", ())]
    said = posts.posts((person, PLAN["UBKT-S"], "member", roles) for person, roles in seats)
    plain = "Ủy viên Ủy ban Kiểm tra Đảng ủy Sở"
    assert {person: words["vi"] for person, words in said.items()} == {
        "P-3": f"{plain} (thư ký, người thứ nhất)",
        "P-4": f"{plain} (thư ký, người thứ hai)",
        "P-5": f"{plain} (tiếp nhận, phân loại)",
        "P-6": plain,
    }
    assert said["P-4"]["en"].endswith("(secretary, no. 2)")


def test_nobody_of_the_demonstration_is_called_like_another():
    made = ready.demonstration()
    said = posts.posts((seat.person, PLAN[seat.body], seat.function, seat.roles) for seat in made.seats)
    for language in ("vi", "en"):
        words = [one[language] for one in said.values()]
        assert len(set(words)) == len(words)


def test_whoever_signs_a_roster_is_told_every_role_even_one_without_words():
    assert posts.duties("member", ["secretary", "intake"]) == {
        "vi": "thành viên, tiếp nhận, thư ký",
        "en": "member, intake, secretary",
    }
    assert posts.duties("boss", ["intake", "anything"])["vi"] == "boss, tiếp nhận, anything"
