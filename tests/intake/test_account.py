"""The account's API as a browser uses it: enrolment, sign-in, fifteen minutes, sign-out."""

from __future__ import annotations

import json
from base64 import b32decode

import pytest

from crypto.encoding import b64u, fingerprint, unb64u
from crypto.keys import member_keys
from crypto.passphrase import member_salt
from crypto.work import work
from intake import rate
from intake.work import HEADER
from tests.world import AT, code_at, enrolment_statement, seed
from workflow.commands import members, organisation

API = "/staff/api/v1/"
TOKEN = "a-token-of-one-time-use"


class Browser:
    """A test client that fetches a token before each write, as the pages do."""

    def __init__(self, app):
        self.client = app.test_client()

    def get(self, path):
        return self.client.get(API + path)

    def post(self, path, body, token=None):
        return self.client.post(API + path, json=body, headers={"X-CSRFToken": token or self.token()})

    def works(self, path, body):
        """Post, and where work is asked for, once more with its proof."""
        sent = json.dumps(body).encode()

        def send(proof):
            headers = {"X-CSRFToken": self.token(), "Content-Type": "application/json", **proof}
            return self.client.post(API + path, data=sent, headers=headers)

        asked = send({})
        return send({HEADER: work(asked.json["error"]["detail"]["challenge"], sent)})

    def delete(self, path):
        return self.client.delete(API + path, headers={"X-CSRFToken": self.token()})

    def token(self):
        return self.get("csrf").json["token"]

    def sign_in(self, member, at, **other):
        right = {"username": member.username, "auth": b64u(member.auth), "totp": member.one_time_code(at)}
        return self.post("session", right | other)


@pytest.fixture
def browser(staff_app):
    return Browser(staff_app)


@pytest.fixture
def handler(an_installation):
    return an_installation.people["P-001"]


def begin(browser, an_installation):
    with an_installation.store.transaction() as db:
        organisation.add_person(db, code="P-031", username="moi", name="Ngô Thị Mới", at=AT)
        members.make_link(db, "P-031", token=TOKEN, at=AT)
    return browser.post("enrolment/begin", {"token": TOKEN})


def completion(begun, at):
    keys = member_keys(seed("new"))
    return {
        "kem": b64u(keys.kem_public),
        "sign": b64u(keys.sign_public),
        "auth": b64u(seed("auth")),
        "wrapped": b64u(b"\x01" + bytes(99)),
        "recovery": b64u(b"\x01" + bytes(99)),
        "recovery_auth": b64u(seed("recovery auth")),
        "statement": enrolment_statement(keys, begun["member"]["code"]),
        "totp": code_at(b32decode(begun["totp"]["secret"] + "=" * (-len(begun["totp"]["secret"]) % 8)), at),
    }


def test_a_link_leads_to_an_enrolled_member_who_can_sign_in(browser, an_installation, clock, settings):
    begun = begin(browser, an_installation).json
    assert begun["member"]["code"] == "P-031"
    assert begun["org"] == b64u(an_installation.organisation_public)
    assert begun["salt"] == b64u(member_salt(settings.secrets.salt_key, "moi"))
    rows = begun["totp"]["rows"]
    assert all(len(row) == len(rows) and set(row) <= {0, 1} for row in rows)
    done = browser.post("enrolment/complete", completion(begun, clock()))
    assert done.json == {"fingerprint": fingerprint(member_keys(seed("new")).sign_public)}
    clock.forward(seconds=30)
    code = completion(begun, clock())["totp"]
    signed = browser.post("session", {"username": "moi", "auth": b64u(seed("auth")), "totp": code})
    assert signed.status_code == 200
    assert signed.json["pepper"] == begun["pepper"]
    assert unb64u(signed.json["wrapped"]) == b"\x01" + bytes(99)


def test_a_wrong_first_code_is_said_and_can_be_repeated(browser, an_installation, clock):
    begun = begin(browser, an_installation).json
    wrong = browser.post("enrolment/complete", completion(begun, clock()) | {"totp": "000000"})
    assert (wrong.status_code, wrong.json["error"]["code"]) == (422, "wrong_code")
    assert browser.post("enrolment/complete", completion(begun, clock())).status_code == 200
    again = browser.post("enrolment/complete", completion(begun, clock()))
    assert (again.status_code, again.json["error"]["code"]) == (410, "enrolment_ended")


