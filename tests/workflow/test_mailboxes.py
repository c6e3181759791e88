"""The reporter comes back: reads their own ring and nothing else, writes, renews the key where somebody has left."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from crypto.binding import object_binding
from crypto.encoding import b64u, parse_jcs
from crypto.items import seal_item
from intake.client import sealing
from intake.client.opening import granted_keys
from intake.client.sealing import Ring
from tests.casework import FACTS, NO_DELAY, READERS, part_of, refused, rows, statement_hash
from workflow import models
from workflow.commands import mailboxes as commands
from workflow.commands.mailboxes import NewEpoch, write_from_mailbox
from workflow.queries import mailboxes
from workflow.times import stamp

HOUR = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def args(office):
    return office.a_case()


@pytest.fixture
def case(args):
    return args["case"]


@pytest.fixture
def ring(office, args):
    """The report ring as the reporter's browser opens it from its own grant."""
    keys = office.keys()
    grants = [made for made in args["objects"] if made["kind"] == "grant"]
    own = granted_keys(args["case"], grants, keys.kem_seed, office.recipient("reporter").readerkey, "reporter")
    return Ring("report", 1, own["report", 1])


def opened(office, name="reporter"):
    with office.world.store.reading() as db:
        return mailboxes.open_mailbox(db, office.keys(name).mailbox_hash, at=office.at)


def items(office, before=None):
    with office.world.store.reading() as db:
        return list(mailboxes.items_before(db, office.keys().mailbox_hash, before))


def write(office, item, epoch=None, *, mailbox=None):
    with office.world.store.transaction() as db:
        return write_from_mailbox(
            db,
            mailbox or office.keys().mailbox_hash,
            *item,
            epoch,
            notice_delay=NO_DELAY,
            chance=office.chance,
            at=office.at,
        )


def test_the_mailbox_holds_the_reporters_own_grants_and_the_report_ring(office, case):
    found = opened(office)
    assert (found.case, found.number, found.state, found.body) == (case, "2026-0001", "S10", "UBKT-S")
    assert found.received.isoformat() == found.updated.isoformat() == "2026-11-24"
    assert {grant.reader for grant in found.grants} == {"reporter"}
    assert sorted(grant.scope or grant.ring for grant in found.grants) == [
        "address",
        "contact",
        "name",
        "originals",
        "report",
        "signature",
    ]
    assert [(row.ring, row.epoch, row.state) for row in found.epochs] == [("report", 1, "open")]
    assert [reader.id for reader in found.readers] == list(READERS)
    assert found.reporter.sign == office.keys().sign_public
    assert [item.part.kind for item in items(office)] == ["narrative", "summary", "first"]


def test_what_was_submitted_can_be_compared_with_what_is_kept(office, args):
    said = {made["id"] for made in args["objects"]}
    assert {id_ for id_, _ in opened(office).objects} == said


def test_a_wrong_code_finds_nothing(office, case, ring):
    assert refused(opened, office, "somebody else") == "wrong_code"
    item = office.item(case, ring, "message", by="reporter")
    assert refused(write, office, item, mailbox="0" * 64) == "wrong_code"


def test_notes_declarations_and_headers_are_never_in_a_mailbox(office, case):
    internal = Ring("internal", 1, b"i" * 32)
    for code in READERS:
        office.declare(case, code)
    office.open_epoch(case, "P-001", office.epoch(case, internal, READERS, by="P-001"))
    office.add(case, "P-001", office.item(case, internal, "note", by="P-001"))
    (note,) = rows(office, models.SealedObject, models.SealedObject.kind == "note")
    (header, *_) = rows(office, models.SealedObject, models.SealedObject.kind == "header")
    (share, *_) = rows(office, models.SealedObject, models.SealedObject.kind == "share")
    assert {item.part.kind for item in items(office)} == {"first", "summary", "narrative"}
    assert {row.ring for row in opened(office).epochs} == {"report"}
    for hidden in (note, header, share):
        with office.world.store.reading() as db:
            for ask in (mailboxes.one_item, lambda *args: list(mailboxes.items_before(*args))):
                assert refused(ask, db, office.keys().mailbox_hash, hidden.id) == "not_found"


