"""A server that cheats actively, against the clients in Python: it is promised to be found out.

Row: a server that cheats, before the Python clients
Holds: everything the running server has, the installation's signing key included, and the answers it gives: it alters
    them as it likes after they were made, for the reporter inside the envelope. It has no reader's key and not the
    organisation's.
Shown: swapped keys of the reporter, forged or widened epochs, a reader brought back after a key was made without them,
    readers and custodians outside the body, a roster that has run out or isn't the previewed one, and a routing key of
    somebody else's are each refused with their fault; who has left by their own signed word gets no next key, and
    nothing is written under one that names them; a second ledger leaves signed evidence; who remembers a newer roster,
    another checkpoint of a number or a later key refuses what takes them back.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from crypto.binding import object_binding
from crypto.encoding import b64u, jcs, parse_jcs, sha256hex, unb64u
from crypto.hpke import kem_public
from crypto.items import seal_item
from crypto.keys import member_keys
from crypto.signing import sign_document, sign_statement
from intake.client import ClientFault, Memory, Refused
from intake.client.sealing import Ring
from intake.client.submitting import build_submission
from tests.adversary.holdings import MARKED
from tests.casework import FACTS, READERS, rows
from tests.world import CUSTODIANS, publish, seed
from workflow import models

SERVERS_OWN = member_keys(seed("the cheating server"))
INSTALLATION = "/staff/api/v1/installation"


@dataclass
class Cheat:
    """Alters what the honest server answered, for paths that begin so."""

    inner: Any
    path: str
    alter: Callable[[Any], object]

    def send(self, method, path, *, body=None, headers=None):
        answer = self.inner.send(method, path, body=body, headers=headers)
        if method == "GET" and path.startswith(self.path) and answer.status == 200:
            told = json.loads(answer.body)
            self.alter(told)
            return replace(answer, body=json.dumps(told).encode())
        return answer


def fault(act, *args, **options) -> str:
    with pytest.raises(ClientFault) as caught:
        act(*args, **options)
    return caught.value.code


def case_fault(client, case, alter) -> str:
    """With what a member's browser refuses the altered case."""
    honest = client.http
    client.http = Cheat(honest, f"/staff/api/v1/desk/cases/{case}", alter)
    try:
        return fault(client.open_case, case)
    finally:
        client.http = honest


def mailbox_fault(job, alter) -> str:
    """With what the reporter's browser refuses the altered mailbox: the server sealed the answer itself."""
    call = job.reporter.call

    def cheating(op, **args):
        answer = copy.deepcopy(call(op, **args))
        if op == "mailbox.open":
            alter(answer)
        return answer

    job.reporter.call = cheating
    try:
        return fault(job.reporter.open_mailbox, job.code)
    finally:
        del job.reporter.call


def said_in(statement) -> dict[str, Any]:
    return dict(parse_jcs(unb64u(statement["stmt"])))


def row_of(told, ring, number) -> dict[str, Any]:
    (row,) = [one for one in told["epochs"] if (one["ring"], one["epoch"]) == (ring, number)]
    return row


def served_epoch(office, made, *, ring="report", number) -> dict[str, Any]:
    return {"ring": ring, "epoch": number, "state": "open", "statement": made[0]}


@pytest.fixture
def renewed(job, signed_in):
    """P-003 has left, and P-001 has made the keys without them: report and internal are at 2."""
    signed_in("P-003").withdraw(job.case)
    assert job.member.renew(job.case) == ["report", "internal"]
    job.member.write(job.case, "Dưới khóa mới.")
    return job


def test_the_honest_answers_are_not_refused(renewed, signed_in):
    """Every fault below comes of the alteration."""
    signed_in("P-002").declare(renewed.case, conflict=False)
    assert signed_in("P-002").open_case(renewed.case).messages
    assert renewed.reporter.open_mailbox(renewed.code).messages


# The reporter's keys


