"""Handlers who have left the signed roster, or enrolled anew: what they wrote is read with a warning, never written to."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import update

from crypto.encoding import parse_jcs, unb64u
from crypto.signing import sign_statement
from intake.client import ClientFault, MemberClient, ReporterClient
from tests.casework import FACTS, REPORT, code_of
from tests.world import enrol, publish
from workflow import models


@dataclass
class Talk:
    """A case with a message of P-001's, under a report key that P-001 made after P-003 had left."""

    code: str
    case: str
    reporter: ReporterClient
    world: object
    clock: object
    signed_in: object

    def mailbox(self):
        """The next visit: everything is fetched anew."""
        self.reporter.installation()
        return self.reporter.open_mailbox(self.code)

    def member(self, code: str) -> MemberClient:
        return self.signed_in(code)

    def roster(self, leaving: str, how: str) -> None:
        """A roster is signed in which this person's key of now no longer stands."""
        self.clock.forward(minutes=10)
        with self.world.store.transaction() as db:
            if how == "enrolled anew":
                enrol(db, self.world, leaving, at=self.clock(), variant="anew")
            else:
                ended = update(models.MemberKey).where(models.MemberKey.person_id == self.world.people[leaving].id)
                db.execute(ended.values(ended=self.clock()))
            publish(db, self.world, at=self.clock())


@pytest.fixture
def talk(reporter, signed_in, an_installation, clock):
    code = code_of("reporter")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    (line,) = signed_in("P-001").queue()
    case = line["id"]
    signed_in("P-003").withdraw(case)
    for person in ("P-001", "P-002"):
        signed_in(person).declare(case, conflict=False)
    assert signed_in("P-001").renew(case) == ["report", "internal"]
    signed_in("P-001").write(case, "Chúng tôi đã nhận.")
    signed_in("P-001").note(case, "Ghi chú.")
    return Talk(code, case, reporter, an_installation, clock, signed_in)


def faults(messages):
    return [(message.by, message.text, message.fault) for message in messages]


def fault_of(act, *args) -> ClientFault:
    with pytest.raises(ClientFault) as caught:
        act(*args)
    return caught.value


CHANGES = pytest.mark.parametrize("how", ["left", "enrolled anew"])


@CHANGES
def test_the_mailbox_opens_with_a_warning_and_writing_makes_another_key(talk, how):
    talk.roster("P-001", how)
    mailbox = talk.mailbox()
    assert faults(mailbox.messages) == [("P-001", "Chúng tôi đã nhận.", "signer_unknown")]
    assert {number: epoch.trusted for number, epoch in mailbox.report.epochs.items()} == {1: True, 2: False}
    assert mailbox.report.pending == 3, "the roster that lost P-001 cut them off"
    talk.reporter.write(mailbox, "Thư")
    newest = talk.mailbox().report.newest
    assert ([reader["id"] for reader in newest.readers], newest.trusted) == (["P-002", "P-004", "reporter"], True)


@CHANGES
def test_where_the_server_lets_no_key_wait_nothing_is_written_under_that_one(talk, how):
    talk.roster("P-001", how)
    mailbox = talk.mailbox()
    mailbox = replace(mailbox, report=replace(mailbox.report, pending=None))
    fault = fault_of(talk.reporter.write, mailbox, "Thư")
    assert (fault.code, fault.detail) == ("reader_unrostered", {"who": "P-001"})


@CHANGES
def test_where_a_key_waits_the_reporter_makes_it_without_the_former_handler(talk, how):
    talk.roster("P-001", how)
    talk.member("P-002").withdraw(talk.case)
    talk.reporter.write(talk.mailbox(), "Dưới khóa mới.")
    mailbox = talk.mailbox()
    assert [reader["id"] for reader in mailbox.report.newest.readers] == ["P-004", "reporter"]
    assert mailbox.report.newest.trusted
    assert [message.fault for message in mailbox.messages] == [None, "signer_unknown"]


@CHANGES
def test_a_colleague_reads_on_and_seals_nothing_under_that_key(talk, how):
    talk.roster("P-001", how)
    member = talk.member("P-002")
    opened = member.open_case(talk.case)
    assert faults(opened.messages) == [("P-001", "Chúng tôi đã nhận.", "signer_unknown")]
    assert faults(opened.notes) == [("P-001", "Ghi chú.", "signer_unknown")]
    assert [opened.rings[ring].newest.trusted for ring in ("report", "internal")] == [False, False]
    for kind in ("message", "note"):
        assert fault_of(member.build_item, opened, kind, "x").code == "ring_untrusted"


