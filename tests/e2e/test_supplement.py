"""Adding to a report in a browser: written, looked over, sealed for good; seen by its readers and kept from who has left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_by_keyboard import Keys
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

HEAD, DEPUTY, COLLEAGUE = "P-001", "P-002", "P-003"
TEXT, NAME = "Hôm thứ năm ông ấy lại gọi điện hỏi việc này.", "Trần Văn Minh Họa, phó đoàn"


def opens(visit, code: str, number: str):
    member = visit()
    member.sign_in(code)
    member.open_case(number)
    member.declare_clear()
    return member


def test_what_is_added_stands_beside_the_report_is_marked_on_the_desk_and_counted_in_the_record(visit, portal):
    code, number = visit().report(Story(reporter=None))
    head = opens(visit, HEAD, number)
    expect(head.page.locator("#added")).to_be_hidden()
    cadre = visit()
    page = cadre.page
    cadre.open_mailbox(code)
    expect(page.locator("#added-told")).to_be_hidden()
    cadre.add(TEXT, NAME)
    expect(page.locator("#notice")).to_contain_text("một phần của phản ánh")
    expect(page.locator("#supplements")).to_contain_text(NAME)
    expect(page.locator("#added-told")).to_contain_text("1")
    expect(page.locator("#supplement-start")).to_be_focused()
    expect(page.locator("#added-text")).to_have_value("")
    expect(page.locator("#talk li")).to_have_count(0)
    head.desk()
    line = head.page.locator("#cases tbody tr", has_text=number)
    expect(line).to_contain_text("Có bổ sung")
    expect(line).not_to_contain_text("Tin mới")
    head.page.get_by_role("link", name=number, exact=True).click()
    added = head.page.locator("#supplements li")
    expect(added).to_have_count(1)
    expect(added).to_contain_text(TEXT)
    expect(added).to_contain_text(NAME)
    expect(added).to_contain_text("chữ ký đã được kiểm tra")
    expect(added).to_contain_text("Bổ sung ngày")
    assert TEXT not in head.page.locator("#messages").inner_text()
    head.desk()
    expect(line).to_be_visible()
    expect(line).not_to_contain_text("Có bổ sung")
    page.locator("#check-record").click()
    expect(page.locator("#record")).to_contain_text("Lần Ông/Bà bổ sung")
    cadre.open_mailbox(code)  # on another day
    page.locator("#own-report").locator("xpath=ancestor::details").locator("summary").click()
    expect(page.locator("#supplements")).to_contain_text(TEXT)


def test_what_was_typed_stays_when_the_form_is_put_away_sent_in_vain_or_turned_into_english(visit):
    code, _ = visit().report(Story(reporter=None))
    cadre = visit()
    page = cadre.page
    cadre.open_mailbox(code)
    page.locator("#supplement-start").click()
    page.locator("#supplement-form button[type=submit]").click()
    expect(page.locator("#added-text-fault")).to_be_visible()
    page.locator("#added-text").fill("a" * 10_001)
    page.locator("#added-whom").fill("b" * 501)
    page.locator("#supplement-form button[type=submit]").click()
    expect(page.locator("#fault li")).to_have_count(2)
    page.locator("#added-whom").fill(NAME)
    page.locator("#added-text").fill(TEXT)
    expect(page.locator("#fault")).to_be_hidden()
    page.locator("#supplement-later").click()
    expect(page.locator("#supplement-form")).to_be_hidden()
    page.locator("#reload").click()
    expect(page.locator("#notice")).to_be_visible()
    page.locator("#supplement-start").click()
    expect(page.locator("#added-text")).to_have_value(TEXT)
    page.locator("#supplement-form button[type=submit]").click()
    page.locator("[data-language=en]").click()
    expect(page.locator("#supplement-review")).to_contain_text("Further people")
    expect(page.locator("#supplement-review")).to_contain_text("taken back")
    page.context.set_offline(True)
    cadre.complaints.clear()
    page.locator("#supplement-review button[type=submit]").click()
    expect(page.locator("#fault")).to_be_visible()
    expect(page.locator("#supplement-shown")).to_contain_text(TEXT)
    page.context.set_offline(False)
    cadre.complaints.clear()  # that there was no network is no fault of the page
    page.locator("#supplement-review button[type=submit]").click()
    expect(page.locator("#supplements li")).to_have_count(1)
    page.locator("#leave").click()
    assert TEXT not in page.content()
    assert page.locator("#added-text").input_value() == ""


def test_who_has_left_reads_no_addition_and_the_head_alone_reads_why(visit, portal):
    code, number = visit().report(Story(reporter=None))
    head = opens(visit, HEAD, number)
    leaving = visit()
    leaving.sign_in(DEPUTY)
    leaving.open_case(number)
    leaving.page.locator("#conflict-details summary").click()
    leaving.page.locator("#reason").fill("Trưởng đoàn là anh rể của tôi.")
    leaving.page.locator("#conflict-form button[type=submit]").click()
    leaving.page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)
    cadre = visit()
    cadre.open_mailbox(code)
    cadre.add(TEXT)
    leaving.expected_status = (403, 404)
    case = head.page.url.rpartition("/")[2].partition("?")[0]
    leaving.page.goto(f"{portal.staff}/desk/{case}")
    expect(leaving.page.locator("#fault")).to_be_visible()
    assert TEXT not in leaving.page.content()
    head.page.reload()
    expect(head.page.locator("#supplements")).to_contain_text(TEXT)
    expect(head.page.locator("#reasons li")).to_have_count(1)
    expect(head.page.locator("#reasons")).to_contain_text("Trưởng đoàn là anh rể của tôi.")
    expect(head.page.locator("#reasons")).to_contain_text(DEPUTY)
    colleague = opens(visit, COLLEAGUE, number)
    expect(colleague.page.locator("#supplements")).to_contain_text(TEXT)
    expect(colleague.page.locator("#reasons-panel")).to_be_hidden()
    assert "anh rể" not in colleague.page.content()


def test_an_addition_by_keyboard_alone_on_a_phone(visit):
    code, _ = visit().report(Story(reporter=None))
    cadre = visit(width=360, height=740)
    cadre.open_mailbox(code)
    page = cadre.page
    expect(page.locator("#number")).to_be_focused()
    keys = Keys(cadre)
    keys.press("#supplement-start")
    expect(page.locator("#supplement-title")).to_be_focused()
    keys.type("#added-text", TEXT)
    keys.type("#added-when", "26/11/2026")
    keys.type("#added-whom", NAME)
    keys.press("#supplement-form button[type=submit]")
    expect(page.locator("#supplement-review-title")).to_be_focused()
    keys.press("#supplement-change")
    keys.press("#supplement-form button[type=submit]")
    keys.press("#supplement-review button[type=submit]")
    expect(page.locator("#supplements")).to_contain_text("26/11/2026")
    assert cadre.fits()
