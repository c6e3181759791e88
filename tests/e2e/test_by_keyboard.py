"""The whole report and the whole answer without a mouse, the focus always in sight; and what a page prints."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.tour import Tour
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)
FAR = 120  # presses of Tab until something is out of reach


class Keys:
    """Somebody with a keyboard and nothing else."""

    def __init__(self, visit):
        self.page = visit.page
        self.page.emulate_media(reduced_motion="reduce")  # what has the focus is in view at once

    def to(self, selector: str) -> None:
        """Tab until `selector` has the focus; wherever it rests on the way, it can be seen."""
        for _ in range(FAR):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(VISIBLE), self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"out of reach: {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        self.to(selector)
        self.page.keyboard.press(key)

    def type(self, selector: str, text: str) -> None:
        self.to(selector)
        self.page.keyboard.insert_text(text)

    def choose(self, selector: str, value: str) -> None:
        """Down the list until `value` is chosen."""
        self.to(selector)
        for _ in range(FAR):
            if self.page.locator(selector).input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"not in the list: {value}")


# The focused element lies in the window and carries an outline (its label's box counts for a tick box).
VISIBLE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return true;
  const box = at.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  const style = getComputedStyle(at);
  return inside && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def test_the_first_tab_offers_to_skip_to_the_content(visit, portal):
    for address in (portal.public, f"{portal.public}/help", f"{portal.staff}/help"):
        page = visit(width=360).page
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()


def test_a_report_from_the_first_page_to_the_receipt_and_its_answer_by_keyboard_alone(visit, portal):
    story = Story(reporter="Người Gửi Minh Họa")
    cadre = visit(width=360, height=740)
    keys, page = Keys(cadre), cadre.page
    page.goto(portal.public)
    keys.press("a.button[href^='/report']")
    cadre.step("kind")
    keys.press("input[name=kind]", " ")
    keys.press("[data-step=kind] button[type=submit]")
    cadre.step("whom")
    keys.choose("#accused-0-body", story.body)
    keys.choose("#accused-0-role", story.role)
    keys.press("[data-step=whom] button[type=submit]")
    cadre.step("what")
    keys.press("#categories summary")
    keys.press("#categories details input", " ")
    keys.press("[data-step=what] button[type=submit]")
    cadre.step("away")
    keys.press("[data-step=away] button[type=submit]")
    expect(page.locator("#receivers-known")).to_be_visible()
    keys.press("#receivers-next")
    cadre.step("story")
    keys.type("#summary", story.summary)
    keys.type("#text", story.text)
    keys.press("[data-step=story] button[type=submit]")
    cadre.step("identity")
    keys.type("#name", story.reporter)
    keys.press("[data-step=identity] button[type=submit]")
    cadre.step("review")
    keys.press("[data-step=review] > .actions button[type=submit]")
    cadre.step("code")
    keys.type("#typed", page.locator("#code").inner_text())
    keys.press("#send")
    cadre.step("done")
    number = page.locator("#receipt dd").first.inner_text()

    handler = visit()
    person = portal.person("P-003")
    keys, page = Keys(handler), handler.page
    page.goto(f"{portal.staff}/sign-in")
    keys.type("#username", person.username)
    keys.type("#passphrase", person.passphrase)
    keys.type("#totp", portal.one_time_code(person))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    keys.press(".staff-nav a[href^='/staff/desk']")
    page.get_by_role("link", name=number, exact=True).wait_for()
    while page.evaluate("document.activeElement.textContent") != number:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#header-facts dl").first.wait_for()
    keys.press("#clear-sure", " ")
    keys.press("#clear-form button")
    page.locator("#opened").wait_for()
    keys.type("#message", "Xin cho biết còn ai chứng kiến?")
    keys.press("#message-form button")
    expect(page.locator("#messages")).to_contain_text("Xin cho biết còn ai chứng kiến?")


def test_who_wants_no_motion_gets_none_and_forced_colours_keep_the_buttons_edges(visit, portal):
    page = visit().page
    page.emulate_media(reduced_motion="reduce")
    page.goto(portal.public)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.emulate_media(forced_colors="active")
    for selector in ("a.button", ".quick-exit"):
        edge = page.evaluate("wanted => getComputedStyle(document.querySelector(wanted)).borderTopWidth", selector)
        assert edge != "0px", selector


def test_the_receipt_code_and_the_recovery_key_print_alone_with_what_one_must_know(visit, portal):
    kept = {}

    def on_paper(name, visitor):
        if name not in ("report-9-code", "staff-enrol-2-recovery"):
            return
        page = visitor.page
        page.emulate_media(media="print", color_scheme="dark")
        kept[name] = page.evaluate(PRINTED)
        size = page.evaluate(
            "parseFloat(getComputedStyle([...document.querySelectorAll('#code, #recovery-key')].at(-1)).fontSize)"
        )
        assert size >= 18, name
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)", "dark ink on white paper"
        page.emulate_media(media="screen", color_scheme="light")

    tour = Tour(portal, visit, "vi", on_paper)
    tour.reporter()
    tour.enrolment(("P-961", "tren.giay", "Người Giữ Giấy"))
    receipt, recovery = kept["report-9-code"], kept["staff-enrol-2-recovery"]
    assert "Hộp thư" in receipt
    assert "Niêm Phong: khóa khôi phục" in recovery
    assert "Người Giữ Giấy" in recovery
    assert "hủy tờ này" in recovery
    for words in (receipt, recovery):
        for chrome in ("English", "Thoát nhanh", "Bước", "Lưu thành tệp", "trình diễn", "Nhập lại"):
            assert chrome not in words, chrome


# The words that come onto the paper.
PRINTED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement;
    if (at.checkVisibility({ visibilityProperty: true })) words.push(walker.currentNode.data.trim());
  }
  return words.filter(Boolean).join("\\n");
}"""