def test_with_the_same_key_in_a_new_roster_nothing_changes(talk):
    with talk.world.store.transaction() as db:
        publish(db, talk.world, at=talk.clock())
    mailbox = talk.mailbox()
    assert [message.fault for message in mailbox.messages] == [None]
    talk.reporter.write(mailbox, "Cảm ơn.")


@dataclass
class Cheat:
    """A server that alters the case it answers with."""

    inner: object
    alter: object

    def send(self, method, path, *, body=None, headers=None):
        answer = self.inner.send(method, path, body=body, headers=headers)
        if method == "GET" and path.startswith("/staff/api/v1/desk/cases/"):
            told = json.loads(answer.body)
            self.alter(told)
            return replace(answer, body=json.dumps(told).encode())
        return answer


def cheated(talk, alter):
    """What P-002's browser says of the altered case."""
    member = talk.member("P-002")
    member.http = Cheat(member.http, alter)
    return member.open_case(talk.case)


def signed_by(talk, code, statement, **change):
    return sign_statement(talk.world.people[code].keys.sign_seed, parse_jcs(unb64u(statement["stmt"])) | change)


def message_of(told):
    (entry,) = [one for one in told["items"] if one["object"]["kind"] == "message"]
    return entry


def epoch_of(told, ring, number):
    (row,) = [one for one in told["epochs"] if (one["ring"], one["epoch"]) == (ring, number)]
    return row


def test_a_bad_signature_of_somebody_in_the_roster_stays_a_fault(talk):
    def epoch(told):
        row = epoch_of(told, "report", 2)
        row["statement"] = signed_by(talk, "P-004", row["statement"])

    def message(told):
        entry = message_of(told)
        entry["statement"] = signed_by(talk, "P-004", entry["statement"])

    assert fault_of(cheated, talk, epoch).code == "epoch_forged"
    talk.member("P-002").http = talk.member("P-002").http.inner
    assert faults(cheated(talk, message).messages) == [("P-001", None, "signature_bad")]


@pytest.mark.parametrize(
    "about", [{"item": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"}, {"by": "P-002"}, {"kind": "epoch"}]
)
def test_an_unknown_signers_statement_has_to_fit_all_the_same(talk, about):
    talk.roster("P-001", "left")

    def other(told):
        entry = message_of(told)
        entry["statement"] = signed_by(talk, "P-001", entry["statement"], **about)

    assert faults(cheated(talk, other).messages) == [("P-001", None, "signature_bad")]


def test_nobody_becomes_unknown_by_being_listed_with_another_key(talk):
    def relisted(told):
        row = epoch_of(told, "internal", 1)
        readers = parse_jcs(unb64u(row["statement"]["stmt"]))["readers"]
        readers = [one | {"key": "ab" * 32} if one["id"] == "P-001" else one for one in readers]
        row["statement"] = signed_by(talk, "P-001", row["statement"], readers=readers)

    talk.roster("P-001", "left")
    assert fault_of(cheated, talk, relisted).code == "epoch_readers"


def test_somebody_who_never_was_a_reader_is_no_unknown_signer(talk):
    talk.roster("P-003", "left")

    def by_another(told):
        entry = message_of(told)
        entry["by"] = "P-003"  # who had left the case before that key was made
        entry["statement"] = signed_by(talk, "P-003", entry["statement"], by="P-003")

    assert faults(cheated(talk, by_another).messages) == [("P-003", None, "author_not_reader")]


def test_the_first_key_must_be_the_one_that_the_submission_names(talk, monkeypatch):
    call = talk.reporter.call

    def other_epoch(op, **args):
        answer = call(op, **args)
        keys = talk.reporter.keys(talk.code)
        row = epoch_of(answer, "report", 1)
        said = parse_jcs(unb64u(row["statement"]["stmt"])) | {"at": "2026-11-24T10:00:00Z"}
        row["statement"] = sign_statement(keys.sign_seed, said)
        answer["epochs"] = [row]
        return answer

    monkeypatch.setattr(talk.reporter, "call", other_epoch)
    assert fault_of(talk.reporter.open_mailbox, talk.code).code == "submission_forged"


def test_a_reader_named_twice_is_not_two(office):
    trust = office.trust()
    trust.require_quorum("UBKT-S", ["P-001", "P-002"])
    assert fault_of(trust.require_quorum, "UBKT-S", ["P-001", "P-001"]).code == "below_quorum"
