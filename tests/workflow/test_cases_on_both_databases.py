"""The whole way of a case on SQLite and on PostgreSQL: the same rows, the same refusals."""

from __future__ import annotations

import pytest

from tests.casework import INTERNAL, READERS, Office, epochs_of, ledger_kinds, refused
from tests.world import AT, make_world
from workflow.commands.envelopes import forget_envelopes, remember_envelope
from workflow.errors import Conflict
from workflow.ledger import verify


@pytest.fixture
def office(store) -> Office:
    return Office(make_world(store), AT)


def test_a_case_from_the_report_to_a_withdrawal(office):
    args = office.a_case()
    case = args["case"]
    assert office.receive(args).number == "2026-0001"
    for code in READERS[:3]:
        office.declare(case, code)
    office.declare(case, "P-004", conflict=True)
    assert epochs_of(office, case) == [("report", 1, "closed"), ("report", 2, "pending")]
    made = office.epoch(case, INTERNAL, READERS[:3], by="P-001")
    office.open_epoch(case, "P-001", made)
    office.add(case, "P-002", office.item(case, INTERNAL, "note", by="P-002"))
    office.withdraw(case, "P-002")
    assert refused(office.the_file, case, "P-002") == "not_entitled"
    assert office.the_queue("P-005") == ()
    assert [line.number for line in office.the_queue("P-003")] == ["2026-0001"]
    assert ledger_kinds(office, case) == [
        "report_received",
        *["opened"] * 3,
        "conflict_declared",
        "epoch_opened",
        "item_added",
        "withdrawn",
    ]
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_an_envelope_is_seen_once_until_its_key_is_gone(store):
    digest = "ab" * 32
    with store.transaction() as db:
        remember_envelope(db, digest, at=AT)
    with pytest.raises(Conflict, match="replayed"), store.transaction() as db:
        remember_envelope(db, digest, at=AT)
    with store.transaction() as db:
        assert forget_envelopes(db, on=AT.date()) == 0
        assert forget_envelopes(db, on=AT.date().replace(month=12, day=5)) == 1
        remember_envelope(db, digest, at=AT)
