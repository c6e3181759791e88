"""The reporter checks the record in a browser, and a reader sees who opened the case and when; a cheating server is found out.

The server cheats behind the seal: the opened answer of `mailbox.record` is altered in the window, and everything that checks
it runs as it is served.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from crypto.encoding import b64u, unb64u
from tests.e2e.visiting import Story, Visit

pytestmark = pytest.mark.timeout(240)

# Alters the opened answer of `mailbox.record`, at the only door that it passes in a browser: JSON.parse of its text.
CHEAT = """(change) => {
  const honest = JSON.parse;
  const alter = new Function("ok", change);
  JSON.parse = (text, ...more) => {
    const said = honest(text, ...more);
    if (said?.ok?.checkpoints && said.ok.entries) alter(said.ok);
    return said;
  };
}"""
CHEATS = {
    # The second entry, altered: somebody else opened the case, or at another time.
    "bị đứt tại mục 3": """
        const text = atob(ok.entries[1].replaceAll("-", "+").replaceAll("_", "/")).replace('"at":"2', '"at":"1');
        ok.entries[1] = btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    """,
    # The ledger ends earlier than the mailbox said a moment ago.
    "không phải sổ mà hộp thư này vừa nêu": "ok.entries.pop();",
    # The newest checkpoint is kept back.
    "cũ hơn lần trước": "ok.checkpoints.pop();",
    # A checkpoint is left out of the history.
    "có hai lịch sử": "ok.checkpoints.splice(1, 1);",
    # The case is in no checkpoint that this reporter is shown.
    "dù lẽ ra phải có": "ok.proof.path.pop();",
}


def sign_checkpoint(visit: Visit) -> None:
    """What the clock does on the hour."""
    program = "from intake.jobs import JOBS; JOBS['make_checkpoint']()"
    subprocess.run([sys.executable, "-c", program], env=visit.portal.environ, check=True, timeout=60)


def check_record(cadre: Visit) -> None:
    cadre.page.locator("#check-record").click()
    cadre.page.locator("#record .done, #fault:not([hidden])").first.wait_for()


@pytest.fixture
def handled(visit, portal):
    """A case that was opened and answered, with checkpoints before and after: window, receipt code, mark, head's window."""
    cadre = visit()
    code, number = cadre.report(Story())
    mark = cadre.page.locator("#receipt dd").last.inner_text()
    head = visit()
    head.sign_in("P-001")
    head.open_case(number)
    head.declare_clear()
    sign_checkpoint(cadre)
    head.page.reload()
    head.page.locator("#opened").wait_for()
    head.say("message", "Xin cho biết còn ai chứng kiến?")
    sign_checkpoint(cadre)
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text("còn ai chứng kiến")
    return cadre, code, mark, head


def test_the_record_is_checked_in_words_and_the_server_that_cheats_is_found_out(handled):
    cadre, code, mark, _ = handled
    record = cadre.page.locator("#record")
    check_record(cadre)
    expect(record.locator(".done")).to_contain_text("Sổ ghi nguyên vẹn")
    expect(record).to_contain_text(mark)
    expect(record).to_contain_text("bởi 1 cán bộ thụ lý")
    expect(record).to_contain_text("cùng một sổ ghi")
    assert len(mark.split()) == 10
    assert "P-001" not in record.inner_text()
    assert cadre.page.context.cookies() == []
    for said, change in CHEATS.items():
        cadre.open_mailbox(code)
        expect(cadre.page.locator("#talk")).to_contain_text("còn ai chứng kiến")
        cadre.page.evaluate(CHEAT, change)
        check_record(cadre)
        expect(cadre.page.locator("#fault")).to_contain_text("CẢNH BÁO")
        expect(cadre.page.locator("#fault")).to_contain_text(said)
        expect(record).to_be_hidden()


def test_what_is_newer_than_the_last_signature_is_said_so(visit):
    cadre = visit(width=360, height=740)
    code, _ = cadre.report(Story(summary="Chưa có lần ký nào."))
    cadre.open_mailbox(code)
    cadre.page.locator("#number").wait_for()
    check_record(cadre)
    expect(cadre.page.locator("#record .done")).to_be_visible()
    expect(cadre.page.locator("#record")).to_contain_text("chưa có ai mở")
    expect(cadre.page.locator("#record")).to_contain_text("sẽ bao gồm hồ sơ")
    assert cadre.fits()


def test_a_reader_sees_who_opened_the_case_and_a_lie_about_it_breaks_the_chain(handled):
    *_, head = handled
    page = head.page
    expect(page.locator("#history-count")).to_contain_text("1")
    opened = page.locator("#history [data-event=opened]")
    expect(opened).to_have_count(1)
    expect(opened).to_contain_text("P-001")
    expect(page.locator("#history [data-event=received]")).to_contain_text("5 người đọc")

    def lie(route):
        answer = route.fetch()
        said = answer.json()
        part = next(line["private"] for line in said["ledger"] if line["private"] and "P-001" in decoded(line))
        part["part"] = encoded(decoded({"private": part}).replace("P-001", "P-002"))
        route.fulfill(response=answer, body=json.dumps(said))

    page.route("**/api/v1/desk/cases/*", lie)
    page.reload()
    page.locator("#opened").wait_for()
    expect(page.locator("#chain")).to_contain_text("CẢNH BÁO")
    expect(page.locator("#history-panel")).to_be_hidden()


def decoded(line):
    return unb64u(line["private"]["part"]).decode()


def encoded(text):
    return b64u(text.encode())