def test_other_keys_for_the_reporter_are_refused_in_the_mailbox(job):
    own = {"kem": b64u(SERVERS_OWN.kem_public), "sign": b64u(SERVERS_OWN.sign_public)}

    def swapped(answer):
        answer["reporter"] = own

    def signed_anew(answer):
        said = said_in(answer["submission"]) | {"key": own["sign"], "kem": own["kem"]}
        answer["submission"] = sign_statement(SERVERS_OWN.sign_seed, said)

    assert mailbox_fault(job, swapped) == "keys_other"
    assert mailbox_fault(job, signed_anew) == "submission_forged"


def test_a_submission_under_the_servers_key_is_refused_by_readers(job):
    def signed_anew(told):
        said = said_in(told["submission"])
        said |= {"key": b64u(SERVERS_OWN.sign_public), "kem": b64u(SERVERS_OWN.kem_public)}
        told["submission"] = sign_statement(SERVERS_OWN.sign_seed, said)
        told["reporter"] = {"kem": said["kem"], "sign": said["key"]}

    assert case_fault(job.member, job.case, signed_anew) == "submission_forged"


def test_a_submission_that_the_reporter_did_not_sign_is_refused(job):
    """Their keys, but other readers than they named."""

    def signed_anew(answer):
        said = said_in(answer["submission"]) | {"readers": ["P-001", "P-002"]}
        answer["submission"] = sign_statement(SERVERS_OWN.sign_seed, said)

    assert case_fault(job.member, job.case, signed_anew) == "submission_forged"
    assert mailbox_fault(job, signed_anew) == "submission_forged"


def test_keys_from_the_servers_table_are_never_used(job, signed_in, office):
    """Whatever it says who the reporter is: what readers seal next is for the key in the first item."""
    signed_in("P-003").withdraw(job.case)
    honest = job.member.http

    def swapped(told):
        told["reporter"] = {"kem": b64u(SERVERS_OWN.kem_public), "sign": b64u(SERVERS_OWN.sign_public)}

    job.member.http = Cheat(honest, f"/staff/api/v1/desk/cases/{job.case}", swapped)
    assert job.member.renew(job.case) == ["report", "internal"]
    grants = rows(office, models.SealedObject, models.SealedObject.reader == "reporter")
    assert sha256hex(SERVERS_OWN.kem_public) not in {grant.readerkey for grant in grants}
    assert {grant.readerkey for grant in grants} == {sha256hex(job.reporter.keys(job.code).kem_public)}


def test_an_exchanged_part_of_the_report_is_refused(job):
    """By one who holds the ring's key: a reader in league with the server."""
    key = job.ring_keys["key of report 1"]

    def exchanged(kind, **change):
        def alter(told):
            for entry in told["items"]:
                made = entry["object"]
                if made["kind"] == kind:
                    place = {name: value for name, value in made.items() if name != "data"}
                    content = change or {"v": 1, "text": "Lời khác."}
                    made["data"] = b64u(seal_item(key, object_binding(job.case, place), jcs(content)))

        return alter

    assert case_fault(job.member, job.case, exchanged("narrative")) == "object_swapped"
    first = dict(job.member.open_case(job.case).first)
    first["reporter"] = {"kem": b64u(SERVERS_OWN.kem_public), "sign": b64u(SERVERS_OWN.sign_public)}
    assert case_fault(job.member, job.case, exchanged("first", **first)) == "submission_forged"


# Epochs


def next_epoch(job, office, number, codes, *, by, signer=None, prev=None):
    """An epoch as the server makes it up, with a key it knows."""
    chain = job.rings["report"]
    prev = prev or chain.epochs[number - 1].hash
    made = office.epoch(job.case, Ring("report", number, b"s" * 32), codes, by=by, prev=prev)
    if signer is not None:
        made = (sign_statement(signer, said_in(made[0])), made[1])
    return made


def serve(job, office, made, number, *, reader):
    """Put a made-up epoch, with its grant for this reader, behind those there are."""

    def alter(answer):
        answer["epochs"] = [row for row in answer["epochs"] if row["ring"] != "report" or row["epoch"] < number]
        answer["epochs"].append(served_epoch(office, made, number=number))
        answer["grants"] += [grant for grant in made[1] if grant["reader"] == reader]

    return alter


ALL = ("P-001", "P-002", "reporter")


