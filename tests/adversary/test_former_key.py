"""A thief of the organisation's former key, who runs the server too, once the named successor has taken over.

Row: a thief of the organisation's former key
Holds: the key that was replaced, everything the running server has, every roster, pair of rosters and wrapped seed there
    ever was, and the answers, which they alter as they like. Not the successor's key, and no passphrase.
Shown: clients in Python (in JavaScript: `tests/js/succession.test.mjs`) that have seen the takeover take nothing more by
    the former key, neither a later roster, nor another branch, another successor or an old wrapped seed; a forged
    successor, a skipped takeover, an exchanged or older roster between two are refused. Who has not seen the takeover yet
    can still be led astray by the former key: that is why takeovers are published at once and fingerprints compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.signing import sign_public
from intake.client import Answer, FlaskTransport, MemberClient, Memory, ReporterClient
from intake.client.memory import Pointer
from intake.client.succession import MOST
from tests.adversary.test_cheating_server import fault
from tests.casework import FACTS, REPORT, code_of
from tests.succession import FIRST, SECOND, STRANGE, THIRD, following, printed, sign_next

MEMBERS, PUBLIC = "/staff/api/v1/", "/api/v1/"


@pytest.fixture
def taken_over(an_installation, clock):
    """Rosters 1 and 2 by the first key, 3 by its successor, 4 by the third key."""
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    sign_next(an_installation, SECOND, then=THIRD, at=clock())
    sign_next(an_installation, THIRD, then=STRANGE, at=clock())
    return an_installation


@dataclass
class Thief:
    """The server with another newest roster, other numbers of takeovers, and pairs of its own, altered or made up."""

    inner: Any
    shown: Mapping[str, Any]
    pairs: Mapping[int, Mapping[str, Any]]

    def send(self, method, path, *, body=None, headers=None):
        answer = self.inner.send(method, path, body=body, headers=headers)
        name = path.partition("?")[0].removeprefix(MEMBERS).removeprefix(PUBLIC)
        if name == "installation":
            return replace(answer, body=json.dumps(answer.json | self.shown).encode())
        kind, _, no = name.partition("/")
        if kind == "takeovers" and int(no) in self.pairs:
            honest = answer.json if answer.status == 200 else {}
            return Answer(200, json.dumps(honest | self.pairs[int(no)]).encode())
        return answer


def showing(honest, newest=None, takeovers=None, pairs=None):
    told = {"roster": newest, "takeovers": takeovers}
    return Thief(honest, {name: value for name, value in told.items() if value is not None}, pairs or {})


def said_in(document):
    return parse_jcs(unb64u(document["doc"]))


def test_the_honest_answers_are_followed(signed_in, reporter, taken_over):
    """Every fault below comes of the alteration."""
    assert len(signed_in("P-001").installation().former) == len(reporter.installation().former) == 2


def test_a_forged_successor_is_refused(signed_in, reporter, an_installation):
    """Even with everything else in order: the right number, the hash of the roster before."""
    member = signed_in("P-001")
    first = member.get("installation")["roster"]
    strange = following(first, STRANGE, then=THIRD)
    pair = {2: {"last": first, "first": strange}}
    honest = member.http
    for takeovers in ([2], []):
        member.http = showing(honest, strange, takeovers, pair)
        assert fault(member.installation) == "roster_bad"
    reporter.installation()
    reporter.http = showing(reporter.http, strange, [2], pair)
    assert fault(reporter.installation) == "roster_bad"


def test_a_skipped_takeover_is_refused(signed_in, taken_over):
    member = signed_in("P-001")
    honest = member.http
    for takeovers in ([], [4], [3]):
        member.http = showing(honest, takeovers=takeovers)
        assert fault(member.installation) == "roster_bad"
    member.http = honest
    assert member.installation().org_key == sign_public(THIRD)


def test_takeovers_out_of_order_or_without_end_are_refused(signed_in, taken_over):
    member = signed_in("P-001")
    honest = member.http
    for takeovers in ([4, 3], [3, 3, 4], [1, 3, 4], [3, 4, 5], ["3", 4], [True, 4], {"3": 4}, list(range(2, MOST + 3))):
        member.http = showing(honest, takeovers=takeovers)
        assert fault(member.installation) == "roster_bad", takeovers


def test_a_roster_exchanged_in_a_pair_is_refused(signed_in, taken_over):
    member = signed_in("P-001")
    honest = member.http
    third, fourth = member.get("takeovers/3"), member.get("takeovers/4")
    for pair in (
        {"last": fourth["last"]},
        {"first": fourth["first"]},
        {"last": third["first"], "first": third["last"]},
        {"last": third["last"] | {"sig": third["first"]["sig"]}},
        {"first": None},
        fourth,
    ):
        member.http = showing(honest, pairs={3: pair})
        assert fault(member.installation) == "roster_bad", pair.keys()


def test_the_former_key_signs_nothing_more_for_who_has_seen_its_successor(signed_in, reporter, taken_over):
    """With a higher number and the true hash before it, and with the key that is still pinned in the member's blob."""
    member = signed_in("P-001")
    member.installation()
    newest = member.get("installation")["roster"]
    after = following(newest, FIRST, then=SECOND)
    honest = member.http
    for takeovers in ([3, 4], [], [3, 4, 5]):
        member.http = showing(honest, after, takeovers, {5: {"last": newest, "first": after}})
        assert fault(member.installation) == "roster_bad"
    reporter.installation()
    reporter.http = showing(reporter.http, after)
    assert fault(reporter.installation) == "roster_bad"


