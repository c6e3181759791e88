"""The whole job in Vietnamese: a sealed report travels from a cadre's browser to the right handler and back."""

from __future__ import annotations

import json
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(240)

HEAD, DEPUTY, INTAKE, OTHER, CUSTODIAN = "P-001", "P-002", "P-003", "P-008", "P-044"


def test_a_report_travels_to_the_right_handler_and_back(visit, portal):
    story = Story()
    cadre = visit()
    cadre.page.goto(portal.public)
    expect(cadre.page.locator("main")).to_contain_text("máy chủ")
    assert cadre.page.context.cookies() == []
    cadre.start_report()
    cadre.fill_concerns(story)
    # Before a word is written: which committee, how many, by which rule, and the key's fingerprint.
    expect(cadre.page.locator("#receivers")).to_contain_text("Ủy ban Kiểm tra Đảng ủy Sở")
    expect(cadre.page.locator("#receivers")).to_contain_text("5")
    expect(cadre.page.locator("#receivers-known")).to_contain_text(_fingerprint(cadre))
    cadre.agree()
    cadre.fill_story(story)
    code = cadre.take_code()
    number = cadre.send(code)
    assert cadre.page.context.cookies() == []

    head = visit()
    head.sign_in(HEAD)
    head.desk()
    line = head.page.locator("#cases tbody tr", has_text=number)
    expect(line).to_contain_text("Đã tiếp nhận")
    expect(line).to_contain_text("Nhận tiền, quà")
    expect(line).not_to_contain_text(story.summary)
    head.open_case(number)
    expect(head.page.locator("#header-facts")).to_contain_text("Đảng ủy Trường Minh Họa Một")
    expect(head.page.locator("#opened")).to_be_hidden()
    head.declare_clear()
    expect(head.page.locator("#summary")).to_have_text(story.summary)
    expect(head.page.locator("#narrative")).to_contain_text(story.text)
    expect(head.page.locator("#report")).to_contain_text(story.name)
    expect(head.page.locator("#comparison-good")).to_be_visible()
    assert story.reporter not in head.page.locator("body").inner_text()
    head.say("message", "Xin cho biết còn ai chứng kiến?")
    head.say("note", "Cần hỏi thêm trước khi phân loại.")

    cadre.open_mailbox(code)
    expect(cadre.page.locator("#number")).to_contain_text(number)
    expect(cadre.page.locator("#talk")).to_contain_text("Xin cho biết còn ai chứng kiến?")
    assert "Cần hỏi thêm" not in cadre.page.locator("body").inner_text()
    cadre.write("Có cô văn thư cùng nghe.")

    head.page.reload()
    expect(head.page.locator("#messages")).to_contain_text("Có cô văn thư cùng nghe.")
    expect(head.page.locator("#chain")).to_be_visible()
    head.desk()
    expect(head.page.locator("#cases tbody tr", has_text=number)).to_contain_text(story.summary)


def test_whoever_is_not_entitled_sees_and_gets_nothing(visit, portal):
    _, number = visit().report(Story())
    head = visit()
    head.sign_in(HEAD)
    head.open_case(number)
    address = head.page.url
    for code in (OTHER, CUSTODIAN):
        stranger = visit()
        stranger.sign_in(code)
        stranger.expected_status = (403, 404)
        stranger.page.goto(address)
        expect(stranger.page.locator("#fault")).to_be_visible()
        expect(stranger.page.locator("#header-facts")).to_be_empty()
        case = urlsplit(address).path.rsplit("/", 1)[1]
        answer = stranger.page.request.get(f"{portal.staff}/api/v1/desk/cases/{case}")
        assert answer.status in (403, 404)
        assert set(answer.json()) == {"error"}


def test_a_person_who_should_not_see_it_never_gets_a_key(visit, portal):
    cadre = visit()
    cadre.start_report()
    cadre.fill_concerns(Story(objections=[INTAKE], keep_away="Không để người cùng phòng tôi biết."))
    expect(cadre.page.locator("#receivers")).to_contain_text("4")
    cadre.agree()
    cadre.fill_story(Story())
    code = cadre.take_code()
    number = cadre.send(code)
    excluded = visit()
    excluded.sign_in(INTAKE)
    excluded.desk()
    excluded.page.wait_for_load_state("networkidle")
    expect(excluded.page.locator("#page")).to_be_visible()
    assert number not in excluded.page.locator("body").inner_text()


def test_where_quorum_is_lost_it_goes_one_level_up(visit):
    cadre = visit()
    cadre.start_report()
    cadre.fill_concerns(Story(objections=["P-001", "P-002"]))
    expect(cadre.page.locator("#receivers")).to_contain_text("Ủy ban Kiểm tra Thành ủy")


def test_withdrawing_closes_the_case_to_whoever_left_and_renews_its_keys(visit, portal):
    story = Story(reporter=None)
    code, number = visit().report(story)
    deputy, head = visit(), visit()
    for member, who in ((deputy, DEPUTY), (head, HEAD)):
        member.sign_in(who)
        member.open_case(number)
        member.declare_clear()
    deputy.page.locator("#withdraw").click()
    deputy.page.locator("#withdraw-sure").check()
    deputy.page.locator("#withdraw-confirm").click()
    deputy.page.wait_for_url(f"{portal.staff}/desk")
    assert number not in deputy.page.locator("#page").inner_text()

    head.page.reload()
    expect(head.page.locator("#notice")).to_be_visible()
    head.say("message", "Chúng tôi đang xem xét.")
    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text("Chúng tôi đang xem xét.")
    deputy.expected_status = (403, 404)
    deputy.page.goto(head.page.url)
    expect(deputy.page.locator("#fault")).to_be_visible()


def test_a_mail_without_content_goes_to_each_eligible_handler(visit, portal):
    before = len(portal.mails())
    visit().report(Story())
    deadline = time.monotonic() + 30
    while len(portal.mails()) < before + 5 and time.monotonic() < deadline:
        time.sleep(0.2)
    mails = portal.mails()[before:]
    assert len(mails) >= 5
    for mail in mails:
        assert Story.summary not in mail
        assert "DU-TT-01" not in mail


def _fingerprint(cadre) -> str:
    """The organisation key's fingerprint as the signed roster's own bytes give it."""
    from crypto.encoding import fingerprint, parse_jcs, unb64u

    answer = json.loads(cadre.page.request.get(f"{cadre.portal.public}/api/v1/installation").text())
    return fingerprint(unb64u(parse_jcs(unb64u(answer["roster"]["doc"]))["org"]))
