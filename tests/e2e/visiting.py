"""What a person does in a browser, in their words: file a report, look into the mailbox, sign in, handle a case."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, expect

from intake.demonstration.people import PERIOD, Person, code_of, read_people


@dataclass
class Portal:
    """A running demonstration."""

    public: str
    staff: str
    home: Path
    environ: Mapping[str, str]
    log: Path
    used: dict[str, int] = field(default_factory=dict)

    def person(self, code: str) -> Person:
        return next(person for person in read_people(self.home / "demonstration") if person.code == code)

    def one_time_code(self, person: Person) -> str:
        """A code that was not used yet: waits for the next one where the present one was."""
        while (step := int(time.time()) // PERIOD) <= self.used.get(person.code, 0):
            time.sleep(0.5)
        self.used[person.code] = step
        return code_of(person, datetime.now(UTC))

    def mails(self) -> list[str]:
        return [path.read_text("utf-8") for path in sorted((self.home / "mail").glob("*.eml"))]


@dataclass
class Story:
    """What a cadre reports in these tests."""

    body: str = "DU-TT-01"
    role: str = "head"
    work: str = ""
    name: str = "Người Được Nêu Tên"
    category: str = "D4-03-NHANLOIICH"
    group: str = "Tiền – quà"
    summary: str = "Trưởng đoàn gợi ý bồi dưỡng để bỏ qua thiếu sót."
    text: str = "Sáng thứ hai, trong phòng họp, ông ấy hỏi trường có “bồi dưỡng” cho đoàn không."
    inspection: str = ""
    objections: Sequence[str] = ()
    keep_away: str = ""
    reporter: str | None = "Nguyễn Thị Người Báo"


class Visit:
    """One window. `complaints` are the errors its pages logged, violations of the policy among them."""

    def __init__(self, page: Page, portal: Portal, language: str = "vi") -> None:
        self.page = page
        self.language = language
        self.portal = portal
        self.complaints: list[str] = []
        self.expected_status: tuple[int, ...] = ()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if any(f"status of {status}" in message.text for status in self.expected_status):
            return  # a refusal that the test asked for
        self.complaints.append(message.text)

    def go(self, address: str) -> None:
        """Open an address in this visit's language."""
        self.page.goto(address if self.language == "vi" else f"{address}?lang={self.language}")

    # The reporter

    def start_report(self) -> None:
        self.go(f"{self.portal.public}/report")
        expect(self.page.locator("form[data-step=kind]")).to_be_visible()

    def step(self, name: str) -> None:
        """Wait until this step of the form is the one that is shown."""
        expect(self.page.locator(f"[data-step={name}]")).to_be_visible()

    def go_on(self, name: str) -> None:
        self.page.locator(f"[data-step={name}] button[type=submit]").click()

    def fill_concerns(self, story: Story) -> None:
        """Steps 1 to 4, up to the answer who will receive it."""
        page = self.page
        self.step("kind")
        page.locator("input[name=kind][value=report]").check()
        self.go_on("kind")
        self.step("whom")
        page.locator("#accused-0-body").select_option(story.body)
        page.locator("#accused-0-role").select_option(story.role)
        page.locator("#accused-0-name").fill(story.name)
        self.go_on("whom")
        self.step("what")
        page.locator("#work").select_option(story.work)
        page.locator("#inspection").select_option(story.inspection)
        box = page.locator(f"input[name=category][value={story.category}]")
        box.locator("xpath=ancestor::details").locator("summary").click()
        box.check()
        self.go_on("what")
        self.step("away")
        for code in story.objections:
            objection = page.locator(f"input[name=objection][value={code}]")
            details = objection.locator("xpath=ancestor::details")
            if details.get_attribute("open") is None:
                details.locator("summary").click()
            objection.check()
        page.locator("#keepAway").fill(story.keep_away)
        self.go_on("away")
        self.step("receivers")

    def agree(self) -> None:
        expect(self.page.locator("#receivers-known")).to_be_visible()
        self.page.locator("#receivers-next").click()
        self.step("story")

    def fill_story(self, story: Story) -> None:
        page = self.page
        page.locator("#summary").fill(story.summary)
        page.locator("#when").fill("tháng 10/2026")
        page.locator("#where").fill("phòng họp của trường")
        page.locator("#text").fill(story.text)
        page.locator("#wants").fill("Xem xét việc này")
        self.go_on("story")
        self.step("identity")
        if story.reporter is None:
            page.locator("input[name=named][value=no]").check()
        else:
            page.locator("#name").fill(story.reporter)
        self.go_on("identity")
        self.step("review")

    def take_code(self) -> str:
        """From the review to the receipt code, which is read as a person reads it."""
        self.go_on("review")
        self.step("code")
        code = self.page.locator("#code").inner_text()
        assert len(code.replace("-", " ").split()) == 9
        return code

    def send(self, code: str) -> str:
        """Type the code back, send, and return the case number."""
        self.page.locator("#typed").fill(code.replace("-", " ").upper())
        self.page.locator("#send").click()
        self.step("done")
        return self.page.locator("#receipt dd").first.inner_text()

    def report(self, story: Story) -> tuple[str, str]:
        """The whole way; receipt code and case number."""
        self.start_report()
        self.fill_concerns(story)
        self.agree()
        self.fill_story(story)
        code = self.take_code()
        return code, self.send(code)

    def open_mailbox(self, code: str) -> None:
        self.go(f"{self.portal.public}/mailbox")
        self.page.locator("#open-form").wait_for()
        self.page.locator("#code").fill(code)
        self.page.locator("#open-form button[type=submit]").click()

    def write(self, text: str) -> None:
        self.page.locator("#message").fill(text)
        self.page.locator("#write-form button[type=submit]").click()
        expect(self.page.locator("#talk")).to_contain_text(text)

    def add(self, text: str, whom: str = "") -> None:
        """Add to the report: write, look over it, seal it for good."""
        page = self.page
        page.locator("#supplement-start").click()
        page.locator("#added-text").fill(text)
        page.locator("#added-whom").fill(whom)
        page.locator("#supplement-form button[type=submit]").click()
        expect(page.locator("#supplement-shown")).to_contain_text(text)
        page.locator("#supplement-review button[type=submit]").click()
        expect(page.locator("#supplements")).to_contain_text(text)

    # Members

    def sign_in(self, code: str) -> Person:
        person = self.portal.person(code)
        page = self.page
        self.go(f"{self.portal.staff}/sign-in")
        page.locator("#username").fill(person.username)
        page.locator("#passphrase").fill(person.passphrase)
        page.locator("#totp").fill(self.portal.one_time_code(person))
        page.locator("#sign-in button[type=submit]").click()
        page.wait_for_url(lambda url: url.startswith(f"{self.portal.staff}/") and "sign-in" not in url)
        return person

    def desk(self) -> None:
        self.go(f"{self.portal.staff}/desk")

    def open_case(self, number: str) -> None:
        self.desk()
        self.page.get_by_role("link", name=number, exact=True).click()
        self.page.locator("#header-facts").wait_for()

    def declare_clear(self) -> None:
        self.page.locator("#clear-sure").check()
        self.page.locator("#clear-form button[type=submit]").click()
        self.page.locator("#opened").wait_for()

    def say(self, kind: str, text: str) -> None:
        """A `message` to the reporter or a `note` for colleagues."""
        self.page.locator(f"#{kind}").fill(text)
        self.page.locator(f"#{kind}-form button[type=submit]").click()
        expect(self.page.locator(f"#{kind}s")).to_contain_text(text)

    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
