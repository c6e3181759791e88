"""What the public pages do for somebody who hesitates, changes the language, loses the connection or mistypes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story

pytestmark = pytest.mark.timeout(180)

PHONE, DESK = 360, 1280


def test_changing_the_language_loses_no_text(visit):
    cadre = visit()
    story = Story(keep_away="Không để người cùng phòng tôi biết.")
    cadre.start_report()
    cadre.fill_concerns(story)
    cadre.agree()
    cadre.page.locator("#summary").fill(story.summary)
    cadre.page.locator("#text").fill(story.text)
    cadre.page.locator("[data-language=en]").click()
    expect(cadre.page.locator("form[data-step=story] h1")).to_have_text("What happened?")
    expect(cadre.page.locator("html")).to_have_attribute("lang", "en")
    expect(cadre.page.locator("#summary")).to_have_value(story.summary)
    expect(cadre.page.locator("#text")).to_have_value(story.text)
    cadre.page.locator("[data-language=vi]").click()
    expect(cadre.page.locator("form[data-step=story] h1")).to_have_text("Việc gì đã xảy ra?")
    cadre.go_on("story")
    cadre.page.locator("#name").fill("Nguyễn Thị Người Báo")
    cadre.go_on("identity")
    cadre.step("review")
    for text in (story.summary, story.text, story.name, story.keep_away):
        expect(cadre.page.locator("#review")).to_contain_text(text)


def test_nothing_is_kept_in_the_browser(visit):
    cadre = visit()
    cadre.report(Story())
    kept = cadre.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]


def test_a_lost_answer_is_repeated_by_sending_again(visit):
    cadre = visit()
    story = Story(summary="Một lần gửi, hai lần trả lời.")
    cadre.start_report()
    cadre.fill_concerns(story)
    cadre.agree()
    cadre.fill_story(story)
    code = cadre.take_code()
    lost = []

    def lose(route):
        """The server takes the report in; its answer never arrives."""
        lost.append(route.fetch())
        route.abort()

    cadre.page.route("**/api/v1/envelope*", lose, times=1)
    cadre.page.locator("#typed").fill(code)
    cadre.page.locator("#send").click()
    expect(cadre.page.locator("#again")).to_be_visible()
    assert [answer.status for answer in lost] == [200]
    cadre.complaints.clear()  # the browser logs the connection that was cut on purpose
    cadre.page.locator("#send-again").click()
    cadre.step("done")
    number = cadre.page.locator("#receipt dd").first.inner_text()
    head = visit()
    head.sign_in("P-001")
    head.desk()
    expect(head.page.locator("#cases tbody tr", has_text=number)).to_have_count(1)
    head.open_case(number)
    head.declare_clear()
    expect(head.page.locator("#summary")).to_have_text(story.summary)


def test_the_code_has_to_be_typed_back_and_the_page_says_which_word_is_wrong(visit):
    cadre = visit()
    cadre.start_report()
    cadre.fill_concerns(Story())
    cadre.agree()
    cadre.fill_story(Story())
    code = cadre.take_code().replace("-", " ").split()
    cadre.page.locator("#typed").fill(" ".join([*code[:3], "khôngphảitừ", *code[4:]]))
    cadre.page.locator("#send").click()
    expect(cadre.page.locator("#typed-fault")).to_contain_text("4")
    cadre.page.locator("#typed").fill(" ".join(code[:8]))
    cadre.page.locator("#send").click()
    expect(cadre.page.locator("#typed-fault")).to_contain_text("8")
    assert re.fullmatch(r"\d{4}-\d{4}", cadre.send(" ".join(code)))


def test_a_wrong_code_gets_a_clear_answer_and_nothing_different_on_the_wire(visit):
    cadre = visit()
    code, _ = cadre.report(Story())
    sizes = []
    cadre.page.on("response", lambda answer: "/api/v1/envelope" in answer.url and sizes.append(len(answer.body())))
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#mailbox-panel")).to_be_visible()
    words = code.replace("-", " ").split()
    cadre.open_mailbox(" ".join([words[0], *words[:0:-1]]))
    expect(cadre.page.locator("#code-fault, #fault").first).to_contain_text("mã")
    expect(cadre.page.locator("#mailbox-panel")).to_be_hidden()
    assert len(sizes) == 4, "each opening asks for the mailbox of a linked case as well, whether there is one or not"
    assert len(set(sizes)) == 1


def test_the_back_button_keeps_what_was_typed(visit):
    cadre = visit()
    cadre.start_report()
    cadre.fill_concerns(Story())
    cadre.agree()
    cadre.page.locator("#summary").fill("Một câu.")
    cadre.page.go_back()
    cadre.step("receivers")
    cadre.agree()
    expect(cadre.page.locator("#summary")).to_have_value("Một câu.")


def test_what_belongs_elsewhere_is_told_where_to_go(visit):
    cadre = visit()
    cadre.start_report()
    cadre.page.locator("input[name=kind][value=complaint]").check()
    expect(cadre.page.locator("#kind-complaint")).to_be_visible()
    cadre.go_on("kind")
    cadre.step("kind")
    expect(cadre.page.locator("#kind-fault")).to_be_visible()


def test_what_was_wrong_is_no_longer_named_once_it_is_corrected(visit):
    cadre = visit()
    page = cadre.page
    cadre.start_report()
    page.locator("input[name=kind][value=report]").check()
    cadre.go_on("kind")
    cadre.go_on("whom")
    expect(page.locator("#fault li")).to_have_count(2)
    page.locator("#accused-0-body").select_option("DU-TT-01")
    expect(page.locator("#fault li")).to_have_count(1)
    expect(page.locator("#accused-0-body-fault")).to_be_hidden()
    expect(page.locator("#accused-0-role-fault")).to_be_visible()
    page.locator("#accused-0-role").select_option("head")
    expect(page.locator("#fault")).to_be_hidden()


def test_the_mailbox_shows_again_whom_it_concerns_of_what_kind_it_is_and_whether_it_is_named(visit):
    cadre = visit()
    story = Story()
    code, _ = cadre.report(story)
    cadre.open_mailbox(code)
    cadre.page.locator("#mailbox-panel summary").click()
    for text in (story.name, "Đảng ủy Trường Minh Họa Một", "Nhận tiền, quà", story.summary, "niêm phong riêng"):
        expect(cadre.page.locator("#own-report")).to_contain_text(text)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_fits_its_screen(visit, portal, width, language):
    visitor = visit(width=width, language=language)
    for address in (
        f"{portal.public}/",
        f"{portal.public}/report",
        f"{portal.public}/mailbox",
        f"{portal.public}/help",
        f"{portal.staff}/sign-in",
        f"{portal.staff}/help",
    ):
        visitor.page.goto(f"{address}?lang={language}")
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.fits(), address
        assert visitor.page.locator(".demo").count() == 1, address
        assert visitor.page.locator("html").get_attribute("lang") == language


def test_quick_exit_leaves_with_everything_cleared(visit, portal):
    cadre = visit()
    cadre.page.route("https://hcm.edu.vn/**", lambda route: route.fulfill(body="elsewhere", content_type="text/html"))
    cadre.start_report()
    cadre.page.locator("[data-exit]").click()
    cadre.page.wait_for_url("https://hcm.edu.vn/**")
