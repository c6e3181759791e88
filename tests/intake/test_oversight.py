"""Oversight: supervisors see who has to be moved, heads see their people and sign, and nobody learns of a case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from crypto.encoding import parse_jcs, sha256hex, unb64u
from intake.client import ClientFault, rotation
from tests.casework import office_rows, refused
from tests.world import ADMINISTRATOR, SUPERVISOR
from workflow import ledger
from workflow.commands import rotation as commands
from workflow.queries import rotation as queries
from workflow.rotation import Over, Spell

WORK, TALKS = Over("field", "inspection"), Over("field", "discipline")
HEAD, OTHER_HEAD, DUE, WARNED = "P-001", "P-005", "P-002", "P-006"
NOTE = "  Quyết định 12-QĐ/UBKT:\n chưa có người thay  "
WORDS = "Quyết định 12-QĐ/UBKT: chưa có người thay"
UNTIL = date(2027, 3, 31)


@pytest.fixture
def charged(office):
    with office.world.store.transaction() as db:
        commands.add_charge(db, DUE, WORK, Spell(date(2021, 6, 1), None), at=office.at)
        commands.add_charge(db, DUE, TALKS, Spell(date(2026, 1, 1), None), at=office.at)
        commands.add_charge(db, WARNED, WORK, Spell(date(2022, 3, 1), None), at=office.at)
    return office


def seen(client):
    return [(one["person"], one["over"], one["state"]) for one in client.get("oversight/rotation")["charges"]]


def signed(client, **changes):
    given = {"reason": "no_successor", "note": NOTE, "until": UNTIL, **changes}
    return rotation.sign_rotation(client, "exception", DUE, "field/inspection", **given)


def test_a_supervisor_sees_everybody_the_due_first_and_signs_nothing(charged, signed_in):
    supervisor = signed_in(SUPERVISOR)
    assert seen(supervisor) == [
        (DUE, "field/inspection", "due"),
        (WARNED, "field/inspection", "warning"),
        (DUE, "field/discipline", "free"),
    ]
    answer = supervisor.get("oversight/rotation")
    due = answer["charges"][0]
    assert (due["months"], due["limit"], due["due_on"], due["kept_out"], due["may_sign"]) == (
        65,
        60,
        "2026-06-01",
        True,
        False,
    )
    assert due["basis"]["en"] == "Plan 84-KH/ĐU, II.2.2"
    assert answer["names"][DUE]["name"] == "Lê Văn Hai"
    assert answer["last_day"] == "2027-11-24"
    assert refused(signed, supervisor) == "not_entitled"


def test_a_head_sees_and_signs_about_their_own_people_alone(charged, signed_in):
    assert {person for person, _, _ in seen(signed_in(HEAD))} == {DUE}
    assert {person for person, _, _ in seen(signed_in(OTHER_HEAD))} == {WARNED}
    assert refused(signed, signed_in(OTHER_HEAD)) == "not_entitled"
    for code in (DUE, "P-003", "P-011", ADMINISTRATOR):
        assert refused(signed_in(code).get, "oversight/rotation") == "not_entitled"
        assert refused(signed, signed_in(code)) == "not_entitled"


def test_an_exception_is_signed_with_codes_and_its_words_stay_beside_it(charged, signed_in):
    head = signed_in(HEAD)
    assert signed(head) == "exception"
    due = next(one for one in head.get("oversight/rotation")["charges"] if one["state"] == "due")
    assert not due["kept_out"]
    assert due["exception"] == {
        "since": "2026-11-24",
        "until": "2027-03-31",
        "reason": "no_successor",
        "note": WORDS,
        "by": HEAD,
    }
    assert signed_in(SUPERVISOR).get("oversight/rotation")["names"].keys() == {DUE, HEAD, WARNED}
    with charged.world.store.reading() as db:
        docs = db.execute(text("select doc from statement where kind = 'rotation'")).scalars().all()
        entries = [one for one in ledger.entries(db, "org") if one.kind == "rotation_exception"]
    (said,) = [parse_jcs(doc) for doc in docs]
    assert said["note"] == sha256hex(WORDS.encode())
    assert WORDS not in str(said) + str([parse_jcs(one.entry) for one in entries])


def test_the_same_statement_again_is_the_same_act_and_other_words_are_refused(charged, signed_in):
    head = signed_in(HEAD)
    given = rotation.rotation_statement(
        head, "exception", DUE, "field/inspection", reason="no_successor", note=NOTE, until=UNTIL
    )
    assert head.post("oversight/rotation", given) == head.post("oversight/rotation", given) == {"act": "exception"}
    assert refused(head.post, "oversight/rotation", given | {"note": "other words"}) == "swapped_object"
    assert len(head.get("oversight/rotation")["charges"]) == 2
    with charged.world.store.reading() as db:
        assert db.scalar(text("select count(*) from rotation_act")) == 1


@pytest.mark.parametrize("note", ["", "x" * 401, "a\0b", "\ud800", 7, None])
def test_words_that_no_database_takes_are_refused_before_they_reach_it(charged, signed_in, note):
    head = signed_in(HEAD)
    given = rotation.rotation_statement(
        head, "exception", DUE, "field/inspection", reason="no_successor", note=NOTE, until=UNTIL
    )
    assert refused(head.post, "oversight/rotation", given | {"note": note}) == "malformed"


def test_a_head_requires_rotation_before_the_limit(charged, signed_in, clock):
    head = signed_in(HEAD)
    assert rotation.sign_rotation(head, "requirement", DUE, "field/discipline", reason="risk", note="nên chuyển")
    assert (DUE, "field/discipline", "due") in seen(signed_in(SUPERVISOR))
    clock.forward(minutes=1)
    rotation.sign_rotation(
        head, "exception", DUE, "field/discipline", reason="work_in_progress", note="xong việc", until=UNTIL
    )
    (both,) = [one for one in head.get("oversight/rotation")["charges"] if one["over"] == "field/discipline"]
    assert (both["kept_out"], both["requirement"]["reason"]) == (False, "risk")


def test_a_browser_signs_nothing_without_a_reason_in_words(charged, signed_in):
    for note, code in (("  \n ", "text_empty"), ("x" * 401, "text_too_long")):
        with pytest.raises(ClientFault, match=code):
            signed(signed_in(HEAD), note=note)


def test_an_exception_ends_with_its_last_day(charged, signed_in, clock):
    assert signed(signed_in(HEAD), until=date(2026, 11, 24)) == "exception"
    for later, code in ((date(2027, 11, 25), "exception_too_long"), (date(2026, 11, 23), "exception_too_long")):
        assert refused(signed, signed_in(HEAD), until=later) == code
    with charged.world.store.reading() as db:
        assert queries.due(db, date(2026, 11, 24)) == frozenset()
        assert queries.due(db, date(2026, 11, 24) + timedelta(days=1)) == {(DUE, WORK)}


def test_nothing_of_a_case_is_on_the_page_or_in_its_answer(charged, signed_in, filed):
    case = office_rows(charged)
    answer = str(signed_in(SUPERVISOR).get("oversight/rotation"))
    with charged.world.store.reading() as db:
        (number, identifier) = db.execute(text("select number, id from case_file")).one()
    assert number in case
    assert number not in answer
    assert identifier not in answer


@pytest.mark.parametrize(
    ("code", "shown"), [(SUPERVISOR, True), (HEAD, True), (DUE, False), ("P-011", False), (ADMINISTRATOR, False)]
)
def test_only_supervisors_and_heads_are_led_to_the_page(signed_in, code, shown):
    pages = signed_in(code).http
    body = pages.send("GET", "/staff/account").body.decode()
    assert ("/staff/oversight" in body) is shown
    assert (pages.send("GET", "/staff/oversight").status == 200) is shown
    home = pages.send("GET", "/staff/")
    assert ("/staff/oversight" in home.headers["Location"]) is (code == SUPERVISOR)


def test_an_area_whose_body_has_ended_is_shown_by_its_code(office, signed_in):
    with office.world.store.transaction() as db:
        commands.add_charge(db, DUE, Over("area", "CB-01"), Spell(date(2021, 6, 1), None), at=office.at)
        db.execute(text("update body set valid_to = '2026-06-30' where code = 'CB-01'"))
    (one,) = signed_in(SUPERVISOR).get("oversight/rotation")["charges"]
    assert (one["label"], one["state"]) == ({"vi": "CB-01", "en": "CB-01"}, "due")


def test_a_statement_of_another_kind_is_no_exception(charged, signed_in):
    head = signed_in(HEAD)
    given = rotation.rotation_statement(
        head, "exception", DUE, "field/inspection", reason="no_successor", note=NOTE, until=UNTIL
    )
    said = parse_jcs(unb64u(given["statement"]["stmt"]))
    other = charged.world.people[HEAD].sign(**(said | {"kind": "drill"}))
    assert refused(head.post, "oversight/rotation", given | {"statement": other}) == "bad_signature"
