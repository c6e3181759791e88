"""Somebody declares a relation by keyboard, sees it, ends it; the relative and the head see it too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize(
    ("code", "width", "language", "empty", "signed"),
    [
        ("P-003", 360, "vi", "Chưa ghi nhận quan hệ nào", "Đã khai và ký"),
        ("P-004", 1280, "en", "Nothing is on record", "Declared and signed"),
    ],
)
def test_a_relation_is_declared_and_ended_in_the_browser(visit, portal, code, width, language, empty, signed):
    member = visit(width=width, language=language)
    member.sign_in(code)
    page = member.page
    page.goto(f"{portal.staff}/relations{'?lang=en' if language == 'en' else ''}")
    expect(page.locator("#none")).to_contain_text(empty)
    page.locator("#kind").select_option("family")
    page.locator("#which").fill("P-999")
    page.locator("#since").fill("2026-01-01")
    page.locator("#declare-form button").press("Enter")
    expect(page.locator("#fault")).to_be_focused()
    page.locator("#which").fill("p-011")
    page.locator("#until").fill("2025-01-01")
    page.locator("#declare-form button").press("Enter")
    expect(page.locator("#fault")).to_be_visible()
    page.locator("#until").fill("")
    page.locator("#declare-form button").press("Enter")
    expect(page.locator("#notice")).to_contain_text(signed)
    expect(page.locator("#mine li")).to_have_count(1)
    expect(page.locator("#mine li")).to_contain_text("P-011")
    assert member.fits()
    page.locator("#mine li button").press("Enter")
    expect(page.locator("#end-day")).to_be_visible()
    assert member.fits()
    page.locator("#end-form button[type=submit]").press("Enter")
    expect(page.locator("#mine li button")).to_have_count(0)
    expect(page.locator("#notice")).to_be_visible()


def test_a_head_sees_what_the_bodys_members_have_declared(visit, portal):
    for code in ("P-003", "P-001"):
        member = visit()
        member.sign_in(code)
        page = member.page
        page.goto(f"{portal.staff}/relations")
        if code == "P-003":
            page.locator("#kind").select_option("shares")
            page.locator("#what").select_option("body")
            page.locator("#which").fill("DU-TT-02")
            page.locator("#since").fill("2026-01-01")
            page.locator("#declare-form button").click()
            expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("#members li", has_text="DU-TT-02").first).to_contain_text("(P-003)")
    expect(page.locator("#members li button")).to_have_count(0)
