"""What a member signs in with, changed by themselves: recovery, passphrase, second factor, backup codes, sessions."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from crypto.backupcodes import new_backup_codes
from crypto.encoding import parse_jcs
from tests.world import ADMINISTRATOR, AT, code_at, enrol, make_world, seed
from workflow import ledger
from workflow.commands import credentials, members, sessions
from workflow.commands.credentials import Recovering, Rewrapped
from workflow.commands.proofs import Keys
from workflow.commands.sessions import Unlocked
from workflow.errors import Gone, Malformed, NotEligible, NotFound, SignedOut, SignInFailed
from workflow.queries import account
from workflow.queries import members as queries
from workflow.slowdown import Caller

IDLE = timedelta(minutes=15)
CODE, OTHER = "P-001", "P-002"
NEW = Rewrapped(
    auth=seed("new auth"),
    wrapped=b"\x01" + bytes(98) + b"w",
    recovery_auth=seed("new recovery auth"),
    recovery=b"\x01" + bytes(98) + b"r",
)


@pytest.fixture
def world(store):
    """The small organisation, on every kind of database."""
    return make_world(store)


@pytest.fixture
def keys(world):
    return Keys(world.box, world.auth_key)


@pytest.fixture
def mine(world):
    return world.people[CODE]


WORKED = Caller(worked=15)


class Acts:
    """Each act in a transaction of its own, as a request does it."""

    def __init__(self, world, keys):
        self.world, self.keys = world, keys

    def __getattr__(self, name):
        command = getattr(credentials, name, None) or getattr(sessions, name)

        def act(*arguments, at=AT, **named):
            with_keys = {} if name.startswith("end_") else {"keys": self.keys}
            with self.world.store.transaction() as db:
                return command(db, *arguments, **with_keys, **named, at=at)

        return act

    def signs_in(
        self, code=CODE, *, username=None, auth=None, second=None, sid="a-session", at=AT, caller=WORKED, mark=None
    ):
        person = self.world.people[code]
        return self.sign_in(
            username=username or person.username,
            auth=auth or person.auth,
            code=second or person.one_time_code(at),
            sid=sid,
            tab_key=seed("tab"),
            mark=mark or f"mark of {sid}",
            caller=caller,
            at=at,
            ends=at + timedelta(hours=12),
        )

    def begins(self, *, username="p-001", proof=None, second=None, at=AT, caller=WORKED):
        person = self.world.people[CODE]
        return self.begin_recovery(
            username=username,
            recovery_auth=proof or person.recovery_auth,
            code=second or person.one_time_code(at),
            caller=caller,
            at=at,
        )


@pytest.fixture
def acts(world, keys):
    return Acts(world, keys)


def kinds(world):
    with world.store.reading() as db:
        return [entry.kind for entry in ledger.entries(db, "org")]


def lives(world, sid, at=AT):
    with world.store.reading() as db:
        try:
            return bool(queries.session(db, sid, box=world.box, idle=IDLE, at=at))
        except SignedOut:
            return False


def left(world, person):
    with world.store.reading() as db:
        return account.backup_codes_left(db, person.id)


def later(seconds=60):
    return AT + timedelta(seconds=seconds)


# Recovery


def test_the_recovery_blob_is_released_after_its_proof_and_the_second_factor(acts, world, mine):
    begun = acts.begins()
    assert isinstance(begun, Recovering)
    assert (begun.code, begun.username, begun.recovery, begun.pepper) == (CODE, "p-001", mine.wrapped, seed("pepper"))
    assert kinds(world)[-1] == "recovery_begun"


@pytest.mark.parametrize("wrong", [{"proof": bytes(32)}, {"second": "000000"}, {"username": "nobody"}])
def test_a_wrong_part_of_a_recovery_is_not_named(acts, world, wrong):
    outcome = acts.begins(**wrong)
    assert (type(outcome), outcome.code, outcome.detail) == (SignInFailed, "sign_in_failed", {})
    assert kinds(world)[-1] != "recovery_begun"


def test_the_passphrases_secret_does_not_prove_the_recovery_key(acts, mine):
    assert isinstance(acts.begins(proof=mine.auth), SignInFailed)
    assert isinstance(acts.signs_in(auth=mine.recovery_auth), SignInFailed)


def test_a_key_that_was_enrolled_before_there_was_a_proof_is_answered_like_any_other(acts, world):
    with world.store.transaction() as db:
        db.execute(text("update member_key set recovery_auth = null"))
    assert isinstance(acts.begins(), SignInFailed)
    assert isinstance(acts.begins(proof=bytes(32)), SignInFailed)


@pytest.mark.parametrize("username", ["p-001", "nobody"])
def test_attempts_at_recovery_and_at_signing_in_are_counted_together(acts, username):
    for _ in range(3):
        acts.begins(username=username, proof=bytes(32))
        acts.signs_in(username=username, auth=bytes(32))
    assert acts.begins(username=username, caller=Caller()).code == "work_needed"
    assert acts.signs_in(username=username, caller=Caller()).code == "work_needed"


def test_who_holds_the_recovery_key_alone_gets_a_few_guesses_at_the_code(acts):
    for _ in range(5):
        assert isinstance(acts.begins(second="000000"), SignInFailed)
    assert isinstance(acts.begins(), SignInFailed)
    assert isinstance(acts.signs_in(), SignInFailed)
    assert isinstance(acts.begins(at=later(61)), Recovering)


def test_a_one_time_code_that_was_used_for_recovery_signs_nobody_in(acts, mine):
    second = mine.one_time_code(AT)
    assert isinstance(acts.begins(), Recovering)
    assert isinstance(acts.signs_in(second=second), SignInFailed)


def test_a_recovery_puts_the_new_secrets_in_force_and_ends_every_session(acts, world, mine):
    acts.signs_in(at=AT - timedelta(minutes=1))
    begun = acts.begins()
    acts.complete_recovery(begun.ticket, NEW)
    assert kinds(world)[-1] == "recovered"
    assert not lives(world, "a-session")
    assert isinstance(acts.signs_in(at=later(60)), SignInFailed)
    unlocked = acts.signs_in(auth=NEW.auth, at=later(90))
    assert isinstance(unlocked, Unlocked)
    assert (unlocked.wrapped, unlocked.pepper) == (NEW.wrapped, seed("pepper"))
    assert isinstance(acts.begins(at=later(120)), SignInFailed)
    again = acts.begins(proof=NEW.recovery_auth, at=later(150))
    assert again.recovery == NEW.recovery


def test_nothing_changes_before_a_recovery_is_finished(acts, mine):
    acts.begins()
    assert isinstance(acts.signs_in(at=later()), Unlocked)
    assert isinstance(acts.begins(at=later(120)), Recovering)


def test_a_recovery_finishes_once_and_within_half_an_hour(acts):
    first, second = acts.begins(), acts.begins(at=later())
    with pytest.raises(Gone, match="recovery_ended"):
        acts.complete_recovery(first.ticket, NEW, at=AT + timedelta(minutes=30))
    acts.complete_recovery(second.ticket, NEW)
    for ticket in (first.ticket, second.ticket, bytes(64)):
        with pytest.raises(Gone, match="recovery_ended"):
            acts.complete_recovery(ticket, NEW)


def test_a_new_enrolment_ends_a_recovery_that_had_begun(acts, world):
    begun = acts.begins()
    with world.store.transaction() as db:
        enrol(db, world, CODE, at=AT, variant="again")
    with pytest.raises(Gone, match="recovery_ended"):
        acts.complete_recovery(begun.ticket, NEW)


@pytest.mark.parametrize("part", ["auth", "wrapped", "recovery_auth", "recovery"])
def test_a_recovery_with_a_part_that_can_not_be_is_refused(acts, part):
    begun = acts.begins()
    with pytest.raises(Malformed):
        acts.complete_recovery(begun.ticket, replace(NEW, **{part: b"\x02short"}))


# Passphrase


def test_a_changed_passphrase_counts_at_once_and_ends_the_other_sessions(acts, world, mine):
    acts.signs_in()
    acts.signs_in(sid="another", at=later())
    changed = acts.change_passphrase(sid="another", auth=mine.auth, new_auth=NEW.auth, wrapped=NEW.wrapped, at=later())
    assert changed is None
    assert kinds(world)[-1] == "passphrase_changed"
    assert (lives(world, "a-session"), lives(world, "another")) == (False, True)
    assert isinstance(acts.signs_in(at=later(120)), SignInFailed)
    assert acts.signs_in(auth=NEW.auth, at=later(150)).wrapped == NEW.wrapped


def test_the_recovery_key_outlives_a_changed_passphrase(acts, mine):
    acts.signs_in()
    acts.change_passphrase(sid="a-session", auth=mine.auth, new_auth=NEW.auth, wrapped=NEW.wrapped)
    assert isinstance(acts.begins(at=later()), Recovering)


def test_a_passphrase_is_changed_by_whoever_knows_the_old_one(acts, world):
    acts.signs_in()
    refused = acts.change_passphrase(sid="a-session", auth=bytes(32), new_auth=NEW.auth, wrapped=NEW.wrapped)
    assert isinstance(refused, SignInFailed)
    assert kinds(world)[-1] == "sign_in"
    for _ in range(4):
        refused = acts.change_passphrase(sid="a-session", auth=bytes(32), new_auth=NEW.auth, wrapped=NEW.wrapped)
    assert isinstance(refused, SignedOut)
    assert not lives(world, "a-session")
    with pytest.raises(SignedOut):
        acts.change_passphrase(sid="none", auth=NEW.auth, new_auth=NEW.auth, wrapped=NEW.wrapped)


# Pins


def test_newer_pins_are_kept_and_nothing_else_changes(acts, world, mine):
    acts.signs_in()
    acts.signs_in(sid="another", at=later())
    assert acts.renew_pins(sid="another", auth=mine.auth, wrapped=NEW.wrapped, at=later()) is None
    assert kinds(world)[-1] == "pins_renewed"
    assert lives(world, "a-session") and lives(world, "another")
    assert acts.signs_in(sid="third", at=later(120)).wrapped == NEW.wrapped
    assert acts.begins(at=later(180)).recovery == mine.wrapped


def test_pins_are_renewed_by_whoever_knows_the_passphrase(acts, world, mine):
    acts.signs_in()
    assert isinstance(acts.renew_pins(sid="a-session", auth=bytes(32), wrapped=NEW.wrapped), SignInFailed)
    with pytest.raises(Malformed):
        acts.renew_pins(sid="a-session", auth=mine.auth, wrapped=b"\x02short")
    assert kinds(world)[-1] == "sign_in"
    assert acts.signs_in(sid="another", at=later()).wrapped == mine.wrapped


# Second factor


def ticket(keys, *, sid="a-session", secret=None):
    return credentials.offer_second_factor(secret or seed("phone")[:20], sid=sid, keys=keys, at=AT)


def test_a_new_second_factor_counts_once_its_first_code_came_back(acts, world, mine, keys):
    acts.signs_in()
    acts.signs_in(sid="another", at=later())
    code = code_at(seed("phone")[:20], AT)
    assert acts.change_second_factor(sid="a-session", auth=mine.auth, ticket=ticket(keys), code=code) is None
    assert kinds(world)[-1] == "second_factor_changed"
    assert (lives(world, "a-session"), lives(world, "another")) == (True, False)
    assert isinstance(acts.signs_in(second=code), SignInFailed)
    assert isinstance(acts.signs_in(at=later(120)), SignInFailed)
    fresh = code_at(seed("phone")[:20], later(150))
    assert isinstance(acts.signs_in(second=fresh, sid="third", at=later(150)), Unlocked)


def test_a_second_factor_that_was_not_proved_changes_nothing(acts, world, mine, keys):
    acts.signs_in()
    right = {"sid": "a-session", "auth": mine.auth, "ticket": ticket(keys), "code": code_at(seed("phone")[:20], AT)}
    with pytest.raises(Malformed, match="wrong_code"):
        acts.change_second_factor(**right | {"code": "000000"})
    assert isinstance(acts.change_second_factor(**right | {"auth": bytes(32)}), SignInFailed)
    for stale in ({"ticket": ticket(keys, sid="another")}, {"ticket": bytes(64)}, {"at": AT + timedelta(minutes=30)}):
        with pytest.raises(Gone, match="second_factor_ended"):
            acts.change_second_factor(**right | stale)
    assert kinds(world)[-1] == "sign_in"
    assert isinstance(acts.signs_in(sid="another", at=later()), Unlocked)


# Backup codes


def make_codes(acts, mine):
    codes = new_backup_codes()
    assert acts.make_backup_codes(sid="a-session", auth=mine.auth, codes=codes) is None
    return codes


def test_a_backup_code_stands_in_for_a_one_time_code_and_works_once(acts, world, mine):
    acts.signs_in()
    codes = make_codes(acts, mine)
    assert (len(codes), left(world, mine)) == (10, 10)
    assert kinds(world)[-1] == "backup_codes_made"
    assert isinstance(acts.signs_in(second=codes[0], sid="another"), Unlocked)
    assert left(world, mine) == 9
    assert isinstance(acts.signs_in(second=codes[0], sid="third"), SignInFailed)
    with world.store.reading() as db:
        last = [parse_jcs(e.entry) for e in ledger.entries(db, "org") if e.kind == "sign_in"][-1]
    assert last["pub"] == {"person": CODE, "factor": "backup_code"}


def test_of_two_who_come_with_one_backup_code_one_wins(acts, mine):
    acts.signs_in()
    code, outcomes = make_codes(acts, mine)[3], []
    threads = [
        threading.Thread(target=lambda sid=f"sid-{n}": outcomes.append(acts.signs_in(second=code, sid=sid)))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Unlocked) for outcome in outcomes) == 1


def test_a_backup_code_is_not_used_up_by_a_wrong_passphrase(acts, world, mine):
    acts.signs_in()
    code = make_codes(acts, mine)[0]
    assert isinstance(acts.signs_in(second=code, auth=bytes(32), sid="another"), SignInFailed)
    assert left(world, mine) == 10


def test_a_backup_code_serves_for_recovery_too(acts, world, mine):
    acts.signs_in()
    assert isinstance(acts.begins(second=make_codes(acts, mine)[5].replace("-", "")), Recovering)
    assert left(world, mine) == 9


def test_new_backup_codes_end_the_former_ones(acts, world, mine):
    acts.signs_in()
    former = make_codes(acts, mine)
    make_codes(acts, mine)
    assert left(world, mine) == 10
    assert isinstance(acts.signs_in(second=former[0], sid="another"), SignInFailed)


def test_backup_codes_need_the_passphrase_and_are_ones_own(acts, world, mine):
    acts.signs_in()
    refused = acts.make_backup_codes(sid="a-session", auth=bytes(32), codes=new_backup_codes())
    assert isinstance(refused, SignInFailed)
    codes = make_codes(acts, mine)
    assert isinstance(acts.signs_in(OTHER, second=codes[0], sid="another"), SignInFailed)
    assert left(world, world.people[OTHER]) == 0


def test_a_new_enrolment_leaves_no_backup_code_in_force(acts, world, mine):
    acts.signs_in()
    codes = make_codes(acts, mine)
    with world.store.transaction() as db:
        world.people[CODE] = enrol(db, world, CODE, at=AT, variant="again")
    assert left(world, mine) == 0
    assert isinstance(acts.signs_in(second=codes[0], sid="another"), SignInFailed)


def test_what_is_kept_of_a_backup_code_is_not_the_code(acts, world, mine):
    acts.signs_in()
    codes = make_codes(acts, mine)
    with world.store.reading() as db:
        kept = " ".join(db.scalars(text("select code_hash from backup_code")))
    assert not any(code.replace("-", "").lower() in kept for code in codes)


# Sessions


def listed(world, sid, at=AT):
    with world.store.reading() as db:
        return account.sessions_of(db, sid, idle=IDLE, at=at)


def test_a_member_sees_their_own_living_sessions_to_the_minute(acts, world):
    acts.signs_in()
    acts.signs_in(sid="another", at=later())
    acts.signs_in(OTHER, sid="somebody-else")
    found = listed(world, "a-session", at=later())
    assert [one.current for one in found] == [False, True]
    assert [one.begun for one in found] == [later(), AT]
    assert found[1].seen == AT.replace(second=0)
    assert len(listed(world, "another", at=AT + IDLE)) == 1  # the first has been idle for too long


def test_one_session_is_ended_from_another_and_destroyed(acts, world):
    acts.signs_in()
    acts.signs_in(sid="another", at=later())
    handle = next(one.handle for one in listed(world, "a-session") if not one.current)
    acts.end_session(sid="a-session", handle=handle)
    assert (lives(world, "a-session"), lives(world, "another", at=later())) == (True, False)
    assert kinds(world)[-1] == "sessions_ended"
    with pytest.raises(NotFound, match="session_gone"):
        acts.end_session(sid="a-session", handle=handle)


def test_nobody_ends_somebody_elses_session(acts, world):
    acts.signs_in()
    acts.signs_in(OTHER, sid="somebody-else")
    handle = listed(world, "somebody-else")[0].handle
    with pytest.raises(NotFound, match="session_gone"):
        acts.end_session(sid="a-session", handle=handle)
    assert acts.end_other_sessions(sid="a-session") == 0
    assert lives(world, "somebody-else")


def test_all_other_sessions_end_in_one_act(acts, world):
    for number in range(3):
        acts.signs_in(sid=f"sid-{number}", at=later(60 * number))
    before = len(kinds(world))
    assert acts.end_other_sessions(sid="sid-1", at=later(120)) == 2
    assert kinds(world)[before:] == ["sessions_ended"]
    assert [lives(world, f"sid-{number}", at=later(120)) for number in range(3)] == [False, True, False]
    with pytest.raises(SignedOut):
        acts.end_other_sessions(sid="sid-0")


# Links from the office

PEOPLE = (CODE, OTHER, "P-011", ADMINISTRATOR)


def make_link(world, person, by, token="a-token-long-enough"):
    with world.store.transaction() as db:
        return members.make_link(db, person, token=token, at=AT, by=by)


def test_an_administrator_makes_and_ends_a_link(world):
    until = make_link(world, OTHER, ADMINISTRATOR)
    with world.store.reading() as db:
        found = {one.code: one for one in account.enrolments(db, at=AT, on=AT.date(), codes=PEOPLE)}
        last = parse_jcs(ledger.entries(db, "org")[-1].entry)
    assert (found[OTHER].link_until, found[CODE].link_until) == (until, None)
    assert (last["kind"], last["pub"]) == ("link_made", {"person": OTHER, "by": ADMINISTRATOR})
    with world.store.transaction() as db:
        members.end_link(db, OTHER, by=ADMINISTRATOR, at=AT)
    assert kinds(world)[-1] == "link_ended"
    with world.store.transaction() as db, pytest.raises(Gone):
        members.begin_enrolment(
            db, "a-token-long-enough", sid="s", totp=bytes(20), pepper=bytes(32), box=world.box, at=AT
        )
    with world.store.transaction() as db, pytest.raises(Gone, match="link_expired"):
        members.end_link(db, OTHER, by=ADMINISTRATOR, at=AT)


@pytest.mark.parametrize(
    ("person", "by", "code"),
    [(ADMINISTRATOR, ADMINISTRATOR, "own_link"), (OTHER, CODE, "not_entitled"), (OTHER, "P-999", "not_entitled")],
)
def test_nobody_makes_a_link_who_may_not(world, person, by, code):
    with pytest.raises(NotEligible, match=code):
        make_link(world, person, by)
    with world.store.transaction() as db, pytest.raises(NotEligible, match=code):
        members.end_link(db, person, by=by, at=AT)


def test_the_office_sees_posts_duties_and_keys_of_everybody(world):
    with world.store.reading() as db:
        found = {one.code: one for one in account.enrolments(db, at=AT, on=AT.date(), codes=PEOPLE)}
    assert found[CODE].posts == (("UBKT-S", "head"),)
    assert found["P-011"].duties == ("custodian",)
    assert found[ADMINISTRATOR].duties == ("administrator",)
    assert found[CODE].enrolled == AT
    assert found[CODE].fingerprint.count(" ") > 5


def test_the_ledger_of_all_this_has_no_fault(acts, world, mine):
    acts.signs_in()
    make_codes(acts, mine)
    acts.complete_recovery(acts.begins(at=later()).ticket, NEW, at=later())
    make_link(world, OTHER, ADMINISTRATOR)
    with world.store.reading() as db:
        assert ledger.verify(db, world.installation_public) == []
