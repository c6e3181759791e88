"""The registry of inspections: people are only added, each act is recorded once, and what routing makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from crypto.encoding import parse_jcs
from tests.world import AT, make_world
from workflow import ledger
from workflow.commands import inspections as commands
from workflow.errors import Conflict, Malformed, NotFound
from workflow.facts import Accused, Facts
from workflow.organisation import Inspection
from workflow.queries import inspections, organisation
from workflow.routing import load_rules, route

TODAY = date(2026, 11, 24)
TEAM = Inspection(
    code="KT-2026-99",
    body="UBKT-S",
    work_kind="inspection",
    directing=("P-002",),
    heads=("P-004",),
    members=("P-011", "P-003"),
    units=("CB-01",),
    since=date(2026, 3, 2),
    until=None,
)


@pytest.fixture
def world(store):
    return make_world(store)


def add(world, **changes):
    with world.store.transaction() as db:
        commands.add_inspection(db, replace(TEAM, **changes), decision=" 107-QĐ/UBKT ", at=AT)


def registry(world):
    with world.store.reading() as db:
        return inspections.registry(db)


def recorded(world):
    with world.store.reading() as db:
        entries = ledger.entries(db, "org")
        return [(one.kind, parse_jcs(one.entry)["pub"]) for one in entries if one.kind.startswith("inspection_")]


def test_a_team_is_entered_with_its_people_and_recorded(world):
    add(world)
    (one,) = registry(world)
    assert (one.decision, one.inspection) == ("107-QĐ/UBKT", replace(TEAM, members=("P-003", "P-011")))
    assert recorded(world) == [
        (
            "inspection_added",
            {
                "inspection": "KT-2026-99",
                "decision": "107-QĐ/UBKT",
                "work_kind": "inspection",
                "body": "UBKT-S",
                "units": ["CB-01"],
                "from": "2026-03-02",
                "directing": ["P-002"],
                "head": ["P-004"],
                "member": ["P-003", "P-011"],
            },
        )
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"code": "kt 1"}, "malformed"),
        ({"code": "K" * 41}, "malformed"),
        ({"work_kind": "gardening"}, "malformed"),
        ({"until": date(2026, 3, 1)}, "malformed"),
        ({"heads": ()}, "inspection_without_head"),
        ({"units": ()}, "inspection_without_unit"),
        ({"units": ("CB-99",)}, "unknown_body"),
        ({"body": "UBKT-X"}, "unknown_body"),
        ({"since": date(2025, 1, 1)}, "unknown_body"),  # there was no such body yet
        ({"members": ("P-999",)}, "unknown_person"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(world, changes, fault):
    with pytest.raises((Malformed, NotFound)) as caught:
        add(world, **changes)
    assert caught.value.code == fault
    assert (registry(world), recorded(world)) == ((), [])


@pytest.mark.parametrize("decision", ["", "  ", "x" * 81])
def test_a_team_names_the_decision_that_set_it_up(world, decision):
    with pytest.raises(Malformed), world.store.transaction() as db:
        commands.add_inspection(db, TEAM, decision=decision, at=AT)


def test_a_code_is_given_once(world):
    add(world)
    with pytest.raises(Conflict, match="known_code"):
        add(world)


def test_who_joins_later_is_added_and_nobody_is_removed(world):
    add(world)
    with world.store.transaction() as db:
        commands.join_inspection(db, "KT-2026-99", {"head": ["P-005"], "member": ["P-003"]}, at=AT)
        commands.join_inspection(db, "KT-2026-99", {"member": ["P-003"]}, at=AT)
    (one,) = registry(world)
    assert one.inspection.heads == ("P-004", "P-005")
    assert recorded(world)[1:] == [("inspection_joined", {"inspection": "KT-2026-99", "head": ["P-005"]})]


def test_an_end_is_entered_and_can_be_corrected(world):
    add(world)
    for day in (date(2026, 5, 29), date(2026, 5, 30), date(2026, 5, 30)):
        with world.store.transaction() as db:
            commands.end_inspection(db, "KT-2026-99", until=day, at=AT)
    assert registry(world)[0].inspection.until == date(2026, 5, 30)
    assert len(recorded(world)) == 3
    with pytest.raises(Malformed), world.store.transaction() as db:
        commands.end_inspection(db, "KT-2026-99", until=date(2026, 3, 1), at=AT)
    with pytest.raises(NotFound, match="unknown_inspection"), world.store.transaction() as db:
        commands.end_inspection(db, "KT-1999-01", until=TODAY, at=AT)


def test_reporters_are_offered_what_began_and_did_not_end_long_ago(world):
    add(world)
    add(world, code="KT-2026-98", since=date(2026, 2, 1), until=date(2026, 3, 1))
    add(world, code="KT-2026-97", since=date(2026, 12, 1))
    with world.store.reading() as db:
        assert [one.inspection.code for one in inspections.offered(db, TODAY)] == ["KT-2026-99", "KT-2026-98"]
        assert [one.inspection.code for one in inspections.offered(db, date(2031, 6, 1))] == [
            "KT-2026-97",
            "KT-2026-99",
        ]


def test_whoever_directs_or_joins_a_team_of_the_registry_is_kept_from_reports_about_it(world):
    add(world, directing=("P-002",), heads=("P-004",), members=())
    facts = Facts(TODAY, (Accused("UBKT-S", "team_member", None, True),), inspection="KT-2026-99")
    with world.store.reading() as db:
        decision = route(facts, organisation.current(db, TODAY), load_rules())
    assert decision.body == "UBKT-S"
    assert {"P-002", "P-004"}.isdisjoint(decision.readers)
