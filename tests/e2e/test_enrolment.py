"""A new member enrols in a browser through a one-time link, and signs in with the keys made there."""

from __future__ import annotations

import subprocess
import sys
from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from intake.demonstration.people import one_time_code

pytestmark = pytest.mark.timeout(180)


def command(portal, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "intake.cli", *words], env=portal.environ, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_member_enrols_through_a_link_that_works_once(visit, portal):
    told = command(
        portal, "member", "add", "P-901", "moi.den", "Người Mới Đến", "--seat", "UBKT-TU:member:intake", "--link"
    )
    link = next(word for word in told.split() if "#" in word)
    newcomer = visit()
    page = newcomer.page
    page.goto(link)
    expect(page.locator("#step-passphrase")).to_be_visible()
    assert "#" not in page.url  # the token is in no history
    page.locator("#take-offer").click()
    passphrase = page.locator("#offered").inner_text()
    if page.locator("#again").input_value() == "":
        page.locator("#again").fill(passphrase)
    page.locator("#passphrase-form button[type=submit]").click()
    expect(page.locator("#step-recovery")).to_be_visible()
    recovery = page.locator("#recovery-key").inner_text()
    page.locator("#recovery-typed").fill(" ".join(recovery.replace("-", " ").split()[:2]))
    page.locator("#recovery-form button[type=submit]").click()
    expect(page.locator("#step-code")).to_be_visible()
    assert page.locator("#qr svg").count() == 1
    typed = page.locator("#totp-secret").inner_text().replace(" ", "")
    secret = b32decode(typed + "=" * (-len(typed) % 8))
    before = datetime.now(UTC) - timedelta(seconds=30)  # leaves the present code for signing in
    page.locator("#totp").fill(one_time_code(secret, before))
    page.locator("#code-form button[type=submit]").click()
    expect(page.locator("#step-done")).to_be_visible()

    page.goto(f"{portal.staff}/sign-in")
    page.locator("#username").fill("moi.den")
    page.locator("#passphrase").fill(passphrase)
    page.locator("#totp").fill(one_time_code(secret, datetime.now(UTC)))
    page.locator("#sign-in button[type=submit]").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{portal.staff}/account")
    expect(page.locator("#standing")).to_be_visible()  # not in the signed roster yet
    assert page.evaluate("sessionStorage.length") > 0
    assert passphrase not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")

    again = visit()
    again.expected_status = (404, 409, 410)
    again.page.goto(link)
    expect(again.page.locator("#fault")).to_be_visible()


def test_a_new_tab_asks_for_the_passphrase_again(visit, portal):
    head = visit()
    person = head.sign_in("P-006")
    tab = head.page.context.new_page()
    tab.goto(f"{portal.staff}/desk")
    expect(tab.locator("#unlock")).to_be_visible()
    tab.locator("#unlock-passphrase").fill(person.passphrase)
    tab.locator("#unlock-form button[type=submit]").click()
    expect(tab.locator("#page")).to_be_visible()