def test_a_forged_epoch_is_refused_by_reader_and_reporter(renewed, office):
    forged = next_epoch(renewed, office, 3, ALL, by="P-002", signer=SERVERS_OWN.sign_seed)
    assert case_fault(renewed.member, renewed.case, serve(renewed, office, forged, 3, reader="P-001")) == "epoch_forged"
    assert mailbox_fault(renewed, serve(renewed, office, forged, 3, reader="reporter")) == "epoch_forged"


def test_an_epoch_in_the_reporters_name_is_refused(renewed, office):
    forged = next_epoch(renewed, office, 3, ALL, by="reporter", signer=SERVERS_OWN.sign_seed)
    assert case_fault(renewed.member, renewed.case, serve(renewed, office, forged, 3, reader="P-001")) == "epoch_forged"


def test_a_first_epoch_that_the_submission_does_not_name_is_refused(job, office):
    """Even one that a genuine reader, in league with the server, signs for the reporter."""
    forged = next_epoch(
        job,
        office,
        1,
        (*READERS[:3], "reporter"),
        by="reporter",
        prev="0" * 64,
        signer=office.world.people["P-002"].keys.sign_seed,
    )

    def alter(answer):
        row_of(answer, "report", 1)["statement"] = forged[0]

    assert mailbox_fault(job, alter) == "epoch_forged"


def test_a_reader_who_was_left_out_is_not_brought_back(renewed, office):
    back = ("P-001", "P-002", "P-003", "reporter")
    for maker in ("P-003", "P-002"):  # themselves, or a colleague in league with them and the server
        widened = next_epoch(renewed, office, 3, back, by=maker)
        faults = {
            case_fault(renewed.member, renewed.case, serve(renewed, office, widened, 3, reader="P-001")),
            mailbox_fault(renewed, serve(renewed, office, widened, 3, reader="reporter")),
        }
        # Whom the list before doesn't name, their signature counts for nothing: they are no less found out.
        assert faults == {"epoch_widened"}


def test_a_reader_brought_back_in_the_table_gets_no_key(renewed, signed_in, office):
    """The server says again that P-003 reads, and that a key is due: browsers make it for the last verified list."""
    signed_in("P-004")
    signed_in("P-002").withdraw(renewed.case)
    honest = renewed.member.http
    readerkey = office.world.people["P-003"].readerkey

    def relisted(told):
        told["readers"].append({"id": "P-003", "readerkey": readerkey, "since": "2026-11-24"})

    renewed.member.http = Cheat(honest, f"/staff/api/v1/desk/cases/{renewed.case}", relisted)
    opened = renewed.member.open_case(renewed.case)
    made = renewed.member.build_epoch(opened, "report")
    assert {grant["reader"] for grant in made["grants"]} == {"P-001", "reporter"}


def test_an_epoch_that_does_not_follow_or_is_left_out_is_refused(renewed, office):
    loose = next_epoch(renewed, office, 3, ALL, by="P-002", prev="ab" * 32)
    assert case_fault(renewed.member, renewed.case, serve(renewed, office, loose, 3, reader="P-001")) == "epoch_broken"

    def without_second(answer):
        answer["epochs"] = [row for row in answer["epochs"] if (row["ring"], row["epoch"]) != ("report", 1)]

    assert mailbox_fault(renewed, without_second) == "epoch_missing"


def test_a_recused_reader_listed_as_present_gets_no_next_key(job, signed_in, office):
    signed_in("P-003").declare(job.case, conflict=True)
    readerkey = office.world.people["P-003"].readerkey

    def relisted(told):
        told["readers"].append({"id": "P-003", "readerkey": readerkey, "since": "2026-11-24"})

    job.member.http = Cheat(job.member.http, f"/staff/api/v1/desk/cases/{job.case}", relisted)
    made = job.member.build_epoch(job.member.open_case(job.case), "report")
    assert "P-003" not in {grant["reader"] for grant in made["grants"]}


