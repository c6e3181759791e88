"""Keys of rings: the first opener makes the internal one, a remaining reader the next; of two at once one wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from intake.client import sealing
from intake.client.sealing import Ring
from tests.casework import (
    INTERNAL,
    OTHERS,
    READERS,
    REPORT_RING,
    epochs_of,
    ledger_kinds,
    refused,
    statement_hash,
)
from workflow.errors import Conflict


def test_the_first_opener_makes_the_internal_ring(office, opened):
    assert epochs_of(office, opened) == [("internal", 1, "open"), ("report", 1, "open")]
    assert ledger_kinds(office, opened)[-1] == "epoch_opened"
    assert sorted(grant.ring for grant in office.the_file(opened, "P-004").grants) == ["internal", "report"]


def test_of_two_who_make_a_ring_at_once_the_second_is_refused(office, case):
    for code in ("P-001", "P-002"):
        office.declare(case, code)
    made = {code: office.epoch(case, INTERNAL, READERS, by=code) for code in ("P-001", "P-002")}

    def attempt(code):
        try:
            office.open_epoch(case, code, made[code])
        except Conflict as refusal:
            return refusal.code
        return "made"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, made)) == ["epoch_closed", "made"]
    assert epochs_of(office, case) == [("internal", 1, "open"), ("report", 1, "open")]


def test_the_same_epoch_again_gets_the_same_answer(office, case):
    office.declare(case, "P-001")
    made = office.epoch(case, INTERNAL, READERS, by="P-001")
    for _ in range(2):
        office.open_epoch(case, "P-001", made)
    assert ledger_kinds(office, case).count("epoch_opened") == 1


def test_after_a_withdrawal_a_remaining_reader_makes_the_next_epoch(office, opened, args):
    office.withdraw(opened, "P-002")
    assert epochs_of(office, opened) == [
        ("internal", 1, "closed"),
        ("internal", 2, "pending"),
        ("report", 1, "closed"),
        ("report", 2, "pending"),
    ]
    for ring in (REPORT_RING, INTERNAL):
        kind = "message" if ring is REPORT_RING else "note"
        assert refused(office.add, opened, "P-001", office.item(opened, ring, kind, by="P-001")) == "epoch_pending"
    left = ("P-001", "P-003", "P-004", "reporter")
    second = Ring("report", 2, b"s" * 32)
    prev = statement_hash(args["epoch"])
    office.open_epoch(opened, "P-004", office.epoch(opened, second, left, by="P-004", prev=prev, removed=("P-002",)))
    assert ("report", 2, "open") in epochs_of(office, opened)
    office.add(opened, "P-001", office.item(opened, second, "message", by="P-001"))
    assert (
        refused(office.add, opened, "P-001", office.item(opened, REPORT_RING, "message", by="P-001")) == "epoch_closed"
    )
    assert [item.part.epoch for item in office.the_file(opened, "P-003").items] == [1, 1, 1, 2]


def a_next_epoch(office, opened, args, readers, **options):
    ring = Ring("report", 2, b"s" * 32)
    options = {"by": "P-001", "prev": statement_hash(args["epoch"]), "removed": ("P-002",), **options}
    office.open_epoch(opened, options["by"], office.epoch(opened, ring, readers, **options))


LEFT = ("P-001", "P-003", "P-004", "reporter")


@pytest.mark.parametrize(
    ("readers", "options", "code"),
    [
        ((*LEFT, "P-005"), {}, "not_entitled"),
        ((*LEFT, "P-002"), {"removed": ()}, "epoch_closed"),
        (("P-001", "P-003", "reporter"), {"removed": ("P-002", "P-004")}, "missing_object"),
        (("P-001", "P-003", "P-004"), {"removed": ("P-002", "reporter")}, "missing_object"),
        (LEFT, {"removed": ()}, "wrong_binding"),
        (LEFT, {"prev": "1" * 64}, "epoch_closed"),
        (LEFT, {"prev": sealing.ZEROS}, "epoch_closed"),
    ],
)
def test_a_renewal_names_exactly_those_who_may_still_read(office, opened, args, readers, options, code):
    office.withdraw(opened, "P-002")
    assert refused(a_next_epoch, office, opened, args, readers, **options) == code
    assert ("report", 2, "pending") in epochs_of(office, opened)


def test_who_left_cannot_make_the_next_key(office, opened, args):
    office.withdraw(opened, "P-002")
    assert refused(a_next_epoch, office, opened, args, LEFT, by="P-002") == "not_entitled"


def test_an_epoch_that_nobody_waits_for_is_refused(office, opened, args):
    assert refused(a_next_epoch, office, opened, args, (*READERS, "reporter"), removed=()) == "wrong_binding"
    again = office.epoch(opened, Ring("internal", 1, b"j" * 32), READERS, by="P-002")
    assert refused(office.open_epoch, opened, "P-002", again) == "epoch_closed"
    team = office.epoch(opened, Ring("team", 1, b"j" * 32), READERS, by="P-002")
    assert refused(office.open_epoch, opened, "P-002", team) == "malformed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda grants: grants[:-1], "missing_object"),
        (lambda grants: [*grants, grants[0]], "unexpected_object"),
        (lambda grants: [{**grants[0], "reader": "P-005"}, *grants[1:]], "unexpected_object"),
        (lambda grants: [{**grants[0], "readerkey": "0" * 64}, *grants[1:]], "unknown_reader"),
        (lambda grants: [{**grants[0], "epoch": 2}, *grants[1:]], "wrong_binding"),
        (lambda grants: [{**grants[0], "ring": "report"}, *grants[1:]], "wrong_binding"),
        (lambda grants: [{**grants[0], "data": "AQ"}, *grants[1:]], "wrong_size"),
        (lambda grants: [{**grants[0], "data": "Ag"}, *grants[1:]], "unknown_version"),
        (lambda grants: [{**grants[0], "kind": "share"}, *grants[1:]], "unexpected_object"),
    ],
)
def test_each_reader_of_an_epoch_gets_exactly_one_grant(office, case, change, code):
    office.declare(case, "P-001")
    statement, grants = office.epoch(case, INTERNAL, READERS, by="P-001")
    assert refused(office.open_epoch, case, "P-001", (statement, change(grants))) == code
    assert epochs_of(office, case) == [("report", 1, "open")]


@pytest.mark.parametrize("code", OTHERS)
def test_others_cannot_make_an_epoch(office, opened, code):
    made = office.epoch(opened, Ring("internal", 2, b"x" * 32), (*READERS, code), by=code)
    assert refused(office.open_epoch, opened, code, made) == "not_entitled"


def test_no_epoch_is_made_under_an_expired_roster(office, case):
    office.declare(case, "P-001")
    made = office.epoch(case, INTERNAL, READERS, by="P-001")
    assert refused(office.later(days=93).open_epoch, case, "P-001", made) == "roster_expired"
