"""The named successor takes the organisation's key over: who trusted the former key follows, and is remembered as such."""

from __future__ import annotations

import json
from base64 import b32decode
from datetime import timedelta

import pytest

from crypto.encoding import fingerprint
from crypto.signing import sign_public
from intake.client import AccountClient, FlaskTransport, MemberClient, Memory, Refused, ReporterClient
from intake.client.memory import Former
from tests.adversary.test_cheating_server import Cheat, fault
from tests.succession import FIRST, SECOND, STRANGE, THIRD, printed, sign_next
from tests.world import code_at
from workflow import ledger
from workflow.commands import members

PASSPHRASE = "sáu từ dễ nhớ khó đoán"
TO_SECOND = Former(sign_public(FIRST), 2)


@pytest.fixture
def taken_over(an_installation, clock):
    """The first key has signed two rosters, its successor the third; the fourth is by the same."""
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    return an_installation


def test_a_member_who_was_away_follows_the_named_successor(signed_in, taken_over):
    """Their browser holds the first key alone."""
    trust = signed_in("P-001").installation()
    assert (trust.roster.no, trust.org_key, trust.former) == (4, sign_public(SECOND), (TO_SECOND,))


def test_several_takeovers_are_followed_at_once_and_one_after_the_other(signed_in, taken_over, clock):
    there, away = signed_in("P-001"), signed_in("P-002")
    there.installation()
    sign_next(taken_over, THIRD, then=STRANGE, at=clock())
    sign_next(taken_over, STRANGE, then=FIRST, at=clock())
    passed = (TO_SECOND, Former(sign_public(SECOND), 4), Former(sign_public(THIRD), 5))
    assert there.installation().former == away.installation().former == passed


def test_rosters_on_the_way_may_have_run_out_meanwhile(visitor, an_installation, clock):
    """They are checked as of their own day; only the newest has to be valid today."""
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    clock.forward(days=200)
    sign_next(an_installation, THIRD, then=STRANGE, at=clock())
    visitor.adopt("P-001", an_installation.people["P-001"].keys, sign_public(FIRST))
    assert len(visitor.installation().former) == 2


def test_a_pin_that_is_not_the_first_key_is_followed_from_where_it_stands(signed_in, taken_over, clock):
    member = signed_in("P-001")
    member.adopt("P-001", member.unlocked.keys, sign_public(SECOND))
    assert member.installation().former == ()
    member.memory = Memory()
    sign_next(taken_over, THIRD, then=STRANGE, at=clock())
    assert member.installation().former == (Former(sign_public(SECOND), 4),)


def test_a_reporter_sees_the_former_key_that_an_old_notice_shows(reporter, taken_over):
    trust = reporter.installation()
    assert trust.fingerprint == printed(SECOND)
    assert [fingerprint(one.org) for one in trust.former] == [printed(FIRST)]


@pytest.mark.parametrize(("key", "former"), [(SECOND, 0), (FIRST, 1)])
def test_a_printed_fingerprint_leads_to_the_key_of_today(reporter_app, taken_over, clock, key, former):
    visit = ReporterClient(FlaskTransport(reporter_app.test_client()), printed=printed(key), now=clock)
    assert visit.installation().org_key == sign_public(SECOND)
    assert len(visit.installation().former) == former


def test_a_reporter_who_was_there_before_follows(reporter, an_installation, clock):
    reporter.installation()
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    trust = reporter.installation()
    assert (trust.org_key, trust.former) == (sign_public(SECOND), (Former(sign_public(FIRST), 1),))


def test_a_mailbox_opens_after_a_takeover(reporter, filed, an_installation, clock):
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    assert reporter.open_mailbox(filed).number


def test_takeovers_are_served_to_anybody_and_nothing_else_is(visitor, reporter_app, taken_over):
    assert visitor.get("installation")["takeovers"] == [3]
    pair = visitor.get("takeovers/3")
    assert reporter_app.test_client().get("/api/v1/takeovers/3").json == pair
    for no in (0, 1, 2, 4, 5, 2**70):
        with pytest.raises(Refused, match="404"):
            visitor.get(f"takeovers/{no}")


# What is pinned


