"""Where nobody here may receive a report the form makes the letter to print, in this browser and without sending any of it."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.e2e.test_accessible import AXE, complaints
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

TYPED = "Hành vi chỉ có trên giấy.\nDòng thứ hai."


@pytest.mark.parametrize("width", [360, 1280])
def test_the_letter_has_what_the_law_asks_for_and_nothing_of_it_is_sent(visit, width):
    cadre = visit(width=width)
    page = cadre.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    cadre.start_report()
    cadre.fill_concerns(Story(body="BTV-TU", role="head", name="Người Bị Nêu"))
    expect(page.locator("#receivers-nobody")).to_be_visible()
    expect(page.locator("#letter")).to_be_hidden()
    sent.clear()
    page.locator("#letter-start").click()
    expect(page.locator("#letter-accused")).to_have_value(page.locator("#letter-accused").input_value())
    assert "Người Bị Nêu" in page.locator("#letter-accused").input_value()
    page.locator("#letter-name").fill("Nguyễn Văn Viết Đơn")
    page.locator("#letter-act").fill(TYPED)
    page.locator("#letter-show").click()
    sheet = page.locator("#letter-sheet")
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "ĐƠN TỐ CÁO",
        "Nguyễn Văn Viết Đơn",
        "Người Bị Nêu",
        "Dòng thứ hai.",
    ):
        expect(sheet).to_contain_text(words)
    for words in ("ngày", "Địa chỉ:", "Cách liên hệ:", "Hành vi bị tố cáo", "NGƯỜI TỐ CÁO", "điểm chỉ"):
        expect(sheet).to_contain_text(words)
    assert "……" in sheet.inner_text(), "what was left empty has a line for the pen"
    page.locator("#letter-address").fill("12 Đường Minh Họa")
    expect(sheet).to_contain_text("12 Đường Minh Họa")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert complaints(page) == []
    assert cadre.fits()
    page.emulate_media(media="print")
    expect(sheet).to_be_visible()
    expect(page.locator("#letter-name")).to_be_hidden()
    if folder := os.environ.get("PICTURES_OF_LEAVING"):
        page.pdf(path=f"{folder}/letter-{width}.pdf")
        page.screenshot(path=f"{folder}/letter-{width}.png", full_page=True)
    page.emulate_media(media="screen")
    page.locator("#letter-print").evaluate(
        "(button) => { window.print = () => { window.printed = true; }; button.click(); }"
    )
    assert page.evaluate("window.printed")
    assert sent == []
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage, location.href, history.state])")
    assert "Viết Đơn" not in stored
    page.locator("[data-step=receivers] [data-back]").click()
    cadre.step("away")
    page.emulate_media(media="print")
    expect(page.locator("[data-step=away] h1")).to_be_visible()
    page.emulate_media(media="screen")
    cadre.go_on("away")
    expect(page.locator("#receivers-nobody")).to_be_visible()
    expect(sheet).to_be_hidden()
    assert page.locator("#letter-act").input_value() == TYPED
