"""A key that opens nothing: any of its readers makes its ring wait for the next, once, and everybody can see who."""

from __future__ import annotations

import pytest

from crypto.encoding import parse_jcs
from intake.client.sealing import Ring
from tests.casework import (
    INTERNAL,
    OTHERS,
    READERS,
    epochs_of,
    ledger_kinds,
    refused,
    rows,
    statement_hash,
)
from workflow import models
from workflow.commands.mailboxes import report_bad_key_from_mailbox
from workflow.sealed import REPORTER

WITH_REPORTER = (*READERS, REPORTER)


@pytest.fixture
def made(office, case):
    """The statement of an internal key that P-001 made; the server can't see what is in its grants."""
    for code in READERS:
        office.declare(case, code)
    statement, grants = office.epoch(case, INTERNAL, READERS, by="P-001")
    office.open_epoch(case, "P-001", (statement, grants))
    return statement


def report_epoch(office, case, args):
    """Report 2, which P-001 made after P-002 had left."""
    office.withdraw(case, "P-002")
    left = ("P-001", "P-003", "P-004", REPORTER)
    prev = statement_hash(args["epoch"])
    statement, grants = office.epoch(
        case, Ring("report", 2, b"s" * 32), left, by="P-001", prev=prev, removed=("P-002",)
    )
    office.open_epoch(case, "P-001", (statement, grants))
    return statement


def from_mailbox(office, args, statement):
    with office.world.store.transaction() as db:
        return report_bad_key_from_mailbox(db, args["mailbox"], statement, at=office.at)


def entries(office, case):
    kept = models.LedgerEntry.chain == case, models.LedgerEntry.kind == "bad_key_reported"
    return [
        (parse_jcs(row.entry)["pub"], parse_jcs(row.private))
        for row in sorted(rows(office, models.LedgerEntry, *kept), key=lambda row: row.seq)
    ]


def test_a_reader_has_the_next_key_made_and_the_ledger_names_both(office, case, made):
    statement = office.bad_key(case, "P-002", made)
    office.report_bad_key(case, "P-002", statement)
    assert epochs_of(office, case) == [("internal", 1, "closed"), ("internal", 2, "pending"), ("report", 1, "open")]
    pub = {"ring": "internal", "epoch": 1, "pending": 2}
    assert entries(office, case) == [
        (pub, {"by": "P-002", "maker": "P-001", "statement": statement_hash(statement)}),
    ]
    note = office.item(case, INTERNAL, "note", by="P-003")
    assert refused(office.add, case, "P-003", note) == "epoch_pending"
    second = Ring("internal", 2, b"j" * 32)
    office.open_epoch(case, "P-002", office.epoch(case, second, READERS, by="P-002", prev=statement_hash(made)))
    office.add(case, "P-003", office.item(case, second, "note", by="P-003"))


def test_each_says_it_once_of_each_key(office, case, made):
    first = office.bad_key(case, "P-002", made)
    for statement in (first, first, office.bad_key(case, "P-002", made)):
        office.report_bad_key(case, "P-002", statement)
    office.report_bad_key(case, "P-003", office.bad_key(case, "P-003", made))
    assert [private["by"] for _, private in entries(office, case)] == ["P-002", "P-003"]
    assert epochs_of(office, case)[:2] == [("internal", 1, "closed"), ("internal", 2, "pending")]


def test_a_key_that_has_been_replaced_is_left_alone(office, case, made):
    office.report_bad_key(case, "P-002", office.bad_key(case, "P-002", made))
    second = Ring("internal", 2, b"j" * 32)
    next_one, grants = office.epoch(case, second, READERS, by="P-002", prev=statement_hash(made))
    office.open_epoch(case, "P-002", (next_one, grants))
    assert refused(office.report_bad_key, case, "P-003", office.bad_key(case, "P-003", made)) == "epoch_closed"
    assert ("internal", 2, "open") in epochs_of(office, case)
    office.report_bad_key(case, "P-003", office.bad_key(case, "P-003", next_one, epoch=2))
    assert ("internal", 3, "pending") in epochs_of(office, case)


def test_its_maker_is_not_asked(office, case, made):
    assert refused(office.report_bad_key, case, "P-001", office.bad_key(case, "P-001", made)) == "not_entitled"
    assert ledger_kinds(office, case)[-1] == "epoch_opened"


@pytest.mark.parametrize("code", OTHERS)
def test_who_is_no_reader_is_refused(office, case, made, code):
    assert refused(office.report_bad_key, case, code, office.bad_key(case, code, made)) == "not_entitled"


def test_who_has_left_is_refused(office, case, made):
    office.withdraw(case, "P-002")
    assert refused(office.report_bad_key, case, "P-002", office.bad_key(case, "P-002", made)) == "not_entitled"


def test_who_has_not_declared_is_refused(office, case, args):
    assert refused(office.report_bad_key, case, "P-001", office.bad_key(case, "P-001", args["epoch"])) == "not_entitled"


def test_a_colleague_cannot_say_it_in_anothers_name(office, case, made):
    statement = office.bad_key(case, "P-003", made)
    assert refused(office.report_bad_key, case, "P-002", statement) == "bad_signature"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"epoch": 2}, "wrong_binding"),
        ({"epoch": 0}, "malformed"),
        ({"epoch": True}, "malformed"),
        ({"ring": "team"}, "malformed"),
        ({"statement": "0" * 64}, "wrong_binding"),
        ({"statement": "x"}, "malformed"),
        ({"reason": "prose"}, "malformed"),
    ],
)
def test_the_statement_is_about_exactly_the_newest_key(office, case, made, fields, code):
    about = {"ring": "internal", "epoch": 1, "statement": statement_hash(made)} | fields
    statement = office.signer("P-002").state("badkey", at=office.at, case=case, **about)
    assert refused(office.report_bad_key, case, "P-002", statement) == code
    assert epochs_of(office, case) == [("internal", 1, "open"), ("report", 1, "open")]


def test_the_key_of_the_first_day_is_the_reporters_and_stays(office, case, made, args):
    for code in ("P-002", REPORTER):
        statement = office.bad_key(case, code, args["epoch"], "report", 1)
        act = (office.report_bad_key, case, code) if code != REPORTER else (from_mailbox, office, args)
        assert refused(*act, statement) == "wrong_binding"


def test_the_reporter_says_it_from_the_mailbox_to_the_hour(office, case, made, args):
    second = report_epoch(office, case, args)
    statement = office.bad_key(case, REPORTER, second, "report", 2)
    assert [from_mailbox(office, args, statement) for _ in range(2)] == [3, 3]
    assert ("report", 3, "pending") in epochs_of(office, case)
    ((pub, private),) = entries(office, case)
    assert (pub, private["by"]) == ({"ring": "report", "epoch": 2, "pending": 3}, REPORTER)
    (kept,) = rows(office, models.Statement, models.Statement.kind == "badkey")
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "bad_key_reported")
    assert (kept.stored.minute, kept.stored.second) == (0, 0)
    assert parse_jcs(entry.entry)["at"].endswith(":00:00Z")


def test_the_reporter_has_no_say_in_the_internal_ring(office, case, made, args):
    assert refused(from_mailbox, office, args, office.bad_key(case, REPORTER, made)) == "not_entitled"


def test_a_wrong_code_finds_no_mailbox_to_say_it_from(office, case, made, args):
    statement = office.bad_key(case, REPORTER, args["epoch"], "report", 1)
    assert refused(from_mailbox, office, args | {"mailbox": "0" * 64}, statement) == "wrong_code"
