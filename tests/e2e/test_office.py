"""The office in a browser: what is missing, a person and a seat that then wait for the signature, an inspection, a file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.databases import Databases
from tests.e2e.conftest import serving
from tests.e2e.visiting import Portal

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def portal(databases: Databases):
    """A demonstration of its own: what is entered here, other tests would find."""
    with serving(databases) as portal:
        yield portal


def administrator_of(portal: Portal) -> str:
    from intake.demonstration.people import read_people

    return next(one.code for one in read_people(portal.home / "demonstration") if "administrator" in one.post)


@pytest.fixture
def office(visit, portal):
    visitor = visit()
    visitor.sign_in(administrator_of(portal))
    return visitor


def agree(page):
    expect(page.locator("#change")).to_be_visible()
    page.locator("#change-yes").click()
    expect(page.locator("#notice")).to_be_visible()


def test_a_day_in_the_office(office, portal):
    page = office.page
    page.goto(f"{portal.staff}/office")
    expect(page.locator("#waiting-none")).to_be_visible()
    expect(page.locator("#missing-none")).to_be_visible()

    # A person, and a seat for them
    page.goto(f"{portal.staff}/office/people")
    expect(page.locator("#people tbody tr").first).to_be_visible()
    page.locator("#enter-person summary").click()
    code = page.locator("#person-code").input_value()
    page.locator("#person-name").fill("Người Mới Của Văn Phòng")
    page.locator("#person-username").fill("moi.vanphong")
    page.locator("#person-form button[type=submit]").click()
    expect(page.locator("#change-told")).to_contain_text(f"{code}")
    agree(page)
    page.locator("#search").fill("moi cua van")  # without marks
    expect(page.locator("#people tbody tr")).to_have_count(1)
    expect(page.locator(f"tr[data-person={code}]")).to_contain_text("chưa đăng ký")
    page.locator("#enter-seat summary").click()
    expect(page.locator("#seat-person")).to_have_value(code)
    page.locator("#seat-body").fill("UBKT-S")
    page.locator("#seat-form input[value=intake]").check()
    page.locator("#seat-form button[type=submit]").click()
    agree(page)

    # It waits for the signature, and is on the body's page
    page.goto(f"{portal.staff}/office")
    waiting = page.locator(f"#waiting li[data-id='UBKT-S/{code}']")
    expect(waiting).to_contain_text("Người Mới Của Văn Phòng")
    page.goto(f"{portal.staff}/office/bodies#UBKT-S")
    seat = page.locator(f"#body-seats li[data-person={code}]")
    expect(seat).to_contain_text("chưa đăng ký")

    # An administrator gets no handling seat
    page.goto(f"{portal.staff}/office/people")
    page.locator("#enter-seat summary").click()
    page.locator("#seat-person").fill(administrator_of(portal))
    page.locator("#seat-body").fill("UBKT-S")
    page.locator("#seat-form input[value=decide]").check()
    page.locator("#seat-form button[type=submit]").click()
    expect(page.locator("#fault")).to_contain_text("quản trị viên không được xử lý hồ sơ")

    # The seat ends again
    page.goto(f"{portal.staff}/office/bodies#UBKT-S")
    seat.get_by_role("button").click()
    agree(page)


def test_what_is_missing_stands_first(office, portal):
    page = office.page
    page.goto(f"{portal.staff}/office/bodies")
    page.locator("#search").fill("GDS")
    page.locator("#bodies li[data-body=GDS] a").click()
    page.locator("#body-seats li").get_by_role("button").first.click()
    agree(page)
    expect(page.locator("#body-lacks li")).to_contain_text("không ai có vai trò xử lý")
    page.goto(f"{portal.staff}/office")
    lack = page.locator("#missing li[data-about=GDS][data-why=nobody_handles]")
    expect(lack).to_be_visible()
    lack.locator("a").click()
    expect(page.locator("#body-title")).to_contain_text("GDS")


def test_a_body_is_renamed_from_a_day_on_and_merged(office, portal):
    page = office.page
    page.goto(f"{portal.staff}/office/bodies#CB-01")
    expect(page.locator("#body")).to_be_visible()
    page.locator("#body-change").click()
    page.locator("#edit-vi").fill("Chi bộ Tên Mới")
    page.locator("#edit-en").fill("Cell of a New Name")
    page.locator("#edit-from").fill("2027-01-01")
    page.locator("#body-form button[type=submit]").click()
    expect(page.locator("#change-told")).to_contain_text("Chi bộ Tên Mới")
    agree(page)
    expect(page.locator("#body-spans li[data-state=coming]")).to_contain_text("Chi bộ Tên Mới")
    page.locator("#enter-merger summary").click()
    page.locator("#merger-body").fill("CB-01")
    page.locator("#merger-into").fill("BTV-S")
    page.locator("#merger-from").fill("2027-02-01")
    page.locator("#merger-form button[type=submit]").click()
    agree(page)
    expect(page.locator("#body-successor")).to_contain_text("BTV-S")


def test_an_inspection_is_entered_joined_and_ended(office, portal):
    page = office.page
    page.goto(f"{portal.staff}/office/inspections")
    expect(page.locator("#teams li").first).to_be_visible()
    page.locator("#enter-inspection summary").click()
    for field, text in (
        ("code", "KT-2026-99"),
        ("decision", "99/QĐ-UBKT"),
        ("body", "UBKT-S"),
        ("heads", "P-001"),
        ("units", "CB-02, CB-01"),
    ):
        page.locator(f"#team-{field}").fill(text)
    page.locator("#inspection-form button[type=submit]").click()
    team = page.locator("li[data-inspection=KT-2026-99]")
    expect(team).to_contain_text("99/QĐ-UBKT")
    team.get_by_role("button").first.click()
    page.locator("#join-members").fill("P-002")
    page.locator("#join-form button[type=submit]").click()
    expect(team).to_contain_text("P-002")
    team.get_by_role("button").last.click()
    page.locator("#end-form button[type=submit]").click()
    expect(page.locator("#notice")).to_contain_text("KT-2026-99")


def test_a_file_shows_its_faults_by_line_and_is_taken_in_once_agreed_with(office, portal):
    page = office.page
    page.goto(f"{portal.staff}/office/import")
    page.locator("#file-form").wait_for()

    def choose(text):
        page.locator("#file").set_input_files(
            {"name": "to-chuc.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
        )
        page.locator("#file-form button[type=submit]").click()

    choose("people:\n  - {code: P-971, username: a.b, name: Người Trong Tệp}\n  - {code: P-97x}\n")
    expect(page.locator("#faults-told li[data-line='3']").first).to_be_visible()
    expect(page.locator("#change")).not_to_be_visible()
    choose("people:\n  - {code: P-971, username: a.b, name: Người Trong Tệp}\n")
    expect(page.locator("#change-told")).to_contain_text("Người Trong Tệp")
    agree(page)
    expect(page.locator("#faults")).not_to_be_visible()
    choose("people:\n  - {code: P-971, username: a.b, name: Người Trong Tệp}\n")
    expect(page.locator("#notice")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_the_office_fits(visit, portal, width):
    visitor = visit(width=width)
    visitor.sign_in(administrator_of(portal))
    for name in ("", "/bodies", "/people", "/inspections", "/import"):
        visitor.page.goto(f"{portal.staff}/office{name}")
        visitor.page.wait_for_load_state("networkidle")
        for details in visitor.page.locator("#page details").all():
            details.evaluate("node => { node.open = true }")
        assert visitor.fits(), name
