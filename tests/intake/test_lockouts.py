"""One reader who spoils a message or a key shuts nobody out, and everybody sees who it was."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from crypto.binding import object_binding
from crypto.encoding import b64u
from crypto.items import seal_item
from intake.client import ClientFault, sealing
from intake.client.sealing import Recipient, Ring
from tests.casework import REPORT
from tests.intake.test_refusals import refusal
from workflow.sealed import REPORTER

Made = dict[str, object]
UNREADABLE = [b"xx", b"[1]", b"null", b"7", b'{"v":1}', b'{"text":7,"v":1}', None]
UNKNOWN = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"


@pytest.fixture
def case(filed, signed_in):
    (line,) = signed_in("P-001").queue()
    for code in ("P-001", "P-002", "P-003"):
        signed_in(code).declare(line["id"], conflict=False)
    return line["id"]


def spoil_message(member, case, plain):
    """A rightly signed message over bytes that nobody can read."""
    place = {"kind": "message", "id": UNKNOWN, "ring": "report", "epoch": 1}
    key = member.open_case(case).rings["report"].newest.key
    data = b"\x01" + secrets.token_bytes(592) if plain is None else seal_item(key, object_binding(case, place), plain)
    made = {**place, "data": b64u(data)}
    statement = sealing.item_statement(member.signer(member.installation()), case, made, at=member.now())
    member.post(f"desk/cases/{case}/items", {"object": made, "statement": statement})


@pytest.mark.parametrize("plain", UNREADABLE)
def test_a_message_that_nobody_can_open_fails_alone(reporter, filed, case, signed_in, plain):
    signed_in("P-002").write(case, "Chúng tôi đã nhận.")
    spoil_message(signed_in("P-001"), case, plain)
    expected = {("P-001", None, "item_damaged"), ("P-002", "Chúng tôi đã nhận.", None)}
    mailbox = reporter.open_mailbox(filed)
    for messages in (mailbox.messages, signed_in("P-003").open_case(case).messages):
        assert {(one.by, one.text, one.fault) for one in messages} == expected
    reporter.write(mailbox, "Cảm ơn.")
    signed_in("P-003").write(case, "Vâng.")
    assert len(reporter.open_mailbox(filed).messages) == 4


def another_key(case: str, grants: list[Made], recipients: dict[str, Recipient]) -> list[Made]:
    """Every grant holds the same key, and it isn't the one of the commitment."""
    ring = Ring(str(grants[0]["ring"]), int(str(grants[0]["epoch"])), b"Z" * 32)
    return [sealing.ring_grant(case, ring, recipients[str(grant["reader"])]) for grant in grants]


def random_bytes(case: str, grants: list[Made], recipients: dict[str, Recipient]) -> list[Made]:
    return [{**grant, "data": b64u(b"\x01" + secrets.token_bytes(1168))} for grant in grants]


SPOILT = pytest.mark.parametrize("spoil", [another_key, random_bytes], ids=lambda spoil: spoil.__name__)
Spoil = Callable[[str, list[Made], dict[str, Recipient]], list[Made]]


def spoil_epoch(member, case: str, ring: str, spoil: Spoil, recipients: dict[str, Recipient]) -> None:
    made = member.build_epoch(member.open_case(case), ring)
    member.post(f"desk/cases/{case}/epochs", {**made, "grants": spoil(case, made["grants"], recipients)})


@pytest.fixture
def recipients(reporter, filed, office):
    """Everybody whom a grant can be made for."""
    people = {code: office.recipient(code) for code in ("P-001", "P-002", "P-003", "P-004")}
    return people | {REPORTER: Recipient(REPORTER, reporter.keys(filed).kem_public)}


