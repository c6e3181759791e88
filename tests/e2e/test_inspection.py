"""A report names the inspection that it is about: who directed or headed the team can't open it, whatever else they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

HEAD, DIRECTED, HEADED = "P-001", "P-002", "P-004"


@pytest.mark.parametrize("width", [360])
def test_whoever_led_the_inspection_that_a_report_names_is_kept_from_it(visit, width):
    cadre = visit(width=width)
    cadre.start_report()
    story = Story(body="UBKT-S", role="team_member", inspection="KT-2026-07", reporter=None)
    cadre.fill_concerns(story)
    expect(cadre.page.locator("#receivers")).to_contain_text("Ủy ban Kiểm tra Đảng ủy Sở")
    cadre.agree()
    cadre.fill_story(story)
    expect(cadre.page.locator("#review")).to_contain_text("02/03/2026 – 29/05/2026")
    assert cadre.fits()
    number = cadre.send(cadre.take_code())
    reader = visit()
    reader.sign_in(HEAD)
    reader.open_case(number)
    expect(reader.page.locator("#header")).to_contain_text("KT-2026-07")
    for code in (DIRECTED, HEADED):
        led = visit()
        led.sign_in(code)
        led.desk()
        expect(led.page.locator("#cases:visible, #empty:visible")).to_have_count(1)
        expect(led.page.locator("body")).not_to_contain_text(number)
        led.expected_status = (403, 404)
        led.page.goto(reader.page.url)
        expect(led.page.locator("#fault")).to_be_visible()
