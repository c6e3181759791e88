"""Adding to a report from the mailbox: who reads it, who can't, and who may not write one (docs/decisions/0023)."""

from __future__ import annotations

import pytest

from intake.client import ClientFault, Supplement, sealing
from intake.client.opening import verify_item
from intake.client.sealing import Ring
from tests.casework import FACTS, REPORT, code_of
from tests.intake.test_refusals import refusal


def test_what_is_added_to_a_report_is_read_beside_it_by_its_readers_and_its_reporter(reporter, signed_in):
    code = code_of("one who adds")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    written = Supplement("Ông ấy còn hỏi lần nữa. ", when="tháng 11/2026", whom="Trần Văn Mẫu, phó đoàn")
    reporter.supplement(reporter.open_mailbox(code), written)
    reporter.write(reporter.open_mailbox(code), "Tôi đã bổ sung.")
    opened = signed_in("P-001").open_case(line["id"])
    for added in (opened.supplements, reporter.open_mailbox(code).supplements):
        (one,) = added
        assert (one.by, one.text, one.when, one.where, one.whom, one.fault) == (
            *("reporter", "Ông ấy còn hỏi lần nữa.", "tháng 11/2026", "", "Trần Văn Mẫu, phó đoàn"),
            None,
        )
    assert [one.text for one in opened.messages] == ["Tôi đã bổ sung."]
    mailbox = reporter.open_mailbox(code)
    alone = reporter.item(mailbox, mailbox.supplements[0].id)
    assert reporter.read(mailbox, alone["object"])["whom"] == "Trần Văn Mẫu, phó đoàn"
    (line,) = signed_in("P-001").queue()
    assert (line["messages"], line["supplements"]) == (1, 1)
    (theirs,) = signed_in("P-002").queue()
    assert "supplements" not in theirs
    checked = reporter.check_record(reporter.open_mailbox(code))
    assert (checked.supplements, checked.written) == (1, 1)


def test_nothing_is_added_to_a_report_without_a_text_or_beyond_its_room(reporter, filed):
    mailbox = reporter.open_mailbox(filed)
    for written, code in [
        (Supplement(" "), "text_empty"),
        (Supplement("a" * 10_001), "text_too_long"),
        (Supplement("a", whom="a" * 501), "text_too_long"),
    ]:
        with pytest.raises(ClientFault) as refused:
            reporter.supplement(mailbox, written)
        assert refused.value.code == code


def test_who_has_left_can_read_nothing_that_is_added_afterwards(reporter, signed_in):
    code = code_of("one who adds after somebody left")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    (line,) = signed_in("P-001").queue()
    for handler in ("P-001", "P-002"):
        signed_in(handler).declare(line["id"], conflict=False)
    leaver = signed_in("P-002").open_case(line["id"])
    signed_in("P-002").withdraw(line["id"])
    reporter.supplement(reporter.open_mailbox(code), Supplement("Sau khi có người rút."))
    (staying,) = signed_in("P-001").open_case(line["id"]).supplements
    assert staying.text == "Sau khi có người rút."
    # Even with the bytes in hand: the leaver's key is the first, and there is no copy of the second for them.
    made = next(
        entry for entry in signed_in("P-001").case(line["id"])["items"] if entry["object"]["kind"] == "supplement"
    )
    assert made["object"]["epoch"] == 2
    forged = made | {"object": made["object"] | {"epoch": 1}}
    trust = signed_in("P-001").installation()
    for entry, fault in ((made, "item_closed"), (forged, "item_damaged")):
        assert verify_item(line["id"], entry, leaver.rings, trust, leaver.reporter_sign).fault == fault


def test_a_supplement_that_the_reporter_did_not_sign_is_never_shown(reporter, signed_in):
    code = code_of("one in whose name is added")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    (line,) = signed_in("P-001").queue()
    handler = signed_in("P-001")
    handler.declare(line["id"], conflict=False)
    opened, trust = handler.open_case(line["id"]), handler.installation()
    ring = Ring("report", 1, opened.rings["report"].newest.key)
    made = sealing.sealed_supplement(line["id"], ring, Supplement("Giả"))
    statement = sealing.item_statement(handler.signer(trust), line["id"], made, at=handler.now())
    assert refusal(handler.post, f"desk/cases/{line['id']}/items", {"object": made, "statement": statement}).code == (
        "unexpected_object"
    )
    for by, fault in (("P-001", "author_not_reporter"), ("reporter", "signature_bad")):
        entry = {"object": made, "by": by, "at": "2026-11-24", "statement": statement}
        found = verify_item(line["id"], entry, opened.rings, trust, opened.reporter_sign)
        assert (found.fault, found.text, found.whom) == (fault, None, "")
