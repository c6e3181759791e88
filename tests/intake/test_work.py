"""Under load a door asks for work: who works gets in; who copies, forges or comes late doesn't."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.serving import make_server

from crypto.encoding import b64u
from crypto.work import make_challenge, work
from intake import rate
from intake.app import create_app
from intake.client import FlaskTransport, MemberClient, ReporterClient
from intake.client.errors import Refused
from intake.client.http import UrlTransport
from intake.client.working import HEADER, working
from intake.limits import Limits
from intake.reporter.forms import Forms
from tests.casework import FACTS, REPORT

SEALED = {"Content-Type": "application/octet-stream"}


def post(reporter, wire, proof=None):
    headers = SEALED | ({HEADER: proof} if proof else {})
    answer = reporter.http.send("POST", "/api/v1/envelope?lang=en", body=wire, headers=headers)
    return answer.status, answer.json["error"] if answer.status >= 400 else None


def preview(reporter):
    return reporter.seal("preview", facts=dict(FACTS))[0]


def press(app, left=3.0):
    """Leave so many places of a thousand."""
    rate.rooms(app).strangers = rate.Bucket(per_second=0, burst=1000)
    rate.rooms(app).strangers._left = left


@pytest.fixture
def settings(settings):
    """With the limits of an installation: here the work itself is what is looked at."""
    return replace(settings, limits=Limits())


@pytest.fixture
def pressed(reporter, reporter_app):
    reporter.preview(FACTS)
    press(reporter_app)
    return reporter


def test_at_rest_nobody_is_asked_to_work(reporter, monkeypatch):
    monkeypatch.setattr("intake.client.working.work", lambda *given: pytest.fail("asked to work"))
    reporter.report(REPORT, FACTS)


def test_who_works_gets_in_and_an_envelope_that_was_refused_stays_good(pressed):
    wire = preview(pressed)
    status, error = post(pressed, wire)
    assert (status, error["code"]) == (429, "work_needed")
    assert post(pressed, wire, work(error["detail"]["challenge"], wire)) == (200, None)


def test_a_proof_is_taken_once_and_for_its_own_envelope(pressed):
    one, other = preview(pressed), preview(pressed)
    proof = work(post(pressed, one)[1]["detail"]["challenge"], one)
    assert post(pressed, other, proof)[1]["code"] == "work_needed"
    assert post(pressed, one, proof) == (200, None)
    assert post(pressed, one, proof)[1]["code"] == "work_needed"


def test_a_proof_is_too_late_after_five_minutes_by_the_servers_clock(pressed, clock):
    wire = preview(pressed)
    proof = work(post(pressed, wire)[1]["detail"]["challenge"], wire)
    clock.forward(seconds=300)
    assert post(pressed, wire, proof)[1]["code"] == "work_needed"


@pytest.mark.parametrize(("bits", "good"), [(9, False), (12, False), (13, True), (15, True)])
def test_a_challenge_from_before_the_load_counts_if_the_load_has_risen_little(pressed, services, bits, good):
    wire = preview(pressed)
    until = int(services.now().timestamp()) + 100
    proof = work(make_challenge(services.work_keys[0], bits, until), wire)
    assert (post(pressed, wire, proof) == (200, None)) is good


def test_a_forged_difficulty_is_worth_nothing(pressed, services):
    wire = preview(pressed)
    proof = work(make_challenge(bytes(32), 4, int(services.now().timestamp()) + 100), wire)
    assert post(pressed, wire, proof)[1]["code"] == "work_needed"


def test_where_there_is_no_place_at_all_even_work_does_not_help(reporter, reporter_app):
    wire = preview(reporter)
    press(reporter_app, left=0.5)
    with pytest.raises(Refused, match="busy"):
        working(wire, lambda proof: reporter.send(wire, proof))


def test_a_challenge_marks_nobody_and_says_nothing_of_what_was_asked(pressed):
    look_up = pressed.seal("mailbox.open", secret=b64u(bytes(32)))[0]
    assert post(pressed, look_up) == post(pressed, preview(pressed))


def test_two_processes_know_each_others_challenges(pressed, settings, services, clock):
    second = create_app(settings, ("reporter",), services)
    press(second)
    there = ReporterClient(FlaskTransport(second.test_client()), now=clock, language="en")
    wire = preview(pressed)
    proof = work(post(pressed, wire)[1]["detail"]["challenge"], wire)
    assert post(there, wire, proof) == (200, None)
    status, error = post(pressed, wire, proof)  # a place is taken here too, but the envelope was answered
    assert (status, error["code"]) == (409, "replayed")


def test_past_its_budget_a_page_works_and_goes_on(settings, services, clock, monkeypatch):
    few = replace(settings, limits=Limits(previews=2))
    app = create_app(few, ("reporter",), replace(services, settings=few))
    reporter = ReporterClient(FlaskTransport(app.test_client()), now=clock, language="en")
    worked = []
    monkeypatch.setattr(
        "intake.client.working.work", lambda challenge, body: worked.append(challenge) or work(challenge, body)
    )
    for _ in range(3):
        reporter.preview(FACTS)
    assert len(worked) == 1
    reporter.report(REPORT, FACTS)
    assert len(worked) == 2  # the preview; the submission has a budget of its own


def test_a_page_without_a_token_works_for_each_envelope(reporter, reporter_app):
    rate.rooms(reporter_app).forms = rate.Bucket(per_second=0, burst=1)
    rate.rooms(reporter_app).forms.take()
    assert reporter._form_token() is None
    assert reporter.preview(FACTS)["readers"]


def test_a_stranger_who_fails_often_works_and_a_browser_that_signed_in_before_does_not(
    staff_app, an_installation, clock, signed_in, monkeypatch
):
    person = an_installation.people["P-001"]
    known = signed_in("P-001")
    known.delete("session")
    stranger = MemberClient(FlaskTransport(staff_app.test_client()), now=clock)
    for _ in range(7):
        with pytest.raises(Refused, match="sign_in_failed"):
            stranger.post("session", {"username": "p-001", "auth": b64u(bytes(32)), "totp": "000000"})
    clock.forward(minutes=1)
    right = {"username": "p-001", "auth": b64u(person.auth), "totp": person.one_time_code(clock())}
    sent = json.dumps(right)
    raw = staff_app.test_client()
    headers = {"X-CSRFToken": raw.get("/staff/api/v1/csrf").json["token"], "Content-Type": "application/json"}
    asked = raw.post("/staff/api/v1/session", data=sent, headers=headers)
    assert asked.json["error"]["code"] == "work_needed"
    monkeypatch.setattr("intake.client.working.work", lambda *given: pytest.fail("asked to work"))
    assert known.post("session", right)["member"]["code"] == "P-001"


def test_the_mark_is_in_a_cookie_that_no_script_reads_and_outlives_sign_out(signed_in):
    client = signed_in("P-001")
    cookie = client.http.client.get_cookie("niemphong-known")
    assert cookie.http_only
    assert cookie.same_site == "Strict"
    assert cookie.max_age == 90 * 24 * 3600
    client.delete("session")
    assert client.http.client.get_cookie("niemphong-known").value == cookie.value


@given(some.lists(some.tuples(some.sampled_from(["take", "wait"]), some.floats(0, 5)), max_size=60))
def test_a_bucket_never_gives_more_than_burst_and_what_flowed_in(acts):
    now, given_out = [0.0], 0
    bucket = rate.Bucket(per_second=2, burst=5, clock=lambda: now[0])
    for act, seconds in acts:
        if act == "wait":
            now[0] += seconds
            continue
        try:
            bucket.take()
            given_out += 1
        except rate.Busy:
            assert bucket.pressure == 1.0
    assert given_out <= 5 + 2 * now[0] + 1e-6
    assert 0 <= bucket.pressure <= 1


@given(some.floats(0, 1), some.floats(0, 1))
def test_the_work_rises_with_the_pressure_and_is_none_at_rest(one, other):
    low, high = sorted((one, other))
    limits = Limits()
    assert rate.bits_under(low, limits) <= rate.bits_under(high, limits) <= limits.work_most
    assert rate.bits_under(rate.EASY, limits) == 0


@given(some.lists(some.sampled_from(["preview", "submit", "mailbox.open", "mailbox.write", None]), max_size=40))
def test_a_budget_counts_each_kind_apart_and_lets_in_who_works(ops):
    limits = Limits(previews=3, submissions=2, readings=4, writings=1)
    forms = Forms(lambda: (bytes(32),), limits)
    token, admitted = forms.token(0), {}
    for op in ops:
        needed = forms.charge(token, op, 0, 1)
        if needed:
            assert limits.work_least <= needed <= limits.work_most
            assert forms.charge(token, op, needed, 1) == 0
        else:
            admitted[op] = admitted.get(op, 0) + 1
    assert admitted.get("preview", 0) <= 3
    assert admitted.get("submit", 0) <= 2
    assert admitted.get("mailbox.write", 0) <= 1
    assert admitted.get("mailbox.open", 0) + admitted.get(None, 0) <= 4


def test_a_reporter_gets_through_while_a_flood_is_on(settings, services, clock):
    small = replace(settings, limits=Limits(per_second=20, burst=40, work_most=12))
    app = create_app(small, ("reporter",), replace(services, settings=small))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    base, over, refused = f"http://127.0.0.1:{server.server_port}", threading.Event(), []

    def flood():
        client = ReporterClient(UrlTransport(base), now=clock)
        client.installation()
        while not over.is_set():
            try:
                client.send(client.seal("preview", facts=dict(FACTS))[0])
            except Refused as refusal:
                refused.append(refusal.code)

    def visit():
        started = time.monotonic()
        number = ReporterClient(UrlTransport(base), now=clock).report(REPORT, FACTS)[1]["number"]
        return number, time.monotonic() - started

    floods = [threading.Thread(target=flood) for _ in range(8)]
    try:
        _, alone = visit()
        for thread in floods:
            thread.start()
        while len(refused) < 50:
            time.sleep(0.02)
        number, under = visit()
    finally:
        over.set()
        for thread in floods:
            thread.join()
        server.shutdown()
        serving.join()
        server.server_close()
    assert number
    assert "work_needed" in refused
    print(f"a report alone {alone:.2f} s, in a flood of eight threads {under:.2f} s, {under / alone:.1f} times")