def test_a_second_successor_is_refused_by_who_has_seen_the_first(signed_in, taken_over):
    """The thief goes on where the former key still ruled, names a key of their own, and lets it take over."""
    member = signed_in("P-001")
    member.installation()
    second = member.get("takeovers/3")["last"]
    naming = following(second, FIRST, then=STRANGE)  # 3, beside the true one
    line = [naming]
    for _ in range(3):
        line.append(following(line[-1], STRANGE, then=THIRD))
    pairs = {4: {"last": naming, "first": line[1]}}
    honest = member.http
    for newest, code in ((line[1], "roster_forked"), (line[2], "roster_forked"), (line[3], "roster_bad")):
        member.http = showing(honest, newest, [4], pairs)
        assert fault(member.installation) == code


def test_a_fork_before_the_takeover_is_found_by_its_hash(signed_in, an_installation, clock):
    """Who has verified roster 2 takes no other roster 2 as the one that names a successor."""
    member = signed_in("P-001")
    first = member.get("installation")["roster"]
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    member.installation()
    naming = following(first, FIRST, then=STRANGE)
    third = following(naming, STRANGE, then=THIRD)
    pairs = {3: {"last": naming, "first": third}}
    honest = member.http
    for newest in (third, following(third, STRANGE, then=THIRD)):
        member.http = showing(honest, newest, [3], pairs)
        assert fault(member.installation) == "roster_forked"


def test_a_naming_roster_older_than_the_last_one_verified_is_refused(signed_in, an_installation, clock):
    """Roster 1 named another successor than roster 2 does: whoever has seen 2 doesn't go back to 1."""
    member = signed_in("P-001")
    first = member.get("installation")["roster"]
    sign_next(an_installation, FIRST, then=THIRD, at=clock())
    member.installation()
    other = following(first, SECOND, then=STRANGE)  # 2, by the key that roster 1 named
    third = following(other, SECOND, then=STRANGE)
    honest = member.http
    pairs = {2: {"last": first, "first": other}}
    fourth = following(third, SECOND, then=STRANGE)
    for newest, code in ((other, "roster_forked"), (third, "roster_forked"), (fourth, "roster_bad")):
        member.http = showing(honest, newest, [2], pairs)
        assert fault(member.installation) == code


def test_a_replayed_old_roster_is_refused(signed_in, reporter, taken_over):
    member = signed_in("P-001")
    member.installation()
    reporter.installation()
    for old in (member.get("takeovers/3")["last"], member.get("takeovers/4")["last"]):
        for client in (member, reporter):
            honest = client.http
            client.http = showing(honest, old, [])
            assert fault(client.installation) == "roster_older"
            client.http = honest


