"""What members add to a case: messages to the reporter and internal notes, each signed, each in its ring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.encoding import b64u, parse_jcs
from intake.client import sealing
from intake.client.sealing import Ring
from tests.casework import INTERNAL, OTHERS, REPORT_RING, ledger_kinds, refused, rows
from workflow import models
from workflow.errors import TooLarge


def test_messages_and_notes_are_added_to_their_rings(office, opened):
    office.add(opened, "P-001", office.item(opened, REPORT_RING, "message", by="P-001"))
    office.add(opened, "P-002", office.item(opened, INTERNAL, "note", by="P-002"))
    served = office.the_file(opened, "P-004").items
    assert [(item.part.kind, item.by) for item in served][3:] == [("message", "P-001"), ("note", "P-002")]
    assert all(item.statement for item in served[3:])
    assert ledger_kinds(office, opened)[-2:] == ["item_added", "item_added"]
    message, note = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "item_added")
    assert parse_jcs(message.entry)["pub"].keys() == {"ring", "item", "kind", "sha256"}
    assert parse_jcs(note.entry)["pub"] == {"ring": "internal"}


def test_the_same_item_again_gets_the_same_answer(office, opened):
    item = office.item(opened, REPORT_RING, "message", by="P-001")
    stored = office.add(opened, "P-001", item)
    assert office.later(minutes=5).add(opened, "P-001", item) == stored
    assert ledger_kinds(office, opened).count("item_added") == 1


def test_other_content_under_a_known_id_is_refused(office, opened):
    part, statement = office.item(opened, REPORT_RING, "message", by="P-001")
    office.add(opened, "P-001", (part, statement))
    other, _ = office.item(opened, REPORT_RING, "message", by="P-001", text="Khác")
    changed = replace(other, id=part.id)
    made = {**changed.place, "data": b64u(changed.data)}
    again = sealing.item_statement(office.signer("P-001"), opened, made, at=office.at)
    assert refused(office.add, opened, "P-001", (changed, again)) == "known_id_other_content"


@pytest.mark.parametrize("code", OTHERS)
def test_others_cannot_write(office, opened, code):
    item = office.item(opened, REPORT_RING, "message", by=code)
    assert refused(office.add, opened, code, item) == "not_entitled"


def test_who_has_not_declared_cannot_write(office, case):
    assert refused(office.add, case, "P-001", office.item(case, REPORT_RING, "message", by="P-001")) == "not_entitled"


def test_a_colleagues_words_cannot_be_put_into_the_file(office, opened):
    """Any holder of the ring could seal in a colleague's name: the statement's key is the roster's."""
    part, _ = office.item(opened, REPORT_RING, "message", by="P-002")
    _, theirs = office.item(opened, REPORT_RING, "message", by="P-002")
    assert refused(office.add, opened, "P-001", (part, theirs)) == "bad_signature"


@pytest.mark.parametrize(
    ("ring", "kind", "code"),
    [
        (REPORT_RING, "note", "wrong_binding"),
        (INTERNAL, "message", "wrong_binding"),
        (REPORT_RING, "summary", "unexpected_object"),
        (REPORT_RING, "supplement", "unexpected_object"),
        (INTERNAL, "supplement", "unexpected_object"),
        (REPORT_RING, "first", "unexpected_object"),
        (Ring("report", 2, b"x" * 32), "message", "epoch_closed"),
        (Ring("team", 1, b"x" * 32), "note", "wrong_binding"),
    ],
)
def test_an_item_in_the_wrong_place_is_refused(office, opened, ring, kind, code):
    assert refused(office.add, opened, "P-001", office.item(opened, ring, kind, by="P-001")) == code


def test_a_statement_about_another_item_is_refused(office, opened):
    part, _ = office.item(opened, REPORT_RING, "message", by="P-001")
    _, other = office.item(opened, REPORT_RING, "message", by="P-001")
    assert refused(office.add, opened, "P-001", (part, other)) == "wrong_binding"


def test_a_note_before_anybody_made_the_internal_ring_has_to_wait(office, case):
    office.declare(case, "P-001")
    assert refused(office.add, case, "P-001", office.item(case, INTERNAL, "note", by="P-001")) == "epoch_pending"


def test_an_item_that_is_too_long_is_refused(office, opened):
    item = office.item(opened, REPORT_RING, "message", by="P-001", text="a" * 200_000)
    with pytest.raises(TooLarge):
        office.add(opened, "P-001", item)
