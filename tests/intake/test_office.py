"""The office's API: what is missing and waiting, lists in pages, changes that are shown before they are done."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from crypto.encoding import parse_jcs
from intake.client import Refused
from tests.casework import refused
from tests.world import ADMINISTRATOR, add, enrol, publish
from workflow import ledger
from workflow.commands import organisation
from workflow.commands.relations import record_relation
from workflow.queries import office as queries
from workflow.times import local_date

NEW = {"people": [{"code": "P-041", "username": "bon.mot", "name": "Ngô Thị Mới"}]}


@pytest.fixture
def desk(signed_in):
    return signed_in(ADMINISTRATOR)


@pytest.fixture
def today(clock):
    return local_date(clock()).isoformat()


def change(desk, rows, **more):
    return desk.post("office/changes", {"file": rows if isinstance(rows, str) else json.dumps(rows), **more})


def enter(desk, rows, **more):
    shown = change(desk, rows, **more)
    assert shown["faults"] == []
    done = change(desk, rows, confirmed=shown["plan"], **more)
    assert done["applied"]
    return done


def last_entry(an_installation):
    with an_installation.store.reading() as db:
        entry = ledger.entries(db, "org")[-1]
    return entry.kind, parse_jcs(entry.entry)["pub"]


# The overview


def test_a_seat_waits_for_the_signature_and_then_no_more(desk, an_installation, clock, today):
    assert desk.get("office/overview")["waiting"] == []
    enter(desk, NEW)
    seat = {"body": "UBKT-S", "person": "P-041", "function": "member", "roles": ["intake"], "term_from": today}
    enter(desk, {"seats": [seat]})
    (waiting,) = desk.get("office/overview")["waiting"]
    assert (waiting["part"], waiting["id"], waiting["kind"]) == ("seats", "UBKT-S/P-041", "added")
    assert "Ngô Thị Mới (P-041)" in waiting["text"]
    with an_installation.store.transaction() as db:
        publish(db, an_installation, at=clock())
    assert desk.get("office/overview")["waiting"] == []


def test_a_changed_key_waits_with_an_alarm_and_the_fingerprint_to_compare(desk, an_installation, clock):
    with an_installation.store.transaction() as db:
        enrol(db, an_installation, "P-001", at=clock(), variant="anew")
    (waiting,) = [one for one in desk.get("office/overview")["waiting"] if one["part"] == "members"]
    assert (waiting["id"], waiting["kind"], waiting["alarm"]) == ("P-001", "changed", True)
    people = {one["code"]: one for one in desk.get("office/people")["people"]}
    assert waiting["fingerprint"] == people["P-001"]["fingerprint"]
    assert not people["P-001"]["signed"]
    assert people["P-002"]["signed"]


def test_a_changed_custodian_set_waits(desk):
    members = ["P-011", "P-012", "P-013", "P-015"]
    enter(desk, {"sets": [{"code": "KS-S", "members": members}]})
    (waiting,) = desk.get("office/overview")["waiting"]
    assert (waiting["part"], waiting["kind"]) == ("sets", "changed")
    assert ", ".join(members) in waiting["text"]


def test_what_is_missing_is_told_in_the_language_that_was_asked_for(desk, today):
    enter(desk, {"seats": [{"body": "UBKT-S", "person": "P-001", "term_to": today}]}, since=today)
    with_head = desk.get("office/overview")["missing"]
    assert not any(one["why"] == "no_head" and one["about"] == "UBKT-S" for one in with_head)  # still here today
    yesterday = {"seats": [{"body": "UBKT-TU", "person": "P-005", "term_to": "2026-11-23"}]}
    enter(desk, yesterday, since=today)
    found = {(one["about"], one["why"]): one["text"] for one in desk.get("office/overview")["missing"]}
    assert found["UBKT-TU", "no_head"] == "has no head"
    told = {(one["about"], one["why"]): one["text"] for one in desk.get("office/overview", lang="vi")["missing"]}
    assert told["UBKT-TU", "no_head"] == "không có người đứng đầu"


def test_the_rosters_last_day_is_told_and_warned_of(desk, clock):
    roster = desk.get("office/overview")["roster"]
    assert (roster["no"], roster["soon"]) == (1, False)
    assert roster["days"] > 21


# Changes


def test_a_change_is_only_told_until_exactly_that_is_confirmed(desk, an_installation):
    shown = change(desk, NEW)
    assert [line["sign"] for line in shown["changes"]] == ["+"]
    assert "P-041" in shown["changes"][0]["text"]
    assert not shown["applied"]
    assert last_entry(an_installation)[0] != "organisation_changed"
    other = {"people": [{**NEW["people"][0], "name": "Người Khác"}]}
    with pytest.raises(Refused, match="plan_changed"):
        change(desk, other, confirmed=shown["plan"])
    assert desk.get("office/people")["all"] == 17
    assert change(desk, NEW, confirmed=shown["plan"])["applied"]
    kind, pub = last_entry(an_installation)
    assert (kind, pub["by"]) == ("organisation_changed", ADMINISTRATOR)
    assert "Ngô" not in json.dumps(pub, ensure_ascii=False)
    assert change(desk, NEW)["changes"] == []


def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_done(desk, today):
    ends = {"seats": [{"body": "UBKT-S", "person": "P-003", "term_to": today}]}
    shown = change(desk, ends)
    enter(desk, {"seats": [{"body": "UBKT-S", "person": "P-003", "roles": ["classify"], "function": "deputy"}]})
    with pytest.raises(Refused, match="plan_changed"):
        change(desk, ends, confirmed=shown["plan"])


def test_ending_a_readers_seat_says_in_how_many_cases_they_are_cut_off(desk, office, today):
    office.a_case()
    last = (local_date(office.at) - timedelta(days=1)).isoformat()
    shown = change(desk, {"seats": [{"body": "UBKT-S", "person": "P-003", "term_to": last}]}, since=today)
    assert (shown["cases"], shown["nobody"]) == (1, 0)
    codes = ("P-001", "P-002", "P-003", "P-004")
    everybody = {"seats": [{"body": "UBKT-S", "person": code, "term_to": last} for code in codes]}
    assert change(desk, everybody, since=today)["nobody"] == 1


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("people:\n  - {code: P-041, username: a.b}\n", 2, "missing_field"),
        ("people:\n  - {code: P-041, username: a.b, name: A, colour: red}\n", 2, "unknown_field"),
        ("bodies: [\n", 2, "not_yaml"),
        ("seats:\n  - {body: KHONG-CO, person: P-001, function: head}\n", 2, "unknown_body"),
        ("a: &x [1]\n", 1, "alias"),
    ],
)
def test_faults_are_told_with_their_lines_and_nothing_is_done(desk, text, line, why):
    shown = change(desk, text)
    assert [(fault["line"], fault["why"]) for fault in shown["faults"]] == [(line, why)]
    assert (shown["changes"], shown["applied"]) == ([], False)
    assert not change(desk, text, confirmed=shown["plan"])["applied"]


def test_a_page_names_its_fields_where_the_command_line_names_options(desk):
    (fault,) = change(desk, {"seats": [{"body": "UBKT-S", "person": "P-001", "term_to": "2026-02-01"}]})["faults"]
    assert fault["why"] == "before_the_day"
    assert "--from" not in fault["text"]


@pytest.mark.parametrize("role", ["intake", "classify", "decide", "secretary"])
def test_an_administrator_is_given_no_handling_seat(desk, role):
    seat = {"body": "UBKT-S", "person": ADMINISTRATOR, "function": "member", "roles": [role]}
    assert [fault["why"] for fault in change(desk, {"seats": [seat]})["faults"]] == ["administrator_handles"]


def test_whoever_handles_cases_is_made_no_administrator(desk):
    rows = {"people": [{"code": "P-001", "administrator": True}]}
    assert [fault["why"] for fault in change(desk, rows)["faults"]] == ["administrator_handles"]


def test_the_last_administrator_stays_one(desk):
    rows = {"people": [{"code": ADMINISTRATOR, "administrator": False}]}
    assert [fault["why"] for fault in change(desk, rows)["faults"]] == ["no_administrator"]


@pytest.mark.parametrize("wrong", [{"since": "2026-13-01"}, {"since": "1000-01-01"}, {"whole": 1}, {"more": 1}])
def test_what_is_asked_in_another_form_is_refused(desk, wrong):
    assert refused(change, desk, NEW, **wrong) == "malformed"


# Bodies


def test_bodies_come_as_a_tree_with_what_they_lack(desk):
    found = desk.get("office/bodies")
    assert [(line["code"], line["depth"]) for line in found["lines"]] == [
        ("BTV-TU", 0),
        ("UBKT-TU", 1),
        ("BTV-S", 1),
        ("UBKT-S", 2),
        ("CB-01", 2),
    ]
    committee = found["lines"][3]
    assert (committee["seats"], committee["enrolled"], committee["signed"], committee["lacks"]) == (4, 4, 4, [])
    assert [line["code"] for line in desk.get("office/bodies", search="ubkt")["lines"]] == ["UBKT-TU", "UBKT-S"]


def test_a_body_shows_what_it_was_and_will_be(desk, today):
    name = {"vi": "Chi bộ Một", "en": "Cell One"}
    enter(desk, {"bodies": [{"code": "CB-01", "name": name}]}, since="2027-01-01")
    enter(desk, {"bodies": [{"code": "CB-01", "name": {"vi": "Hôm nay", "en": "Today"}, "valid_to": "2026-12-31"}]})
    enter(desk, {"bodies": [{"code": "CB-09", "kind": "cell", "level": 1, "name": name, "valid_from": "2028-01-01"}]})
    found = desk.get("office/bodies/CB-01")
    assert [(span["state"], span["name"]["en"]) for span in found["spans"]] == [
        ("ended", ""),
        ("now", "Today"),
        ("coming", "Cell One"),
    ]
    assert [one["code"] for one in desk.get("office/bodies", state="coming")["spans"]] == ["CB-09"]
    assert desk.get("office/bodies", state="ended")["spans"] == []
    assert refused(desk.get, "office/bodies/KHONG-CO") == "unknown_body"
    assert refused(desk.get, "office/bodies/%00") == "unknown_body"


def test_a_bodys_seats_are_marked_by_key_signature_and_time(desk, an_installation, clock, today):
    enter(desk, NEW)
    with an_installation.store.transaction() as db:
        add(db, an_installation, "P-042", at=clock())
    rows = [
        {"body": "UBKT-S", "person": "P-041", "function": "member", "roles": ["intake"], "term_from": today},
        {"body": "UBKT-S", "person": "P-042", "function": "member", "roles": ["intake"], "term_from": today},
        {"body": "UBKT-S", "person": "P-005", "function": "adviser", "term_from": "2027-01-01"},
    ]
    enter(desk, {"seats": rows})
    seats = {one["person"]: one for one in desk.get("office/bodies/UBKT-S")["seats"]}
    told = {code: (seats[code]["state"], seats[code]["enrolled"], seats[code]["signed"]) for code in seats}
    assert told["P-001"] == ("now", True, True)
    assert told["P-041"] == ("now", False, False)
    assert told["P-042"] == ("now", True, False)
    assert told["P-005"] == ("coming", True, False)


def test_a_merger_is_shown_and_done_like_any_change(desk, an_installation, today):
    """Names first: these bodies have none, and a change asks for them."""
    names = {"vi": "Tên", "en": "Name"}
    enter(desk, {"bodies": [{"code": code, "name": names} for code in ("UBKT-S", "CB-01", "BTV-S")]}, since=today)
    asked = {"body": "CB-01", "into": "BTV-S", "since": "2026-12-01"}
    shown = desk.post("office/mergers", asked)
    assert [line["sign"] for line in shown["changes"]] == ["-"]
    assert desk.get("office/bodies/CB-01")["successor"] is None
    assert desk.post("office/mergers", {**asked, "confirmed": shown["plan"]})["applied"]
    assert desk.get("office/bodies/CB-01")["successor"] == {"body": "BTV-S", "since": "2026-12-01"}
    assert last_entry(an_installation)[1]["by"] == ADMINISTRATOR
    assert refused(desk.post, "office/mergers", {**asked, "body": "BTV-S"}) == "bad_merger"


def test_another_successor_than_was_shown_is_not_named(desk, today):
    names = {"vi": "Tên", "en": "Name"}
    enter(desk, {"bodies": [{"code": code, "name": names} for code in ("UBKT-S", "CB-01", "BTV-S")]}, since=today)
    asked = {"body": "CB-01", "into": "BTV-S", "since": "2026-12-01"}
    other = {**asked, "into": "UBKT-S", "confirmed": desk.post("office/mergers", asked)["plan"]}
    assert refused(desk.post, "office/mergers", other) == "plan_changed"


# People


def test_people_are_found_without_marks_and_by_the_body_they_sit_in(desk):
    def codes(**query):
        return [one["code"] for one in desk.get("office/people", **query)["people"]]

    assert codes(search="do thi nam") == ["P-005"]
    assert codes(search="ubkt-tu") == ["P-005", "P-006", "P-007"]
    assert codes(search="  TRẦN THỊ ") == ["P-001"]
    assert codes(search="không ai") == []
    enter(desk, NEW)
    assert codes(state="unenrolled") == ["P-041"]
    assert desk.get("office/people")["free"] == "P-042"
    assert refused(desk.get, "office/people", state="other") == "malformed"
    assert refused(desk.get, "office/people", search="x" * 101) == "malformed"


def test_long_lists_come_in_pages(desk, an_installation, clock, monkeypatch):
    with an_installation.store.transaction() as db:
        for no in range(101, 221):
            organisation.add_person(db, code=f"P-{no}", username=f"nguoi.{no}", name=f"Người {no}", at=clock())
    found, after = [], ""
    sizes = []
    while after is not None:
        page = desk.get("office/people", **({"after": after} if after else {}))
        found += [one["code"] for one in page["people"]]
        sizes.append(len(page["people"]))
        after = page["next"]
    assert found == sorted(set(found))
    assert len(found) == page["all"]
    assert max(sizes) == queries.PAGE
    monkeypatch.setattr(queries, "TREE_PAGE", 2)
    first = desk.get("office/bodies")
    assert ([line["code"] for line in first["lines"]], first["next"]) == (["BTV-TU", "UBKT-TU"], "UBKT-TU")
    assert [line["code"] for line in desk.get("office/bodies", after="UBKT-TU")["lines"]] == ["BTV-S", "UBKT-S"]


# Inspections

TEAM = {
    "code": "KT-2026-07",
    "decision": "12/QĐ-UBKT",
    "work_kind": "inspection",
    "body": "UBKT-S",
    "heads": ["P-001"],
    "units": ["CB-01"],
    "since": "2026-03-01",
}


def test_an_inspection_is_entered_joined_and_ended_with_whoever_did_it(desk, an_installation):
    desk.post("office/inspections", TEAM)
    desk.post("office/inspections/KT-2026-07/people", {"members": ["P-002"], "directing": ["P-005"]})
    desk.post("office/inspections/KT-2026-07/end", {"until": "2026-04-01"})
    found = desk.get("office/inspections")
    (team,) = found["inspections"]
    assert (team["directing"], team["heads"], team["members"]) == (["P-005"], ["P-001"], ["P-002"])
    assert (team["until"], found["names"]["P-002"]) == ("2026-04-01", "Lê Văn Hai")
    with an_installation.store.reading() as db:
        entries = [(one.kind, parse_jcs(one.entry)["pub"]) for one in ledger.entries(db, "org")]
    mine = [kind for kind, pub in entries if kind.startswith("inspection") and pub["by"] == ADMINISTRATOR]
    assert mine == ["inspection_added", "inspection_joined", "inspection_ended"]


def test_relatives_are_refused_in_a_team_at_work_and_told_of_in_one_that_is_over(desk, an_installation, clock):
    with an_installation.store.transaction() as db:
        record_relation(
            db,
            "P-001",
            "family",
            what="person",
            code="P-002",
            since=date(2026, 1, 1),
            until=None,
            basis="12/KK",
            by=None,
            at=clock(),
        )
    both = {**TEAM, "members": ["P-002"]}
    assert refused(desk.post, "office/inspections", both) == "relatives_in_team"
    assert desk.post("office/inspections", TEAM) == {"clashes": []}
    assert refused(desk.post, "office/inspections/KT-2026-07/people", {"members": ["P-002"]}) == "relatives_in_team"
    over = desk.post("office/inspections", {**both, "code": "KT-2026-08", "until": "2026-05-29"})
    assert over == {"clashes": [{"person": "P-001", "other": "P-002", "kind": "family"}]}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"heads": []}, "inspection_without_head"),
        ({"units": []}, "inspection_without_unit"),
        ({"body": "KHONG-CO"}, "unknown_body"),
        ({"heads": ["P-999"]}, "unknown_person"),
        ({"work_kind": "x"}, "malformed"),
        ({"until": "2025-01-01"}, "malformed"),
        ({"decision": "a\x00b"}, "malformed"),
    ],
)
def test_an_inspection_that_cannot_be_is_refused(desk, wrong, code):
    assert refused(desk.post, "office/inspections", {**TEAM, **wrong}) == code
    assert desk.get("office/inspections")["inspections"] == []


def test_an_inspection_that_is_not_there_is_refused(desk):
    assert refused(desk.post, "office/inspections/KT-X/end", {"until": "2026-04-01"}) == "unknown_inspection"
    assert refused(desk.post, "office/inspections/%00/people", {"heads": ["P-001"]}) == "unknown_inspection"


@pytest.mark.parametrize("code", ["P-001", "P-011", "P-021"])
def test_nobody_else_changes_anything(signed_in, an_installation, code):
    client = signed_in(code)
    before = last_entry(an_installation)
    for path, body in (
        ("office/changes", {"file": json.dumps(NEW)}),
        ("office/mergers", {"body": "CB-01", "into": "BTV-S", "since": "2026-12-01"}),
        ("office/inspections", TEAM),
    ):
        assert refused(client.post, path, body) == "not_entitled"
    assert last_entry(an_installation) == before
