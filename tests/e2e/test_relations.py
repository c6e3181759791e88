"""Somebody declares a relation by keyboard, sees it, ends it; the relative and the head see it too."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

ADMINISTRATOR, CONCERNED = "P-056", "CDN"
OFFICIAL = ("--basis", "KK-2026", "--from", "2026-01-01")


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
    expect(page.locator("#members li", has_text="Trường Minh Họa Hai").first).to_contain_text("(P-003)")
    expect(page.locator("#members li button")).to_have_count(0)


def test_a_reader_sees_their_own_relation_beside_the_declaration(visit, portal):
    """Nobody is accused by name, so they are asked; whom the report means shows when it is read."""
    reader = visit(width=360)
    reader.sign_in("P-004")
    page = reader.page
    page.goto(f"{portal.staff}/relations")
    page.locator("#kind").select_option("family")
    page.locator("#which").fill("P-038")
    page.locator("#since").fill("2026-01-01")
    page.locator("#declare-form button").click()
    expect(page.locator("#notice")).to_be_visible()
    run(portal, "relation", "add", ADMINISTRATOR, "interest", "--with", "body", "--code", CONCERNED, *OFFICIAL)
    cadre = visit(width=360)
    story = Story(body=CONCERNED, role="member", name="", reporter=None)
    cadre.start_report()
    cadre.fill_concerns(story)
    expect(cadre.page.locator("#receivers-operator")).to_be_visible()
    assert cadre.fits()
    cadre.agree()
    cadre.fill_story(story)
    number = cadre.send(cadre.take_code())
    reader.open_case(number)
    expect(page.locator("#relations li").first).to_contain_text("(P-038)")
    expect(page.locator("#relations li strong")).to_have_count(1)
    expect(page.locator("#relations li", has_text=f"({ADMINISTRATOR})")).to_have_count(1)
    expect(page.locator("#relations-own")).to_be_visible()
    assert reader.fits()
    other = visit()
    other.sign_in("P-001")
    other.open_case(number)
    expect(other.page.locator("#relations li", has_text="(P-038)")).to_have_count(1)
    expect(other.page.locator("#relations-own")).to_be_hidden()


def run(portal, *command):
    done = subprocess.run(
        [sys.executable, "-m", "intake.cli", *command], env=portal.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
