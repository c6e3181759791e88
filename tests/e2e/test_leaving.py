"""A case leaves the installation from the case page, is opened elsewhere, and its receipt comes back to all concerned."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from intake.config import load_settings
from intake.demonstration.people import read_organisation_key
from tests.e2e.test_accessible import AXE, complaints
from tests.e2e.visiting import Portal, Story
from workflow.commands.outside import add_outside, remove_outside
from workflow.outside import Outside, sign_outside
from workflow.store import Store
from workflow.times import local_date

pytestmark = pytest.mark.timeout(240)

HEAD, CODE, NAME = "P-001", "CA-TP", "Công an thành phố (minh họa)"


@pytest.fixture
def outside(portal: Portal) -> Iterator[None]:
    """A body outside without a key, signed for by the demonstration's organisation; afterwards it is gone again."""
    settings = load_settings(portal.environ)
    store = Store(settings.database_url)
    at = datetime.now(UTC)
    today = local_date(at)
    body = Outside(CODE, NAME, "City police (fictional)", today, today + timedelta(days=9), None)
    with store.transaction() as db:
        add_outside(db, sign_outside(read_organisation_key(settings.demonstration_folder), body), at=at)
    yield
    with store.transaction() as db:
        remove_outside(db, CODE, at=at)
    store.close()


def command(*words: object, environ=None, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "intake.cli", *map(str, words)],
        input=text,
        capture_output=True,
        text=True,
        env=environ or {"PATH": os.environ["PATH"]},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("width", [360])
def test_a_case_leaves_is_opened_elsewhere_and_the_receipt_comes_back(visit, portal, outside, width, tmp_path: Path):
    story = Story(reporter="Người Không Được Biết")
    code, number = visit().report(story)
    head = visit(width=width)
    head.sign_in(HEAD)
    head.open_case(number)
    head.declare_clear()
    page = head.page
    head.say("message", "Chúng tôi chuyển hồ sơ đến cơ quan có thẩm quyền.")
    head.say("note", "Ghi chú ở lại đây.")
    page.locator("#outside-look").click()
    page.get_by_role("button", name=f"Chuyển hồ sơ đến {NAME}").click()
    expect(page.locator("#leave-dialog")).to_contain_text(NAME)
    expect(page.locator("#leave-confirm")).to_be_disabled()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert complaints(page) == []
    assert head.fits()
    page.locator("#leave-sure").check()
    with page.expect_download() as downloaded:
        page.locator("#leave-confirm").click()
    file = tmp_path / "case.nppk"
    downloaded.value.save_as(file)
    assert downloaded.value.suggested_filename == f"{number}-{CODE}.nppk"
    expect(page.locator("#notice")).to_contain_text("Đã lập tệp niêm phong")
    words = page.locator("#package-words").inner_text()
    assert len(words.split()) == 10
    assert complaints(page) == []
    assert head.fits()
    page.emulate_media(media="print")
    expect(page.locator("#package-words")).to_be_visible()
    expect(page.locator("#case-facts")).to_be_hidden()
    expect(page.locator("#messages")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("#left")).to_contain_text("Chưa nhận lại biên nhận")
    expect(page.locator("#history [data-event=package]")).to_contain_text(CODE)
    if folder := os.environ.get("PICTURES_OF_LEAVING"):
        page.screenshot(path=f"{folder}/leaving-{width}.png", full_page=True)

    (tmp_path / "code").write_text(words)
    command("package", "open", file, "--code-file", tmp_path / "code")
    out = tmp_path / "case-opened"
    report = (out / "report.txt").read_text("utf-8")
    assert story.text in report
    assert story.summary in report
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert story.reporter.encode() not in everything
    assert "Ghi chú ở lại đây.".encode() not in everything
    assert "Chúng tôi chuyển hồ sơ" in (out / "conversation.txt").read_text("utf-8")
    assert "CẢNH BÁO" not in (out / "checks.txt").read_text("utf-8")

    cadre = visit(width=width)
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#left")).to_contain_text(NAME)
    expect(cadre.page.locator("#left")).to_contain_text("chưa xác nhận")
    expect(cadre.page.locator("#left .alarm")).to_have_count(0)
    assert cadre.fits()
    command("package", "receipt", out / "receipt.json", environ=dict(portal.environ))
    cadre.page.locator("#reload").click()
    expect(cadre.page.locator("#left")).to_contain_text("đã nhận ngày")
    cadre.page.locator("#check-record").click()
    expect(cadre.page.locator("#record")).to_contain_text("Số gói niêm phong")
    page.reload()
    expect(page.locator("#left")).to_contain_text("đã nhận ngày")
    expect(page.locator("#package-words")).to_be_hidden()
