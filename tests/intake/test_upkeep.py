"""What members keep in order from their account page, and the recovery key's way, as browsers in Python go them."""

from __future__ import annotations

from base64 import b32decode

import pytest
from flask import Flask

from crypto.encoding import b64u
from intake import openapi
from intake.client import AccountClient, FlaskTransport, MemberClient, Refused
from tests.world import ADMINISTRATOR, code_at
from workflow.commands import members, organisation

TOKEN = "one-time-token-of-a-newcomer"
OLD, NEW = "sáu từ dễ nhớ khó đoán", "câu khác hẳn mà vẫn dài"
USER = "nguoi.moi"


class Wire:
    """A transport that keeps what was sent."""

    def __init__(self, inner):
        self.inner, self.sent = inner, []

    def send(self, method, path, *, body=None, headers=None):
        self.sent.append(body or b"")
        return self.inner.send(method, path, body=body, headers=headers)


class Newcomer:
    """A member with a real passphrase, their phone, and as many browsers as they open."""

    def __init__(self, app: Flask, clock) -> None:
        self.app, self.clock, self.wires = app, clock, []
        self.enrolled = self.browser().enrol(TOKEN, OLD, self.phone)
        self.secret = self.enrolled.totp

    def browser(self) -> MemberClient:
        self.wires.append(Wire(FlaskTransport(self.app.test_client())))
        return MemberClient(self.wires[-1], now=self.clock, language="en")

    def phone(self, secret: str) -> str:
        return code_at(b32decode(secret + "=" * (-len(secret) % 8)), self.clock())

    def code(self) -> str:
        """A fresh one: each works once."""
        self.clock.forward(seconds=30)
        return self.phone(self.secret)

    def sign_in(self, passphrase: str = OLD, code: str | None = None) -> AccountClient:
        browser = self.browser()
        browser.sign_in(USER, passphrase, code or self.code())
        return AccountClient(browser)


@pytest.fixture
def newcomer(staff_app, an_installation, clock) -> Newcomer:
    with an_installation.store.transaction() as db:
        organisation.add_person(db, code="P-031", username=USER, name="Ngô Thị Mới", at=clock())
        members.make_link(db, "P-031", token=TOKEN, at=clock())
    return Newcomer(staff_app, clock)


def test_the_printed_key_and_a_code_lead_to_a_new_passphrase_and_a_new_printed_key(newcomer):
    signed_in = newcomer.sign_in()
    printed, kept = newcomer.enrolled.recovery_key, []
    recovering = AccountClient(newcomer.browser())
    me = recovering.recover(USER, printed.lower().replace("-", " "), newcomer.code(), NEW, kept.append)
    assert me.keys == signed_in.member.me.keys
    with pytest.raises(Refused, match="signed_out"):
        signed_in.overview()
    with pytest.raises(Refused, match="sign_in_failed"):
        newcomer.sign_in(OLD)
    again = newcomer.sign_in(NEW)
    assert again.member.me.keys == me.keys
    with pytest.raises(Refused, match="sign_in_failed"):
        recovering.recover(USER, printed, newcomer.code(), NEW, kept.append)
    assert recovering.recover(USER, kept[0], newcomer.code(), OLD, kept.append).keys == me.keys
    sent = b"".join(body for wire in newcomer.wires for body in wire.sent)
    for secret in (OLD, NEW, printed, kept[0], kept[0].replace("-", "")):
        assert secret.encode() not in sent


