"""A custodian proves with a drill that their key works; nobody else can, and a drill opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from crypto.binding import binding
from crypto.encoding import b64u, parse_jcs, unb64u
from crypto.hpke import open_sealed, seal
from crypto.signing import sign_statement
from intake.client import drill
from tests.casework import office_rows, refused, rows
from tests.world import ADMINISTRATOR, SUPERVISOR, enrol, publish
from workflow import models
from workflow.commands import casefile, drills
from workflow.ledger import verify

CUSTODIAN, COLLEAGUE, OTHERS = "P-011", "P-012", ("P-001", SUPERVISOR, ADMINISTRATOR)


def begun(client):
    return client.post("custody/drills", {})["drill"]


def answer(client, made, given=None):
    given = given or drill.answer_to(client, made, client.installation())
    return client.post(f"custody/drills/{made['id']}/answer", given)


def altered(office, code, given, **changed):
    said = {**parse_jcs(unb64u(given["statement"]["stmt"])), **changed}
    said = {name: value for name, value in said.items() if value is not None}
    return {"statement": sign_statement(office.world.people[code].keys.sign_seed, said)}


def test_a_custodian_passes_a_drill_and_it_counts_for_three_months(office, signed_in, clock):
    me = signed_in(CUSTODIAN)
    assert me.get("custody") == {"due": True, "passed": []}
    at = drill.pass_drill(me)
    assert me.get("custody") == {"due": False, "passed": [at]}
    entry = [one for one in rows(office, models.LedgerEntry) if one.kind == "drill"]
    assert [parse_jcs(one.entry)["pub"]["person"] for one in entry] == [CUSTODIAN]
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []
    with office.world.store.reading() as db:
        keeper = next(one for kept in drills.kept_sets(db, on=office.at.date()) for one in kept.keepers)
    assert (keeper.code, keeper.due(clock() + timedelta(days=91)), keeper.due(clock() + timedelta(days=92))) == (
        CUSTODIAN,
        False,
        True,
    )


def test_the_practice_share_is_kept_nowhere_in_the_clear(office, signed_in):
    me = signed_in(CUSTODIAN)
    made = begun(me)
    place = {"id": made["id"], "reader": CUSTODIAN, "readerkey": made["readerkey"]}
    value = open_sealed(me.me.keys.kem_seed, "drill", binding("drill", **place), unb64u(made["data"]))
    assert len(value) == 33
    told = office_rows(office)
    assert value.hex() not in told
    assert b64u(value) not in told
    answer(me, made)
    assert b64u(value) not in office_rows(office)


def test_the_same_answer_again_gets_the_same_and_another_is_refused(signed_in, clock):
    me = signed_in(CUSTODIAN)
    made = begun(me)
    given = drill.answer_to(me, made, me.installation())
    first = answer(me, made, given)
    clock.forward(minutes=1)
    assert answer(me, made, given) == first
    assert refused(answer, me, made) == "drill_ended"
    assert len(me.get("custody")["passed"]) == 1


def test_a_drill_ends_after_a_quarter_of_an_hour_or_with_the_next(signed_in, clock):
    me = signed_in(CUSTODIAN)
    first = begun(me)
    second = begun(me)
    assert refused(answer, me, first) == "drill_ended"
    clock.forward(minutes=14)
    me.get("session")
    clock.forward(minutes=1)
    assert refused(answer, me, second) == "drill_ended"


def test_nobody_answers_for_another_and_only_custodians_are_asked(office, signed_in):
    made = begun(signed_in(CUSTODIAN))
    mine = drill.answer_to(signed_in(CUSTODIAN), made, signed_in(CUSTODIAN).installation())
    assert refused(answer, signed_in(COLLEAGUE), made, mine) == "drill_ended"
    forged = altered(office, COLLEAGUE, mine)
    assert refused(answer, signed_in(CUSTODIAN), made, forged) == "bad_signature"
    for code in OTHERS:
        assert refused(begun, signed_in(code)) == "not_entitled"
        assert refused(answer, signed_in(code), made, mine) == "not_entitled"
        assert refused(signed_in(code).get, "custody") == "not_entitled"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sha256": "0" * 64}, "drill_wrong"),
        ({"sha256": "short"}, "wrong_binding"),
        ({"readerkey": "0" * 64}, "wrong_binding"),
        ({"drill": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"}, "wrong_binding"),
        ({"case": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"}, "malformed"),
        ({"note": "một câu"}, "malformed"),
        ({"sha256": None}, "malformed"),
        ({"at": "2026-01-01T00:00:00Z"}, "clock_off"),
    ],
)
def test_an_answer_that_is_not_exactly_right_is_refused(office, signed_in, changed, code):
    me = signed_in(CUSTODIAN)
    made = begun(me)
    given = altered(office, CUSTODIAN, drill.answer_to(me, made, me.installation()), **changed)
    assert refused(answer, me, made, given) == code
    assert me.get("custody")["passed"] == []


def test_a_server_that_seals_to_another_key_is_noticed(office, signed_in):
    me = signed_in(CUSTODIAN)
    made = begun(me)
    other = office.world.people[COLLEAGUE]
    assert refused(drill.answer_to, me, made | {"readerkey": other.readerkey}, me.installation()) == "drill_other_key"
    place = {"id": made["id"], "reader": CUSTODIAN, "readerkey": made["readerkey"]}
    sealed = seal(other.keys.kem_public, "drill", binding("drill", **place), b"s" * 33)
    assert refused(drill.answer_to, me, made | {"data": b64u(sealed)}, me.installation()) == "drill_closed"
    short = seal(me.me.keys.kem_public, "drill", binding("drill", **place), b"s" * 32)
    assert refused(drill.answer_to, me, made | {"data": b64u(short)}, me.installation()) == "drill_closed"
    assert refused(drill.answer_to, signed_in("P-001"), made, me.installation()) == "not_a_custodian"


def test_who_enrolled_anew_has_proved_nothing_of_the_new_key(office, signed_in):
    drill.pass_drill(signed_in(CUSTODIAN))
    with office.world.store.transaction() as db:
        enrol(db, office.world, CUSTODIAN, at=office.at, variant="anew")
    with office.world.store.reading() as db:
        assert drills.kept_sets(db, on=office.at.date())[0].keepers[0].last is None


def test_an_administrator_sees_who_has_proved_their_key_and_the_weak_set_first(signed_in):
    for code in (CUSTODIAN, COLLEAGUE):
        drill.pass_drill(signed_in(code))
    told = signed_in(ADMINISTRATOR).get("custody/sets")["sets"]
    assert [(one["code"], one["k"], one["proved"]) for one in told] == [("KS-TU", 2, 0), ("KS-S", 2, 2)]
    assert [one["due"] for one in told[1]["keepers"]] == [False, False, True, True]
    for code in ("P-001", CUSTODIAN, SUPERVISOR):
        assert refused(signed_in(code).get, "custody/sets") == "not_entitled"


def test_reminders_go_to_those_who_are_due_and_not_twice_in_two_weeks(office, signed_in, clock):
    drill.pass_drill(signed_in(CUSTODIAN))

    def remind():
        with office.world.store.transaction() as db:
            return drills.remind_of_drills(db, at=clock())

    assert remind() == 0  # nobody is mailed in the first week of a key
    clock.forward(days=7)
    assert (remind(), remind()) == (7, 0)
    told = rows(office, models.Notice, models.Notice.kind == casefile.DRILL_DUE)
    assert office.person(CUSTODIAN) not in {one.person_id for one in told}
    with office.world.store.transaction() as db:
        db.execute(models.Notice.__table__.update().values(sent=clock()))
    clock.forward(days=13)
    assert remind() == 0
    clock.forward(days=1)
    assert remind() == 7


def test_whom_the_newest_roster_names_in_no_set_is_given_no_drill(office, signed_in, clock):
    me = signed_in(CUSTODIAN)
    begun(me)
    with office.world.store.transaction() as db:
        db.execute(delete(models.Custodian).where(models.Custodian.person_id == office.person(CUSTODIAN)))
        publish(db, office.world, at=clock())
    assert refused(begun, me) == "not_entitled"
