"""The organisation's successor key takes over while people are there: their browsers follow, say so, and take no other key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from crypto.encoding import parse_jcs, unb64u
from crypto.signing import sign_document, sign_public
from intake.config import load_settings
from intake.demonstration.people import read_organisation_key
from tests.databases import Databases
from tests.e2e.conftest import serving
from tests.e2e.visiting import Portal, Story
from tests.succession import SECOND, STRANGE, THIRD, following, printed
from workflow import ledger
from workflow.commands import rosters
from workflow.queries import organisation
from workflow.store import Store

HEAD = "P-001"
pytestmark = pytest.mark.timeout(300)

REPLACED = "Khóa của tổ chức đã được thay bằng khóa kế nhiệm mà khóa cũ đã nêu tên"
UNSIGNED = "không mang chữ ký bằng khóa của tổ chức"


@pytest.fixture(scope="module")
def portal(databases: Databases) -> Iterator[Portal]:
    """A demonstration of its own: its key is replaced."""
    with serving(databases) as portal:
        yield portal


class Keeper:
    """Who has the organisation's keys, and the database they are published in."""

    def __init__(self, portal: Portal) -> None:
        settings = load_settings(portal.environ)
        self.store = Store(settings.database_url)
        self.first = read_organisation_key(settings.demonstration_folder)

    def sign(self, key: bytes, *, then: bytes) -> None:
        at = datetime.now(UTC)
        with self.store.transaction() as db:
            body = rosters.draft_roster(
                db,
                issued=at.date(),
                expires=at.date() + timedelta(days=92),
                successor=printed(then),
                org=sign_public(key),
            )
            rosters.publish_roster(db, sign_document(key, "roster", body), at=at)

    def newest(self) -> dict[str, str]:
        with self.store.reading() as db:
            return organisation.latest_roster(db).document

    def kinds(self) -> list[str]:
        with self.store.reading() as db:
            return [entry.kind for entry in ledger.entries(db, ledger.ORGANISATION)]


@pytest.fixture(scope="module")
def keeper(portal: Portal) -> Iterator[Keeper]:
    keeper = Keeper(portal)
    keeper.sign(keeper.first, then=SECOND)  # the demonstration's own successor is nobody's
    yield keeper
    keeper.store.close()


def forge(page: Any, roster: Mapping[str, str], takeovers: Mapping[int, Mapping[str, Any]]) -> None:
    """From now on the server shows this page another roster, with pairs that are to lead to it."""

    def installation(route: Any) -> None:
        answer = route.fetch()
        told = answer.json() | {"roster": roster, "takeovers": sorted({*answer.json()["takeovers"], *takeovers})}
        route.fulfill(response=answer, body=json.dumps(told))

    def pair(route: Any) -> None:
        no = int(route.request.url.partition("/takeovers/")[2].partition("?")[0])
        if no in takeovers:
            route.fulfill(status=200, content_type="application/json", body=json.dumps(takeovers[no]))
        else:
            route.continue_()

    page.route("**/api/v1/installation*", installation)
    page.route("**/api/v1/takeovers/*", pair)


def test_people_who_are_there_follow_the_successor_and_no_other_key(portal, keeper, visit):
    head, cadre = visit(), visit(width=360, height=740)
    head.sign_in(HEAD)
    head.desk()
    expect(head.page.locator("#page")).to_be_visible()
    expect(head.page.locator("#key-changed")).to_be_hidden()
    renewed = keeper.kinds().count("pins_renewed")
    code, _ = cadre.report(Story())
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#mailbox-panel")).to_be_visible()
    expect(cadre.page.locator("#mailbox-panel [data-key-changed]")).to_be_hidden()
    old = keeper.newest()

    keeper.sign(SECOND, then=THIRD)

    # The member's signed-in browser
    head.page.reload()
    told = head.page.locator("#key-changed")
    expect(told).to_contain_text(REPLACED)
    expect(told).to_contain_text(printed(SECOND))
    expect(told).to_contain_text(printed(keeper.first))
    assert head.fits()
    told.get_by_role("button").click()
    expect(told).to_be_hidden()
    head.page.reload()
    expect(head.page.locator("#page")).to_be_visible()
    expect(told).to_be_hidden()

    # The reporter's page, which is asked for again in another language
    words = cadre.page.locator("#mailbox-panel [data-key-changed]")
    cadre.page.locator("[data-language=en]").first.click()
    expect(words).to_contain_text("The organisation's key was replaced by the successor")
    expect(words).to_contain_text(printed(keeper.first))
    expect(words).to_contain_text(printed(SECOND))
    assert cadre.fits()

    # A forged successor of the new key, which nobody named
    forged = following(keeper.newest(), STRANGE, then=SECOND)
    pairs = {parse_jcs(unb64u(forged["doc"]))["no"]: {"last": keeper.newest(), "first": forged}}
    for visitor in (head, cadre):
        forge(visitor.page, forged, pairs)
    head.page.reload()
    expect(head.page.locator("#fault")).to_contain_text(UNSIGNED)
    cadre.page.locator("[data-language=vi]").first.click()
    expect(cadre.page.locator("#fault")).to_contain_text(UNSIGNED)

    # On another machine the renewed pin alone knows the new key
    elsewhere = visit()
    elsewhere.sign_in(HEAD)
    elsewhere.desk()
    expect(elsewhere.page.locator("#page")).to_be_visible()
    assert keeper.kinds().count("pins_renewed") == renewed + 1
    thief = visit()
    forge(thief.page, following(old, keeper.first, then=STRANGE), {})
    person = portal.person(HEAD)
    thief.go(f"{portal.staff}/sign-in")
    thief.page.locator("#username").fill(person.username)
    thief.page.locator("#passphrase").fill(person.passphrase)
    thief.page.locator("#totp").fill(portal.one_time_code(person))
    thief.page.locator("#sign-in button[type=submit]").click()
    expect(thief.page.locator("#fault")).to_contain_text("CẢNH BÁO")


def test_a_visitor_with_an_old_notice_sees_both_fingerprints(portal, keeper, visit):
    cadre = visit(width=360, height=740)
    cadre.go(f"{portal.public}/help")
    cadre.page.locator("#ask-fingerprint").click()
    expect(cadre.page.locator("[data-fingerprint]")).to_have_text(printed(SECOND))
    told = cadre.page.locator("[data-key-changed]")
    expect(told).to_contain_text(REPLACED)
    expect(told).to_contain_text(printed(keeper.first))
    assert cadre.fits()