def test_items_of_another_case_are_never_in_a_mailbox(office, case):
    other = office.a_case(FACTS, reporter="somebody else")
    item = next(made["id"] for made in other["objects"] if made["kind"] == "summary")
    with office.world.store.reading() as db:
        assert refused(mailboxes.one_item, db, office.keys().mailbox_hash, item) == "not_found"


def test_a_message_is_kept_to_the_hour_and_the_readers_are_told(office, case, ring):
    for code in READERS[:2]:
        office.declare(case, code)
    office.withdraw(case, "P-004")
    sent(office)
    before = len(rows(office, models.Notice))
    epoch, second = next_epoch(office, case, ("P-001", "P-002", "P-003", "reporter"), removed=("P-004",))
    stored = write(office, office.item(case, second, "message", by="reporter"), epoch)
    assert stored == HOUR
    (message,) = rows(office, models.SealedObject, models.SealedObject.kind == "message")
    assert (message.author, message.stored, message.epoch) == ("reporter", HOUR, 2)
    assert len(rows(office, models.Notice)) == before + 3
    assert items(office)[0].statement is not None
    assert rows(office, models.Epoch, models.Epoch.epoch == 2)[0].state == "open"
    entries = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "reporter_wrote")
    (entry,) = (parse_jcs(entry.entry) for entry in entries)
    assert entry["at"] == "2026-11-24T09:00:00Z"
    assert entry["pub"]["epoch"]["epoch"] == 2
    statements = rows(office, models.Statement, models.Statement.signer == "reporter")
    assert {statement.stored for statement in statements} == {HOUR}


def sent(office):
    """All notices so far have gone out."""
    with office.world.store.transaction() as db:
        db.execute(update(models.Notice).values(sent=office.at))


def test_a_reader_whose_notice_still_waits_gets_no_second(office, case, ring):
    for _ in range(3):
        write(office, office.item(case, ring, "message", by="reporter"))
    assert len(rows(office, models.Notice)) == len(READERS)
    sent(office)
    write(office, office.item(case, ring, "message", by="reporter"))
    assert len(rows(office, models.Notice)) == 2 * len(READERS)


def test_a_notice_about_something_else_does_not_stand_in_for_it(office, case, ring):
    sent(office)
    with office.world.store.transaction() as db:
        id, person = "11111111-1111-4111-8111-abcdefabcdef", office.person("P-001")
        db.add(models.Notice(id=id, kind="quorum_lost", person_id=person, not_before=office.at, sent=None))
    write(office, office.item(case, ring, "message", by="reporter"))
    waiting = rows(office, models.Notice, models.Notice.sent.is_(None), models.Notice.kind == "case_waiting")
    assert {notice.person_id for notice in waiting} == {office.person(code) for code in READERS}


def test_a_case_takes_fifty_messages_and_supplements_of_its_reporter_a_day_together(office, case, ring, monkeypatch):
    assert commands.MOST_WRITTEN == 50
    monkeypatch.setattr(commands, "MOST_WRITTEN", 3)
    kinds = ("message", "supplement", "message", "supplement")
    said = [office.item(case, ring, kind, by="reporter") for kind in kinds]
    stored = [write(office, item) for item in said[:3]]
    assert refused(write, office, said[3]) == "too_many"
    assert [write(office, item) for item in said[:3]] == stored, "a lost answer is still repeated"
    evening = office.later(hours=7)  # 16:06 UTC: still the same day in Viet Nam
    assert refused(write, evening, evening.item(case, ring, "message", by="reporter")) == "too_many"
    midnight = office.later(hours=8)
    write(midnight, midnight.item(case, ring, "message", by="reporter"))


def test_handlers_messages_and_other_cases_do_not_count(office, case, ring, monkeypatch):
    monkeypatch.setattr(commands, "MOST_WRITTEN", 1)
    office.declare(case, "P-001")
    office.add(case, "P-001", office.item(case, ring, "message", by="P-001"))
    other = office.a_case(reporter="somebody else")["case"]
    assert other != case
    write(office, office.item(case, ring, "message", by="reporter"))


