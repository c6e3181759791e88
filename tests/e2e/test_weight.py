"""What the public pages weigh on the wire before anybody types: measured in the browser, headers included."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(120)
LIMIT = 150_000  # bytes
FINGERPRINT = re.compile(r"^([0-9a-f]{4} ?){10}$")


def transferred(visitor, address: str) -> dict[str, int]:
    """Bytes as they came over the network, by address."""
    wire = visitor.page.context.new_cdp_session(visitor.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    weights: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda told: addresses.update({told["requestId"]: told["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda told: weights.update({told["requestId"]: int(told["encodedDataLength"])}))
    visitor.page.goto(address)
    visitor.page.wait_for_load_state("networkidle")
    wire.detach()
    return {f"{addresses.get(key, '')} {key}": weight for key, weight in weights.items()}


@pytest.mark.parametrize("path", ["/", "/report", "/mailbox", "/help"])
def test_a_public_page_is_light_before_typing_starts(visit, portal, path):
    weights = transferred(visit(width=360), f"{portal.public}{path}")
    assert len(weights) > 3
    assert sum(weights.values()) < LIMIT, sorted(weights.items(), key=lambda one: -one[1])[:5]


def test_what_seals_is_fetched_when_somebody_begins(visit, portal):
    visitor = visit()
    fetched: list[str] = []
    visitor.page.on("request", lambda request: fetched.append(request.url))
    visitor.start_report()
    visitor.page.wait_for_load_state("networkidle")
    assert not [address for address in fetched if "/vendor/" in address]
    with visitor.page.expect_request("**/vendor/sealing.js"):
        visitor.page.locator("input[name=kind][value=report]").check()


def test_a_reader_asks_for_the_fingerprint_and_sees_it_checked(visit, portal):
    reader = visit(width=360)
    reader.page.goto(portal.public)
    reader.page.locator("#ask-fingerprint").click()
    expect(reader.page.locator("[data-fingerprint]")).to_have_text(FINGERPRINT)


def test_a_lost_connection_at_the_first_fetch_is_said_and_may_be_tried_again(visit, portal):
    reader = visit()
    reader.page.goto(portal.public)
    reader.page.route("**/client/reporter.js", lambda route: route.abort(), times=1)
    reader.page.locator("#ask-fingerprint").click()
    reader.page.locator("#fault").wait_for()
    reader.complaints.clear()  # the browser logs the connection that was cut on purpose
    reader.page.locator("#ask-fingerprint").click()
    expect(reader.page.locator("[data-fingerprint]")).to_have_text(FINGERPRINT)
