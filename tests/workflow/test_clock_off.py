"""What a statement says of its time is what is shown: it has to be the server's, give or take what clocks differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crypto.encoding import parse_jcs, unb64u
from intake.client import sealing
from intake.client.sealing import Ring
from tests.casework import INTERNAL, NO_DELAY, READERS, REPORT_RING, Office, part_of, refused, rows
from workflow import models
from workflow.commands import cases, mailboxes

NEAR, FAR = timedelta(minutes=10), timedelta(minutes=10, seconds=1)
WAYS = pytest.mark.parametrize("way", [1, -1], ids=["ahead", "behind"])


def off(office: Office, by: timedelta) -> Office:
    """The same office to somebody whose clock is off by this much."""
    return replace(office, at=office.at + by)


def write(office: Office, item) -> object:
    with office.world.store.transaction() as db:
        return mailboxes.write_from_mailbox(
            db, office.keys().mailbox_hash, *item, notice_delay=NO_DELAY, chance=office.chance, at=office.at
        )


@WAYS
def test_a_members_message_is_taken_within_ten_minutes_and_refused_beyond(office, opened, way):
    item = off(office, way * FAR).item(opened, REPORT_RING, "message", by="P-001")
    assert refused(office.add, opened, "P-001", item) == "clock_off"
    assert rows(office, models.SealedObject, models.SealedObject.kind == "message") == []
    office.add(opened, "P-001", off(office, way * NEAR).item(opened, REPORT_RING, "message", by="P-001"))


@WAYS
def test_every_act_of_a_member_is_held_to_the_servers_time(office, case, way):
    wrong = off(office, way * timedelta(days=30))
    header = office.header_hash(case, "P-001")
    with office.world.store.transaction() as db:
        said = {"case": case, "header": header}
        statement = office.signer("P-001").state("conflict", at=wrong.at, conflict=False, **said)
        assert refused(cases.declare, db, case, office.person("P-001"), statement, at=office.at) == "clock_off"
    with office.world.store.transaction() as db:
        statement = office.signer("P-001").state("withdrawal", at=wrong.at, **said)
        assert refused(cases.withdraw, db, case, office.person("P-001"), statement, at=office.at) == "clock_off"
    office.declare(case, "P-001")
    made = wrong.epoch(case, INTERNAL, READERS, by="P-001")
    assert refused(office.open_epoch, case, "P-001", made) == "clock_off"
    office.open_epoch(case, "P-001", office.epoch(case, INTERNAL, READERS, by="P-001"))


@WAYS
def test_a_report_is_taken_within_two_hours_and_refused_beyond(office, way):
    assert refused(office.receive, off(office, way * timedelta(hours=3)).submission()) == "clock_off"
    assert rows(office, models.Case) == []
    office.receive(off(office, way * timedelta(hours=2)).submission())


def test_the_first_key_of_a_report_is_held_to_the_servers_time_too(office):
    args = office.submission()
    handlers = sorted(office.receiving(args).readers)
    old = off(office, timedelta(days=-30)).epoch(
        args["case"], Ring("report", 1, b"r" * 32), (*handlers, "reporter"), by="reporter"
    )
    ring = {"ring": "report", "epoch": 1, "commitment": _commitment(old[0])}
    objects = [one for one in args["objects"] if one["kind"] != "grant" or "ring" not in one] + old[1]
    args = office.resigned(args | {"objects": objects, "epoch": old[0]}, rings=[ring])
    assert refused(office.receive, args) == "clock_off"


def _commitment(statement: dict[str, str]) -> str:
    return str(parse_jcs(unb64u(statement["stmt"]))["commitment"])


@WAYS
def test_a_reporters_message_is_taken_within_two_hours_and_refused_beyond(office, case, way):
    item = off(office, way * timedelta(hours=3)).item(case, REPORT_RING, "message", by="reporter")
    assert refused(write, office, item) == "clock_off"
    write(office, off(office, way * timedelta(hours=2)).item(case, REPORT_RING, "message", by="reporter"))


def test_what_was_stored_is_answered_again_however_late_it_is_repeated(office, opened):
    args = office.submission(reporter="somebody else")
    receipt = office.receive(args)
    assert office.later(hours=30).receive(args) == receipt
    message = office.item(opened, REPORT_RING, "message", by="reporter")
    stored = write(office, message)
    assert write(office.later(hours=30), message) == stored
    note = office.item(opened, INTERNAL, "note", by="P-001")
    added = office.add(opened, "P-001", note)
    assert office.later(minutes=20).add(opened, "P-001", note) == added


def test_an_epoch_is_answered_again_after_twenty_minutes(office, case):
    office.declare(case, "P-001")
    made = office.epoch(case, INTERNAL, READERS, by="P-001")
    office.open_epoch(case, "P-001", made)
    office.later(minutes=20).open_epoch(case, "P-001", made)


def test_parts_are_what_they_were(office, case):
    """A message that was refused for its time can be signed anew over the same sealed item."""
    made = sealing.sealed_item(case, REPORT_RING, "message", {"v": 1, "text": "Thư"})
    late = sealing.item_statement(office.signer("reporter"), case, made, at=office.at - timedelta(hours=5))
    assert refused(write, office, (part_of(made), late)) == "clock_off"
    write(office, (part_of(made), sealing.item_statement(office.signer("reporter"), case, made, at=office.at)))
