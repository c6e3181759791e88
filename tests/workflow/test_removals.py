"""Readers who may read no more without an act of theirs: their grants go and every ring waits for another key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from crypto.encoding import parse_jcs
from tests.casework import INTERNAL, READERS, REPORT_RING, Office, epochs_of, ledger_kinds, refused, rows
from tests.world import ADMINISTRATOR, AT, SUPERVISOR, enrol, make_world, publish
from workflow import models
from workflow.commands.removals import remove_former_readers
from workflow.ledger import verify

PENDING = [
    ("internal", 1, "closed"),
    ("internal", 2, "pending"),
    ("report", 1, "closed"),
    ("report", 2, "pending"),
]
OPEN = [("internal", 1, "open"), ("report", 1, "open")]


def sweep(office: Office) -> int:
    with office.world.store.transaction() as db:
        return remove_former_readers(db, at=office.at)


def end_seat(office: Office, *codes: str, days: int = 1) -> None:
    """The seat ends `days` ago."""
    people = [office.person(code) for code in codes]
    with office.world.store.transaction() as db:
        ended = update(models.Seat).where(models.Seat.person_id.in_(people))
        db.execute(ended.values(term_to=office.at.date() - timedelta(days=days)))


def end_key(office: Office, code: str) -> None:
    with office.world.store.transaction() as db:
        ended = update(models.MemberKey).where(models.MemberKey.person_id == office.person(code))
        db.execute(ended.values(ended=office.at))


def enrol_anew(office: Office, code: str) -> None:
    with office.world.store.transaction() as db:
        enrol(db, office.world, code, at=office.at, variant="anew")


def grants_of(office: Office, code: str) -> list[models.SealedObject]:
    return rows(office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.reader == code)


@pytest.mark.parametrize("how", [end_seat, end_key, enrol_anew])
def test_who_may_read_no_more_loses_the_grants_and_every_ring_waits(office, opened, how):
    assert len(grants_of(office, "P-002")) == 2
    how(office, "P-002")
    assert sweep(office) == 1
    assert grants_of(office, "P-002") == []
    assert epochs_of(office, opened) == PENDING
    (reading,) = rows(office, models.Readership, models.Readership.ended.is_not(None))
    assert (reading.person_id, reading.ended, reading.ended_why) == (office.person("P-002"), office.at, "removal")
    for code in ("P-001", "P-003", "P-004"):
        assert len(grants_of(office, code)) == 2
    assert refused(office.add, opened, "P-001", office.item(opened, REPORT_RING, "message", by="P-001")) == (
        "epoch_pending"
    )


def test_one_entry_says_who_was_removed_from_a_case_and_again_finds_nobody(office, opened):
    end_seat(office, "P-002", "P-003")
    assert sweep(office) == 1
    assert ledger_kinds(office, opened)[-1] == "removed"
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "removed")
    pending = {"pending": [{"ring": "internal", "epoch": 2}, {"ring": "report", "epoch": 2}]}
    assert parse_jcs(entry.entry)["pub"] == pending
    assert parse_jcs(entry.private) == {"people": ["P-002", "P-003"]}
    assert sweep(office) == 0
    assert ledger_kinds(office, opened).count("removed") == 1
    assert epochs_of(office, opened) == PENDING


def test_a_removed_reader_does_not_come_back_with_a_new_seat(office, opened):
    end_seat(office, "P-002")
    sweep(office)
    with office.world.store.transaction() as db:
        seat = update(models.Seat).where(models.Seat.person_id == office.person("P-002"))
        db.execute(seat.values(term_to=None))
    assert office.the_queue("P-002") == ()
    assert refused(office.the_file, opened, "P-002") == "not_entitled"


def test_a_seat_is_held_until_the_end_of_its_last_day(office, opened):
    end_seat(office, "P-002", days=0)
    assert sweep(office) == 0
    assert epochs_of(office, opened) == OPEN
    assert sweep(office.later(days=1)) == 1


def test_nobody_else_and_no_other_case_is_touched(office, opened):
    enrol_anew(office, "P-005")
    end_seat(office, "P-007")
    assert sweep(office) == 0
    assert epochs_of(office, opened) == OPEN
    assert ledger_kinds(office, opened)[-1] == "epoch_opened"


def test_an_expired_roster_removes_nobody(office, opened):
    assert sweep(office.later(days=100)) == 0
    assert epochs_of(office, opened) == OPEN


def test_who_withdrew_is_not_removed_once_more(office, opened):
    office.withdraw(opened, "P-002")
    end_seat(office, "P-002")
    assert sweep(office) == 0
    assert ledger_kinds(office, opened)[-1] == "withdrawn"


def test_a_lost_quorum_is_told_to_supervisors_and_administrators_once_also_where_nobody_is_left(office, opened):
    end_seat(office, *READERS)
    assert sweep(office) == 1
    told = [notice.person_id for notice in rows(office, models.Notice, models.Notice.kind == "quorum_lost")]
    assert sorted(told) == sorted(office.person(code) for code in (ADMINISTRATOR, SUPERVISOR))


def test_a_new_roster_removes_who_is_not_in_it(office, opened):
    enrol_anew(office, "P-003")
    with office.world.store.transaction() as db:
        publish(db, office.world, at=office.at)
    assert ledger_kinds(office, opened)[-1] == "removed"
    assert grants_of(office, "P-003") == []
    assert epochs_of(office, opened) == PENDING
    assert sweep(office) == 0


def test_on_both_databases_those_who_remain_make_a_key_that_the_removed_never_had(store):
    office = Office(make_world(store), AT)
    case = office.a_case()["case"]
    for code in READERS:
        office.declare(case, code)
    office.open_epoch(case, "P-001", office.epoch(case, INTERNAL, READERS, by="P-001"))
    end_seat(office, "P-002")
    assert (sweep(office), sweep(office)) == (1, 0)
    left = ("P-001", "P-003", "P-004")
    (first,) = [row.statement_id for row in rows(office, models.Epoch) if (row.ring, row.epoch) == ("internal", 1)]
    (before,) = rows(office, models.Statement, models.Statement.id == first)
    ring = type(INTERNAL)("internal", 2, b"n" * 32)
    made = office.epoch(case, ring, left, by="P-001", prev=before.hash, removed=("P-002",))
    office.open_epoch(case, "P-001", made)
    office.add(case, "P-003", office.item(case, ring, "note", by="P-003"))
    assert grants_of(office, "P-002") == []
    with store.reading() as db:
        assert verify(db, office.world.installation_public) == []