def test_a_recused_readers_own_next_key_is_not_written_under(job, signed_in, office):
    signed_in("P-003").declare(job.case, conflict=True)
    own = next_epoch(job, office, 2, (*ALL, "P-003"), by="P-003")
    job.member.http = Cheat(
        job.member.http, f"/staff/api/v1/desk/cases/{job.case}", serve(job, office, own, 2, reader="P-001")
    )
    try:
        made = job.member.build_item(job.member.open_case(job.case), "message", "Chỉ cho người còn lại.")
    except ClientFault:
        return
    assert made["object"]["epoch"] != 2


# Readers, custodians, rosters


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"readers": ["P-001", "P-002", "P-005"]}, "reader_unrostered"),  # another committee's head
        ({"readers": ["P-001", "P-011"]}, "reader_unrostered"),  # a custodian
        ({"readers": ["P-001", "P-099"]}, "reader_unrostered"),  # nobody
        ({"body": "BTV-S"}, "reader_unrostered"),  # a body whose seats these are not
        ({"readers": ["P-001"]}, "below_quorum"),
        ({"readers": ["P-003", "P-004"]}, "below_quorum"),  # nobody who leads
        ({"readers": ["P-001", "P-001"]}, "below_quorum"),
    ],
)
def test_readers_outside_the_named_body_get_nothing_sealed(reporter, change, code):
    shown = reporter.preview(FACTS)
    shown["decision"] = shown["decision"] | change
    assert fault(reporter.build_submission, MARKED, FACTS, shown, reporter.new_code()) == code


@pytest.mark.parametrize(
    "change",
    [
        {"members": sorted([*CUSTODIANS["KS-S"][:3], "P-001"])},
        {"members": sorted(CUSTODIANS["KS-TU"])},
        {"k": 1},
        {"id": "KS-X"},
    ],
)
def test_custodians_outside_the_set_get_no_share(reporter, change):
    shown = reporter.preview(FACTS)
    shown["set"] = shown["set"] | change
    assert fault(reporter.build_submission, MARKED, FACTS, shown, reporter.new_code()) == "set_unrostered"


def test_a_roster_that_has_run_out_is_refused(reporter, signed_in, clock, services):
    member = signed_in("P-001")
    at = clock() + timedelta(days=93)
    services.routing.rotate(at)
    reporter.now = member.now = lambda: at
    assert fault(reporter.installation) == "roster_expired"
    assert fault(member.installation) == "roster_expired"


def test_another_roster_than_the_one_previewed_is_refused(office, reporter, clock):
    trust, before = office.trust(), reporter.preview(FACTS)
    with office.world.store.transaction() as db:
        publish(db, office.world, at=clock())
    shown = office.shown()
    assert shown["roster"] != before["roster"]
    assert fault(build_submission, trust, office.keys(), MARKED, FACTS, shown, at=office.at) == "roster_stale"


def test_keys_exchanged_within_a_roster_are_refused(reporter, signed_in):
    member = signed_in("P-001")

    def exchanged(told):
        said = parse_jcs(unb64u(told["roster"]["doc"]))
        said["members"][0]["kem"] = b64u(SERVERS_OWN.kem_public)
        told["roster"] = {"doc": b64u(jcs(said)), "sig": told["roster"]["sig"]}

    reporter.http = Cheat(reporter.http, "/api/v1/installation", exchanged)
    member.http = Cheat(member.http, INSTALLATION, exchanged)
    assert fault(reporter.installation) == "roster_bad"
    assert fault(member.installation) == "roster_bad"


def test_a_routing_key_of_somebody_elses_is_refused(reporter):
    """Who sits between and has no installation key can't have envelopes sealed to themselves."""
    own = seed("a key in the middle")

    def exchanged(told):
        said = parse_jcs(unb64u(told["routing"]["doc"])) | {"kem": b64u(kem_public(own))}
        told["routing"] = sign_document(own, "routing-key", said)

    reporter.http = Cheat(reporter.http, "/api/v1/installation", exchanged)
    assert fault(reporter.installation) == "routing_key_bad"


# Two ledgers


