"""axe finds nothing on any page in any state, light and dark; and every page fits a phone and a screen at 200 percent."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.e2e.tour import Tour

pytestmark = pytest.mark.timeout(600)

VENDOR = Path(__file__).resolve().parent.parent / "vendor"
AXE = VENDOR / "axe.min.js"  # axe-core as published; tests alone use it (docs/decisions/0020-light-pages.md)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, ZOOMED, DESK = 360, 640, 1280  # CSS pixels; 1280 at 200 percent has 640
# Colours don't depend on the language: one of them sees both schemes.
LOOKS = {"vi": (("light", DESK), ("dark", PHONE)), "en": (("light", PHONE),)}
WORTH_SEEING = 40  # states on a tour, at least


def test_axe_is_the_file_that_was_published():
    (line,) = (VENDOR / "SHA256SUMS").read_text().splitlines()
    assert line.split() == [hashlib.sha256(AXE.read_bytes()).hexdigest(), AXE.name]


def test_axe_finds_what_is_wrong_where_something_is(visit, portal):
    visitor = visit()
    visitor.page.goto(f"{portal.public}/help")
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    visitor.page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert [line.split(":")[0] for line in complaints(visitor.page)] == ["label"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_on_any_page_light_or_dark_and_every_page_fits_its_screen(visit, portal, language):
    axe = AXE.read_text(encoding="utf-8")
    seen: list[str] = []
    found: list[str] = []

    def look(name, visitor):
        page = visitor.page
        seen.append(name)
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(axe)
        for width in (PHONE, ZOOMED, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            if not visitor.fits():
                found.append(f"{name}: scrolls sideways at {width} pixels")
        for scheme, width in LOOKS[language]:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{name}, {scheme}: {line}" for line in complaints(page))
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": DESK, "height": 900})

    Tour(portal, visit, language, look).go()
    assert len(set(seen)) == len(seen) > WORTH_SEEING
    assert found == [], "\n".join(found)


def complaints(page) -> list[str]:
    """What axe finds on the page as it is now."""
    answer = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
        ".then(({violations}) => violations.map(({id, nodes}) =>"
        " ({id, nodes: nodes.slice(0, 3).map(({html, failureSummary}) => `${html.slice(0, 160)} ${failureSummary}`)})))",
        RULES,
    )
    return [f"{one['id']}: {' | '.join(one['nodes'])}" for one in answer]
