"""Staff of the inspection office under inspectorate work: one report, two bodies, two cases, one receipt code."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_accessible import AXE, complaints
from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(300)

DIRECTOR, CHAIR = "P-022", "P-013"
STORY = Story(body="PKT", role="ordinary", work="inspectorate")


def is_accessible(visit) -> bool:
    """Nothing for axe to find, and nothing to scroll sideways on a phone or a screen."""
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in (360, 1280):
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert complaints(visit.page) == [], width
        assert visit.fits(), width
    return True


def test_both_bodies_read_and_answer_and_one_code_opens_both_mailboxes(visit):
    cadre = visit()
    page = cadre.page
    cadre.start_report()
    cadre.fill_concerns(STORY)
    expect(page.locator("#receivers")).to_contain_text("Giám đốc Sở")
    expect(page.locator("#receivers-pair")).to_be_visible()
    expect(page.locator("#receivers-second")).to_contain_text("Ủy ban Kiểm tra")
    assert is_accessible(cadre)
    cadre.agree()
    cadre.fill_story(STORY)
    expect(page.locator("#review")).to_contain_text("Tổ chức thứ hai")
    code = cadre.take_code()
    number = cadre.send(code)
    expect(page.locator("#receipt")).to_contain_text("Hồ sơ liên kết")
    second = page.locator("#receipt dt", has_text="Hồ sơ liên kết").first.locator("xpath=following-sibling::dd[1]")
    other = second.inner_text().split(",")[0]
    assert other != number

    for person, own, theirs, leads in (
        (DIRECTOR, number, other, "hồ sơ này chủ trì"),
        (CHAIR, other, number, "hồ sơ đó chủ trì"),
    ):
        member = visit()
        member.sign_in(person)
        member.desk()
        expect(member.page.locator("#cases")).to_contain_text(own)
        expect(member.page.locator("#cases")).not_to_contain_text(theirs)
        member.open_case(own)
        expect(member.page.locator("#header-decision")).to_contain_text(theirs)
        expect(member.page.locator("#header-decision")).to_contain_text(leads)
        member.declare_clear()
        expect(member.page.locator("#summary")).to_have_text(STORY.summary)
        expect(member.page.locator("#comparison-good")).to_be_visible()
        member.say("message", f"Hỏi từ {person}.")
        assert member.complaints == []

    cadre.open_mailbox(code)
    expect(page.locator("#number")).to_contain_text(number)
    expect(page.locator("#linked-cases li")).to_have_count(2)
    expect(page.locator("#talk")).to_contain_text(f"Hỏi từ {DIRECTOR}.")
    expect(page.locator("#talk")).not_to_contain_text(f"Hỏi từ {CHAIR}.")
    expect(page.locator("#writing-to")).to_contain_text("Giám đốc Sở")
    cadre.write("Gửi Giám đốc.")
    page.locator("#linked-cases button").click()
    expect(page.locator("#number")).to_contain_text(other)
    expect(page.locator("#talk")).to_contain_text(f"Hỏi từ {CHAIR}.")
    expect(page.locator("#talk")).not_to_contain_text("Gửi Giám đốc.")
    expect(page.locator("#writing-to")).to_contain_text("Ủy ban Kiểm tra")
    cadre.write("Gửi ủy ban.")
    page.locator("#check-record").click()
    expect(page.locator("#record")).to_be_visible(timeout=60_000)
    assert is_accessible(cadre)
    assert cadre.complaints == []


def test_the_reporter_may_choose_the_leading_body_alone(visit):
    cadre = visit()
    page = cadre.page
    cadre.start_report()
    cadre.fill_concerns(STORY)
    page.locator("#alone").check()
    cadre.agree()
    cadre.fill_story(STORY)
    expect(page.locator("#review")).to_contain_text("không gửi, theo lựa chọn của Ông/Bà")
    code = cadre.take_code()
    number = cadre.send(code)
    expect(page.locator("#receipt")).not_to_contain_text("Hồ sơ liên kết")
    cadre.open_mailbox(code)
    expect(page.locator("#number")).to_contain_text(number)
    expect(page.locator("#linked")).to_be_hidden()

    director = visit()
    director.sign_in(DIRECTOR)
    director.open_case(number)
    expect(director.page.locator("#header-decision")).to_contain_text("chỉ gửi tới tổ chức của Đồng chí")
    assert cadre.complaints == director.complaints == []
