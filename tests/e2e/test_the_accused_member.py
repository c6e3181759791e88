"""A report about a member of the very committee that would receive it: nothing of it reaches them (KH84-II.2.2-UBKT-3)."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

ACCUSED, COLLEAGUE, READER = "P-003", "P-001", "P-006"
# What a member's pages ask for, and the pages themselves.
MINE = ("api/v1/desk/cases", "api/v1/session", "api/v1/account", "desk", "account")


def test_a_member_who_is_reported_gets_nothing_of_it_in_browser_answers_or_rows(visit, portal):
    story = Story(body="UBKT-S", role="member", summary="Đồng chí ấy nhận quà dấu-8801.", reporter=None)
    cadre = visit()
    cadre.start_report()
    cadre.fill_concerns(story)
    expect(cadre.page.locator("#receivers")).to_contain_text("Ủy ban Kiểm tra Thành ủy")
    cadre.agree()
    cadre.fill_story(story)
    number = cadre.send(cadre.take_code())
    reader = visit()
    reader.sign_in(READER)
    reader.open_case(number)
    case = reader.page.url.split("?")[0].rsplit("/", 1)[-1]
    reader.declare_clear()
    expect(reader.page.locator("#opened")).to_contain_text(story.summary)

    for code in (ACCUSED, COLLEAGUE):
        member = visit()
        member.sign_in(code)
        member.desk()
        expect(member.page.locator("#cases:visible, #empty:visible")).to_have_count(1)
        ask = member.page.context.request.get
        told = [ask(f"{portal.staff}/{path}") for path in MINE]
        assert all(answer.ok for answer in told)
        assert not [answer.url for answer in told if number in answer.text() or case in answer.text()]
        assert ask(f"{portal.staff}/api/v1/desk/cases/{case}").status in (403, 404)
        member.expected_status = (403, 404)
        member.go(reader.page.url)
        expect(member.page.locator("#fault")).to_be_visible()
        expect(member.page.locator("body")).not_to_contain_text(number)
    assert ACCUSED not in people_of_the_case(portal, case)
    assert READER in people_of_the_case(portal, case)


def people_of_the_case(portal, case):
    """Every text that stands in one row with the case, anywhere in the database."""
    with sqlite3.connect(f"file:{portal.home / 'niemphong.db'}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = [row for name in tables for row in database.execute(f'select * from "{name}"')]
    return " ".join(str(field) for row in rows if case in map(str, row) for field in row)
