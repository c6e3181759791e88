"""A case is given to a colleague who came into the body after it was received, and the reporter sees that in the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from intake.config import load_settings
from intake.demonstration.building import publish_next
from tests.e2e.test_accessible import AXE, complaints
from tests.e2e.visiting import Portal, Story
from workflow import models
from workflow.commands import organisation
from workflow.store import Store

pytestmark = pytest.mark.timeout(240)

HEAD, NEW = "P-001", "P-030"


@pytest.fixture
def seated(portal: Portal) -> Iterator[object]:
    """Gives P-030 a seat in the receiving body and has the roster signed; afterwards everything is as it was."""
    settings = load_settings(portal.environ)
    store = Store(settings.database_url)

    def sit() -> None:
        at = datetime.now(UTC)
        with store.transaction() as db:
            since = at.date() - timedelta(days=2)
            organisation.add_seat(
                db, body="UBKT-S", person=NEW, function="member", roles=("intake",), term_from=since, at=at
            )
            publish_next(db, settings, at=at)

    yield sit
    with store.transaction() as db:
        person = db.query(models.Person).filter_by(code=NEW).one()
        db.execute(delete(models.Seat).where(models.Seat.person_id == person.id, models.Seat.body == "UBKT-S"))
        publish_next(db, settings, at=datetime.now(UTC))
    store.close()


@pytest.mark.parametrize("width", [360])
def test_a_new_colleague_is_given_a_case_and_answers(visit, portal, seated, width):
    code, number = visit().report(Story(reporter=None))
    head = visit(width=width)
    head.sign_in(HEAD)
    head.open_case(number)
    head.declare_clear()
    page = head.page
    head.say("message", "Chúng tôi đã nhận.")
    seated()
    page.reload()
    expect(page.locator("#granting")).to_be_visible()
    page.locator("#grant-look").click()
    person = portal.person(NEW)
    button = page.get_by_role("button", name=f"Trao hồ sơ cho {person.name}")
    expect(button).to_be_visible()
    assert head.fits()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert complaints(page) == []
    button.click()
    expect(page.locator("#grant-dialog")).to_contain_text(person.name)
    assert complaints(page) == []
    expect(page.locator("#grant-confirm")).to_be_disabled()
    page.locator("#grant-sure").check()
    page.locator("#grant-confirm").click()
    expect(page.locator("#notice")).to_contain_text("Đã trao hồ sơ")
    expect(button).to_have_count(0)
    expect(page.locator("#readers")).to_contain_text(person.name)
    expect(page.locator("#history [data-event=granted]")).to_contain_text(person.name)
    assert head.fits()

    colleague = visit(width=width)
    colleague.sign_in(NEW)
    colleague.open_case(number)
    expect(colleague.page.locator("#header-facts")).to_contain_text("Người trao hồ sơ")
    colleague.declare_clear()
    expect(colleague.page.locator("#messages")).to_contain_text("Chúng tôi đã nhận.")
    expect(colleague.page.locator("#comparison-good")).to_be_visible()
    expect(colleague.page.locator("#warnings")).to_be_empty()
    colleague.say("message", "Tôi mới nhận hồ sơ này.")

    cadre = visit()
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text("Tôi mới nhận hồ sơ này.")
    cadre.page.locator("#check-record").click()
    expect(cadre.page.locator("#record")).to_contain_text("được trao hồ sơ sau")
