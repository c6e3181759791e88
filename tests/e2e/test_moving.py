"""The last reader has to leave: the case moves to the body above in the same act, and its reporter sees where it went."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_accessible import AXE, complaints
from tests.e2e.test_desk import HEAD, READERS, opens
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(300)


def test_the_last_reader_moves_the_case_on_and_the_reporter_sees_where_it_went(visit, portal):
    code, number = visit().report(Story(reporter=None))
    head = opens(visit, HEAD, number)
    head.say("message", "Chúng tôi đã nhận.")
    page = head.page
    for one in READERS[1:]:
        leaving = visit()
        leaving.sign_in(one)
        leaving.open_case(number)
        leaving.page.locator("#conflict-details summary").click()
        leaving.page.locator("#conflict-form button[type=submit]").click()
        leaving.page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)
    page.reload()
    expect(page.locator("#opened")).to_be_visible()
    sent = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    page.locator("#moving summary").click()
    search = page.locator("#route-concerned input[type=search]").first
    search.fill("Lương Thị Ban Mai")
    expect(page.locator("#route-concerned [name=person]").first.locator("option")).to_have_count(2)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert head.fits()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert complaints(page) == []
    search.fill("")
    page.locator("#route-form button[type=submit]").click()
    expect(page.locator("#route-result .lead")).to_contain_text("Nay ")

    page.locator("#withdraw").click()
    expect(page.locator("#withdraw-left")).to_contain_text("người cuối cùng")
    page.locator("#withdraw-move").click()
    dialog = page.locator("#move-dialog")
    expect(dialog).to_be_visible()
    assert complaints(page) == []
    readers = re.findall(r"P-\d{3}", dialog.locator("#move-readers").inner_text())
    assert readers
    assert not set(readers) & set(READERS)
    expect(dialog.locator("#move-readers code").first).to_have_text(re.compile(r"^([0-9a-f]{4} ){9}[0-9a-f]{4}$"))
    where = dialog.locator("#move-where").inner_text()
    expect(page.locator("#move-confirm")).to_be_disabled()
    page.locator("#move-sure").check()
    page.locator("#move-confirm").click()
    page.wait_for_url(lambda url: url.startswith(f"{portal.staff}/desk") and url.count("/") == 4)
    expect(page.locator("#notice")).to_contain_text("đã được chuyển")
    expect(page.locator("#cases")).not_to_contain_text(number)
    assert not any(b"Ban Mai" in body for body in sent)

    upper = visit(width=360)
    upper.sign_in(readers[0])
    upper.open_case(number)
    upper.declare_clear()
    expect(upper.page.locator("#messages")).to_contain_text("Chúng tôi đã nhận.")
    expect(upper.page.locator("#comparison-good")).to_be_visible()
    expect(upper.page.locator("#warnings")).to_be_empty()
    expect(upper.page.locator("#moves")).to_contain_text("không còn đủ người")
    expect(upper.page.locator("#history [data-event=moved]")).to_contain_text(where)
    assert upper.fits()
    upper.say("message", "Cấp trên đã nhận hồ sơ.")

    cadre = visit(width=360)
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#standing")).to_contain_text("không còn đủ người được thụ lý")
    expect(cadre.page.locator("#standing")).to_contain_text(where)
    expect(cadre.page.locator("#talk")).to_contain_text("Cấp trên đã nhận hồ sơ.")
    assert cadre.fits()
    cadre.page.locator("#message").fill("Tôi đã đọc, xin cảm ơn.")
    cadre.page.locator("#write-form button[type=submit]").click()
    expect(cadre.page.locator("#notice")).to_contain_text("niêm phong")
    cadre.page.locator("#check-record").click()
    expect(cadre.page.locator("#record")).to_contain_text("Số lần chuyển sang cơ quan khác")
