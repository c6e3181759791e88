"""Relations: declared with a signature by the person, recorded by an administrator, and counted in routing while they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from crypto.encoding import parse_jcs
from tests.related import tie
from tests.routed import PLAN, decide, one
from tests.world import ADMINISTRATOR, AT, SINCE, add, make_world
from workflow import ledger, models
from workflow.commands import inspections
from workflow.commands import relations as commands
from workflow.errors import Conflict, Malformed, NotEligible, NotFound, Refusal
from workflow.facts import Accused, Facts
from workflow.organisation import Inspection
from workflow.queries import organisation, relations
from workflow.relations import clashes
from workflow.routing import load_rules, route
from workflow.times import stamp

TODAY = date(2026, 11, 24)
READER, OTHER, ELSEWHERE = "P-003", "P-004", "P-005"
TEAM = Inspection("KT-2026-99", "UBKT-S", "inspection", ("P-002",), ("P-004",), ("P-003",), ("CB-01",), SINCE, None)


@pytest.fixture
def world(store):
    return make_world(store)


def said(world, who, kind, /, **fields):
    base = {"kind": kind, "id": str(uuid4()), "at": stamp(AT), "checkpoint": {"no": 1, "hash": head(world)}}
    return world.people[who].sign(**{**base, **fields})


def head(world):
    with world.store.reading() as db:
        return db.scalars(select(models.Checkpoint.hash).where(models.Checkpoint.no == 1)).one()


def declaring(world, who=READER, /, **changes):
    fields = {"tie": "family", "with": "person", "code": OTHER, "since": "2026-01-01"} | changes
    return said(world, who, "relation", **{name: value for name, value in fields.items() if value is not None})


def declare(world, who=READER, /, *, statement=None, at=AT, **changes):
    given = statement or declaring(world, who, **changes)
    with world.store.transaction() as db:
        return commands.declare_relation(db, world.people[who].id, given, at=at)


def end(world, relation, code=READER, *, statement=None, until="2026-11-24", **changes):
    given = statement or said(world, code, "relation_end", relation=relation, until=until, **changes)
    with world.store.transaction() as db:
        commands.end_own_relation(db, world.people[code].id, relation, given, at=AT)


def record(world, person=READER, kind="interest", what="body", code="CB-01", **changes):
    given = {"since": SINCE, "until": None, "basis": " Bản kê khai 2026 ", "by": ADMINISTRATOR} | changes
    with world.store.transaction() as db:
        return commands.record_relation(db, person, kind, what=what, code=code, at=AT, **given)


def concerning(world, code):
    with world.store.reading() as db:
        return relations.concerning(db, code)


def routed(world, *accused, on=TODAY, **other):
    facts = Facts(on, tuple(accused), **other)
    with world.store.reading() as db:
        return route(facts, organisation.current(db, on), load_rules())


def entries(world):
    with world.store.reading() as db:
        found = [each for each in ledger.entries(db, "org") if each.kind.startswith("relation_")]
        return [(each.kind, parse_jcs(each.entry)["pub"]) for each in found]


# What is declared
def test_what_somebody_declares_is_kept_with_their_signature_and_bare_of_details_in_the_ledger(world):
    made = declare(world)
    (held,) = concerning(world, READER)
    assert (held.id, held.person, held.kind, held.what, held.code, held.declared) == (
        made,
        READER,
        "family",
        "person",
        OTHER,
        True,
    )
    ((kind, pub),) = entries(world)
    assert (kind, set(pub)) == ("relation_declared", {"relation", "statement"})
    with world.store.reading() as db:
        kept = db.get_one(models.Statement, made)
        assert (kept.kind, kept.signer, kept.hash, kept.case_id) == ("relation", READER, pub["statement"], None)
        assert ledger.verify(db, world.installation_public) == []


def test_sent_again_it_is_the_same_and_said_anew_it_is_refused(world):
    given = declaring(world)
    assert declare(world, statement=given) == declare(world, statement=given, at=AT + timedelta(hours=1))
    assert len(concerning(world, READER)) == len(entries(world)) == 1
    with pytest.raises(Conflict, match="relation_known"):
        declare(world)
    with pytest.raises(Conflict, match="relation_known"):
        declare(world, since="2025-01-01", until="2026-01-01")
    assert declare(world, since="2024-01-01", until="2025-12-31")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tie": "friendship"}, "malformed"),
        ({"tie": ["family"]}, "malformed"),
        ({"with": "weather"}, "malformed"),
        ({"with": {}}, "malformed"),
        ({"tie": "shares"}, "malformed"),  # nobody has shares in a person
        ({"code": "một câu"}, "malformed"),
        ({"code": "P" * 41}, "malformed"),
        ({"code": 7}, "malformed"),
        ({"since": "hôm nay"}, "malformed"),
        ({"since": "2026-02-30"}, "malformed"),
        ({"since": "1899-12-31"}, "malformed"),
        ({"until": "2025-12-31"}, "malformed"),
        ({"until": 5}, "malformed"),
        ({"note": "một câu"}, "malformed"),
        ({"since": None}, "malformed"),
        ({"case": str(uuid4())}, "malformed"),
        ({"code": READER}, "relation_with_self"),
        ({"code": "P-999"}, "unknown_person"),
        ({"with": "body", "code": "CB-99"}, "unknown_body"),
        ({"with": "unit", "code": "TH-99"}, "unknown_unit"),
        ({"with": "inspection", "code": "KT-1999-01"}, "unknown_inspection"),
        ({"by": OTHER}, "wrong_binding"),
        ({"at": "2026-01-01T00:00:00Z"}, "clock_off"),
        ({"checkpoint": {"no": 1, "hash": "0" * 64}}, "checkpoint_unknown"),
    ],
)
def test_what_is_not_exactly_right_is_refused_and_leaves_nothing(world, changes, fault):
    with pytest.raises(Refusal) as caught:
        declare(world, statement=declaring(world, **changes))
    assert caught.value.code == fault
    assert (concerning(world, READER), entries(world)) == ((), [])


def test_nobody_declares_for_another_and_without_a_roster_nobody_at_all(world):
    mine = declaring(world)
    with pytest.raises(Malformed, match="bad_signature"):
        declare(world, OTHER, statement=mine)
    with world.store.transaction() as db:
        add(db, world, "P-031")
    with pytest.raises(NotEligible):
        declare(world, "P-031")


def test_there_is_an_end_to_what_one_can_declare(world, monkeypatch):
    monkeypatch.setattr(commands, "MOST_DECLARED", 1)
    declare(world)
    record(world)
    with pytest.raises(Conflict, match="relations_full"):
        declare(world, tie="interest")


# Ends
def test_one_ends_what_one_declared_and_it_stays_on_record(world):
    made = declare(world)
    end(world, made)
    assert concerning(world, READER)[0].until == TODAY
    assert [kind for kind, _ in entries(world)] == ["relation_declared", "relation_ended"]
    with pytest.raises(Conflict, match="relation_ended"):
        end(world, made)
    end(world, made, until="2026-11-01")  # an earlier day corrects it
    with pytest.raises(Malformed):
        end(world, made, until="2025-12-31")


def test_an_ending_sent_again_changes_nothing(world):
    made = declare(world)
    given = said(world, READER, "relation_end", relation=made, until="2026-11-24")
    end(world, made, statement=given)
    end(world, made, statement=given)
    assert len(entries(world)) == 2


def test_nobody_ends_anothers_or_an_official_one_or_with_a_statement_about_another(world):
    made, official, second = declare(world), record(world), declare(world, tie="interest")
    with pytest.raises(NotFound, match="unknown_relation"):
        end(world, made, OTHER)
    with pytest.raises(NotEligible):
        end(world, official)
    with pytest.raises(Malformed, match="wrong_binding"):
        end(world, made, statement=said(world, READER, "relation_end", relation=second, until="2026-11-24"))
    with pytest.raises(NotFound, match="unknown_relation"):
        end(world, "not-an-id")
    with pytest.raises(NotEligible, match="relation_is_declared"), world.store.transaction() as db:
        commands.end_relation(db, made, until=TODAY, by=None, at=AT)
    assert all(held.until is None for held in concerning(world, READER))


# Official ones
def test_an_official_one_names_its_paper_and_who_entered_it(world):
    made = record(world)
    (held,) = concerning(world, READER)
    assert (held.id, held.declared, held.basis, held.by) == (made, False, "Bản kê khai 2026", ADMINISTRATOR)
    assert entries(world) == [("relation_recorded", {"relation": made, "by": ADMINISTRATOR})]
    with world.store.transaction() as db:
        commands.end_relation(db, made, until=TODAY, by=None, at=AT)
    assert concerning(world, READER)[0].until == TODAY
    for basis in ("", "  ", "x" * 81):
        with pytest.raises(Malformed):
            record(world, kind="family", basis=basis)


# Who sees them
def test_a_person_sees_their_own_and_what_binds_them_and_a_head_those_of_the_bodys_members(world):
    declare(world)  # P-003 with P-004
    declare(world, ELSEWHERE, code="P-001", tie="interest")
    assert [held.person for held in concerning(world, OTHER)] == [READER]  # family binds both
    assert concerning(world, "P-001") == ()  # an interest binds who has it
    with world.store.reading() as db:
        assert [held.person for held in relations.of_headed(db, "P-001", TODAY)] == [READER]
        assert [held.person for held in relations.of_headed(db, "P-005", TODAY)] == []
        assert relations.of_headed(db, "P-002", TODAY) == ()  # a deputy is no head
        assert [held.person for held in relations.everything(db)] == [READER, ELSEWHERE]


# In routing
@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (tie("P-003", "family", "person", "P-011"), "relation"),
        (tie("P-011", "family", "person", "P-003"), "relation"),
        (tie("P-003", "interest", "person", "P-011"), "interest"),
        (tie("P-003", "family", "body", "CB-01"), "relation"),
        (tie("P-003", "shares", "body", "CB-01"), "interest"),
        (tie("P-003", "earlier_assignment", "body", "CB-01"), "earlier_handler"),
        (tie("P-003", "interest", "inspection", "KT-2026-99"), "interest"),
    ],
)
def test_who_is_tied_to_the_accused_is_excluded_with_the_reason_that_the_kind_gives(relation, reason):
    facts = {"accused": [one("CB-01", "ordinary", person="P-011")], "inspection": "KT-2026-99"}
    assert "P-003" in decide(**facts)["readers"]
    decision = decide(organisation=replace(PLAN, relations=(relation,)), **facts)
    assert {"person": "P-003", "reasons": [reason]} in decision["excluded"]
    assert (decision["body"], "P-003" in decision["readers"]) == ("UBKT-S", False)


def test_an_interest_of_the_accused_does_not_bind_the_other_side():
    relation = tie("P-011", "interest", "person", "P-003")
    decision = decide([one("CB-01", "ordinary", person="P-011")], replace(PLAN, relations=(relation,)))
    assert "P-003" in decision["readers"]


def test_relatives_of_a_teams_people_and_whoever_is_tied_to_what_it_inspects_get_nothing_about_it():
    team = PLAN.inspections[0]
    member, unit = min(team.members), team.units[0]
    facts = {"accused": [one("UBKT-S", "team_member")], "inspection": team.code}
    reader = decide(**facts)["readers"][-1]
    for relation in (tie(reader, "family", "person", member), tie(reader, "shares", "body", unit)):
        decision = decide(organisation=replace(PLAN, relations=(relation,)), **facts)
        assert reader not in decision["readers"]


def test_a_custodian_set_with_a_relative_in_it_is_passed_over():
    facts = {"accused": [one("CB-01", "ordinary", person="P-011")]}
    (kept,) = (kept for kept in PLAN.sets if kept.code == decide(**facts)["custodians"])
    relation = tie(kept.members[0], "family", "person", "P-011")
    assert decide(organisation=replace(PLAN, relations=(relation,)), **facts)["custodians"] not in (kept.code, None)


def test_where_relatives_leave_too_few_it_goes_up():
    facts = {"accused": [one("CB-01", "ordinary", person="P-900")]}
    readers = decide(**facts)["readers"]
    ties = tuple(tie(reader, "family", "person", "P-900") for reader in readers[1:])
    decision = decide(organisation=replace(PLAN, relations=ties), **facts)
    assert decision["escalated"] == [{"from": "UBKT-S", "why": "quorum"}]
    assert decision["body"] == "UBKT-TU"


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (TODAY, None, True),
        (SINCE, TODAY, True),
        (TODAY + timedelta(days=1), None, False),
        (SINCE, TODAY - timedelta(days=1), False),
    ],
)
def test_only_a_relation_of_the_day_counts(world, since, until, counts):
    record(world, since=since, until=until)
    decision = routed(world, Accused("CB-01", "ordinary", None, True))
    assert ("P-003" not in decision.readers) == counts


def test_a_unit_stands_for_its_body_as_long_as_it_belongs_to_it(world):
    row = {"code": "TH-01", "name_vi": "Trường", "name_en": "School", "valid_from": SINCE}
    with world.store.transaction() as db:
        until = TODAY - timedelta(days=1)
        db.execute(insert(models.Unit).values(id=str(uuid4()), body="BTV-S", valid_to=until, **row))
        later = row | {"valid_from": TODAY}
        db.execute(insert(models.Unit).values(id=str(uuid4()), body="CB-01", valid_to=None, **later))
    record(world, kind="shares", what="unit", code="TH-01")
    assert "P-003" not in routed(world, Accused("CB-01", "ordinary", None, True)).readers
    with world.store.reading() as db:
        assert [held.code for held in organisation.current(db, until).relations] == ["BTV-S"]


def test_a_declaration_counts_for_the_next_report_and_ended_no_more(world):
    made = declare(world, code=ELSEWHERE)
    accused = Accused("CB-01", "ordinary", ELSEWHERE, True)
    assert ("P-003", ("relation",)) in routed(world, accused).excluded
    end(world, made, until="2026-11-23")
    assert "P-003" in routed(world, accused).readers


# In a team
def test_relatives_are_not_put_in_one_team(world):
    declare(world)  # P-003 and P-004
    with pytest.raises(Conflict, match="relatives_in_team") as caught, world.store.transaction() as db:
        inspections.add_inspection(db, TEAM, decision="107", at=AT)
    assert caught.value.detail == {"who": "P-003 – P-004"}
    with world.store.transaction() as db:
        assert inspections.add_inspection(db, replace(TEAM, members=()), decision="107", at=AT) == []
    with pytest.raises(Conflict, match="relatives_in_team"), world.store.transaction() as db:
        inspections.join_inspection(db, "KT-2026-99", {"member": ["P-003"]}, at=AT)
    with world.store.transaction() as db:
        assert inspections.join_inspection(db, "KT-2026-99", {"member": ["P-001"]}, at=AT) == []


def test_who_is_tied_to_what_is_inspected_or_to_its_leaders_neither_joins_nor_directs(world):
    record(world, "P-002", "shares")
    with pytest.raises(Conflict, match="tied_to_inspected") as caught, world.store.transaction() as db:
        inspections.add_inspection(db, TEAM, decision="107", at=AT)
    assert caught.value.detail == {"who": "P-002 – CB-01"}
    with world.store.transaction() as db:
        add(db, world, "P-041")
        db.execute(
            insert(models.Seat).values(
                id=str(uuid4()), body="CB-01", person_id=world.people["P-041"].id, function="head", term_from=SINCE
            )
        )
    record(world, "P-041", "family", "person", "P-004")
    with pytest.raises(Conflict, match="tied_to_inspected") as caught, world.store.transaction() as db:
        inspections.add_inspection(db, replace(TEAM, directing=()), decision="107", at=AT)
    assert caught.value.detail == {"who": "P-004 – P-041"}


def test_a_team_that_is_over_is_entered_as_it_was_and_told(world):
    declare(world)
    over = replace(TEAM, until=TODAY - timedelta(days=1))
    with world.store.transaction() as db:
        (found,) = inspections.add_inspection(db, over, decision="107", at=AT)
    assert (found.person, found.other, found.kind) == ("P-003", "P-004", "family")


def test_relatives_found_later_do_not_keep_others_from_joining(world):
    with world.store.transaction() as db:
        inspections.add_inspection(db, TEAM, decision="107", at=AT)
    declare(world)
    with world.store.transaction() as db:
        assert inspections.join_inspection(db, "KT-2026-99", {"member": ["P-001"]}, at=AT) == []


def test_an_earlier_assignment_keeps_nobody_out_of_a_team():
    assert clashes(TEAM, (), (tie("P-003", "earlier_assignment", "body", "CB-01"),)) == []
