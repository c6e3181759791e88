"""Every route, asked by everybody: the table of docs/authorisation.md, played against running applications."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from crypto.encoding import b64u, sha256
from crypto.envelopes import open_answer, seal_envelope
from intake import openapi
from intake.client import FlaskTransport, MemberClient, Refused
from intake.client.trust import Trust
from intake.desk.granting import INNER
from intake.doors import PAGES, Who
from intake.reporter.operations import OPERATIONS
from tests.casework import FACTS, REPORT, code_of
from tests.succession import SECOND, THIRD, sign_next
from tests.world import ADMINISTRATOR, SINCE, SUPERVISOR, add, publish
from workflow import models
from workflow.commands import organisation

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
    "packages": {"statement": STATEMENT, "file": "0" * 64},
    "answer": {"statement": STATEMENT},
    "rotation": {"statement": STATEMENT, "note": "Một câu."},
}
# The same for what travels in envelopes.
ARGUMENTS = {
    "eligible": {"facts": FACTS},
    "grant": {"facts": FACTS, "statement": STATEMENT, "header": OBJECT, "grants": [OBJECT]},
    "route": {"facts": FACTS},
    "move": {"facts": FACTS, "statement": STATEMENT, "headers": [OBJECT], "grants": [OBJECT]},
    "mailbox.epochs": {"after": 1},
    "mailbox.items": {"before": UNKNOWN},
    "mailbox.item": {"id": UNKNOWN},
    "mailbox.record": {"entry": 1, "checkpoint": 1},
    "mailbox.write": {"object": OBJECT, "statement": STATEMENT},
    "mailbox.badkey": {"statement": STATEMENT},
    "preview": {"facts": FACTS},
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
    "in no roster": "P-031",
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
        add(db, office.world, "P-031", at=office.at)
        organisation.add_seat(
            db, body="UBKT-S", person="P-031", function="member", roles=("intake",), term_from=SINCE, at=office.at
        )
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


def asked(browser: MemberClient, method: str, rule: str, case: str) -> tuple[int, str]:
    """With which status and code this is refused; 200 and "" for an answer."""
    path = rule.removeprefix("/staff/api/v1/").replace("<case_id>", case).replace("<drill_id>", UNKNOWN)
    path = path.replace("<person>", "P-001").replace("<int:no>", "2").replace("<code>", "UBKT-S")
    for name in ("<handle>", "<relation_id>"):
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
        return refused.status, refused.code
    return 200, ""


@pytest.mark.parametrize("role", PEOPLE)
def test_each_is_answered_what_the_table_says(role, case, client, signed_in):
    trust = signed_in("P-001").installation()
    browser = client(role)
    told = {}
    for rule, who in PAGES["staff"].items():
        if fault := shown(browser, rule.replace("<uuid:case_id>", case), role, who):
            told[rule] = fault
    for operation, one in INNER.items():
        if fault := answered(browser, case, operation, trust, role, one.who):
            told[operation] = fault
    for method, rule, who in ROUTES:  # ends the session at last
        answer = asked(browser, method, rule, case)
        if maker.allowed(role, who):
            as_told = answer[1] not in ("signed_out", "not_entitled")
        else:
            as_told = answer == ((401, "signed_out") if role in maker.UNKNOWN else (403, "not_entitled"))
        if not as_told:
            told[f"{method} {rule}"] = answer
    assert told == {}


def shown(browser: MemberClient, path: str, role: str, who: Who) -> object:
    """What of a page is not as the table says."""
    answer = browser.http.send("GET", path)
    to_sign_in = answer.status == 303 and "/staff/sign-in" in answer.headers.get("Location", "")
    leads = path in ("/", "/staff/")  # these have no content of their own: they lead to where one works
    if not maker.allowed(role, who):
        as_told = to_sign_in if role in maker.UNKNOWN else answer.status == 403
    elif leads:
        as_told = answer.status == 303 and (not to_sign_in or role in maker.UNKNOWN)
    else:
        as_told = answer.status == 200
    return None if as_told else (answer.status, to_sign_in)


def answered(browser: MemberClient, case: str, operation: str, trust: Trust, role: str, who: Who) -> object:
    """What of an operation inside the desk's envelope is not as the table says."""
    seal = {"op": operation, "args": ARGUMENTS[operation]}
    wire, answer_key = seal_envelope(trust.routing_id, trust.routing_public, seal)
    token = {"X-CSRFToken": browser.get("csrf")["token"], "Content-Type": openapi.SEALED}
    answer = browser.http.send("POST", f"/staff/api/v1/desk/cases/{case}/envelope", body=wire, headers=token)
    if role in maker.UNKNOWN:
        outside = answer.status, answer.json["error"]["code"]
        return None if outside == (401, "signed_out") else outside
    code = open_answer(answer_key, sha256(wire), answer.body).get("error", {}).get("code", "")
    return None if (code != "not_entitled") == maker.allowed(role, who) else code


@pytest.mark.parametrize("operation", [name for name, one in OPERATIONS.items() if one.who is Who.CODE])
def test_a_mailbox_answers_to_its_own_code_alone(operation, reporter, filed):
    own = reporter.keys(filed).mailbox
    for secret, known in ((own, True), (bytes(32), False)):
        try:
            said = reporter.call(operation, secret=b64u(secret), **ARGUMENTS.get(operation, {}))
            told = said.get("found", True)
        except Refused as refused:
            told = refused.code != "wrong_code"
        assert told is known, operation


@pytest.mark.parametrize("operation", [name for name, one in OPERATIONS.items() if one.who is Who.ANYBODY])
def test_what_anybody_may_ask_of_the_public_face_is_refused_to_nobody(operation, reporter):
    try:
        reporter.call(operation, **ARGUMENTS.get(operation, {}))
    except Refused as refused:
        assert refused.code not in ("wrong_code", "not_entitled", "signed_out")


def test_the_public_face_knows_no_visitor_from_another(reporter_app, an_installation, clock):
    sign_next(an_installation, SECOND, then=THIRD, at=clock())  # there is something to ask for under every address
    for rule, who in PAGES["reporter"].items():
        assert who is Who.ANYBODY
        assert reporter_app.test_client().get(rule).status_code == 200
    for route in openapi.routes("reporter"):
        assert route.who is Who.ANYBODY
        if route.method == "GET":
            assert reporter_app.test_client().get(route.rule.replace("<int:no>", "2")).status_code == 200


def test_the_page_is_what_would_be_written():
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run scripts/make_authorisation.py"


def test_every_role_of_the_table_is_played():
    assert PEOPLE.keys() == maker.MAY.keys()
