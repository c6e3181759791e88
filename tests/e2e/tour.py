"""A tour of every page in each of its states, for whoever wants to look: the checks of the pages, and `make pictures`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.e2e.visiting import Portal, Story, Visit

See = Callable[[str, Visit], None]
# Who is met in each language: each one-time code works once, so the tours don't wait for each other's.
HANDLERS: Mapping[str, str] = {"vi": "P-001", "en": "P-002"}
# Who declares a conflict first, and tells the head why.
COLLEAGUES: Mapping[str, str] = {"vi": "P-004", "en": "P-005"}
MEMBERS: Mapping[str, str] = {"vi": "P-019", "en": "P-020"}
IDLE: Mapping[str, str] = {"vi": "P-008", "en": "P-009"}  # handlers of a committee that has received nothing
CUSTODIANS: Mapping[str, str] = {"vi": "P-046", "en": "P-047"}
NEWCOMERS = {"vi": ("P-951", "minh.hoa", "Người Minh Họa"), "en": ("P-952", "fictional", "A Fictional Person")}
ANSWERS = {
    "vi": "Xin Ông/Bà cho biết còn ai chứng kiến, và biên bản họp hiện do ai giữ?",
    "en": "Who else was there, and who keeps the minutes of the meeting?",
}
ADDITIONS = {
    "vi": ("Hôm thứ năm ông ấy lại gọi điện hỏi việc này.", "Trần Văn Minh Họa, phó đoàn kiểm tra"),
    "en": ("On Thursday he rang up and asked about it again.", "A Fictional Deputy of the team"),
}
REASONS = {"vi": "Trưởng đoàn là anh rể của tôi.", "en": "The head of the team is my brother-in-law."}
NOTES = {"vi": "Cần hỏi thêm người giữ biên bản.", "en": "Ask who keeps the minutes."}
STORIES = {
    "vi": Story(name="", reporter="Người Gửi Minh Họa"),
    "en": Story(
        name="",
        reporter="A Fictional Reporter",
        summary="The head of the team hinted at money to leave a finding out.",
        text="On Monday morning, in the meeting room, he asked whether the school would be grateful to the team.",
        group="",
    ),
}


@dataclass
class Tour:
    """One language's walk; `see` is called with a name for each state, and must leave the page as it is."""

    portal: Portal
    open_visit: Callable[..., Visit]
    language: str
    see: See

    def go(self) -> None:
        code, number = self.reporter()
        self.adding(code)
        self.conflict(number)
        self.desk(number)
        self.mailbox(code)
        self.entrances()
        self.enrolment()
        self.custody()
        self.oversight()
        self.relations()
        self.office()

    def at(self, visit: Visit, address: str) -> None:
        visit.page.goto(f"{address}?lang={self.language}")
        visit.page.wait_for_load_state("networkidle")

    def visit(self) -> Visit:
        return self.open_visit(width=1280, language=self.language)

    # The public face

    def reporter(self) -> tuple[str, str]:
        """From the first page to the receipt: the code and the case number."""
        story, cadre = STORIES[self.language], self.visit()
        page = cadre.page
        self.at(cadre, f"{self.portal.public}/")
        self.see("home", cadre)
        page.locator("#ask-fingerprint").click()
        expect(page.locator("[data-fingerprint]")).to_contain_text(" ")
        page.wait_for_load_state("networkidle")
        self.see("home-fingerprint", cadre)
        self.at(cadre, f"{self.portal.public}/help")
        self.see("help", cadre)
        cadre.expected_status = (404,)
        self.at(cadre, f"{self.portal.public}/khong-co")
        self.see("error", cadre)
        self.at(cadre, f"{self.portal.public}/report")
        self.see("report-1-kind", cadre)
        self.faulty(cadre, "kind")
        page.locator("input[name=kind][value=complaint]").check()
        self.see("report-1-kind-elsewhere", cadre)
        page.locator("input[name=kind][value=report]").check()
        cadre.go_on("kind")
        cadre.step("whom")
        self.faulty(cadre, "whom")
        page.locator("#accused-0-body").select_option(story.body)
        page.locator("#accused-0-role").select_option(story.role)
        self.see("report-2-whom", cadre)
        cadre.go_on("whom")
        cadre.step("what")
        self.faulty(cadre, "what")
        box = page.locator(f"input[name=category][value={story.category}]")
        box.locator("xpath=ancestor::details").locator("summary").click()
        box.check()
        self.see("report-3-what", cadre)
        cadre.go_on("what")
        cadre.step("away")
        page.locator("#objections summary").first.click()
        self.see("report-4-away", cadre)
        cadre.go_on("away")
        expect(page.locator("#receivers-known")).to_be_visible()
        self.see("report-5-receivers", cadre)
        cadre.agree()
        self.faulty(cadre, "story")
        for field, text in (("summary", story.summary), ("text", story.text)):
            page.locator(f"#{field}").fill(text)
        self.see("report-6-story", cadre)
        cadre.go_on("story")
        cadre.step("identity")
        page.locator("input[name=named][value=no]").check()
        self.see("report-7-identity-unnamed", cadre)
        page.locator("input[name=named][value=yes]").check()
        page.locator("#name").fill(story.reporter or "")
        self.see("report-7-identity", cadre)
        cadre.go_on("identity")
        cadre.step("review")
        self.see("report-8-review", cadre)
        code = cadre.take_code()
        self.faulty(cadre, "code")
        self.see("report-9-code", cadre)
        number = cadre.send(code)
        self.see("report-receipt", cadre)
        return code, number

    def faulty(self, cadre: Visit, step: str) -> None:
        """Going on with nothing filled in."""
        cadre.go_on(step)
        expect(cadre.page.locator("#fault")).to_be_visible()
        self.see(f"fault-{step}", cadre)

    def adding(self, code: str) -> None:
        """What the reporter adds to the report, looked over once more."""
        text, whom = ADDITIONS[self.language]
        cadre = self.visit()
        page = cadre.page
        cadre.open_mailbox(code)
        page.locator("#supplement-start").click()
        page.locator("#supplement-form button[type=submit]").click()
        expect(page.locator("#fault")).to_be_visible()
        self.see("fault-mailbox-supplement", cadre)
        page.locator("#added-text").fill(text)
        page.locator("#added-whom").fill(whom)
        self.see("mailbox-supplement", cadre)
        page.locator("#supplement-form button[type=submit]").click()
        expect(page.locator("#supplement-shown")).to_contain_text(whom)
        self.see("mailbox-supplement-review", cadre)
        page.locator("#supplement-review button[type=submit]").click()
        expect(page.locator("#supplements")).to_contain_text(text)
        self.see("mailbox-supplemented", cadre)

    def mailbox(self, code: str) -> None:
        cadre = self.visit()
        page = cadre.page
        self.at(cadre, f"{self.portal.public}/mailbox")
        self.see("mailbox-closed", cadre)
        page.locator("#code").fill("ba be bi bo bu bơ")
        page.locator("#open-form button[type=submit]").click()
        expect(page.locator("#fault")).to_be_visible()
        self.see("fault-mailbox-code", cadre)
        page.locator("#code").fill(code)
        page.locator("#open-form button[type=submit]").click()
        expect(page.locator("#talk")).to_contain_text(ANSWERS[self.language])
        page.locator("#own-report").locator("xpath=ancestor::details").locator("summary").click()
        self.see("mailbox", cadre)
        page.locator("#check-record").click()
        expect(page.locator("#record")).to_be_visible()
        self.see("mailbox-record", cadre)
        page.locator("#leave").click()
        self.see("mailbox-left", cadre)

    # The staff's face

    def conflict(self, number: str) -> None:
        colleague = self.visit()
        page = colleague.page
        self.sign_in(colleague, COLLEAGUES[self.language])
        colleague.open_case(number)
        page.locator("#conflict-details summary").click()
        page.locator("#reason").fill(REASONS[self.language])
        page.locator("#conflict-form button[type=submit]").click()
        page.wait_for_url(lambda url: "/staff/desk" in url and number not in url and url.count("/") == 4)
        page.wait_for_load_state("networkidle")
        self.see("staff-queue-conflict-declared", colleague)

    def desk(self, number: str) -> None:
        handler = self.visit()
        page = handler.page
        self.at(handler, f"{self.portal.staff}/sign-in")
        self.see("staff-sign-in", handler)
        self.sign_in(handler, HANDLERS[self.language])
        self.at(handler, f"{self.portal.staff}/")
        self.see("staff-home", handler)
        self.at(handler, f"{self.portal.staff}/desk")
        expect(page.get_by_role("link", name=number, exact=True)).to_be_visible()
        self.see("staff-queue", handler)
        page.get_by_role("link", name=number, exact=True).click()
        page.locator("#header-facts dl").first.wait_for()
        page.locator("#conflict-details summary").click()
        self.see("staff-case-declare", handler)
        handler.declare_clear()
        handler.say("message", ANSWERS[self.language])
        handler.say("note", NOTES[self.language])
        page.wait_for_load_state("networkidle")
        self.see("staff-case", handler)
        page.locator("#withdraw").click()
        self.see("staff-case-withdraw", handler)
        page.locator("#withdraw-stay").click()
        page.locator("#outside-look").click()
        page.locator("#outside button").first.click()
        self.see("staff-case-leave", handler)
        page.locator("#leave-stay").click()
        tab = another_tab(handler)
        self.at(tab, f"{self.portal.staff}/account")
        self.see("staff-unlock", tab)
        self.at(handler, f"{self.portal.staff}/account")
        expect(page.locator("#sessions li").first).to_be_visible()
        self.see("staff-account", handler)
        for change in ("#change-passphrase", "#change-factor", "#backup"):
            page.locator(f"{change} > summary").click()
        page.locator("#qr svg").wait_for()
        self.see("staff-account-changing", handler)
        handler.expected_status = (404,)
        self.at(handler, f"{self.portal.staff}/khong-co")
        self.see("staff-error", handler)
        idle = self.visit()
        self.sign_in(idle, IDLE[self.language])
        self.at(idle, f"{self.portal.staff}/desk")
        expect(idle.page.locator("#empty")).to_be_visible()
        self.see("staff-queue-empty", idle)

    def sign_in(self, visit: Visit, code: str) -> None:
        visit.sign_in(code)
        visit.page.wait_for_load_state("networkidle")

    def entrances(self) -> None:
        stranger = self.visit()
        stranger.expected_status = (401,)
        self.at(stranger, f"{self.portal.staff}/help")
        self.see("staff-help", stranger)
        self.at(stranger, f"{self.portal.staff}/")
        self.see("staff-home-signed-out", stranger)
        self.at(stranger, f"{self.portal.staff}/sign-in")
        for field, text in (("username", "khong.ai"), ("passphrase", "không đúng cụm này"), ("totp", "123456")):
            stranger.page.locator(f"#{field}").fill(text)
        stranger.page.locator("#sign-in button[type=submit]").click()
        expect(stranger.page.locator("#fault")).to_be_visible()
        self.see("fault-sign-in", stranger)
        self.at(stranger, f"{self.portal.staff}/recover")
        self.see("staff-recover", stranger)
        self.at(stranger, f"{self.portal.staff}/enrol")
        self.see("staff-enrol-no-link", stranger)

    def enrolment(self, who: Sequence[str] = ()) -> None:
        """A newcomer (code, user name, name) from their link to their phone."""
        told = subprocess.run(
            [sys.executable, "-m", "intake.cli", "member", "add", *(who or NEWCOMERS[self.language]), "--link"],
            env=dict(self.portal.environ),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        address, token = next(word for word in told.split() if "#" in word).split("#")
        newcomer = self.visit()
        page = newcomer.page
        page.goto(f"{address}?lang={self.language}#{token}")
        expect(page.locator("#step-passphrase")).to_be_visible()
        self.see("staff-enrol-1-passphrase", newcomer)
        page.locator("#take-offer").click()
        page.locator("#again").fill(page.locator("#offered").inner_text())
        page.locator("#passphrase-form button[type=submit]").click()
        expect(page.locator("#step-recovery")).to_be_visible()
        self.see("staff-enrol-2-recovery", newcomer)
        page.locator("#recovery-typed").fill(page.locator("#recovery-key").inner_text()[:9])
        page.locator("#recovery-form button[type=submit]").click()
        page.locator("#qr svg").wait_for()
        self.see("staff-enrol-3-code", newcomer)

    def custody(self) -> None:
        custodian = self.visit()
        page = custodian.page
        self.sign_in(custodian, CUSTODIANS[self.language])
        self.at(custodian, f"{self.portal.staff}/custody")
        expect(page.locator("#sets li").first).to_be_visible()
        self.see("staff-custody", custodian)
        page.locator("#drill").click()
        expect(page.locator("#notice")).to_be_visible()
        self.see("staff-custody-proved", custodian)

    def oversight(self) -> None:
        supervisor = self.visit()
        self.sign_in(supervisor, "P-055")
        self.at(supervisor, f"{self.portal.staff}/oversight")
        expect(supervisor.page.locator("#near tbody tr").first).to_be_visible()
        supervisor.page.locator("#others-title").click()
        self.see("staff-oversight", supervisor)
        head = self.visit()
        self.sign_in(head, "P-027")
        self.at(head, f"{self.portal.staff}/oversight")
        head.page.locator("tr[data-state=due] button[data-act=exception]").click()
        expect(head.page.locator("#sign")).to_be_visible()
        self.see("staff-oversight-sign", head)

    def relations(self) -> None:
        member = self.visit()
        page = member.page
        self.sign_in(member, MEMBERS[self.language])
        self.at(member, f"{self.portal.staff}/relations")
        expect(page.locator("#none")).to_be_visible()
        self.see("staff-relations-none", member)
        page.locator("#which").fill("P-021")
        page.locator("#since").fill("2026-01-01")
        page.locator("#declare-form button").click()
        expect(page.locator("#mine li")).to_have_count(1)
        self.see("staff-relations", member)
        page.locator("#mine li button").click()
        expect(page.locator("#end-day")).to_be_visible()
        self.see("staff-relations-end", member)
        page.locator("#end-leave").click()

    def office(self) -> None:
        administrator = self.visit()
        page = administrator.page
        code = next(p.code for p in people(self.portal) if "administrator" in p.post)
        self.sign_in(administrator, code)
        self.at(administrator, f"{self.portal.staff}/office")
        expect(page.locator("#roster")).not_to_be_empty()
        page.locator("#steps summary").click()
        self.see("staff-office", administrator)
        self.at(administrator, f"{self.portal.staff}/office/bodies")
        expect(page.locator("#bodies li").first).to_be_visible()
        for part in ("body", "merger"):
            page.locator(f"#enter-{part} summary").click()
        page.locator("#bodies li[data-body=UBKT-S] a").click()
        expect(page.locator("#body-seats li").first).to_be_visible()
        self.see("staff-office-bodies", administrator)
        self.at(administrator, f"{self.portal.staff}/office/inspections")
        expect(page.locator("#teams li").first).to_be_visible()
        page.locator("#enter-inspection summary").click()
        self.see("staff-office-inspections", administrator)
        page.locator("#teams li").first.get_by_role("button").first.click()
        expect(page.locator("#join")).to_be_visible()
        self.see("staff-office-inspection-joining", administrator)
        self.file(administrator)
        self.at(administrator, f"{self.portal.staff}/office/people")
        expect(page.locator("#people tbody tr").first).to_be_visible()
        for part in ("person", "seat"):
            page.locator(f"#enter-{part} summary").click()
        self.see("staff-office-people", administrator)
        page.locator("tr[data-person=P-006]").get_by_role("button").first.click()
        expect(page.locator("#replace")).to_be_visible()
        self.see("staff-office-replace", administrator)
        page.locator("#replace-yes").click()
        expect(page.locator("#link")).to_be_visible()
        self.see("staff-office-link", administrator)
        page.locator("#link-hide").click()

    def file(self, administrator: Visit) -> None:
        """A file with a fault, and one that is left as it is shown: nothing is entered."""
        page = administrator.page
        self.at(administrator, f"{self.portal.staff}/office/import")
        page.locator("#file-form").wait_for()
        right = "people:\n  - {code: P-981, username: minh.hoa.tep, name: Người Minh Họa Trong Tệp}\n"
        for name, text in (("fault-office-file", right + "  - {code: P-9}\n"), ("staff-office-change", right)):
            page.locator("#file").set_input_files(
                {"name": "to-chuc.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
            )
            page.locator("#file-form button[type=submit]").click()
            shown = "#faults" if name.startswith("fault") else "#change"
            expect(page.locator(shown)).to_be_visible()
            self.see(name, administrator)
        page.locator("#change-no").click()


def another_tab(visit: Visit) -> Visit:
    """Another tab of the same browser."""
    return Visit(visit.page.context.new_page(), visit.portal)


def people(portal: Portal):
    from intake.demonstration.people import read_people

    return read_people(portal.home / "demonstration")
