"""A server that puts another key in a member's place: the reporter's, a colleague's and a custodian's browser refuse it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from crypto.encoding import b64u, jcs, sha256hex, unb64u
from crypto.hpke import kem_public
from crypto.signing import sign_document
from intake.config import load_settings
from tests.databases import Databases
from tests.e2e.conftest import serving
from tests.e2e.visiting import Portal
from tests.world import seed
from workflow import models
from workflow.queries.organisation import latest_roster
from workflow.store import Store

pytestmark = pytest.mark.timeout(300)
VICTIM, COLLEAGUE, CUSTODIAN = "P-002", "P-001", "P-046"


@pytest.fixture(scope="module")
def portal(databases: Databases):
    """One that may be broken."""
    with serving(databases) as portal:
        yield portal


def swap(portal: Portal) -> None:
    """In the server's tables: the member's key, and a next roster that names it, signed with the server's own key."""
    store = Store(load_settings(dict(portal.environ)).database_url)
    mine = kem_public(seed("the server's own"))
    try:
        with store.transaction() as db:
            victim = select(models.Person.id).where(models.Person.code == VICTIM).scalar_subquery()
            db.execute(update(models.MemberKey).where(models.MemberKey.person_id == victim).values(kem=mine))
            last = latest_roster(db)
            members = [{**one, "kem": b64u(mine)} if one["id"] == VICTIM else one for one in last.body["members"]]
            said = {**last.body, "no": last.no + 1, "prev": last.hash, "members": members}
            document = sign_document(seed("the server's own"), "roster", said)
            doc = jcs(said)
            db.add(
                models.Roster(
                    no=said["no"],
                    doc=doc,
                    signature=unb64u(document["sig"]),
                    hash=sha256hex(doc),
                    issued=last.issued,
                    expires=last.expires,
                    published=db.scalars(select(models.Roster.published)).first(),
                )
            )
    finally:
        store.close()


def test_a_members_swapped_key_is_refused_by_reporter_colleague_and_custodian(visit, portal):
    colleague, custodian, reporter = visit(), visit(), visit()
    colleague.sign_in(COLLEAGUE)
    colleague.desk()
    expect(colleague.page.locator("#page")).to_be_visible()
    expect(colleague.page.locator("#fault")).not_to_be_visible()
    custodian.sign_in(CUSTODIAN)
    custodian.go(f"{portal.staff}/custody")
    expect(custodian.page.locator("#sets li").first).to_be_visible()

    swap(portal)

    warning = "CẢNH BÁO"
    colleague.desk()
    expect(colleague.page.locator("#fault")).to_contain_text(warning)
    custodian.go(f"{portal.staff}/custody")
    expect(custodian.page.locator("#fault")).to_contain_text(warning)
    expect(custodian.page.locator("#sets li")).to_have_count(0)
    page = reporter.page
    reporter.start_report()
    page.locator("input[name=kind][value=report]").check()
    reporter.go_on("kind")
    page.locator("#accused-0-body").select_option("DU-TT-01")
    page.locator("#accused-0-role").select_option("head")
    reporter.go_on("whom")
    reporter.step("what")
    box = page.locator("input[name=category][value=D4-03-NHANLOIICH]")
    box.locator("xpath=ancestor::details").locator("summary").click()
    box.check()
    reporter.go_on("what")
    reporter.step("away")
    reporter.go_on("away")
    expect(page.locator("#main")).to_contain_text(warning)
    expect(page.locator("#receivers-known")).not_to_be_visible()
