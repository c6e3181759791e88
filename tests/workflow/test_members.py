"""Enrolment and sign-in: one link, one winner; one code, one use; ten failures, a quarter of an hour."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from crypto.encoding import fingerprint, parse_jcs
from crypto.keys import member_keys
from crypto.passphrase import stored_auth
from tests.world import AT, add, code_at, enrolment_statement, seed
from workflow import ledger
from workflow.commands import members, organisation, proofs, sessions
from workflow.commands.members import NewKeys
from workflow.commands.proofs import Keys
from workflow.commands.sessions import Unlocked
from workflow.errors import Conflict, Gone, NotFound, Refusal, SignedOut, SignInFailed
from workflow.queries import members as queries
from workflow.slowdown import Caller

IDLE = timedelta(minutes=15)
TOKEN, SID = "a-token-long-enough", "an-enrolment-session"


@pytest.fixture
def world(store):
    """An installation of one person, on every kind of database."""
    from crypto.boxes import Box
    from tests.world import World

    made = World(
        store=store,
        box=Box(seed("server")),
        auth_key=seed("auth"),
        organisation_seed=seed("organisation"),
        installation_seed=seed("installation"),
        receipt_salt=bytes(16),
    )
    with store.transaction() as db:
        organisation.install(
            db, kind="production", receipt_salt=bytes(16), signing_public=made.installation_public, at=AT
        )
        add(db, made, "P-001")
        organisation.add_person(db, code="P-002", username="hai", name="Lê Văn Hai", at=AT)
    return made


def kinds(world):
    with world.store.reading() as db:
        return [entry.kind for entry in ledger.entries(db, "org")]


def link(world, *, person="P-002", token=TOKEN, at=AT, hours=72):
    with world.store.transaction() as db:
        return members.make_link(db, person, token=token, at=at, hours=hours)


def begin(world, *, token=TOKEN, sid=SID, at=AT):
    with world.store.transaction() as db:
        return members.begin_enrolment(db, token, sid=sid, totp=seed("t")[:20], pepper=seed("p"), box=world.box, at=at)


def new_keys(**other):
    keys = member_keys(seed("P-002"))
    blob = b"\x01" + bytes(99)
    made = NewKeys(
        kem=keys.kem_public,
        sign=keys.sign_public,
        auth=seed("auth P-002"),
        wrapped=blob,
        recovery=blob,
        recovery_auth=seed("recovery auth P-002"),
        statement=enrolment_statement(keys, "P-002"),
        code=code_at(seed("t")[:20], AT),
    )
    return replace(made, **other)


def complete(world, keys=None, *, sid=SID, at=AT):
    with world.store.transaction() as db:
        return members.complete_enrolment(db, sid, keys or new_keys(), box=world.box, auth_key=world.auth_key, at=at)


def refused(act, *arguments, **named):
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    return caught.value


WORKED = Caller(worked=15)


def sign_in(world, *, username="p-001", auth=None, code=None, at=AT, sid="a-session", caller=WORKED, mark=None):
    member = world.people["P-001"]
    with world.store.transaction() as db:
        return sessions.sign_in(
            db,
            username=username,
            auth=member.auth if auth is None else auth,
            code=member.one_time_code(at) if code is None else code,
            sid=sid,
            tab_key=seed("tab"),
            mark=mark or f"mark of {sid}",
            caller=caller,
            keys=Keys(world.box, world.auth_key),
            at=at,
            ends=at + timedelta(hours=12),
        )


def opened(world, *, sid="a-session", at=AT):
    with world.store.reading() as db:
        return queries.session(db, sid, box=world.box, idle=IDLE, at=at)


# Enrolment


def test_an_enrolment_puts_keys_in_force_and_is_recorded(world):
    link(world)
    begun = begin(world)
    before = kinds(world)
    assert complete(world) == fingerprint(member_keys(seed("P-002")).sign_public)
    assert kinds(world) == [*before, "enrolment"]
    with world.store.reading() as db:
        keys = queries.key_of(db, "P-002")
    assert (begun.code, keys.sign, keys.demonstration) == ("P-002", member_keys(seed("P-002")).sign_public, False)


def test_each_step_writes_one_entry(world):
    before = len(kinds(world))
    link(world)
    begin(world)
    complete(world)
    assert kinds(world)[before:] == ["link_made", "enrolment_begun", "enrolment"]


def test_a_link_works_once(world):
    link(world)
    begin(world)
    assert isinstance(refused(begin, world), Gone)


def test_a_link_expires(world):
    expires = link(world, hours=2)
    assert expires == AT + timedelta(hours=2)
    assert refused(begin, world, at=expires).code == "link_expired"


def test_an_unknown_link_is_refused_like_an_expired_one(world):
    assert refused(begin, world, token="no-such-token-here").code == "link_expired"


def test_a_new_link_ends_the_one_before(world):
    link(world)
    link(world, token="another-token-here")
    assert isinstance(refused(begin, world), Gone)
    assert begin(world, token="another-token-here").code == "P-002"


def test_a_link_for_nobody_is_refused(world):
    assert isinstance(refused(link, world, person="P-099"), NotFound)


def test_the_token_itself_is_not_kept(world):
    link(world)
    with world.store.reading() as db:
        assert db.scalar(text("select count(*) from enrolment_link where token_hash like '%token%'")) == 0


def test_of_two_who_come_with_one_link_one_wins(world):
    link(world)
    outcomes = []

    def come(sid):
        try:
            outcomes.append(begin(world, sid=sid).code)
        except Gone as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=come, args=(f"sid-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["P-002", "link_expired", "link_expired", "link_expired"]


def test_a_finished_enrolment_does_not_finish_again(world):
    link(world)
    begin(world)
    complete(world)
    assert refused(complete, world).code == "enrolment_ended"


def test_half_an_hour_is_enough(world):
    link(world)
    begin(world)
    assert refused(complete, world, at=AT + timedelta(minutes=30)).code == "enrolment_ended"


def test_a_wrong_one_time_code_leaves_the_enrolment_open(world):
    link(world)
    begin(world)
    assert refused(complete, world, new_keys(code="000000")).code == "wrong_code"
    assert complete(world)


def _said(**other):
    keys = member_keys(seed("P-002"))
    return {"statement": enrolment_statement(keys, "P-002", **other)}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: {"statement": enrolment_statement(member_keys(seed("x")), "P-002")}, "bad_signature"),
        (lambda: _said(member="P-001"), "bad_signature"),
        (lambda: _said(by="P-001"), "bad_signature"),
        (lambda: _said(kem="AAAA"), "bad_signature"),
        (lambda: _said(more=1), "bad_signature"),
        (lambda: _said(checkpoint={"no": 7, "hash": "1" * 64}), "checkpoint_unknown"),
        (lambda: {"kem": bytes(1216)}, "weak_key"),
        (lambda: {"kem": member_keys(seed("x")).kem_public}, "bad_signature"),
        (lambda: {"auth": b"short"}, "malformed"),
        (lambda: {"wrapped": b"\x02" + bytes(99)}, "malformed"),
        (lambda: {"recovery": b"\x01" + bytes(9)}, "malformed"),
        (lambda: {"recovery_auth": bytes(31)}, "malformed"),
        (lambda: _said(at="2026-11-24T09:15:08Z"), "clock_off"),
        (lambda: _said(at="2026-11-24T08:55:06Z"), "clock_off"),
        (lambda: _said(at="today"), "malformed"),
    ],
)
def test_keys_that_prove_nothing_are_refused(world, wrong, code):
    link(world)
    begin(world)
    assert refused(complete, world, new_keys(**wrong())).code == code
    with world.store.reading() as db, pytest.raises(NotFound):
        queries.key_of(db, "P-002")


def test_somebody_elses_key_is_refused(world):
    link(world)
    begin(world)
    keys = member_keys(seed("P-001"))
    taken = new_keys(kem=keys.kem_public, sign=keys.sign_public, statement=enrolment_statement(keys, "P-002"))
    assert isinstance(refused(complete, world, taken), Conflict)


def test_a_second_enrolment_ends_the_first_key_and_its_sessions(world):
    assert isinstance(sign_in(world), Unlocked)
    link(world, person="P-001")
    begin(world)
    keys = member_keys(seed("new P-001"))
    statement = enrolment_statement(keys, "P-001")
    complete(world, new_keys(kem=keys.kem_public, sign=keys.sign_public, statement=statement))
    with world.store.reading() as db:
        assert queries.key_of(db, "P-001").sign == keys.sign_public
    with pytest.raises(SignedOut):
        opened(world)


# Sign-in


def test_passphrase_and_code_release_pepper_and_wrapped_seed(world):
    unlocked = sign_in(world)
    assert isinstance(unlocked, Unlocked)
    assert (unlocked.pepper, unlocked.wrapped) == (seed("pepper"), world.people["P-001"].wrapped)
    now = opened(world)
    assert (now.member.code, now.key, now.member.handler) == ("P-001", seed("tab"), False)
    assert kinds(world)[-1] == "sign_in"


def test_what_is_kept_of_the_session_is_not_its_id(world):
    sign_in(world)
    with world.store.reading() as db:
        row = db.execute(text("select sid_hash, key from member_session")).one()
    assert row.sid_hash != "a-session"
    assert seed("tab") not in bytes(row.key)


@pytest.mark.parametrize("wrong", [{"auth": bytes(32)}, {"code": "000000"}, {"username": "nobody"}])
def test_a_wrong_part_of_a_sign_in_is_not_named(world, wrong):
    outcome = sign_in(world, **wrong)
    assert (type(outcome), outcome.code, outcome.detail) == (SignInFailed, "sign_in_failed", {})
    assert kinds(world)[-1] != "sign_in"


def test_a_one_time_code_works_once(world):
    code = world.people["P-001"].one_time_code(AT)
    assert isinstance(sign_in(world, code=code), Unlocked)
    assert isinstance(sign_in(world, code=code, sid="another"), SignInFailed)
    later = AT + timedelta(seconds=30)
    assert isinstance(sign_in(world, at=later, sid="another"), Unlocked)


def test_two_who_use_one_code_at_once_do_not_both_get_in(world):
    code = world.people["P-001"].one_time_code(AT)
    outcomes = []
    threads = [
        threading.Thread(target=lambda sid=f"sid-{number}": outcomes.append(sign_in(world, code=code, sid=sid)))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Unlocked) for outcome in outcomes) == 1


def test_a_name_that_nobody_has_costs_the_same_work(world, monkeypatch):
    calls = []
    monkeypatch.setattr(proofs, "stored_auth", lambda *given: calls.append(given) or stored_auth(*given))
    sign_in(world, username="nobody")
    assert len(calls) == 1


def test_unlocking_needs_the_session_and_the_passphrase(world):
    sign_in(world)
    keys = Keys(world.box, world.auth_key)

    def unlock(sid, auth):
        with world.store.transaction() as db:
            return sessions.unlock(db, sid=sid, auth=auth, keys=keys, at=AT)

    assert isinstance(unlock("a-session", world.people["P-001"].auth), Unlocked)
    assert kinds(world)[-1] == "unlock"
    assert isinstance(unlock("a-session", bytes(32)), SignInFailed)
    with pytest.raises(SignedOut):
        unlock("no-session", world.people["P-001"].auth)


def test_the_fifth_wrong_passphrase_in_a_row_ends_the_session_and_no_other(world):
    sign_in(world)
    sign_in(world, sid="another", at=AT + timedelta(seconds=30), caller=Caller(marks=("mark of a-session",)))
    keys, right = Keys(world.box, world.auth_key), world.people["P-001"].auth

    def unlock(auth):
        with world.store.transaction() as db:
            return sessions.unlock(db, sid="a-session", auth=auth, keys=keys, at=AT)

    for _ in range(2):
        assert {type(unlock(bytes(32))) for _ in range(4)} == {SignInFailed}
        assert isinstance(unlock(right), Unlocked)
    outcomes = [unlock(bytes(32)) for _ in range(5)]
    assert (outcomes[-1].status, outcomes[-1].code) == (401, "signed_out")
    with pytest.raises(SignedOut):
        unlock(right)
    assert opened(world, sid="another")


def test_a_session_ends_after_fifteen_idle_minutes(world):
    sign_in(world)
    assert opened(world, at=AT + timedelta(minutes=14, seconds=59))
    with pytest.raises(SignedOut):
        opened(world, at=AT + IDLE)


def test_a_sign_of_life_keeps_it_and_is_not_recorded(world):
    sign_in(world)
    before = kinds(world)
    with world.store.transaction() as db:
        sessions.touch(db, sid="a-session", at=AT + timedelta(minutes=10))
    assert opened(world, at=AT + timedelta(minutes=24))
    assert kinds(world) == before


def test_a_session_ends_at_its_end_however_busy(world):
    sign_in(world)
    with world.store.transaction() as db:
        sessions.touch(db, sid="a-session", at=AT + timedelta(hours=12))
    with pytest.raises(SignedOut):
        opened(world, at=AT + timedelta(hours=12))


def test_signing_out_destroys_the_key(world):
    sign_in(world)
    for _ in range(2):
        with world.store.transaction() as db:
            sessions.sign_out(db, sid="a-session", at=AT)
    with pytest.raises(SignedOut):
        opened(world)
    assert kinds(world)[-2:] == ["sign_in", "sign_out"]


def test_the_sweep_destroys_what_has_run_out(world):
    sign_in(world)
    sign_in(world, auth=bytes(32))
    link(world)
    begin(world)
    with world.store.transaction() as db:
        sessions.sweep(db, idle=IDLE, at=AT + timedelta(days=40))
    with world.store.reading() as db:
        for table in ("member_session", "enrolment_session", "enrolment_link", "sign_in_failure"):
            assert db.scalar(text(f"select count(*) from {table}")) == 0, table


def test_failures_of_invented_names_are_bounded_and_dont_wash_out_a_count(world, monkeypatch):
    monkeypatch.setattr(proofs, "MOST_FAILURES", 3)
    minute = timedelta(minutes=1)
    for _ in range(5):  # whoever did this knows the passphrase
        sign_in(world, code="000000", at=AT - 60 * minute)
    for number in range(9):
        sign_in(world, username="insisting", at=AT + number * minute / 10)
    for number in range(6):
        sign_in(world, username=f"invented-{number}", at=AT + number * minute)
    with world.store.transaction() as db:
        sessions.sweep(db, idle=IDLE, at=AT + 6 * minute)
    with world.store.reading() as db:
        rows = "select failures, halves from sign_in_failure order by halves desc, failures desc"
        assert [tuple(row) for row in db.execute(text(rows))] == [(5, 5), (9, 0), (1, 0)]


def test_the_ledger_of_all_this_has_no_fault_and_no_name(world):
    link(world)
    begin(world)
    complete(world)
    sign_in(world)
    with world.store.reading() as db:
        assert ledger.verify(db, world.installation_public) == []
        said = str([parse_jcs(entry.entry) for entry in ledger.entries(db, "org")])
    assert "Hai" not in said
    assert "p-001" not in said
