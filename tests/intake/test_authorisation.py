"""Every route, asked by everybody: the table of docs/authorisation.md, played against running applications."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from crypto.encoding import b64u
from intake import openapi
from intake.client import FlaskTransport, MemberClient, Refused, granting
from intake.doors import PAGES, Who
from tests.casework import FACTS, REPORT, code_of
from tests.world import ADMINISTRATOR, SUPERVISOR, publish
from workflow import models

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("make_authorisation", ROOT / "scripts" / "make_authorisation.py")
maker = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = maker
SPEC.loader.exec_module(maker)

UNKNOWN = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"
STATEMENT = {"stmt": "AA", "sig": "AA"}
OBJECT = {"kind": "message", "id": UNKNOWN, "ring": "report", "epoch": 1, "data": "AQ"}
# What gets a request past its reading, to the question who asks.
BODIES = {
    "declaration": {"statement": STATEMENT},
    "items": {"object": OBJECT, "statement": STATEMENT},
    "epochs": {"statement": STATEMENT, "grants": [OBJECT]},
    "bad-keys": {"statement": STATEMENT},
    "withdrawal": {"statement": STATEMENT},
    "answer": {"statement": STATEMENT},
}
PEOPLE = {
    "nobody signed in": None,
    "session ended": "P-006",
    "custodian": "P-011",
    "supervisor": SUPERVISOR,
    "administrator": ADMINISTRATOR,
    "handler of another body": "P-005",
    "reader, not declared": "P-002",
    "reader, declared clear": "P-001",
    "declared a conflict": "P-003",
    "withdrew": "P-004",
    "seat ended": "P-007",
}
ROUTES = [(route.method, route.rule, route.who) for route in openapi.routes("staff")]
# Ends one's own session: asked last, so that it is a session that the others had.
ROUTES.sort(
    key=lambda one: one[:2] in {("DELETE", "/staff/api/v1/session"), ("DELETE", "/staff/api/v1/account/sessions")}
)


@pytest.fixture
def case(office, reporter, signed_in):
    """A case that P-007 was a reader of until their seat ended."""
    with office.world.store.transaction() as db:
        db.execute(update(models.Seat).where(models.Seat.person_id == office.person("P-007")).values(body="UBKT-S"))
        publish(db, office.world, at=office.at)
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    signed_in("P-003").declare(line["id"], conflict=True)
    signed_in("P-004").withdraw(line["id"])
    with office.world.store.transaction() as db:
        ended = office.at.date() - timedelta(days=1)
        db.execute(update(models.Seat).where(models.Seat.person_id == office.person("P-007")).values(term_to=ended))
    return line["id"]


@pytest.fixture
def client(staff_app, an_installation, clock):
    """A browser of its own for a role, signed in anew each time."""

    def sign_in(role: str) -> MemberClient:
        browser = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
        code = PEOPLE[role]
        if code is None:
            return browser
        person = an_installation.people[code]
        clock.forward(seconds=31)  # a one-time code opens once
        one_time = person.one_time_code(clock())
        browser.post("session", {"username": person.username, "auth": b64u(person.auth), "totp": one_time})
        browser.adopt(code, person.keys, an_installation.organisation_public)
        if role == "session ended":
            browser.delete("session")
        return browser

    return sign_in


def asked(browser: MemberClient, method: str, rule: str, case: str) -> str:
    """With which code this is refused; "" for an answer."""
    path = rule.removeprefix("/staff/api/v1/").replace("<case_id>", case).replace("<drill_id>", UNKNOWN)
    path = path.replace("<person>", "P-001")
    for name in ("<handle>",):
        path = path.replace(name, UNKNOWN)
    assert "<" not in path, f"say with what {path} is asked"
    try:
        if method == "GET":
            browser.get(path)
        elif method == "DELETE":
            browser.delete(path)
        else:
            browser.post(path, BODIES.get(path.rsplit("/", 1)[-1], {}))
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("role", PEOPLE)
def test_each_is_answered_what_the_table_says(role, case, client):
    browser = client(role)
    told = {}
    for method, rule, who in ROUTES:
        code = asked(browser, method, rule, case)
        refused = "not_entitled" if code == "not_entitled" else "signed_out" if code == "signed_out" else ""
        expected = "" if maker.allowed(role, who) else "signed_out" if role in maker.UNKNOWN else "not_entitled"
        if refused != expected:
            told[f"{method} {rule}"] = (code, expected)
    assert told == {}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_is_shown_the_pages_that_the_table_says(role, case, client):
    browser = client(role)
    for rule, who in PAGES["staff"].items():
        path = rule.replace("<uuid:case_id>", case)
        status = browser.http.send("GET", path).status
        if maker.allowed(role, who):
            assert status in (200, 303), (path, status)
        else:
            assert status == (303 if role in maker.UNKNOWN else 403), (path, status)


@pytest.mark.parametrize("role", [role for role in PEOPLE if role not in maker.UNKNOWN])
def test_in_the_desks_envelope_only_who_declared_clear_is_answered(role, case, client):
    browser = client(role)
    try:
        granting._call(browser, case, "eligible", {"facts": FACTS})
        code = ""
    except Refused as refused:
        code = refused.code
    assert code == ("" if maker.allowed(role, Who.CLEARED) else "not_entitled")


def test_the_page_is_what_would_be_written():
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run scripts/make_authorisation.py"


def test_every_role_of_the_table_is_played():
    assert PEOPLE.keys() == maker.MAY.keys()