def next_epoch(office, case, readers, *, removed=(), prev=None):
    second = Ring("report", 2, b"s" * 32)
    if prev is None:
        with office.world.store.reading() as db:
            doc = db.scalars(
                select(models.Statement.hash).where(models.Statement.case_id == case, models.Statement.kind == "epoch")
            ).first()
        prev = doc
    statement, grants = office.epoch(case, second, readers, by="reporter", prev=prev, removed=removed)
    return NewEpoch(statement, [part_of(one) for one in grants]), second


def test_one_write_is_one_ledger_entry_and_the_same_again_is_answered_alike(office, case, ring):
    item = office.item(case, ring, "message", by="reporter")
    first = write(office, item)
    assert write(office.later(minutes=50), item) == first
    entries = rows(office, models.LedgerEntry, models.LedgerEntry.chain == case)
    assert [entry.kind for entry in entries] == ["report_received", "reporter_wrote"]


def test_a_message_waits_for_the_pending_key_and_brings_it(office, case, args, ring):
    office.withdraw(case, "P-003")
    item = office.item(case, ring, "message", by="reporter")
    assert refused(write, office, item) == "epoch_pending"
    left = ("P-001", "P-002", "P-004", "reporter")
    epoch, second = next_epoch(office, case, left, removed=("P-003",), prev=statement_hash(args["epoch"]))
    old = office.item(case, ring, "message", by="reporter")
    assert refused(write, office, old, epoch) == "epoch_closed"
    assert rows(office, models.Epoch, models.Epoch.epoch == 2)[0].state == "pending", "nothing half-stored"
    write(office, office.item(case, second, "message", by="reporter"), epoch)
    again, third = next_epoch(office, case, left, removed=("P-003",), prev=statement_hash(args["epoch"]))
    assert refused(write, office, office.item(case, third, "message", by="reporter"), again) == "epoch_closed"


@pytest.mark.parametrize(
    ("readers", "removed", "code"),
    [
        (("P-001", "P-002", "P-003", "P-004", "reporter"), (), "epoch_closed"),
        (("P-001", "reporter"), ("P-002", "P-003", "P-004"), "missing_object"),
        (("P-001", "P-002", "P-004", "P-005", "reporter"), ("P-003",), "not_entitled"),
    ],
)
def test_the_reporter_renews_for_exactly_those_who_may_still_read(office, case, args, readers, removed, code):
    office.withdraw(case, "P-003")
    epoch, second = next_epoch(office, case, readers, removed=removed, prev=statement_hash(args["epoch"]))
    assert refused(write, office, office.item(case, second, "message", by="reporter"), epoch) == code


def test_where_nobody_is_left_to_read_the_message_is_refused(office, case, args):
    for code in READERS:
        office.declare(case, code, conflict=True)
    epoch, second = next_epoch(office, case, ("reporter",), removed=READERS, prev=statement_hash(args["epoch"]))
    assert refused(write, office, office.item(case, second, "message", by="reporter"), epoch) == "nobody_competent"
    assert rows(office, models.Epoch, models.Epoch.epoch == 2)[0].state == "pending"


@pytest.mark.parametrize(("kind", "code"), [("note", "unexpected_object"), ("summary", "unexpected_object")])
def test_the_reporter_adds_messages_and_supplements_only(office, case, ring, kind, code):
    assert refused(write, office, office.item(case, ring, kind, by="reporter")) == code


def test_a_supplement_is_kept_with_the_report_and_entered_under_a_name_of_its_own(office, case, ring):
    part, statement = office.item(case, ring, "supplement", by="reporter")
    assert write(office, (part, statement)) == HOUR
    assert write(office.later(minutes=3), (part, statement)) == HOUR, "a lost answer is repeated"
    (kept,) = rows(office, models.SealedObject, models.SealedObject.kind == "supplement")
    assert (kept.author, kept.stored, kept.ring, kept.epoch) == ("reporter", HOUR, "report", 1)
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "report_supplemented")
    said = parse_jcs(entry.entry)
    assert said["pub"] == {"ring": "report", "item": part.id, "kind": "supplement", "sha256": part.sha256}
    assert said["at"] == stamp(HOUR)
    assert [item.part.kind for item in items(office)] == ["supplement", "narrative", "summary", "first"]
    office.declare(case, "P-001")
    assert [item.part.kind for item in office.the_file(case, "P-001").items][-1] == "supplement"
    (line,) = office.the_queue("P-001")
    assert (line.messages, line.supplements) == (0, 1)


