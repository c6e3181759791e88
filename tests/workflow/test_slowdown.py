"""Sign-in slows down for strangers, and nobody who knows only a user name can keep its owner out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from tests.world import AT, make_world, seed
from workflow.commands import credentials, sessions
from workflow.commands.proofs import Keys
from workflow.commands.sessions import Unlocked
from workflow.errors import SignedOut, SignInFailed, WorkNeeded
from workflow.queries import members
from workflow.slowdown import LONGEST_WAIT, Caller, bits_after, wait_after

WRONG = bytes(32)
WORKED = Caller(worked=15)
MARK, OTHER = "m" * 43, "o" * 43
KNOWN = Caller(marks=(OTHER, MARK))


@dataclass
class Door:
    """One attempt in a transaction of its own, each half a minute later, so that a right code is a new one."""

    world: object
    now: object = AT

    def __call__(self, *, auth=None, code=None, username="p-001", caller=WORKED, mark=MARK, after=30, person="P-001"):
        self.now += timedelta(seconds=after)
        member = self.world.people[person]
        with self.world.store.transaction() as db:
            return sessions.sign_in(
                db,
                username=username,
                auth=auth or member.auth,
                code=code or member.one_time_code(self.now),
                sid=f"sid-{self.now:%H%M%S}",
                tab_key=seed("tab"),
                mark=mark,
                caller=caller,
                keys=Keys(self.world.box, self.world.auth_key),
                at=self.now,
                ends=self.now + timedelta(hours=12),
            )

    def failures(self):
        with self.world.store.reading() as db:
            row = db.execute(text("select failures, halves from sign_in_failure")).first()
        return tuple(row) if row else (0, 0)


@pytest.fixture
def door(store):
    return Door(make_world(store))


@pytest.mark.parametrize("username", ["p-001", "nobody"])
def test_known_and_unknown_names_ask_strangers_for_the_same_rising_work(door, username):
    asked = []
    for _ in range(15):
        outcome = door(username=username, auth=WRONG, code="000000", caller=Caller())
        if isinstance(outcome, WorkNeeded):
            asked.append(outcome.detail["bits"])
            outcome = door(username=username, auth=WRONG, code="000000", caller=Caller(worked=asked[-1]))
        assert (type(outcome), outcome.detail) == (SignInFailed, {})
    assert asked == [9, 10, 11, 12, 13, 14, 15, 15, 15, 15]


def test_an_attempt_without_the_work_is_not_even_looked_at(door):
    for _ in range(5):
        door(auth=WRONG)
    before = door.failures()
    assert isinstance(door(caller=Caller(worked=8)), WorkNeeded)
    assert door.failures() == before


def test_a_thousand_wrong_attempts_of_strangers_lock_nobody_out(door):
    for _ in range(200):
        door(auth=WRONG, code="000000", after=1)
    assert isinstance(door(), Unlocked)
    assert door.failures() == (0, 0)


@pytest.mark.parametrize("half", [{"auth": WRONG}, {"code": "000000"}])
def test_who_holds_one_factor_is_refused_after_five_guesses_and_does_not_see_it(door, half):
    for _ in range(5):
        assert isinstance(door(**half), SignInFailed)
    assert isinstance(door(), SignInFailed)  # even what is right, for a minute from the fifth
    assert isinstance(door(after=31), Unlocked)


def test_the_wait_grows_to_an_hour_and_asking_meanwhile_does_not_prolong_it(door):
    for halves in range(5, 12):
        while door.failures()[1] < halves:
            door(code="000000")
        until = door.now + min(timedelta(minutes=2 ** (halves - 5)), timedelta(hours=1))
        door(code="000000", after=1)
        assert door.failures()[1] == halves
        door.now = until
    assert isinstance(door(after=0), Unlocked)


def test_a_day_of_guessing_with_one_factor_is_a_few_dozen_guesses(door):
    for _ in range(24 * 60):
        door(code="000000", after=60)
    assert door.failures()[1] < 40


def test_a_browser_that_signed_in_before_is_hindered_by_nobody(door):
    assert door().marked
    for _ in range(8):
        door(code="000000")
    stranger, known = door(after=1), door(caller=KNOWN, after=30)
    assert isinstance(stranger, SignInFailed)
    assert isinstance(known, Unlocked)
    assert not known.marked
    assert door.failures()[1] > 0  # a member's own sign-in gives whoever guesses no new guesses


def test_a_mark_is_one_members_own(door):
    door()
    with door.world.store.reading() as db:
        kept = db.scalar(text("select mark_hash from device_mark"))
    assert kept != MARK
    for _ in range(5):
        door(username="p-002", person="P-002", auth=WRONG, caller=KNOWN)
    assert isinstance(door(username="p-002", person="P-002", caller=replace(KNOWN, worked=0)), WorkNeeded)


def test_ten_failures_in_a_row_make_a_known_browser_a_stranger(door):
    door()
    for _ in range(2):
        for _ in range(9):
            assert isinstance(door(auth=WRONG, caller=KNOWN), SignInFailed)
        assert isinstance(door(caller=KNOWN), Unlocked)
    assert door.failures() == (0, 0)
    for _ in range(10):
        door(auth=WRONG, caller=KNOWN)
    door(auth=WRONG, caller=KNOWN)
    assert door.failures() == (1, 1)


def marks_of(door):
    with door.world.store.reading() as db:
        return db.scalar(text("select count(*) from device_mark"))


def test_ending_all_other_sessions_forgets_all_other_browsers(door):
    door(mark=OTHER)
    door(caller=WORKED, mark=MARK)
    assert marks_of(door) == 2
    with door.world.store.transaction() as db:
        sessions.end_other_sessions(db, sid=f"sid-{door.now:%H%M%S}", at=door.now)
    assert marks_of(door) == 1
    assert not door(caller=Caller(marks=(MARK,))).marked
    assert door(caller=Caller(marks=(OTHER,)), mark=OTHER).marked


def test_a_new_passphrase_forgets_all_other_browsers_and_a_recovery_all(door):
    door(mark=OTHER)
    door(mark=MARK)
    keys, member = Keys(door.world.box, door.world.auth_key), door.world.people["P-001"]
    with door.world.store.transaction() as db:
        sid = f"sid-{door.now:%H%M%S}"
        new = {"new_auth": seed("new"), "wrapped": member.wrapped}
        credentials.change_passphrase(db, sid=sid, auth=member.auth, **new, keys=keys, at=door.now)
    assert marks_of(door) == 1
    door.now += timedelta(minutes=1)
    with door.world.store.transaction() as db:
        begun = credentials.begin_recovery(
            db,
            username="p-001",
            recovery_auth=member.recovery_auth,
            code=member.one_time_code(door.now),
            keys=keys,
            at=door.now,
        )
    assert marks_of(door) == 1
    with door.world.store.transaction() as db:
        rewrapped = credentials.Rewrapped(seed("auth 2"), member.wrapped, seed("recovery 2"), b"\x01" + bytes(90))
        credentials.complete_recovery(db, begun.ticket, rewrapped, keys=keys, at=door.now)
    assert marks_of(door) == 0


def test_a_member_has_ten_browsers_and_each_for_ninety_days(door):
    for number in range(12):
        door(mark=f"{number:043}")
    assert marks_of(door) == 10
    assert door(caller=Caller(marks=("0" * 43,)), mark="0" * 43).marked
    assert not door(caller=Caller(marks=(f"{11:043}",))).marked
    with door.world.store.transaction() as db:
        sessions.sweep(db, idle=timedelta(minutes=15), at=door.now + timedelta(days=89, hours=23))
    assert marks_of(door) > 0
    with door.world.store.transaction() as db:
        sessions.sweep(db, idle=timedelta(minutes=15), at=door.now + timedelta(days=90))
    assert marks_of(door) == 0


def test_a_session_that_ended_for_wrong_passphrases_keeps_its_browser_known(door):
    door()
    sid, keys = f"sid-{door.now:%H%M%S}", Keys(door.world.box, door.world.auth_key)
    for _ in range(5):
        with door.world.store.transaction() as db:
            sessions.unlock(db, sid=sid, auth=WRONG, keys=keys, at=door.now)
    with door.world.store.reading() as db, pytest.raises(SignedOut):
        members.session(db, sid, box=door.world.box, idle=timedelta(minutes=15), at=door.now)
    assert not door(caller=KNOWN).marked


@given(failures=some.integers(0, 10**6), least=some.integers(4, 24), more=some.integers(0, 20))
def test_the_work_never_falls_with_failures_and_stays_in_bounds(failures, least, more):
    caller = Caller(least=least, most=least + more)
    now, then = bits_after(failures, caller), bits_after(failures + 1, caller)
    assert now <= then <= caller.most
    assert now == 0 or now >= least


@given(halves=some.integers(0, 10**6))
def test_the_wait_never_falls_and_ends_at_an_hour(halves):
    assert wait_after(halves) <= wait_after(halves + 1) <= LONGEST_WAIT