def test_a_used_or_unknown_link_is_gone(browser, an_installation):
    begin(browser, an_installation)
    for token in (TOKEN, "some-other-token-here"):
        answer = browser.post("enrolment/begin", {"token": token})
        assert (answer.status_code, answer.json["error"]["code"]) == (410, "link_expired")


def test_another_browser_cannot_finish_an_enrolment(browser, an_installation, staff_app, clock):
    begun = begin(browser, an_installation).json
    answer = Browser(staff_app).post("enrolment/complete", completion(begun, clock()))
    assert answer.status_code == 410


@pytest.mark.parametrize(
    "change",
    [
        {"kem": "AAAA"},
        {"kem": "***"},
        {"totp": "12345"},
        {"extra": 1},
        {"wrapped": None},
        {"statement": {"stmt": "AAAA"}},
        {"auth": 5},
    ],
)
def test_a_malformed_completion_is_refused_without_quoting_it(browser, an_installation, clock, change):
    begun = begin(browser, an_installation).json
    answer = browser.post("enrolment/complete", completion(begun, clock()) | change)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "malformed")


def test_a_salt_is_given_for_every_name_and_says_nothing(browser):
    answers = [browser.post("session/salt", {"username": name}) for name in ("p-001", "nobody", " P-001 ")]
    salts = [unb64u(answer.json["salt"]) for answer in answers]
    assert [len(salt) for salt in salts] == [16, 16, 16]
    assert salts[0] == salts[2] != salts[1]


def test_a_session_shows_the_member_and_the_tabs_key(browser, handler, clock):
    signed = browser.sign_in(handler, clock())
    now = browser.get("session").json
    assert now["key"] == signed.json["key"]
    assert now["idle_seconds"] == 900
    assert now["member"] == {
        "id": handler.id,
        "code": "P-001",
        "username": "p-001",
        "name": "Trần Thị Một",
        "roles": ["classify", "decide", "intake"],
        "seats": [{"body": "UBKT-S", "function": "head", "roles": ["classify", "decide", "intake"]}],
    }


def test_signed_out_there_is_no_session(browser):
    answer = browser.get("session")
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "signed_out")
    assert browser.delete("session").status_code == 401


def test_a_wrong_passphrase_and_an_unknown_name_look_the_same(browser, handler, clock):
    wrong = browser.sign_in(handler, clock(), auth=b64u(bytes(32)))
    unknown = browser.sign_in(handler, clock(), username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json
    assert wrong.json["error"]["code"] == "sign_in_failed"


@pytest.mark.parametrize("path", ["session", "session/salt", "session/unlock", "enrolment/begin", "enrolment/complete"])
def test_a_flood_at_the_door_costs_work_and_then_has_to_wait_whoever_it_says_it_is(browser, staff_app, path):
    now = [0.0]
    rate.rooms(staff_app).strangers = rate.Bucket(per_second=1, burst=2, clock=lambda: now[0])
    for _ in range(2):
        browser.post("session/salt", {"username": "nobody"})
    for username in ("p-001", "nobody"):
        answer = browser.post(path, {"username": username})
        assert (answer.status_code, answer.json["error"]["code"]) == (429, "work_needed")
        assert browser.works(path, {"username": username}).json["error"]["code"] == "busy"
    assert browser.get("installation").status_code == 200
    now[0] = 2.0
    assert browser.post("session/salt", {"username": "nobody"}).status_code == 200


def test_a_flood_at_the_door_is_not_felt_by_who_is_signed_in(browser, staff_app, handler, clock):
    browser.sign_in(handler, clock())
    rate.rooms(staff_app).strangers = rate.Bucket(per_second=0, burst=1)
    rate.rooms(staff_app).strangers.take()
    answer = browser.post("session/unlock", {"auth": b64u(handler.auth)})
    assert answer.status_code == 200


def test_signing_out_ends_the_session_in_every_tab(browser, handler, clock):
    browser.sign_in(handler, clock())
    cookie = browser.client.get_cookie("niemphong-staff").value
    assert browser.delete("session").status_code == 204
    browser.client.set_cookie("niemphong-staff", cookie)
    assert browser.get("session").status_code == 401


def test_fifteen_idle_minutes_end_the_session(browser, handler, clock):
    browser.sign_in(handler, clock())
    clock.forward(minutes=14)
    assert browser.get("session").status_code == 200
    clock.forward(minutes=14)
    assert browser.get("session").status_code == 200
    clock.forward(minutes=15)
    assert browser.get("session").status_code == 401


def test_unlocking_again_needs_the_passphrase_only(browser, handler, clock):
    signed = browser.sign_in(handler, clock()).json
    released = browser.post("session/unlock", {"auth": b64u(handler.auth)})
    assert released.json == {"pepper": signed["pepper"], "wrapped": signed["wrapped"]}
    wrong = browser.post("session/unlock", {"auth": b64u(bytes(32))})
    assert (wrong.status_code, wrong.json["error"]["code"]) == (401, "sign_in_failed")
    assert browser.get("session").status_code == 200


def test_unlocking_without_a_session_is_refused(browser, handler):
    answer = browser.post("session/unlock", {"auth": b64u(handler.auth)})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "signed_out")


