"""The whole job in English: report, reading, answer, mailbox, record; no Vietnamese sentence is left on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.visiting import Story, Visit

pytestmark = pytest.mark.timeout(240)

HEAD = "P-001"
# Letters that only Vietnamese has; what is data or a name may hold them.
MARKED = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
STORY = Story(
    name="Somebody",
    summary="The head of the team hinted at a gift.",
    text="On Monday in the meeting room he asked whether the school had something for the team.",
    reporter="A Reporter",
)


def foreign(visit: Visit) -> list[str]:
    """Lines of the page that are not English: names of people, the portal's own and the language's are."""
    text = visit.page.locator("body").inner_text()
    for known in (
        "Niêm Phong",
        "Tiếng Việt",
        "Người Mới Đến",
        "tháng 10/2026",
        "phòng họp của trường",
        "Xem xét việc này",
    ):
        text = text.replace(known, "")
    for person in {visit.portal.person(f"P-{number:03d}").name for number in range(1, 57)}:
        text = text.replace(person, "")
    text = re.sub(r"\d+-[\w]+/(ĐU|TW)", "", text)  # numbers of documents
    return [line.strip() for line in text.splitlines() if MARKED.search(line)]


def test_a_report_travels_and_comes_back_without_a_vietnamese_sentence(visit, portal):
    seen: dict[str, list[str]] = {}

    def look(who: Visit, where: str) -> None:
        if lines := foreign(who):
            seen[where] = lines

    cadre = visit(language="en")
    cadre.go(f"{portal.public}/")
    look(cadre, "home")
    cadre.go(f"{portal.public}/help")
    look(cadre, "help")
    cadre.start_report()
    look(cadre, "kind")
    cadre.fill_concerns(STORY)
    expect(cadre.page.locator("#receivers")).to_contain_text("Inspection")
    look(cadre, "receivers")
    cadre.agree()
    look(cadre, "story")
    cadre.fill_story(STORY)
    look(cadre, "review")
    code = cadre.take_code()
    look(cadre, "code")
    number = cadre.send(code)
    look(cadre, "receipt")

    head = visit(language="en")
    head.go(f"{portal.staff}/sign-in")
    look(head, "sign-in")
    head.sign_in(HEAD)
    head.desk()
    expect(head.page.locator("#cases tbody tr", has_text=number)).to_be_visible()
    head.open_case(number)
    look(head, "header")
    head.declare_clear()
    expect(head.page.locator("#narrative")).to_contain_text(STORY.text)
    head.say("message", "Who else was there?")
    look(head, "case")
    head.go(f"{portal.staff}/account")
    expect(head.page.locator("#standing")).to_contain_text("roster")
    look(head, "account")
    head.go(f"{portal.staff}/help")
    look(head, "guide")

    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text("Who else was there?")
    cadre.write("The clerk was.")
    cadre.page.locator("#check-record").click()
    expect(cadre.page.locator("#record")).to_contain_text("The record holds together")
    look(cadre, "mailbox")
    head.open_case(number)
    expect(head.page.locator("#messages")).to_contain_text("The clerk was.")
    assert seen == {}
