"""The desk as a newcomer met it: colleagues leave while one is writing, the last may not go, the reporter writes back."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

READERS = ("P-001", "P-002", "P-003", "P-004", "P-005")
HEAD, DEPUTY, CUSTODIAN = "P-001", "P-002", "P-044"


def opens(visit, code: str, number: str):
    member = visit()
    member.sign_in(code)
    member.open_case(number)
    member.declare_clear()
    return member


def withdraw(member, portal) -> None:
    page = member.page
    page.locator("#withdraw").click()
    page.locator("#withdraw-sure").check()
    page.locator("#withdraw-confirm").click()
    page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)


def test_what_is_being_written_while_a_colleague_leaves_is_sealed_with_the_next_key_and_sent(visit, portal):
    code, number = visit().report(Story(reporter=None))
    head, deputy = opens(visit, HEAD, number), opens(visit, DEPUTY, number)
    head.page.locator("#note").fill("Một ghi chú còn viết dở.")
    withdraw(deputy, portal)
    head.expected_status = (409,)  # the page learns of it only by sending
    head.say("message", "Câu hỏi thứ nhất")
    expect(head.page.locator("#fault")).to_be_hidden()
    assert head.page.locator("#message").input_value() == ""
    assert head.page.locator("#note").input_value() == "Một ghi chú còn viết dở."
    head.page.locator("#note-form button[type=submit]").click()
    expect(head.page.locator("#notes")).to_contain_text("Một ghi chú còn viết dở.")

    # The reporter's answer of the same hour stands below the question, and the desk marks it until the case is opened.
    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text("Câu hỏi thứ nhất")
    cadre.write("Câu trả lời cùng giờ")
    head.desk()
    line = head.page.locator("#cases tbody tr", has_text=number)
    expect(line).to_contain_text("Tin mới")
    expect(head.page.locator("#cases tbody tr").first).to_contain_text(number)
    head.page.get_by_role("link", name=number, exact=True).click()
    expect(head.page.locator("#messages li")).to_have_count(2)
    expect(head.page.locator("#messages li").last).to_contain_text("Câu trả lời cùng giờ")
    head.desk()
    expect(line).to_be_visible()
    expect(line).not_to_contain_text("Tin mới")


def test_the_last_reader_is_told_what_leaving_means_and_cannot_leave_silently(visit, portal):
    code, number = visit().report(Story(reporter=None))
    head = opens(visit, HEAD, number)
    page = head.page
    page.locator("#withdraw").click()
    expect(page.locator("#withdraw-dialog")).to_be_visible()
    expect(page.locator("#withdraw-left")).to_be_hidden()
    page.locator("#withdraw-stay").click()
    for one in READERS[1:]:
        leaving = visit()
        leaving.sign_in(one)
        leaving.open_case(number)
        expect(leaving.page.locator("#declare")).to_contain_text("dừng đọc")
        leaving.page.locator("#conflict-details summary").click()
        leaving.page.locator("#conflict-form button[type=submit]").click()
        leaving.page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)
    page.locator("#withdraw").click()
    expect(page.locator("#withdraw-left")).to_contain_text("người cuối cùng")
    expect(page.locator("#withdraw-sure")).to_be_disabled()
    page.locator("#withdraw-stay").click()
    checked = subprocess.run(
        [sys.executable, "-m", "intake.cli", "doctor"], env=portal.environ, capture_output=True, text=True, check=True
    )
    assert "with too few readers: 1" in checked.stdout
    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#standing")).to_be_visible()
    expect(cadre.page.locator("#nobody")).to_have_count(0)


def test_where_nobody_is_left_the_reporter_is_told_so(visit, portal):
    code, number = visit().report(Story(reporter=None))
    for one in READERS:
        leaving = visit()
        leaving.sign_in(one)
        leaving.open_case(number)
        leaving.page.locator("#conflict-details summary").click()
        if one == HEAD:
            expect(leaving.page.locator("#no-reason")).to_be_visible()
            expect(leaving.page.locator("#header-decision")).to_contain_text("Kế hoạch 84-KH/ĐU")
        if one == READERS[-1]:
            expect(leaving.page.locator("#conflict-left")).to_contain_text("người cuối cùng")
        leaving.page.locator("#conflict-form button[type=submit]").click()
        leaving.page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)
    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#nobody")).to_contain_text("không còn ai")


def test_a_second_tab_says_that_the_passphrase_alone_is_wrong(visit, portal):
    member = visit()
    member.sign_in("P-006")
    member.expected_status = (401,)
    tab = member.page.context.new_page()
    tab.goto(f"{portal.staff}/desk")
    tab.locator("#unlock-passphrase").fill("không phải cụm mật khẩu này")
    tab.locator("#unlock-form button[type=submit]").click()
    expect(tab.locator("#fault")).to_contain_text("Cụm mật khẩu chưa đúng")
    expect(tab.locator("#fault")).not_to_contain_text("tên đăng nhập")


def test_who_has_no_desk_reads_no_heading_that_is_untrue_and_an_account_that_is_true(visit, portal):
    custodian = visit()
    custodian.sign_in(CUSTODIAN)
    page = custodian.page
    page.goto(f"{portal.staff}/account")
    expect(page.locator("#standing")).to_contain_text("danh tính")
    expect(page.locator("#who")).to_contain_text("người giữ khóa danh tính")
    custodian.expected_status = (403,)
    page.goto(f"{portal.staff}/desk")
    expect(page.locator("#fault")).to_be_visible()
    assert "Hồ sơ trên bàn" not in page.locator("main").inner_text()
