"""Several at once on one database: each wins or is refused in words, nothing is doubled, and no chain forks.

From threads of one process and from processes that share nothing but the database; on SQLite and, with
`--database postgresql`, on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from tests.casework import FACTS, INTERNAL, READERS, REPORT_RING, epochs_of, ledger_kinds, rows
from tests.processes import DONE, AtOnce, in_threads, processes
from workflow import models
from workflow.ledger import verify

NEW = ("P-031", "P-032")
UPPER = ("P-005", "P-006", "P-007")  # who reads in the committee above
HEAD = FACTS | {"accused": [{"body": "UBKT-S", "role": "head", "person": "P-001"}]}


@pytest.fixture(scope="module")
def separate() -> Iterator[AtOnce]:
    with processes() as at_once:
        yield at_once


@pytest.fixture(params=["threads", "processes"])
def at_once(request: pytest.FixtureRequest) -> AtOnce:
    return in_threads if request.param == "threads" else request.getfixturevalue("separate")


@pytest.fixture
def sound(office):
    """The ledger as a whole, after everything."""
    yield
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_one_report_sent_several_times_at_once_is_one_case(office, at_once, sound):
    args = office.submission()
    told = at_once([partial(office.receive, args)] * 6)
    assert told.codes == {DONE: 6}
    assert len(set(told.answers)) == 1
    assert len(rows(office, models.Case)) == 1
    assert ledger_kinds(office, args["case"]) == ["report_received"]


def test_different_reports_at_once_get_different_numbers_and_a_chain_each(office, at_once, sound):
    sent = [office.submission(reporter=f"reporter {number}") for number in range(8)]
    assert at_once([partial(office.receive, args) for args in sent]).codes == {DONE: 8}
    found = rows(office, models.Case)
    assert sorted(case.number for case in found) == [f"2026-{number:04d}" for number in range(1, 9)]
    assert all(ledger_kinds(office, args["case"]) == ["report_received"] for args in sent)
    told = Counter(notice.person_id for notice in rows(office, models.Notice))
    assert told == {office.person(code): 1 for code in READERS}, "one notice says as much as eight"


def test_two_reports_under_one_id_at_once_leave_one(office, at_once, sound):
    first, second = office.submission(), office.submission(reporter="another")
    second = second | {"case": first["case"]}
    told = at_once([partial(office.receive, first), partial(office.receive, second)])
    assert told.codes[DONE] == 1
    assert len(rows(office, models.Case)) == 1


def test_readers_who_declare_at_once_all_do_and_once(office, case, at_once, sound):
    acts = [partial(office.declare, case, code) for code in READERS]
    assert at_once([*acts, *acts]).codes == {DONE: 4, "already_declared": 4}
    assert Counter(ledger_kinds(office, case)) == {"report_received": 1, "opened": 4}


def test_of_two_first_keys_at_once_one_is_taken(office, case, at_once, sound):
    for code in READERS:
        office.declare(case, code)
    made = [(code, office.epoch(case, INTERNAL, READERS, by=code)) for code in READERS]
    told = at_once([partial(office.open_epoch, case, code, each) for code, each in made])
    assert told.codes == {DONE: 1, "epoch_closed": 3}
    assert epochs_of(office, case) == [("internal", 1, "open"), ("report", 1, "open")]


def test_of_two_next_keys_at_once_one_is_taken_and_its_grants_alone(office, opened, at_once, sound):
    office.withdraw(opened, "P-004")
    left = (*READERS[:3], "reporter")
    prev = rows(office, models.Statement, models.Statement.kind == "epoch")
    before = next(one.hash for one in prev if one.signer == "reporter")
    ring = type(REPORT_RING)("report", 2, b"2" * 32)
    made = [(code, office.epoch(opened, ring, left, by=code, prev=before, removed=("P-004",))) for code in READERS[:3]]
    told = at_once([partial(office.open_epoch, opened, code, each) for code, each in made])
    assert told.codes == {DONE: 1, "epoch_closed": 2}
    grants = rows(office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.epoch == 2)
    assert sorted(grant.reader for grant in grants) == sorted(left)


def test_messages_at_once_are_all_kept_in_one_order(office, opened, at_once, sound):
    items = [(code, office.item(opened, INTERNAL, "note", by=code)) for code in READERS for _ in range(3)]
    assert at_once([partial(office.add, opened, code, item) for code, item in items]).codes == {DONE: 12}
    kept = rows(office, models.SealedObject, models.SealedObject.kind == "note")
    assert len({note.position for note in kept}) == 12
    assert ledger_kinds(office, opened).count("item_added") == 12


def test_one_message_sent_several_times_at_once_is_kept_once(office, opened, at_once, sound):
    item = office.item(opened, INTERNAL, "note", by="P-001")
    assert at_once([partial(office.add, opened, "P-001", item)] * 5).codes == {DONE: 5}
    assert len(rows(office, models.SealedObject, models.SealedObject.kind == "note")) == 1


def test_who_leaves_while_others_write_leaves_no_note_under_a_closed_key(office, opened, at_once, sound):
    items = [(code, office.item(opened, INTERNAL, "note", by=code)) for code in READERS[:3]]
    writing = [partial(office.add, opened, code, item) for code, item in items]
    told = at_once([*writing, partial(office.withdraw, opened, "P-004")])
    assert told.codes[DONE] + told.codes["epoch_pending"] == 4
    order = ledger_kinds(office, opened)
    assert "item_added" not in order[order.index("withdrawn") :]


def test_all_who_withdraw_at_once_leave_one_reader(office, opened, at_once, sound):
    told = at_once([partial(office.withdraw, opened, code) for code in READERS])
    assert told.codes == {DONE: 3, "last_reader": 1}


def test_of_readers_who_move_a_case_at_once_one_does(office, opened, at_once, sound):
    made = [(code, office.moving(opened, code, "UBKT-TU", UPPER, HEAD)) for code in READERS[1:]]
    told = at_once([partial(office.move, opened, code, each) for code, each in made])
    assert told.codes == {DONE: 1, "not_entitled": 2}
    assert ledger_kinds(office, opened).count("case_moved") == 1
    living = rows(office, models.Readership, models.Readership.ended.is_(None))
    assert sorted(one.person_id for one in living) == sorted(office.person(code) for code in UPPER)


def test_who_writes_while_the_case_moves_leaves_nothing_after_it(office, opened, at_once, sound):
    item = office.item(opened, INTERNAL, "note", by="P-003")
    made = office.moving(opened, "P-002", "UBKT-TU", UPPER, HEAD)
    told = at_once([partial(office.add, opened, "P-003", item), partial(office.move, opened, "P-002", made)])
    assert told.codes[DONE] + told.codes["not_entitled"] == 2
    assert ledger_kinds(office, opened)[-1] == "case_moved"


def test_of_readers_who_give_a_case_to_one_colleague_at_once_one_does(office, opened, at_once, sound):
    office.seat_newcomer(NEW[0])
    made = [(code, office.granting(opened, code, NEW[0])) for code in READERS]
    told = at_once([partial(office.grant, opened, code, each) for code, each in made])
    assert told.codes == {DONE: 1, "already_reader": 3}
    assert ledger_kinds(office, opened).count("granted") == 1
    theirs = rows(office, models.SealedObject, models.SealedObject.reader == NEW[0])
    assert sorted((one.kind, one.ring) for one in theirs) == [
        ("grant", "internal"),
        ("grant", "report"),
        ("header", None),
    ]
    seat = rows(office, models.Readership, models.Readership.person_id == office.person(NEW[0]))
    assert len(seat) == 1
    told = rows(office, models.Notice, models.Notice.person_id == office.person(NEW[0]))
    assert len(told) == 1


def test_one_grant_sent_several_times_at_once_is_answered_alike_and_kept_once(office, opened, at_once, sound):
    office.seat_newcomer(NEW[0])
    made = office.granting(opened, "P-001", NEW[0])
    told = at_once([partial(office.grant, opened, "P-001", made)] * 4)
    assert (told.codes, set(told.answers)) == ({DONE: 4}, {NEW[0]})
    assert ledger_kinds(office, opened).count("granted") == 1


def test_two_colleagues_are_given_a_case_at_once(office, opened, at_once, sound):
    for code in NEW:
        office.seat_newcomer(code)
    made = [(by, office.granting(opened, by, code)) for by, code in zip(READERS, NEW, strict=False)]
    told = at_once([partial(office.grant, opened, by, each) for by, each in made])
    assert (told.codes, sorted(told.answers)) == ({DONE: 2}, list(NEW))
    assert ledger_kinds(office, opened).count("granted") == 2


def test_who_is_given_a_case_while_somebody_leaves_has_a_place_in_the_next_key_or_is_refused(
    office, opened, at_once, sound
):
    office.seat_newcomer(NEW[0])
    made = office.granting(opened, "P-001", NEW[0])
    told = at_once([partial(office.grant, opened, "P-001", made), partial(office.withdraw, opened, "P-004")])
    order = [kind for kind in ledger_kinds(office, opened) if kind in ("granted", "withdrawn")]
    assert (told.codes, order) in (
        ({DONE: 2}, ["granted", "withdrawn"]),
        ({DONE: 1, "epoch_pending": 1}, ["withdrawn"]),
    )


def test_the_reporter_and_readers_who_write_at_once_are_all_kept(office, opened, at_once, sound):
    ring = REPORT_RING
    answers = [(code, office.item(opened, ring, "message", by=code)) for code in READERS]
    own = office.item(opened, ring, "message", by="reporter")
    acts = [partial(office.add, opened, code, item) for code, item in answers]
    told = at_once([*acts, *[partial(office.reporter_writes, own)] * 3])
    assert told.codes == {DONE: 7}
    kinds = Counter(ledger_kinds(office, opened))
    assert (kinds["item_added"], kinds["reporter_wrote"]) == (4, 1)
    kept = rows(office, models.SealedObject, models.SealedObject.kind == "message")
    assert len({message.position for message in kept}) == 5


def test_entries_of_many_cases_at_once_are_one_chain_each(office, at_once, sound):
    cases = [office.a_case(reporter=f"reporter {number}")["case"] for number in range(3)]
    acts = [partial(office.declare, case, code) for case in cases for code in READERS]
    assert at_once(acts).codes == {DONE: 12}
    for case in cases:
        assert Counter(ledger_kinds(office, case)) == {"report_received": 1, "opened": 4}