def test_a_write_without_a_token_is_refused(browser, handler):
    answer = browser.client.post(API + "session/salt", json={"username": "p-001"})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "stale_page")


def test_another_sessions_token_is_refused(browser, staff_app):
    answer = browser.post("session/salt", {"username": "p-001"}, token=Browser(staff_app).token())
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "stale_page")


def test_a_cookie_from_before_sign_in_holds_nothing_after_it(browser, handler, clock):
    before = browser.token()
    browser.sign_in(handler, clock())
    answer = browser.post("session/salt", {"username": "p-001"}, token=before)
    assert answer.status_code == 400


def test_the_cookie_holds_no_hash_of_address_or_browser(browser, handler, clock):
    browser.sign_in(handler, clock())
    with browser.client.session_transaction() as held:
        assert set(held) <= {"_user_id", "_fresh", "csrf_token"}


def test_names_are_for_members_only(browser, handler, clock):
    assert "names" not in browser.get("installation").json
    browser.sign_in(handler, clock())
    answer = browser.get("installation").json
    assert answer["names"]["P-002"]["name"] == "Lê Văn Hai"
    assert set(answer["bodies"]["UBKT-S"]) == {"vi", "en"}
    assert set(answer["rules"]["row-2"]) == {"vi", "en"}


def test_the_installation_is_told_with_its_proofs(browser, an_installation):
    answer = browser.get("installation").json
    assert (answer["v"], answer["demo"], answer["now"]) == (1, False, "2026-11-24T09:06:07Z")
    assert answer["fingerprint"] == fingerprint(an_installation.organisation_public)
    assert set(answer["roster"]) == set(answer["checkpoint"]) == set(answer["routing"]) == {"doc", "sig"}


@pytest.mark.parametrize("path", ["/", "/staff/"])
def test_a_visitor_is_led_to_the_sign_in_page(browser, path):
    answer = browser.client.get(path + "?lang=en", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/staff/sign-in")
    assert answer.request.args["lang"] == "en"


@pytest.mark.parametrize(("code", "path"), [("P-001", "/staff/desk"), ("P-021", "/staff/oversight")])
def test_a_member_is_led_to_their_work(browser, an_installation, clock, code, path):
    browser.sign_in(an_installation.people[code], clock())
    answer = browser.client.get("/staff/")
    assert (answer.status_code, answer.location) == (303, path)


def test_the_account_page_is_for_members(browser, handler, clock):
    assert browser.client.get("/staff/account").location == "/staff/sign-in"
    browser.sign_in(handler, clock())
    assert browser.client.get("/staff/account").status_code == 200


@pytest.mark.parametrize("path", ["enrol", "sign-in", "help"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_for_everybody_open_signed_out(browser, path, lang):
    assert browser.client.get(f"/staff/{path}?lang={lang}").status_code == 200
