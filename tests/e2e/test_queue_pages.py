"""A desk with more cases than a page holds: the button brings the next ones, none twice, none left out."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from bench.growing import fill
from intake.config import load_settings
from tests.e2e.visiting import Story
from workflow import models
from workflow.queries.queue import PAGE
from workflow.store import Store

pytestmark = pytest.mark.timeout(240)

READER, COMMITTEE = "P-013", "UBKT-CQ"


def test_show_more_cases_brings_the_next_page_until_there_is_none(visit, portal):
    _, number = visit().report(Story(body="DU-CQ", role="ordinary", reporter=None))
    with closing(Store(load_settings(portal.environ).database_url)) as store:
        with store.reading() as db:
            case = db.scalars(select(models.Case.id).where(models.Case.number == number)).one()
            everywhere = list(db.scalars(select(models.Case.body)))
        fill(store, case, len(everywhere) + 2 * PAGE + 1 - everywhere.count(COMMITTEE))
    reader = visit()
    reader.sign_in(READER)
    reader.desk()
    page = reader.page
    lines, more = page.locator("#cases tbody tr"), page.locator("#more")
    expect(lines).to_have_count(PAGE)
    expect(lines.first).to_contain_text(number)
    more.click()
    expect(lines).to_have_count(2 * PAGE)
    expect(lines.nth(PAGE).locator("a")).to_be_focused()  # where reading goes on
    more.focus()
    page.keyboard.press("Enter")
    expect(lines).to_have_count(2 * PAGE + 1)
    expect(more).to_be_hidden()
    shown = page.locator("#cases tbody a").all_inner_texts()
    assert len(set(shown)) == len(shown) == 2 * PAGE + 1
    assert shown[0] == number


def test_a_page_that_does_not_come_is_said_and_can_be_asked_for_again(visit, portal):
    reader = visit()
    reader.sign_in(READER)
    reader.desk()
    page = reader.page
    expect(page.locator("#more")).to_be_visible()
    page.route(lambda url: "after=" in url, lambda route: route.abort(), times=1)
    page.locator("#more").click()
    expect(page.locator("#fault")).to_be_visible()
    expect(page.locator("#cases tbody tr")).to_have_count(PAGE)
    reader.complaints.clear()  # the request that was cut off here
    page.locator("#more").click()
    expect(page.locator("#cases tbody tr")).to_have_count(2 * PAGE)
