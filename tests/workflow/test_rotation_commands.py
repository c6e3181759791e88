"""Charges and what is said of them: who may say it, what the limit blocks, and what each act leaves in the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from crypto.encoding import parse_jcs, sha256hex
from tests.world import AT, SINCE, make_world
from workflow import ledger
from workflow.commands import inspections, organisation
from workflow.commands import rotation as commands
from workflow.errors import Conflict, Malformed, NotEligible, NotFound
from workflow.facts import Accused, Facts
from workflow.organisation import Inspection
from workflow.queries import organisation as there
from workflow.queries import rotation as queries
from workflow.rotation import Act, Over, Spell, State
from workflow.routing import load_rules, route, weigh
from workflow.times import stamp

TODAY = date(2026, 11, 24)
WORK, SCHOOL = Over("field", "inspection"), Over("area", "CB-01")
LONG_AGO = Spell(date(2021, 6, 1), None)  # 60 months are full on 01/06/2026
NOTE = "Quyết định số 12-QĐ/UBKT ngày 20/11/2026: chưa có người thay"
INSPECTION = Inspection(
    code="KT-2026-99",
    body="UBKT-S",
    work_kind="inspection",
    directing=(),
    heads=("P-004",),
    members=(),
    units=("CB-01",),
    since=TODAY,
    until=None,
)


@pytest.fixture
def world(store):
    return make_world(store)


def charge(world, person="P-002", over=WORK, spell=LONG_AGO):
    with world.store.transaction() as db:
        commands.add_charge(db, person, over, spell, at=AT)


def kept_out(world, on=TODAY):
    with world.store.reading() as db:
        return queries.due(db, on)


def standing(world, on=TODAY):
    with world.store.reading() as db:
        (one,) = queries.standings(db, on)
    return one


def recorded(world):
    with world.store.reading() as db:
        entries = ledger.entries(db, "org")
        return [(one.kind, parse_jcs(one.entry)["pub"]) for one in entries if one.kind.startswith(("charge", "rot"))]


def statement(world, by="P-001", note=NOTE, **changes):
    said = {
        "kind": "rotation",
        "id": str(uuid4()),
        "at": stamp(AT),
        "checkpoint": checkpoint(world),
        "act": "exception",
        "person": "P-002",
        "over": "field/inspection",
        "reason": "no_successor",
        "note": sha256hex(note.encode()),
        "until": "2027-02-28",
        **changes,
    }
    return world.people[by].sign(**{name: value for name, value in said.items() if value is not None})


def checkpoint(world):
    with world.store.reading() as db:
        newest = ledger.latest_checkpoint(db)
    return {"no": newest.no, "hash": newest.hash}


def sign(world, given, by="P-001", note=NOTE, at=AT):
    with world.store.transaction() as db:
        return commands.sign_rotation(db, world.people[by].id, given, note=note, at=at)


def decided(world, work_kind="inspection", on=TODAY, body="CB-01"):
    with world.store.reading() as db:
        facts = Facts(on, (Accused(body, "ordinary", None, True),), work_kind=work_kind)
        return route(facts, there.current(db, on), load_rules())


def test_who_has_reached_the_limit_reads_no_report_about_such_work_and_the_decision_says_why(world):
    assert "P-002" in decided(world).readers
    charge(world)
    found = decided(world)
    assert found.body == "UBKT-S"
    assert "P-002" not in found.readers
    assert ("P-002", ("rotation",)) in found.excluded
    assert "P-002" in decided(world, work_kind="discipline").readers
    assert "P-002" in decided(world, on=date(2026, 5, 31)).readers
    assert "P-002" not in decided(world, work_kind=None).readers


def test_a_colleague_at_the_limit_can_not_be_given_a_case_either(world):
    charge(world)
    with world.store.reading() as db:
        facts = Facts(TODAY, (Accused("CB-01", "ordinary", None, True),), work_kind="inspection")
        able, excluded = weigh(facts, there.current(db, TODAY), load_rules(), "UBKT-S")
    assert "P-002" not in able
    assert ("P-002", ("rotation",)) in excluded


def test_an_area_counts_in_inspectorate_work_alone(world):
    charge(world, over=SCHOOL)
    with world.store.reading() as db:
        today = there.current(db, TODAY)
        for kind, out in (("inspectorate", True), ("inspection", False)):
            facts = Facts(TODAY, (Accused("CB-01", "ordinary", None, True),), work_kind=kind)
            able, _ = weigh(facts, today, load_rules(), "UBKT-S")
            assert ("P-002" not in able) is out, kind


def test_a_custodian_at_the_limit_rules_their_set_out(world):
    assert decided(world).custodians == "KS-S"
    charge(world, person="P-011")
    assert decided(world).custodians == "KS-TU"


def test_nobody_takes_over_at_the_limit_what_they_had_and_a_new_field_is_free(world):
    charge(world, spell=Spell(date(2021, 6, 1), date(2026, 10, 31)))
    with pytest.raises(Conflict, match="rotation_due"):
        charge(world, spell=Spell(date(2026, 11, 24), None))
    charge(world, over=Over("field", "discipline"), spell=Spell(date(2026, 11, 24), None))
    charge(world, spell=Spell(date(2028, 11, 1), None))  # a whole turn later
    assert len(recorded(world)) == 3


def test_an_area_that_holds_or_lies_in_one_at_its_limit_is_blocked_too(world):
    charge(world, over=SCHOOL, spell=Spell(date(2026, 1, 1), date(2026, 10, 31)))
    with world.store.transaction() as db:
        commands.require_rotation(db, "P-002", SCHOOL, reason="risk", note="đề nghị", at=AT)
    with pytest.raises(Conflict, match="rotation_due"):
        charge(world, over=Over("area", "BTV-S"), spell=Spell(TODAY, None))
    charge(world, over=Over("area", "UBKT-TU"), spell=Spell(TODAY, None))


@pytest.mark.parametrize("part", ["directing", "heads", "members"])
def test_nobody_at_the_limit_joins_an_inspection_of_that_kind(world, part):
    charge(world)
    people = {"heads": ("P-004",)} | {part: ("P-002",)}
    with pytest.raises(Conflict, match="rotation_due"), world.store.transaction() as db:
        inspections.add_inspection(db, replaced(**people), decision="1-QĐ", at=AT)
    with world.store.transaction() as db:
        inspections.add_inspection(db, replaced(work_kind="discipline", **people), decision="1-QĐ", at=AT)


def test_nobody_at_the_limit_is_added_to_an_inspection_and_who_is_in_it_stays(world):
    with world.store.transaction() as db:
        inspections.add_inspection(db, INSPECTION, decision="1-QĐ", at=AT)
    charge(world)
    charge(world, person="P-004")
    with pytest.raises(Conflict, match="rotation_due"), world.store.transaction() as db:
        inspections.join_inspection(db, "KT-2026-99", {"member": ["P-002"]}, at=AT)
    with world.store.transaction() as db:
        inspections.join_inspection(db, "KT-2026-99", {"directing": ["P-004"], "member": ["P-003"]}, at=AT)


def replaced(**changes):
    return Inspection(**{**INSPECTION.__dict__, **changes})


def test_a_heads_exception_lifts_the_block_until_its_last_day(world):
    charge(world)
    assert kept_out(world) == {("P-002", WORK)}
    assert sign(world, statement(world)) is Act.EXCEPTION
    assert kept_out(world) == frozenset()
    assert "P-002" in decided(world).readers
    assert kept_out(world, date(2027, 2, 28)) == frozenset()
    assert kept_out(world, date(2027, 3, 1)) == {("P-002", WORK)}
    one = standing(world)
    assert (one.standing.state, one.exception.note, one.exception.by) == (State.DUE, NOTE, "P-001")
    (_, (kind, pub)) = recorded(world)
    assert kind == "rotation_exception"
    assert {name: pub[name] for name in ("person", "over", "reason", "by", "to")} == {
        "person": "P-002",
        "over": "field/inspection",
        "reason": "no_successor",
        "by": "P-001",
        "to": "2027-02-28",
    }
    assert NOTE not in str(pub)


def test_the_same_statement_again_is_answered_as_before_and_recorded_once(world):
    charge(world)
    given = statement(world)
    assert sign(world, given) is sign(world, given, at=AT + timedelta(days=30)) is Act.EXCEPTION
    assert len(recorded(world)) == 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"until": "2027-11-25"}, "exception_too_long"),
        ({"until": "2026-11-23"}, "exception_too_long"),
        ({"until": None}, "malformed"),
        ({"until": "2027-2-28"}, "malformed"),
        ({"until": "20270228"}, "malformed"),
        ({"act": "pardon"}, "malformed"),
        ({"act": "requirement"}, "malformed"),  # with a last day
        ({"reason": "because"}, "malformed"),
        ({"reason": "risk"}, "malformed"),  # the other act's
        ({"over": "inspection"}, "malformed"),
        ({"over": "field/discipline"}, "unknown_charge"),
        ({"person": "P-003"}, "unknown_charge"),
        ({"person": ["P-002"]}, "malformed"),
        ({"note": sha256hex(b"another")}, "swapped_object"),
        ({"note": "the reason in words"}, "swapped_object"),
        ({"words": "the reason in words"}, "malformed"),
        ({"case": str(uuid4())}, "malformed"),
        ({"at": "2026-11-20T09:05:07Z"}, "clock_off"),
        ({"checkpoint": {"no": 9, "hash": "0" * 64}}, "checkpoint_unknown"),
        ({"person": "P-001"}, "not_entitled"),  # oneself
        ({"person": "P-005"}, "not_entitled"),  # of another body
    ],
)
def test_an_exception_that_is_not_exactly_right_is_refused_and_leaves_nothing(world, changes, fault):
    charge(world)
    charge(world, person="P-001")
    charge(world, person="P-005")
    before = recorded(world)
    with pytest.raises((Malformed, Conflict, NotEligible, NotFound)) as caught:
        sign(world, statement(world, **changes))
    assert caught.value.code == fault
    assert recorded(world) == before
    assert ("P-002", WORK) in kept_out(world)


@pytest.mark.parametrize("note", ["", "   ", "x" * 401])
def test_an_exception_has_a_reason_in_words_of_a_bounded_length(world, note):
    charge(world)
    with pytest.raises(Malformed):
        sign(world, statement(world, note=note), note=note)


@pytest.mark.parametrize("by", ["P-002", "P-003", "P-005", "P-021", "P-022", "P-011"])
def test_only_the_head_of_the_persons_body_signs(world, by):
    charge(world)
    with pytest.raises(NotEligible):
        sign(world, statement(world, by=by), by=by)


def test_nobody_signs_with_the_head_s_statement_in_their_own_name(world):
    charge(world)
    with pytest.raises(Malformed, match="bad_signature"):
        sign(world, statement(world), by="P-002")


def test_of_a_head_the_head_of_the_nearest_body_above_signs(world):
    with world.store.reading() as db:
        assert queries.signers(db, TODAY)["P-001"] == frozenset()  # nobody sits in BTV-S or BTV-TU
    with world.store.transaction() as db:
        organisation.add_seat(db, body="BTV-TU", person="P-005", function="head", term_from=SINCE, at=AT)
    charge(world, person="P-001")
    assert sign(world, statement(world, by="P-005", person="P-001"), by="P-005") is Act.EXCEPTION


def test_a_head_can_require_somebody_to_be_moved_and_a_requirement_ends_an_exception(world):
    charge(world, spell=Spell(date(2026, 1, 1), None))
    assert kept_out(world) == frozenset()
    given = statement(world, act="requirement", reason="risk", until=None)
    assert sign(world, given) is Act.REQUIREMENT
    assert kept_out(world) == {("P-002", WORK)}
    sign(world, statement(world, at=stamp(AT + timedelta(minutes=1))), at=AT + timedelta(minutes=1))
    assert kept_out(world) == frozenset()
    later = AT + timedelta(minutes=2)
    sign(world, statement(world, act="requirement", reason="risk", until=None, at=stamp(later)), at=later)
    assert kept_out(world) == {("P-002", WORK)}


def test_an_administrator_requires_it_at_the_server_and_excepts_nobody(world):
    charge(world, spell=Spell(date(2026, 1, 1), None))
    with world.store.transaction() as db:
        commands.require_rotation(db, "P-002", WORK, reason="own_request", note=NOTE, at=AT)
    assert kept_out(world) == {("P-002", WORK)}
    kind, pub = recorded(world)[-1]
    assert (kind, pub["note"]) == ("rotation_requirement", sha256hex(NOTE.encode()))
    with pytest.raises(NotFound, match="unknown_charge"), world.store.transaction() as db:
        commands.require_rotation(db, "P-003", WORK, reason="risk", note=NOTE, at=AT)
    with pytest.raises(Malformed), world.store.transaction() as db:
        commands.require_rotation(db, "P-002", WORK, reason="no_successor", note=NOTE, at=AT)


@pytest.mark.parametrize(
    ("person", "over", "spell", "fault"),
    [
        ("P-999", WORK, LONG_AGO, "unknown_person"),
        ("P-002", Over("field", "gardening"), LONG_AGO, "unknown_field"),
        ("P-002", Over("area", "CB-99"), LONG_AGO, "unknown_body"),
        ("P-002", WORK, Spell(TODAY, date(2026, 11, 23)), "malformed"),
        ("P-002", WORK, Spell(TODAY, date(9999, 12, 31)), "malformed"),
        ("P-002", WORK, Spell(date(1, 1, 1), None), "malformed"),
        ("P-003", WORK, Spell(date(2026, 2, 1), None), "known_charge"),
        ("P-003", WORK, Spell(date(2025, 1, 1), date(2026, 1, 1)), "known_charge"),
    ],
)
def test_a_charge_that_can_not_be_is_refused(world, person, over, spell, fault):
    charge(world, person="P-003", spell=Spell(date(2026, 1, 1), None))
    with pytest.raises((Malformed, Conflict, NotFound)) as caught:
        charge(world, person, over, spell)
    assert caught.value.code == fault
    assert len(recorded(world)) == 1


def test_a_charge_ends_and_its_end_can_be_corrected(world):
    charge(world, spell=Spell(date(2026, 1, 1), None))
    for day in (date(2026, 6, 30), date(2026, 7, 31), date(2026, 7, 31)):
        with world.store.transaction() as db:
            commands.end_charge(db, "P-002", WORK, until=day, at=AT)
    assert [kind for kind, _ in recorded(world)] == ["charge_added", "charge_ended", "charge_ended"]
    assert not standing(world).ongoing
    assert standing(world, date(2026, 7, 31)).ongoing
    for day, fault in ((date(2025, 12, 31), Malformed), (date(9999, 1, 1), Malformed)):
        with pytest.raises(fault), world.store.transaction() as db:
            commands.end_charge(db, "P-002", WORK, until=day, at=AT)
    with pytest.raises(NotFound, match="unknown_charge"), world.store.transaction() as db:
        commands.end_charge(db, "P-003", WORK, until=TODAY, at=AT)
