"""A supervisor sees who has to be moved, and the head of that person's body signs an exception in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from intake.services import utc_now
from workflow.times import local_date

pytestmark = pytest.mark.timeout(240)

DUE, HEAD, SUPERVISOR = "P-029", "P-027", "P-055"


def test_the_due_are_seen_and_an_exception_is_signed(visit, portal):
    supervisor = visit(width=360, language="vi")
    supervisor.sign_in(SUPERVISOR)
    page = supervisor.page
    page.goto(f"{portal.staff}/")
    page.wait_for_url(lambda url: "/oversight" in url)
    row = page.locator(f"#near tr[data-person={DUE}]")
    expect(row).to_have_attribute("data-state", "due")
    expect(row).to_contain_text("không được giao việc mới")
    expect(page.locator("#others-title")).to_be_visible()
    expect(page.get_by_role("button", name="Ký ngoại lệ")).to_have_count(0)
    assert supervisor.fits()

    head = visit(width=1280, language="en")
    head.sign_in(HEAD)
    mine = head.page
    mine.goto(f"{portal.staff}/oversight?lang=en")
    expect(mine.locator("#near tbody tr")).to_have_count(1)
    button = mine.locator(f"#near tr[data-person={DUE}] button[data-act=exception]")
    button.click()
    mine.locator("#sign-form button[type=submit]").click()
    expect(mine.locator("#sign")).to_be_visible()  # neither day nor words
    until = local_date(utc_now()) + timedelta(days=60)
    mine.locator("#sign-until").fill(until.isoformat())
    mine.locator("#sign-note").fill("Quyết định 12-QĐ/ĐU: chưa có người thay")
    mine.locator("#sign-form button[type=submit]").click()
    expect(mine.locator("#notice")).to_contain_text(f"{until:%d/%m/%Y}")
    expect(mine.locator(f"#near tr[data-person={DUE}]")).to_contain_text("may go on until")
    assert head.fits()

    page.reload()
    expect(row).to_contain_text("Quyết định 12-QĐ/ĐU: chưa có người thay")
    expect(row).to_contain_text(f"được tiếp tục đến hết ngày {until:%d/%m/%Y}")
    assert supervisor.fits()


@pytest.mark.parametrize(("width", "language", "said"), [(360, "en", "Nobody has reached"), (360, "vi", "Không ai đã")])
def test_a_head_of_a_body_where_nobody_is_due_is_told_so(visit, portal, width, language, said):
    head = visit(width=width, language=language)
    head.sign_in("P-016" if language == "en" else "P-019")
    head.page.goto(f"{portal.staff}/oversight?lang={language}")
    expect(head.page.locator("#nobody")).to_contain_text(said)
    expect(head.page.locator("#near")).to_be_hidden()
    assert head.fits()
