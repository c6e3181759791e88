"""A custodian signs in, lands on their page, and proves that their key works; an administrator sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(240)

ADMINISTRATOR = "P-062"


@pytest.mark.parametrize(
    ("code", "width", "language", "before", "after"),
    [
        ("P-043", 360, "vi", "chưa chứng minh", "Khóa của đồng chí dùng được"),
        ("P-045", 1280, "en", "not proved yet", "Your key works"),
    ],
)
def test_a_custodian_passes_the_drill(visit, portal, code, width, language, before, after):
    custodian = visit(width=width, language=language)
    custodian.sign_in(code)
    page = custodian.page
    page.goto(f"{portal.staff}/{'?lang=en' if language == 'en' else ''}")
    page.wait_for_url(lambda url: "/custody" in url)
    expect(page.locator("#standing")).to_contain_text(before)
    expect(page.locator("#sets li")).to_have_count(1)
    page.locator("#drill").click()
    expect(page.locator("#notice")).to_contain_text(after)
    expect(page.locator("#passed li")).to_have_count(1)
    assert custodian.fits()
    page.reload()
    expect(page.locator("#standing")).to_have_class("standing good")