def test_until_the_new_key_is_kept_the_old_one_stays_good(newcomer):
    def torn(key: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AccountClient(newcomer.browser()).recover(USER, newcomer.enrolled.recovery_key, newcomer.code(), NEW, torn)
    assert newcomer.sign_in(OLD)


def test_a_recovery_of_an_unknown_name_looks_like_a_wrong_key(newcomer):
    ask = newcomer.browser()

    def answer(username: str) -> Refused:
        body = {"username": username, "recovery_auth": b64u(bytes(32)), "totp": newcomer.code()}
        with pytest.raises(Refused) as caught:
            ask.post("recovery/begin", body)
        return caught.value

    known, unknown = answer(USER), answer("nobody")
    assert (known.status, known.code, str(known)) == (unknown.status, unknown.code, str(unknown))
    assert known.status == 401


def test_a_passphrase_is_changed_and_the_other_browser_is_signed_out(newcomer):
    here, there = newcomer.sign_in(), newcomer.sign_in()
    with pytest.raises(Refused, match="sign_in_failed"):
        here.change_passphrase(NEW, NEW)
    here.change_passphrase(OLD, NEW)
    assert len(here.overview()["sessions"]) == 1
    with pytest.raises(Refused, match="signed_out"):
        there.overview()
    assert newcomer.sign_in(NEW).member.me.keys == here.member.me.keys


def test_another_phone_takes_over_once_it_shows_the_right_code(newcomer):
    here = newcomer.sign_in()
    with pytest.raises(Refused, match="wrong_code"):
        here.change_second_factor(OLD, lambda secret: "000000")
    former, newcomer.secret = newcomer.secret, here.change_second_factor(OLD, newcomer.phone)
    with pytest.raises(Refused, match="sign_in_failed"):
        newcomer.sign_in(code=newcomer.phone(former))
    assert newcomer.sign_in()


def test_backup_codes_are_shown_once_and_counted(newcomer):
    here = newcomer.sign_in()
    assert here.overview()["backup_codes"] == 0
    codes = here.make_backup_codes(OLD)
    assert len(codes) == 10
    assert newcomer.sign_in(code=codes[0].replace("-", ""))
    assert here.overview()["backup_codes"] == 9
    assert not set(codes) & set(here.make_backup_codes(OLD))
    with pytest.raises(Refused, match="sign_in_failed"):
        newcomer.sign_in(code=codes[1].replace("-", ""))
    with pytest.raises(Refused, match="sign_in_failed"):
        here.make_backup_codes(NEW)


def test_ones_sessions_are_listed_without_saying_where_they_are(newcomer, clock):
    here = newcomer.sign_in()
    there = newcomer.sign_in()
    listed = here.overview()["sessions"]
    assert [one["current"] for one in listed] == [False, True]
    assert all(set(one) == {"id", "begun", "seen", "current"} for one in listed)
    assert all(one["seen"].endswith(":00Z") for one in listed)
    here.end_session(listed[0]["id"])
    with pytest.raises(Refused, match="signed_out"):
        there.overview()
    with pytest.raises(Refused, match="session_gone"):
        here.end_session(listed[0]["id"])
    newcomer.sign_in()
    assert here.end_other_sessions() == 1
    assert len(here.overview()["sessions"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "account", None),
        (
            "POST",
            "account/passphrase",
            {"auth": b64u(bytes(32)), "new_auth": b64u(bytes(32)), "wrapped": b64u(bytes(99))},
        ),
        ("POST", "account/second-factor/offer", {}),
        ("POST", "account/second-factor", {"auth": b64u(bytes(32)), "ticket": b64u(bytes(99)), "totp": "000000"}),
        ("POST", "account/backup-codes", {"auth": b64u(bytes(32))}),
        ("DELETE", "account/sessions", None),
        ("DELETE", "account/sessions/0123456789abcdef", None),
        ("GET", "office/people", None),
        ("POST", "office/links", {"person": "P-002"}),
        ("DELETE", "office/links/P-002", None),
    ],
)
def test_nobody_signed_out_does_any_of_it(visitor, method, path, body):
    ask = {
        "GET": lambda: visitor.get(path),
        "POST": lambda: visitor.post(path, body),
        "DELETE": lambda: visitor.delete(path),
    }
    with pytest.raises(Refused, match="signed_out"):
        ask[method]()


def test_the_offer_of_a_second_factor_is_good_in_its_own_session_only(newcomer):
    here, there = newcomer.sign_in(), newcomer.sign_in()
    offer = here.member.post("account/second-factor/offer", {})
    proof = {"auth": b64u(bytes(32)), "ticket": offer["ticket"], "totp": newcomer.phone(offer["totp"]["secret"])}
    with pytest.raises(Refused, match="second_factor_ended"):
        there.member.post("account/second-factor", proof)


# The office


def test_an_administrator_sees_who_is_enrolled_and_hands_out_links(signed_in, staff_app, an_installation, clock):
    with an_installation.store.transaction() as db:
        organisation.add_person(db, code="P-031", username=USER, name="Ngô Thị Mới", at=clock())
    office = AccountClient(signed_in(ADMINISTRATOR))
    people = {one["code"]: one for one in office.enrolments()}
    assert (people["P-031"]["enrolled"], people["P-031"]["link_until"]) == (None, None)
    assert people["P-001"]["posts"] == [{"body": "UBKT-S", "function": "head"}]
    address = office.make_link("P-031")
    assert address.startswith("http://127.0.0.1:8001/staff/enrol#")
    assert {one["code"]: one for one in office.enrolments()}["P-031"]["link_until"]
    newcomer = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
    token = address.partition("#")[2]
    assert newcomer.post("enrolment/begin", {"token": token})["member"]["code"] == "P-031"
    office.make_link("P-031")
    office.end_link("P-031")
    with pytest.raises(Refused, match="link_expired"):
        office.end_link("P-031")


def test_an_administrator_makes_no_link_of_their_own(signed_in):
    with pytest.raises(Refused, match="own_link"):
        AccountClient(signed_in(ADMINISTRATOR)).make_link(ADMINISTRATOR)


@pytest.mark.parametrize("code", ["P-001", "P-011", "P-021"])
def test_nobody_else_enters_the_office(signed_in, code):
    client = signed_in(code)
    office = AccountClient(client)
    for act in (office.enrolments, lambda: office.make_link("P-002"), lambda: office.end_link("P-002")):
        with pytest.raises(Refused, match="not_entitled"):
            act()
    page = client.http.send("GET", "/staff/office?lang=en")
    assert page.status == 403


def test_the_pages_open_for_whom_they_are(signed_in, visitor):
    for lang in ("vi", "en"):
        assert visitor.http.send("GET", f"/staff/recover?lang={lang}").status == 200
        assert signed_in(ADMINISTRATOR).http.send("GET", f"/staff/office?lang={lang}").status == 200
        assert signed_in(ADMINISTRATOR).http.send("GET", f"/staff/account?lang={lang}").status == 200
    assert visitor.http.send("GET", "/staff/office").status == 303


def test_every_route_of_these_doors_is_described(staff_app):
    doors = ("/staff/api/v1/account", "/staff/api/v1/recovery", "/staff/api/v1/office")
    routes = {
        (rule.rule, method)
        for rule in staff_app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(doors)
    }
    assert len(routes) == 22
    assert routes <= openapi.described("staff")
    assert openapi.document("staff")["paths"]