def test_a_checkpoint_of_a_second_ledger_leaves_signed_evidence(job, office, signed_in):
    """Shown to one member alone, it stands in what that member signs: the true record refuses it, and it can't be denied."""
    honest = job.member.http
    forged: dict[str, str] = {}

    def second(told):
        said = parse_jcs(unb64u(told["checkpoint"]["doc"])) | {"root": "ab" * 32}
        forged.update(sign_document(office.world.installation_seed, "checkpoint", said))
        told["checkpoint"] = forged

    opened = job.member.open_case(job.case)
    job.member.memory = Memory()  # who has seen the true one refuses it at once
    job.member.http = Cheat(honest, INSTALLATION, second)
    made = job.member.build_item(opened, "message", "Trong sổ kia.")
    pointer = said_in(made["statement"])["checkpoint"]
    assert pointer["hash"] == sha256hex(unb64u(forged["doc"]))
    assert pointer["hash"] not in {row.hash for row in rows(office, models.Checkpoint)}
    with pytest.raises(Refused, match="checkpoint_unknown"):
        job.member.post(f"desk/cases/{job.case}/items", made)


def test_a_checkpoint_that_the_installation_did_not_sign_is_refused(reporter, signed_in):
    member = signed_in("P-001")

    def other(told):
        told["checkpoint"] = sign_document(
            SERVERS_OWN.sign_seed, "checkpoint", parse_jcs(unb64u(told["checkpoint"]["doc"]))
        )

    reporter.http = Cheat(reporter.http, "/api/v1/installation", other)
    member.http = Cheat(member.http, INSTALLATION, other)
    assert fault(reporter.installation) == "checkpoint_bad"
    assert fault(member.installation) == "checkpoint_bad"


# What a memory finds


def refused_later(act, then: Callable[[], object]) -> str:
    """`act` goes well, and after `then` is refused with this fault."""
    act()
    then()
    return fault(act)


def test_an_older_roster_than_the_last_seen_is_refused(office, signed_in, clock):
    member = signed_in("P-001")
    older = member.get("installation")["roster"]
    with office.world.store.transaction() as db:
        publish(db, office.world, at=clock())
    honest = member.http
    again = Cheat(honest, INSTALLATION, lambda told: told.update(roster=older))
    assert refused_later(member.installation, lambda: setattr(member, "http", again)) == "roster_older"


def test_a_second_checkpoint_of_one_number_is_refused(office, signed_in):
    member = signed_in("P-001")

    def second(told):
        said = parse_jcs(unb64u(told["checkpoint"]["doc"])) | {"root": "ab" * 32}
        told["checkpoint"] = sign_document(office.world.installation_seed, "checkpoint", said)

    again = Cheat(member.http, INSTALLATION, second)
    assert refused_later(member.installation, lambda: setattr(member, "http", again)) == "checkpoint_forked"


def test_a_key_that_was_shown_is_not_hidden_again(renewed):
    def without_second(told):
        told["epochs"] = [row for row in told["epochs"] if row["epoch"] < 2]
        told["grants"] = [grant for grant in told["grants"] if grant.get("epoch") != 2]
        told["items"] = [one for one in told["items"] if one["object"]["epoch"] < 2]

    member = renewed.member
    again = Cheat(member.http, f"/staff/api/v1/desk/cases/{renewed.case}", without_second)
    hidden = refused_later(lambda: member.open_case(renewed.case), lambda: setattr(member, "http", again))
    assert hidden == "epoch_rolled_back"


@pytest.mark.parametrize("left", [0, 1])
def test_a_ring_that_was_shown_is_not_hidden_as_a_whole(renewed, left):
    """Nor shown as one that nobody has made yet: its reader would make it anew, beside the true one."""

    def without_internal(told):
        rows = [{"ring": "internal", "epoch": 1, "state": "pending", "statement": None, "added": []}]
        told["epochs"] = [row for row in told["epochs"] if row["ring"] != "internal"] + rows[:left]
        told["grants"] = [grant for grant in told["grants"] if grant.get("ring") != "internal"]
        told["items"] = [one for one in told["items"] if one["object"]["ring"] != "internal"]

    member = renewed.member
    again = Cheat(member.http, f"/staff/api/v1/desk/cases/{renewed.case}", without_internal)
    hidden = refused_later(lambda: member.open_case(renewed.case), lambda: setattr(member, "http", again))
    assert hidden == "epoch_rolled_back"
