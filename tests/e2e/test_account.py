"""A member looks after their own account in a browser; an administrator hands out links in the office."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from base64 import b32decode
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from intake.demonstration.people import PERIOD, one_time_code

pytestmark = pytest.mark.timeout(300)
NEW = "dòng sông đổi hướng giữa mùa khô hạn"
NEWER = "chiếc thuyền giấy qua cầu tre lúc nửa đêm"


class Newcomer:
    """Somebody who has just enrolled, with their phone and their papers."""

    def __init__(self, visit, portal, code, username):
        self.visit, self.portal, self.code, self.username = visit, portal, code, username
        self.used = 0
        told = subprocess.run(
            [sys.executable, "-m", "intake.cli", "member", "add", code, username, "Người Mới Đến", "--link"],
            env=portal.environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.enrol(next(word for word in told.split() if "#" in word))

    def enrol(self, link):
        page = self.visit.page
        page.goto(link)
        page.locator("#take-offer").click()
        self.passphrase = page.locator("#offered").inner_text()
        page.locator("#again").fill(self.passphrase)
        page.locator("#passphrase-form button[type=submit]").click()
        self.recovery = self.keep_recovery()
        self.secret = self.read_secret()
        page.locator("#totp").fill(self.one_time_code())
        page.locator("#code-form button[type=submit]").click()
        expect(page.locator("#step-done")).to_be_visible()

    def keep_recovery(self):
        page = self.visit.page
        expect(page.locator("#step-recovery")).to_be_visible()
        printed = page.locator("#recovery-key").inner_text()
        page.locator("#recovery-typed").fill(printed[:9])
        page.locator("#recovery-form button[type=submit]").click()
        return printed

    def read_secret(self):
        expect(self.visit.page.locator("#qr svg")).to_be_visible()
        typed = self.visit.page.locator("#totp-secret").inner_text().replace(" ", "")
        return b32decode(typed + "=" * (-len(typed) % 8))

    def one_time_code(self):
        """A code that was not used yet; the server takes that of half a minute ahead too, so nobody waits for long."""
        while (step := int(time.time()) // PERIOD + 1) <= self.used:
            time.sleep(0.5)
        self.used = max(self.used + 1, step - 1)
        return one_time_code(self.secret, datetime.fromtimestamp(self.used * PERIOD, UTC))

    def sign_in(self, visit, *, second=None):
        page = visit.page
        page.goto(f"{self.portal.staff}/sign-in")
        page.locator("#username").fill(self.username)
        page.locator("#passphrase").fill(self.passphrase)
        if second:
            page.locator("#use-backup").click()
        page.locator("#totp").fill(second or self.one_time_code())
        page.locator("#sign-in button[type=submit]").click()
        page.wait_for_url(lambda url: "sign-in" not in url)

    def at_account(self, visit):
        visit.page.goto(f"{self.portal.staff}/account")
        expect(visit.page.locator("#sessions li").first).to_be_visible()

    def choose(self, page, passphrase):
        page.locator("#passphrase").fill(passphrase)
        page.locator("#again").fill(passphrase)
        page.locator("#passphrase-form button[type=submit]").click()
        self.passphrase = passphrase


def test_the_recovery_key_opens_the_account_again(visit, portal):
    window = visit(width=360, height=740)
    somebody = Newcomer(window, portal, "P-911", "quen.mat.khau")
    page = window.page
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(f"{portal.staff}/sign-in")
    page.locator("a[href^='/staff/recover']").click()
    expect(page.locator("#step-prove")).to_be_visible()
    assert window.fits()

    window.expected_status = (401,)
    page.locator("#username").fill(somebody.username)
    page.locator("#recovery").fill("A" * 31)
    page.locator("#totp").fill("123456")
    page.locator("#prove-form button[type=submit]").click()
    expect(page.locator("#fault")).to_contain_text("tám nhóm")
    page.locator("#recovery").fill("A" * 32)
    page.locator("#prove-form button[type=submit]").click()
    expect(page.locator("#fault")).to_contain_text("khóa khôi phục")
    page.locator("#recovery").fill(somebody.recovery.lower().replace("-", " "))
    page.locator("#totp").fill(somebody.one_time_code())
    page.keyboard.press("Enter")
    expect(page.locator("#step-passphrase")).to_be_visible()
    assert window.fits()

    before, old = somebody.recovery, somebody.passphrase
    somebody.choose(page, NEW)
    somebody.recovery = somebody.keep_recovery()
    expect(page.locator("#step-done")).to_be_visible()
    assert somebody.recovery != before
    assert not [word for word in (old, NEW, before, somebody.recovery) if word in json.dumps(sent, ensure_ascii=False)]
    somebody.sign_in(window)
    somebody.at_account(window)
    expect(page.locator("#fingerprint")).not_to_be_empty()


def test_a_member_changes_passphrase_phone_and_backup_codes_and_ends_sessions(visit, portal):
    here, there = visit(width=360, height=740), visit()
    somebody = Newcomer(here, portal, "P-912", "thay.dien.thoai")
    somebody.sign_in(here)
    somebody.sign_in(there)
    somebody.at_account(here)
    page = here.page
    expect(page.locator("#sessions li")).to_have_count(2)
    assert here.fits()
    there.expected_status = here.expected_status = (401,)

    page.locator("#sessions li button").click()
    expect(page.locator("#sessions li")).to_have_count(1)
    there.page.goto(f"{portal.staff}/account")
    there.page.wait_for_url(re.compile("sign-in"))

    page.locator("#backup summary").click()
    page.locator("#backup-passphrase").fill(somebody.passphrase)
    page.locator("#backup-form button[type=submit]").click()
    expect(page.locator("#backup-codes li")).to_have_count(10)
    assert here.fits()
    codes = page.locator("#backup-codes li").all_inner_texts()
    page.locator("#backup-kept").click()
    expect(page.locator("#backup-codes li")).to_have_count(0)

    somebody.sign_in(there, second=codes[0])
    somebody.at_account(there)
    expect(there.page.locator("#backup-left")).to_contain_text("9 trên 10")

    page.locator("#change-factor summary").click()
    somebody.secret, somebody.used = somebody.read_secret(), 0
    assert here.fits()
    page.locator("#factor-passphrase").fill("không phải cụm này")
    page.locator("#code-form #totp").fill(somebody.one_time_code())
    page.locator("#code-form button[type=submit]").click()
    expect(page.locator("#fault")).to_be_visible()
    page.locator("#factor-passphrase").fill(somebody.passphrase)
    page.locator("#code-form button[type=submit]").click()
    expect(page.locator("#notice")).to_be_visible()

    page.locator("#change-passphrase summary").click()
    page.locator("#old-passphrase").fill(somebody.passphrase)
    somebody.choose(page, NEWER)
    expect(page.locator("#change-passphrase")).not_to_have_attribute("open", "")
    expect(page.locator("#notice")).to_be_visible()
    assert here.fits()
    somebody.sign_in(there)
    expect(there.page).to_have_url(re.compile("account"))


def test_an_administrator_hands_out_a_link_and_takes_it_back(visit, portal):
    office, other = visit(width=360, height=740), visit(language="en")
    subprocess.run(
        [sys.executable, "-m", "intake.cli", "member", "add", "P-913", "cho.dang.ky", "Người Chờ Đăng Ký"],
        env=portal.environ,
        check=True,
        capture_output=True,
    )
    administrator = next(p.code for p in _people(portal) if "administrator" in p.post)
    office.sign_in(administrator)
    page = office.page
    page.goto(f"{portal.staff}/office/people")
    expect(page.locator("#people tbody tr").first).to_be_visible()
    expect(page.locator(f"tr[data-person={administrator}] button")).to_have_count(0)
    page.locator("#search").fill("P-913")
    expect(page.locator("#people tbody tr")).to_have_count(1)
    assert office.fits()
    row = page.locator("tr[data-person=P-913]")
    row.get_by_role("button").click()
    expect(page.locator("#link")).to_be_visible()
    assert office.fits()
    address = page.locator("#link-address").inner_text()
    page.locator("#link-hide").click()
    expect(page.locator("#link-address")).to_be_empty()
    row.get_by_role("button").nth(1).click()
    expect(row.get_by_role("button")).to_have_count(1)
    other.expected_status = (410,)
    other.page.goto(address)
    expect(other.page.locator("#fault")).to_be_visible()

    page.locator("#search").fill("P-006")
    page.locator("tr[data-person=P-006]").get_by_role("button").first.click()  # another test may have left a link
    expect(page.locator("#replace")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#replace")).not_to_be_visible()
    expect(page.locator("#link")).not_to_be_visible()


def _people(portal):
    from intake.demonstration.people import read_people

    return read_people(portal.home / "demonstration")
