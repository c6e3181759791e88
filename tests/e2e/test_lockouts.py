"""A handler who spoils a key or a message: the pages open for everybody else, say who it was, and put it right."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import expect

from crypto.encoding import b64u
from intake.client import MemberClient, UrlTransport
from intake.client.sealing import item_statement
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

HEAD, DEPUTY, SPOILER = "P-001", "P-002", "P-003"


def handler(portal, code: str, number: str) -> tuple[MemberClient, str]:
    """A handler's browser that does as its owner likes, in the case of this number, declared clear."""
    person = portal.person(code)
    member = MemberClient(UrlTransport(portal.staff.removesuffix("/staff")))
    member.sign_in(person.username, person.passphrase, portal.one_time_code(person))
    (case,) = [line["id"] for line in member.queue() if line["number"] == number]
    member.declare(case, conflict=False)
    return member, case


def spoil_key(member: MemberClient, case: str, ring: str) -> None:
    made = member.build_epoch(member.open_case(case), ring)
    grants = [{**grant, "data": b64u(b"\x01" + secrets.token_bytes(1168))} for grant in made["grants"]]
    member.post(f"desk/cases/{case}/epochs", {**made, "grants": grants})


def spoil_message(member: MemberClient, case: str) -> None:
    """A rightly signed message that nobody can open."""
    made = member.build_item(member.open_case(case), "message", "x")["object"]
    made = {**made, "data": b64u(b"\x01" + secrets.token_bytes(592))}
    statement = item_statement(member.signer(member.installation()), case, made, at=member.now())
    member.post(f"desk/cases/{case}/items", {"object": made, "statement": statement})


def test_a_spoilt_message_and_spoilt_keys_shut_nobody_out(visit, portal):
    code, number = visit().report(Story(reporter=None))
    spoiler, case = handler(portal, SPOILER, number)
    spoil_message(spoiler, case)
    spoil_key(spoiler, case, "internal")

    head = visit()
    head.sign_in(HEAD)
    head.open_case(number)
    head.declare_clear()
    expect(head.page.locator("#summary")).to_have_text(Story.summary)
    expect(head.page.locator("#warnings")).to_contain_text("CẢNH BÁO: khóa số 1 của")
    expect(head.page.locator("#messages .alarm")).to_have_count(1)
    head.say("note", "Ghi bằng khóa mới.")
    assert [one.text for one in spoiler.open_case(case).notes] == ["Ghi bằng khóa mới."]

    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk .alarm")).to_have_count(1)
    expect(cadre.page.locator("#talk .typed")).to_have_count(0)

    leaving, _ = handler(portal, DEPUTY, number)
    leaving.withdraw(case)
    spoil_key(spoiler, case, "report")
    cadre.page.reload()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#bad-keys")).to_contain_text(SPOILER)
    cadre.write("Dưới khóa mới.")
    head.page.reload()
    expect(head.page.locator("#messages")).to_contain_text("Dưới khóa mới.")
    expect(head.page.locator("#message-form button")).to_be_enabled()