def test_an_old_wrapped_seed_brings_no_former_key_back(signed_in, taken_over):
    """The server releases the blob of the first day: on the same machine the memory, which is newer, counts."""
    member = signed_in("P-001")
    member.installation()
    newest = member.get("installation")["roster"]
    member.adopt("P-001", member.unlocked.keys, sign_public(FIRST), Pointer(1, sha256hex(b"whatever it was")))
    assert member.installation().org_key == sign_public(THIRD)
    member.http = showing(member.http, following(newest, FIRST, then=SECOND), [])
    assert fault(member.installation) == "roster_bad"


def test_a_new_wrapped_seed_needs_no_memory(signed_in, taken_over):
    """On a machine that was never used, a blob that was renewed since holds the newest key and roster."""
    member = signed_in("P-001")
    trust = member.installation()
    second = member.get("takeovers/3")["last"]
    member.adopt("P-001", member.unlocked.keys, trust.org_key, trust.roster_pointer)
    honest, branch = member.http, [second]
    for _ in range(4):
        branch.append(following(branch[-1], FIRST, then=STRANGE))
    for newest, code in ((branch[4], "roster_bad"), (branch[3], "roster_forked"), (second, "roster_older")):
        member.memory = Memory()
        member.http = showing(honest, newest, [])
        assert fault(member.installation) == code


def test_pins_and_memory_of_two_histories_are_refused(signed_in, taken_over):
    member = signed_in("P-001")
    trust = member.installation()
    keys = member.unlocked.keys
    for org, since in ((THIRD, Pointer(trust.roster.no, "0" * 64)), (FIRST, Pointer(3, "0" * 64))):
        member.adopt("P-001", keys, sign_public(org), since)
        assert fault(member.installation) == "roster_forked"


def test_another_members_pin_on_the_same_machine_leads_nobody_astray(signed_in, taken_over):
    """A memory counts for those whose pinned key it came after, and for nobody else."""
    member, other = signed_in("P-001"), signed_in("P-002")
    member.installation()
    honest = member.http
    strange = following(member.get("installation")["roster"], STRANGE, then=FIRST)
    victim = Memory()
    other.memory = victim
    other.adopt("P-002", other.unlocked.keys, sign_public(STRANGE))
    other.http = showing(honest, strange, [])
    assert other.installation().org_key == sign_public(STRANGE)
    member.memory = victim
    member.http = showing(honest, strange, [])
    assert fault(member.installation) == "roster_bad"


def test_a_printed_fingerprint_that_leads_nowhere_is_refused(reporter_app, taken_over, clock):
    visit = ReporterClient(FlaskTransport(reporter_app.test_client()), printed=printed(STRANGE), now=clock)
    assert fault(visit.installation) == "fingerprint_other"


def test_a_report_remembers_the_roster_that_it_was_sent_under(reporter, reporter_app, an_installation, clock):
    """Who comes back with the code alone is shown no older list, and no other of the same number."""
    older = reporter.http.send("GET", f"{PUBLIC}installation").json["roster"]
    sign_next(an_installation, FIRST, then=SECOND, at=clock())
    code = code_of("reporter")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    visit = ReporterClient(FlaskTransport(reporter_app.test_client()), now=clock)
    honest = visit.http
    for roster, refusal in ((older, "roster_older"), (following(older, FIRST, then=STRANGE), "roster_forked")):
        visit.memory = Memory()
        visit.http = showing(honest, roster)
        assert fault(visit.open_mailbox, code) == refusal


def test_a_member_without_a_memory_says_which_key_they_were_led_to(staff_app, taken_over, clock):
    """Someone on a new machine: what was passed on the way is told, so that it can be compared."""
    fresh = MemberClient(FlaskTransport(staff_app.test_client()), now=clock)
    fresh.adopt("P-001", taken_over.people["P-001"].keys, sign_public(FIRST))
    assert [b64u(one.org) for one in fresh.installation().former] == [b64u(sign_public(key)) for key in (FIRST, SECOND)]
