"""Bodies that are renamed, moved, ended and merged: open cases go on and keep their names, later ones follow the successor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crypto.encoding import parse_jcs
from tests.casework import FACTS, READERS, refused
from tests.workflow.test_imports import take_in
from tests.world import ADMINISTRATOR, AT, add, publish
from workflow import ledger, ready, routing
from workflow.commands import organisation as commands
from workflow.commands.mergers import Merger, merge_body
from workflow.commands.relations import record_relation
from workflow.organisation import Body
from workflow.queries import decisions, organisation
from workflow.succession import carried, standing
from workflow.times import local_date

TODAY = local_date(AT)
TOMORROW = TODAY + timedelta(days=1)
# A second committee of the same level, which can take the work of UBKT-S over.
OTHER = Body(code="UBKT-T", kind="inspection_committee", level=3, parent="BTV-S", quorum=2)
NEW_PEOPLE = ("P-041", "P-042")


def merge(store, body="UBKT-S", into="UBKT-T", since=TOMORROW, **options):
    with store.transaction() as db:
        return merge_body(db, Merger(body, into, since), at=AT, **options)


@pytest.fixture
def two(office):
    """The office with another committee of two people, whom the roster holds."""
    world = office.world
    with world.store.transaction() as db:
        commands.load_bodies(db, [OTHER], on=TODAY, at=AT)
        for code, function in zip(NEW_PEOPLE, ("head", "member"), strict=True):
            add(db, world, code, at=AT)
            commands.add_seat(
                db, body="UBKT-T", person=code, function=function, roles=("intake",), term_from=TODAY, at=AT
            )
        publish(db, world, at=AT)
    return office


def decided(store, on, facts=FACTS):
    with store.reading() as db:
        there = organisation.current(db, on)
    return routing.route(routing.parse_facts({**facts, "on": on.isoformat()}), there, routing.load_rules())


def test_an_open_case_of_a_merged_body_is_read_by_its_readers_and_keeps_the_old_name(two):
    store = two.world.store
    take_in(store, "bodies: [{code: UBKT-S, name: {vi: Ủy ban cũ, en: The old committee}}]")
    case = two.a_case()["case"]
    two.declare(case, "P-001")
    assert merge(store).cases == 0  # nobody is cut off
    after = two.later(days=2)
    for code in READERS:
        (line,) = after.the_queue(code)
        assert (line.id, line.body) == (case, "UBKT-S")
    assert after.the_cover(case, "P-001").body == "UBKT-S"
    after.declare(case, "P-002")  # whoever hasn't declared yet still can
    with store.reading() as db:
        assert organisation.body_names(db, line.received)["UBKT-S"]["vi"] == "Ủy ban cũ"
        assert "UBKT-S" not in organisation.body_names(db, local_date(after.at))


def test_what_comes_later_goes_to_the_successor(two):
    store = two.world.store
    assert decided(store, TODAY).readers == READERS
    merge(store)
    assert decided(store, TODAY).body == "UBKT-S"
    later = decided(store, TOMORROW)
    assert (later.body, later.readers) == ("UBKT-T", NEW_PEOPLE)


def test_what_stood_below_the_merged_body_stands_below_its_successor(two):
    store = two.world.store
    below = "bodies: [{code: CB-01, parent: UBKT-S, name: {vi: C, en: C}}]"
    assert not take_in(store, f"{below}\nunits: [{{code: T-1, body: UBKT-S, name: {{vi: T, en: T}}}}]").plan.faults
    merge(store)
    with store.reading() as db:
        parents = [{body.code: body.parent for body in organisation.current(db, on).bodies} for on in (TODAY, TOMORROW)]
    assert [there["CB-01"] for there in parents] == ["UBKT-S", "UBKT-T"]


def test_a_form_that_still_names_the_merged_body_is_routed_by_its_successor(two):
    """One whose accused sits in the merged committee: the successor, which they are of now, doesn't receive it."""
    store = two.world.store
    merge(store)
    facts = {"on": TOMORROW.isoformat(), "accused": [{"body": "UBKT-S", "role": "head"}]}
    with store.reading() as db:
        decision = decisions.decide(db, facts, at=AT + timedelta(days=1)).decision
    assert decision["body"] == "UBKT-TU"
    same = decided(store, TOMORROW, facts | {"accused": [{"body": "UBKT-T", "role": "head"}]})
    assert decision == same.as_json()