@SPOILT
def test_a_bad_internal_key_is_replaced_by_a_colleague(reporter, filed, case, signed_in, recipients, spoil):
    spoil_epoch(signed_in("P-001"), case, "internal", spoil, recipients)
    colleague = signed_in("P-002")
    opened = colleague.open_case(case)
    assert opened.summary == REPORT.summary
    assert colleague.summary(colleague.queue()[0]) == REPORT.summary
    warning = {"code": "epoch_key_wrong", "ring": "internal", "epoch": 1, "who": "P-001"}
    assert opened.rings["internal"].warnings == (warning,)
    with pytest.raises(ClientFault, match="ring_untrusted"):
        colleague.build_item(opened, "note", "Ghi chú.")
    colleague.write(case, "Phòng vẫn làm việc.")

    assert colleague.renew(case) == ["internal"]
    colleague.note(case, "Khóa mới.")
    for code in ("P-001", "P-003"):  # the maker of the bad key is still a reader
        assert [one.text for one in signed_in(code).open_case(case).notes] == ["Khóa mới."]
    newest = colleague.open_case(case).rings["internal"]
    assert (newest.newest.epoch, newest.newest.by, newest.newest.trusted) == (2, "P-002", True)
    assert newest.warnings == (warning,)
    assert reporter.open_mailbox(filed).messages[0].text == "Phòng vẫn làm việc."


@SPOILT
def test_a_bad_report_key_is_replaced_by_a_colleague(reporter, filed, case, signed_in, recipients, spoil):
    signed_in("P-003").withdraw(case)
    spoil_epoch(signed_in("P-001"), case, "report", spoil, recipients)
    colleague = signed_in("P-002")
    assert colleague.open_case(case).narrative["text"] == REPORT.text
    assert colleague.renew(case) == ["report", "internal"]
    colleague.write(case, "Khóa mới.")
    mailbox = reporter.open_mailbox(filed)
    assert [one.text for one in mailbox.messages] == ["Khóa mới."]
    assert [warning["who"] for warning in mailbox.report.warnings] == ["P-001"]
    assert [one["id"] for one in mailbox.report.newest.readers] == ["P-001", "P-002", "P-004", REPORTER]


@SPOILT
def test_a_bad_report_key_is_replaced_by_the_reporters_next_message(
    reporter, filed, case, signed_in, recipients, spoil
):
    signed_in("P-003").withdraw(case)
    spoil_epoch(signed_in("P-001"), case, "report", spoil, recipients)
    mailbox = reporter.open_mailbox(filed)
    assert mailbox.report.warnings == ({"code": "epoch_key_wrong", "ring": "report", "epoch": 2, "who": "P-001"},)
    with pytest.raises(ClientFault, match="ring_untrusted"):
        reporter.build_message(mailbox, "Dưới khóa xấu.")
    reporter.write(mailbox, "Dưới khóa mới.")
    reporter.write(reporter.open_mailbox(filed), "Và nữa.")
    opened = signed_in("P-002").open_case(case)
    assert {one.text for one in opened.messages} == {"Dưới khóa mới.", "Và nữa."}
    assert opened.rings["report"].newest.by == REPORTER


def test_what_lies_under_a_bad_key_is_closed_to_those_who_got_none(reporter, filed, case, signed_in, recipients):
    def only_the_reporters(case, grants, recipients):
        return [*grants[:-1], *random_bytes(case, grants[-1:], recipients)]

    signed_in("P-003").withdraw(case)
    spoil_epoch(signed_in("P-001"), case, "report", only_the_reporters, recipients)
    signed_in("P-002").write(case, "Không biết gì.")
    mailbox = reporter.open_mailbox(filed)
    assert [(one.by, one.text, one.fault) for one in mailbox.messages] == [("P-002", None, "item_closed")]


def test_the_maker_is_not_heard_and_reading_goes_on(filed, case, signed_in, recipients):
    spoil_epoch(signed_in("P-001"), case, "internal", random_bytes, recipients)
    maker = signed_in("P-001")
    assert maker.renew(case) == []
    newest = maker.open_case(case).rings["internal"].newest
    statement = sealing.bad_key_statement(
        maker.signer(maker.installation()), case, "internal", 1, newest.hash, at=maker.now()
    )
    refused = refusal(maker.post, f"desk/cases/{case}/bad-keys", {"statement": statement})
    assert (refused.status, refused.code) == (403, "not_entitled")