def test_the_readers_are_told_of_a_supplement_like_of_a_message(office, case, ring):
    sent(office)
    write(office, office.item(case, ring, "supplement", by="reporter"))
    waiting = rows(office, models.Notice, models.Notice.sent.is_(None), models.Notice.kind == "case_waiting")
    assert {notice.person_id for notice in waiting} == {office.person(code) for code in READERS}


def test_a_supplement_makes_the_next_key_and_who_left_holds_no_copy_of_it(office, case, ring):
    for code in READERS[:2]:
        office.declare(case, code)
    office.withdraw(case, "P-002")
    assert refused(write, office, office.item(case, ring, "supplement", by="reporter")) == "epoch_pending"
    epoch, second = next_epoch(office, case, ("P-001", "P-003", "P-004", "reporter"), removed=("P-002",))
    write(office, office.item(case, second, "supplement", by="reporter"), epoch)
    held = rows(office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.epoch == 2)
    assert {grant.reader for grant in held} == {"P-001", "P-003", "P-004", "reporter"}
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "report_supplemented")
    assert parse_jcs(entry.entry)["pub"]["epoch"]["epoch"] == 2
    assert refused(office.the_file, case, "P-002") == "not_entitled"


@pytest.mark.parametrize("frame", [512, 16_384 - 512, 16_384 + 512, 32_768, 65_536 - 2048])
def test_a_supplement_of_another_size_than_the_two_is_refused(office, case, ring, frame):
    place = {"kind": "supplement", "id": str(uuid4()), "ring": "report", "epoch": 1}
    data = seal_item(ring.key, object_binding(case, place), b" " * (frame - 4))
    made = {**place, "data": b64u(data)}
    statement = sealing.item_statement(office.signer("reporter"), case, made, at=office.at)
    assert refused(write, office, (part_of(made), statement)) == "wrong_size"


@pytest.mark.parametrize("text", ["a", "a" * 10_000])
def test_two_supplements_of_other_lengths_have_one_size(office, case, ring, text):
    part, _ = office.item(case, ring, "supplement", by="reporter", text=text)
    assert len(part.data) == 81 + 16_384


def test_only_the_longest_supplement_in_the_widest_letters_takes_the_second_size(office, case, ring):
    part, statement = office.item(case, ring, "supplement", by="reporter", text="\U0001f4a1" * 10_000)
    assert len(part.data) == 81 + 65_536
    write(office, (part, statement))


def test_nobody_else_writes_as_the_reporter(office, case, ring):
    for kind in ("message", "supplement"):
        assert refused(write, office, office.item(case, ring, kind, by="P-001")) == "bad_signature"
    part, _ = office.item(case, ring, "message", by="reporter")
    _, other = office.item(case, ring, "message", by="reporter")
    assert refused(write, office, (part, other)) == "wrong_binding"


def test_the_reporters_minutes_are_refused(office, case, ring):
    part, _ = office.item(case, ring, "message", by="reporter")
    said = {"case": case, "ring": "report", "epoch": 1, "item": part.id, "item_kind": "message", "sha256": part.sha256}
    statement = office.signer("reporter").state("item", at=office.at, **said)
    minutes = parse_jcs(sealing.unb64u(statement["stmt"])) | {"at": "2026-11-24T09:06:00Z"}
    assert refused(write, office, (part, office.signed_by_reporter(minutes))) == "malformed"


def test_other_content_under_a_known_id_is_refused(office, case, ring):
    part, statement = office.item(case, ring, "message", by="reporter")
    write(office, (part, statement))
    made = sealing.sealed_item(case, ring, "message", {"v": 1, "text": "Khác"}) | {"id": part.id}
    again = sealing.item_statement(office.signer("reporter"), case, made, at=office.at)
    assert refused(write, office, (part_of(made), again)) == "known_id_other_content"


def test_pages_go_back_through_all_items(office, case, ring):
    for number in range(3):
        write(office, office.item(case, ring, "message", by="reporter", text=f"Thư {number}"))
    newest = items(office)
    assert [item.part.kind for item in newest] == ["message"] * 3 + ["narrative", "summary", "first"]
    older = items(office, newest[2].part.id)
    assert [item.part.id for item in older] == [item.part.id for item in newest[3:]]