def test_a_relation_with_the_successor_counts_where_the_form_still_names_the_merged_body(two):
    store = two.world.store
    merge(store)
    with store.transaction() as db:
        relation = {"what": "body", "code": "UBKT-T", "since": TOMORROW, "until": None, "basis": "12/KK", "by": None}
        record_relation(db, ADMINISTRATOR, "family", **relation, at=AT + timedelta(days=1))
    facts = {"on": TOMORROW.isoformat(), "accused": [{"body": "UBKT-S", "role": "head"}]}
    with store.reading() as db:
        found = decisions.decide(db, facts, at=AT + timedelta(days=1))
    assert found.operator_tied
    assert [one.code for one in found.relations] == ["UBKT-T"]


def test_a_merger_is_recorded_with_whoever_did_it(two):
    merge(two.world.store, by=ADMINISTRATOR)
    with two.world.store.reading() as db:
        (entry,) = [one for one in ledger.entries(db, "org") if one.kind == "body_merged"]
    told = {"body": "UBKT-S", "into": "UBKT-T", "from": TOMORROW.isoformat(), "by": ADMINISTRATOR}
    assert parse_jcs(entry.entry)["pub"] == told


@pytest.mark.parametrize(
    ("body", "into", "code"),
    [
        ("UBKT-S", "UBKT-S", "bad_merger"),
        ("UBKT-S", "CB-01", "bad_merger"),  # down
        ("UBKT-S", "UBKT-X", "unknown_body"),
        ("UBKT-X", "UBKT-S", "unknown_body"),
    ],
)
def test_a_body_is_merged_into_another_that_is_there_and_not_below_it(two, body, into, code):
    assert refused(merge, two.world.store, body, into) == code
    with two.world.store.reading() as db:
        assert organisation.successors(db, TOMORROW) == ()


def test_a_body_that_was_merged_cannot_be_merged_again(two):
    merge(two.world.store)
    assert refused(merge, two.world.store) == "unknown_body"


def test_a_line_of_mergers_is_followed_to_its_end_and_a_circle_ends():
    there = ready.staffed()
    codes = [body.code for body in there.bodies]
    line = replace(there, successors=(("X-1", "X-2"), ("X-2", codes[0]), ("Y-1", "Y-2"), ("Y-2", "Y-1")))
    assert standing("X-1", line) == codes[0]
    assert standing("Y-1", line) in ("Y-1", "Y-2")
    assert standing(codes[0], replace(line, successors=((codes[0], codes[1]),))) == codes[0]  # it stands again
    facts = routing.parse_facts({"on": "2026-11-24", "accused": [], "reporter_unit": "X-1"})
    assert carried(facts, line).reporter_unit == codes[0]
    assert carried(facts, there) is facts


def test_a_renamed_and_a_moved_body_keep_their_cases_and_the_case_keeps_its_name(office):
    store = office.world.store
    take_in(store, "bodies: [{code: UBKT-S, name: {vi: Tên cũ, en: Old}}]")
    case = office.a_case()["case"]
    later = office.later(days=3)
    day = local_date(later.at)
    take_in(store, "bodies: [{code: UBKT-S, name: {vi: Tên mới, en: New}, parent: BTV-TU}]", day=day, at=later.at)
    later.declare(case, "P-001")
    (line,) = later.the_queue("P-001")
    with store.reading() as db:
        assert organisation.body_names(db, line.received)["UBKT-S"]["vi"] == "Tên cũ"
        assert organisation.body_names(db, day)["UBKT-S"]["vi"] == "Tên mới"
        (body,) = [one for one in organisation.current(db, day).bodies if one.code == "UBKT-S"]
    assert body.parent == "BTV-TU"


def test_an_ended_body_keeps_its_open_cases_for_those_who_read_them(office):
    store = office.world.store
    case = office.a_case()["case"]
    row = f"{{code: UBKT-S, name: {{vi: Cũ, en: Old}}, valid_to: {TODAY.isoformat()}}}"
    assert not take_in(store, f"bodies: [{row}]").plan.faults
    later = office.later(days=2)
    later.declare(case, "P-001")
    assert later.the_cover(case, "P-001").body == "UBKT-S"
    assert decided(store, TOMORROW).external  # nobody goes on with its work: the paper way, unless it is merged
