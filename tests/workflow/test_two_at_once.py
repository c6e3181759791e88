"""Several at once on one database: each wins or is refused in words, nothing is doubled, and no chain forks.

On SQLite and, with `--database postgresql`, on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.casework import INTERNAL, READERS, REPORT_RING, epochs_of, ledger_kinds, rows
from workflow import models
from workflow.errors import Refusal
from workflow.ledger import verify

Act = Callable[[], Any]
DONE = "done"


def at_once(acts: Sequence[Act]) -> Counter[str]:
    """Begin all at the same moment; how often each went well, or with which code it was refused."""
    gate = Barrier(len(acts))

    def one(act: Act) -> str:
        gate.wait(timeout=30)
        try:
            act()
        except Refusal as refusal:
            return refusal.code
        return DONE

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))


@pytest.fixture
def sound(office):
    """The ledger as a whole, after everything."""
    yield
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_one_report_sent_several_times_at_once_is_one_case(office, sound):
    args = office.submission()
    receipts = []
    told = at_once([lambda: receipts.append(office.receive(args))] * 6)
    assert told == {DONE: 6}
    assert len(set(receipts)) == 1
    assert len(rows(office, models.Case)) == 1
    assert ledger_kinds(office, args["case"]) == ["report_received"]


def test_different_reports_at_once_get_different_numbers_and_a_chain_each(office, sound):
    sent = [office.submission(reporter=f"reporter {number}") for number in range(8)]
    assert at_once([lambda args=args: office.receive(args) for args in sent]) == {DONE: 8}
    found = rows(office, models.Case)
    assert sorted(case.number for case in found) == [f"2026-{number:04d}" for number in range(1, 9)]
    assert all(ledger_kinds(office, args["case"]) == ["report_received"] for args in sent)


def test_two_reports_under_one_id_at_once_leave_one(office, sound):
    first, second = office.submission(), office.submission(reporter="another")
    second = second | {"case": first["case"]}
    told = at_once([lambda: office.receive(first), lambda: office.receive(second)])
    assert told[DONE] == 1
    assert len(rows(office, models.Case)) == 1


def test_readers_who_declare_at_once_all_do_and_once(office, case, sound):
    acts = [lambda code=code: office.declare(case, code) for code in READERS]
    assert at_once([*acts, *acts]) == {DONE: 4, "already_declared": 4}
    assert Counter(ledger_kinds(office, case)) == {"report_received": 1, "opened": 4}


def test_of_two_first_keys_at_once_one_is_taken(office, case, sound):
    for code in READERS:
        office.declare(case, code)
    made = [(code, office.epoch(case, INTERNAL, READERS, by=code)) for code in READERS]
    told = at_once([lambda code=code, each=each: office.open_epoch(case, code, each) for code, each in made])
    assert told == {DONE: 1, "epoch_closed": 3}
    assert epochs_of(office, case) == [("internal", 1, "open"), ("report", 1, "open")]


def test_of_two_next_keys_at_once_one_is_taken_and_its_grants_alone(office, opened, sound):
    office.withdraw(opened, "P-004")
    left = (*READERS[:3], "reporter")
    prev = rows(office, models.Statement, models.Statement.kind == "epoch")
    before = next(one.hash for one in prev if one.signer == "reporter")
    ring = type(REPORT_RING)("report", 2, b"2" * 32)
    made = [(code, office.epoch(opened, ring, left, by=code, prev=before, removed=("P-004",))) for code in READERS[:3]]
    told = at_once([lambda code=code, each=each: office.open_epoch(opened, code, each) for code, each in made])
    assert told == {DONE: 1, "epoch_closed": 2}
    grants = rows(office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.epoch == 2)
    assert sorted(grant.reader for grant in grants) == sorted(left)


def test_messages_at_once_are_all_kept_in_one_order(office, opened, sound):
    items = [(code, office.item(opened, INTERNAL, "note", by=code)) for code in READERS for _ in range(3)]
    assert at_once([lambda code=code, item=item: office.add(opened, code, item) for code, item in items]) == {DONE: 12}
    kept = rows(office, models.SealedObject, models.SealedObject.kind == "note")
    assert len({note.position for note in kept}) == 12
    assert ledger_kinds(office, opened).count("item_added") == 12


def test_one_message_sent_several_times_at_once_is_kept_once(office, opened, sound):
    item = office.item(opened, INTERNAL, "note", by="P-001")
    assert at_once([lambda: office.add(opened, "P-001", item)] * 5) == {DONE: 5}
    assert len(rows(office, models.SealedObject, models.SealedObject.kind == "note")) == 1


def test_who_leaves_while_others_write_leaves_no_note_under_a_closed_key(office, opened, sound):
    items = [(code, office.item(opened, INTERNAL, "note", by=code)) for code in READERS[:3]]
    writing = [lambda code=code, item=item: office.add(opened, code, item) for code, item in items]
    told = at_once([*writing, lambda: office.withdraw(opened, "P-004")])
    assert told[DONE] + told["epoch_pending"] == 4
    order = ledger_kinds(office, opened)
    assert "item_added" not in order[order.index("withdrawn") :]


def test_all_who_withdraw_at_once_leave_one_reader(office, opened, sound):
    told = at_once([lambda code=code: office.withdraw(opened, code) for code in READERS])
    assert told == {DONE: 3, "last_reader": 1}
