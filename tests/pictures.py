"""`make pictures`: the main pages in both languages, on a phone and on a desk, into docs/pictures. Needs Chromium."""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.canary.portal import running
from tests.e2e.conftest import FLAGS
from tests.e2e.tour import Tour
from tests.e2e.visiting import Portal, Visit

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WIDTHS = (360, 1280)
TALLEST = 1600  # pixels; what is longer goes on in the same manner
MAIN = (
    "home", "help", "report-1-kind", "report-3-what", "report-5-receivers", "report-6-story",
    "report-7-identity", "report-9-code", "report-receipt", "mailbox-closed", "mailbox",
    "mailbox-record", "fault-whom", "error", "staff-sign-in", "staff-enrol-2-recovery", "staff-recover", "staff-queue",
    "staff-queue-empty", "staff-case-declare", "staff-case", "staff-account", "staff-office",
    "staff-office-bodies", "staff-office-people", "staff-help",
)  # fmt: skip


def main() -> int:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("Chromium is not installed: apt-get install chromium")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="np-pictures-") as folder,
        running(Path(folder), {}) as started,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        shutil.rmtree(FOLDER, ignore_errors=True)
        for language in ("vi", "en"):
            (FOLDER / language).mkdir(parents=True)
            walk(browser, started.portal, language)
        browser.close()
    size = sum(path.stat().st_size for path in FOLDER.rglob("*.webp"))
    print(f"docs/pictures: {len(list(FOLDER.rglob('*.webp')))} pictures, {size / 1e6:.1f} MB")
    return 0


def walk(browser: Browser, portal: Portal, language: str) -> None:
    """One tour, with a picture of each main state at each width."""

    def open_visit(*, width: int = 1280, height: int = 900, language: str = language) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        return Visit(context.new_page(), portal)

    def take(name: str, visit: Visit) -> None:
        if name in MAIN:
            for width in WIDTHS:
                picture(visit, width, FOLDER / language / f"{name}-{width}.webp")

    Tour(portal, open_visit, language, take).go()


def picture(visit: Visit, width: int, path: Path) -> None:
    """The page as high as it is, as a small WebP: a window of that height, so that what is fixed stands at its end."""
    page = visit.page
    page.set_viewport_size({"width": width, "height": 740})
    page.evaluate("scrollTo(0, 0)")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(740, min(height, TALLEST))})
    wire = page.context.new_cdp_session(page)
    taken = wire.send("Page.captureScreenshot", {"format": "webp", "quality": 30})
    wire.detach()
    path.write_bytes(base64.b64decode(taken["data"]))
    page.set_viewport_size({"width": 1280, "height": 900})


if __name__ == "__main__":
    sys.exit(main())