@pytest.fixture
def enrolled(staff_app, an_installation, clock):
    """Somebody with a passphrase, who enrolled under the first key: signs in on any machine, after `clock` has moved."""
    with an_installation.store.transaction() as db:
        members.make_link(db, "P-001", token="a-link-for-who-enrols-anew", at=clock())
    browser, totp = MemberClient(FlaskTransport(staff_app.test_client()), now=clock), []

    def phone(secret):
        totp.append(b32decode(secret + "=" * (-len(secret) % 8)))
        return code_at(totp[0], clock())

    kept = browser.enrol("a-link-for-who-enrols-anew", PASSPHRASE, phone)

    def sign_in(client=None, passphrase=PASSPHRASE):
        clock.forward(seconds=60)
        client = client or MemberClient(FlaskTransport(staff_app.test_client()), now=clock)
        client.sign_in("p-001", passphrase, code_at(totp[0], clock()))
        return client

    sign_in.recovery_key, sign_in.code = kept.recovery_key, lambda: code_at(totp[0], clock())
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    return sign_in


def renewals(world):
    with world.store.reading() as db:
        return [one.kind for one in ledger.entries(db, ledger.ORGANISATION)].count("pins_renewed")


def test_what_is_pinned_grows_with_each_new_roster_and_is_written_once(enrolled, an_installation, clock):
    me = enrolled().unlocked
    assert (me.org_key, me.since.no) == (sign_public(FIRST), 2)
    enrolled()
    assert renewals(an_installation) == 1
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    me = enrolled().unlocked
    assert (me.org_key, me.since.no) == (sign_public(SECOND), 3)
    assert renewals(an_installation) == 2


def test_another_passphrase_and_a_recovery_keep_the_newest_pins(enrolled, an_installation, clock):
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    browser = enrolled()
    AccountClient(browser).change_passphrase(PASSPHRASE, "bảy từ khác hẳn lần trước")
    assert enrolled(passphrase="bảy từ khác hẳn lần trước").unlocked.org_key == sign_public(SECOND)
    clock.forward(seconds=60)
    anew = MemberClient(FlaskTransport(browser.http.client.application.test_client()), now=clock)
    me = AccountClient(anew).recover("p-001", enrolled.recovery_key, enrolled.code(), PASSPHRASE, lambda key: None)
    assert (me.org_key, me.since.no) == (sign_public(SECOND), 3)


def test_who_signs_in_while_no_roster_is_in_force_keeps_their_pins(enrolled, clock):
    browser = enrolled()
    since = browser.unlocked.since
    clock.at += timedelta(days=120)
    assert enrolled().unlocked.since == since


# The memory


def test_a_memory_in_a_file_is_read_by_the_next_client(signed_in, taken_over, tmp_path):
    member, path = signed_in("P-001"), tmp_path / "memory.json"
    member.memory = Memory.kept_in(path)
    member.installation()
    again = Memory.kept_in(path)
    assert (again.roster, again.checkpoint) == (member.memory.roster, member.memory.checkpoint)
    assert (again.roster.org, again.roster.former) == (sign_public(SECOND), (TO_SECOND,))
    assert path.stat().st_mode & 0o077 == 0


def test_a_memory_in_a_file_refuses_what_takes_it_back(signed_in, an_installation, clock, tmp_path):
    member, path = signed_in("P-001"), tmp_path / "memory.json"
    old = member.get("installation")["roster"]
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    member.memory = Memory.kept_in(path)
    member.installation()
    member.memory = Memory.kept_in(path)
    member.http = Cheat(member.http, "/staff/api/v1/installation", lambda told: told.update(roster=old))
    assert fault(member.installation) == "roster_older"


@pytest.mark.parametrize(
    "text", ["{}", "[]", "not json", json.dumps({"roster": 3, "checkpoint": None, "epochs": {}}), '{"roster": null}']
)
def test_a_file_that_is_no_memory_is_not_taken_for_an_empty_one(tmp_path, text):
    (tmp_path / "memory.json").write_text(text)
    with pytest.raises(ValueError, match="is not a memory"):
        Memory.kept_in(tmp_path / "memory.json")
