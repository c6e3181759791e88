"""What a member does with a case: every act by the entitled only, one ledger entry each, nothing half-stored."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select

from crypto.encoding import b64u, jcs, parse_jcs, unb64u
from crypto.padding import pad
from crypto.signing import sign
from intake.client import sealing
from tests.casework import (
    FACTS,
    OTHERS,
    READERS,
    REPORT_RING,
    epochs_of,
    ledger_kinds,
    part_of,
    refused,
    rows,
)
from tests.world import ADMINISTRATOR, SUPERVISOR, publish
from workflow import models
from workflow.commands import cases
from workflow.errors import Conflict, NotEligible, Refusal
from workflow.queries.remaining import Remaining, Thin, thin

# Reading


def test_before_the_declaration_a_reader_is_served_the_header_alone(office, case):
    cover = office.the_cover(case, "P-001")
    assert (cover.number, cover.declared, cover.header.by) == ("2026-0001", None, "server")
    assert cover.header.part.reader == "P-001"
    assert refused(office.the_file, case, "P-001") == "not_entitled"
    (line,) = office.the_queue("P-001")
    assert (line.new, line.declared, line.summary, line.grants) == (True, None, None, ())


def test_after_it_the_reader_is_served_the_report_and_their_own_grant(office, case):
    office.declare(case, "P-001")
    opened = office.the_file(case, "P-001")
    assert [item.part.kind for item in opened.items] == ["first", "summary", "narrative"]
    assert [(grant.reader, grant.ring) for grant in opened.grants] == [("P-001", "report")]
    assert [reader.id for reader in opened.readers] == list(READERS)
    (line,) = office.the_queue("P-001")
    assert (line.new, line.declared, line.summary.kind) == (False, "clear", "summary")


@pytest.mark.parametrize("code", OTHERS)
def test_who_is_not_entitled_gets_no_row(office, case, code):
    assert office.the_queue(code) == ()
    assert refused(office.the_cover, case, code) == "not_entitled"
    assert refused(office.the_file, case, code) == "not_entitled"


def test_a_case_that_does_not_exist_is_refused_alike(office):
    unknown = "11111111-1111-4111-8111-111111111111"
    assert refused(office.the_cover, unknown, "P-001") == "not_entitled"


def test_whose_seat_has_ended_reads_no_more(office, case):
    office.declare(case, "P-003")
    with office.world.store.transaction() as db:
        seat = db.scalars(select(models.Seat).where(models.Seat.person_id == office.person("P-003"))).one()
        seat.term_to = office.at.date()
    tomorrow = office.later(days=1)
    assert office.the_queue("P-003")
    assert tomorrow.the_queue("P-003") == ()
    assert refused(tomorrow.the_file, case, "P-003") == "not_entitled"


# Declaring


def test_a_clear_declaration_is_recorded_once(office, case):
    office.declare(case, "P-002")
    assert ledger_kinds(office, case) == ["report_received", "opened"]
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "opened")
    assert parse_jcs(entry.private)["person"] == "P-002"
    assert parse_jcs(entry.entry)["pub"] == {}
    assert refused(office.declare, case, "P-002") == "already_declared"


def test_a_conflict_ends_access_and_leaves_the_next_key_pending(office, case):
    hash_ = office.header_hash(case, "P-003")
    office.declare(case, "P-003", conflict=True)
    assert ledger_kinds(office, case) == ["report_received", "conflict_declared"]
    assert epochs_of(office, case) == [("report", 1, "closed"), ("report", 2, "pending")]
    assert office.the_queue("P-003") == ()
    assert refused(office.the_cover, case, "P-003") == "not_entitled"
    grants = rows(office, models.SealedObject, models.SealedObject.kind == "grant")
    assert "P-003" not in {grant.reader for grant in grants}
    (reading,) = rows(office, models.Readership, models.Readership.ended.is_not(None))
    assert (reading.declared, reading.ended_why) == ("conflict", "conflict")
    statement = office.signer("P-003").state("conflict", at=office.at, case=case, conflict=False, header=hash_)
    with pytest.raises(NotEligible), office.world.store.transaction() as db:
        cases.declare(db, case, office.person("P-003"), statement, at=office.at)


@pytest.mark.parametrize("code", OTHERS)
def test_others_cannot_declare(office, case, code):
    statement = office.signer(code).state("conflict", at=office.at, case=case, conflict=False, header="0" * 64)
    with pytest.raises(NotEligible), office.world.store.transaction() as db:
        cases.declare(db, case, office.person(code), statement, at=office.at)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"header": "0" * 64}, "wrong_binding"),
        ({"case": "11111111-1111-4111-8111-111111111111"}, "wrong_binding"),
        ({"by": "P-002"}, "wrong_binding"),
        ({"conflict": "no"}, "malformed"),
        ({"conflict": 0}, "malformed"),
        ({"story": "prose"}, "malformed"),
        ({"reason": "11111111-1111-4111-8111-111111111111"}, "missing_object"),
        ({"checkpoint": {"no": 9, "hash": "0" * 64}}, "checkpoint_unknown"),
        ({"id": "not-a-uuid"}, "malformed"),
    ],
)
def test_a_wrong_declaration_is_refused(office, case, fields, code):
    about = {"case": case, "conflict": False, "header": office.header_hash(case, "P-001")}
    statement = office.signer("P-001").state("conflict", at=office.at, **(about | fields))
    with pytest.raises(Refusal) as caught, office.world.store.transaction() as db:
        cases.declare(db, case, office.person("P-001"), statement, at=office.at)
    assert caught.value.code == code
    assert office.the_cover(case, "P-001").declared is None


@pytest.mark.parametrize("version", [2, True])
def test_a_declaration_of_another_version_is_refused(office, case, version):
    about = {"case": case, "conflict": False, "header": office.header_hash(case, "P-001")}
    right = office.signer("P-001").state("conflict", at=office.at, **about)
    body = jcs(parse_jcs(unb64u(right["stmt"])) | {"v": version})
    signature = sign(office.world.people["P-001"].keys.sign_seed, "stmt/conflict", body)
    with pytest.raises(Refusal) as caught, office.world.store.transaction() as db:
        statement = {"stmt": b64u(body), "sig": b64u(signature)}
        cases.declare(db, case, office.person("P-001"), statement, at=office.at)
    assert caught.value.code == "malformed"


def test_a_declaration_signed_by_a_colleague_is_refused(office, case):
    about = {"case": case, "conflict": False, "header": office.header_hash(case, "P-001")}
    statement = office.signer("P-002").state("conflict", at=office.at, **about, by="P-001")
    with pytest.raises(Refusal) as caught, office.world.store.transaction() as db:
        cases.declare(db, case, office.person("P-001"), statement, at=office.at)
    assert caught.value.code == "bad_signature"


def a_reason(office, case, to, *, by="P-003", conflict=True):
    reason = sealing.sealed_to(case, office.recipient(to), "direct", pad(jcs({"v": 1, "text": "Họ hàng."}), 512))
    statement = office.signer(by).state(
        "conflict",
        at=office.at,
        case=case,
        conflict=conflict,
        header=office.header_hash(case, by),
        reason=reason["id"],
    )
    with office.world.store.transaction() as db:
        return cases.declare(db, case, office.person(by), statement, part_of(reason), at=office.at)


def test_the_reason_of_a_conflict_goes_to_the_head_alone(office, case):
    assert office.the_cover(case, "P-003").head.id == "P-001"
    assert office.the_cover(case, "P-001").head is None
    a_reason(office, case, "P-001")
    for code in ("P-001", "P-002"):
        office.declare(case, code)
    assert [item.by for item in office.the_file(case, "P-001").direct] == ["P-003"]
    assert office.the_file(case, "P-002").direct == ()


def test_a_reason_to_somebody_else_or_without_a_conflict_is_refused(office, case):
    assert refused(a_reason, office, case, "P-002") == "unknown_reader"
    assert refused(a_reason, office, case, "P-005") == "unknown_reader"
    assert refused(a_reason, office, case, "P-001", conflict=False) == "unexpected_object"


def test_an_expired_roster_opens_nothing_but_lets_people_leave(office, case):
    late = office.later(days=93)
    hashes = {code: office.header_hash(case, code) for code in ("P-001", "P-002")}
    signers = {code: office.signer(code) for code in hashes}
    for code, conflict in (("P-001", False), ("P-002", True)):
        statement = signers[code].state("conflict", at=late.at, case=case, conflict=conflict, header=hashes[code])
        try:
            with office.world.store.transaction() as db:
                cases.declare(db, case, office.person(code), statement, at=late.at)
            outcome = "declared"
        except Conflict as refusal:
            outcome = refusal.code
        assert outcome == ("declared" if conflict else "roster_expired")


# Withdrawing


def test_a_withdrawal_cuts_access_deletes_grants_and_keeps_the_rest(office, opened):
    office.withdraw(opened, "P-004")
    assert ledger_kinds(office, opened)[-1] == "withdrawn"
    (entry,) = rows(office, models.LedgerEntry, models.LedgerEntry.kind == "withdrawn")
    assert parse_jcs(entry.entry)["pub"] == {
        "pending": [{"ring": "internal", "epoch": 2}, {"ring": "report", "epoch": 2}]
    }
    for ask in (office.the_cover, office.the_file):
        assert refused(ask, opened, "P-004") == "not_entitled"
    assert office.the_queue("P-004") == ()
    grants = rows(office, models.SealedObject, models.SealedObject.kind == "grant")
    assert "P-004" not in {grant.reader for grant in grants}
    assert {"P-001", "P-002", "P-003", "reporter"} <= {grant.reader for grant in grants}
    (line,) = office.the_queue("P-001")
    assert line.pending == ("internal", "report")


def test_a_withdrawal_before_the_declaration_is_possible(office, case):
    office.withdraw(case, "P-004")
    assert office.the_queue("P-004") == ()
    (reading,) = rows(office, models.Readership, models.Readership.ended.is_not(None))
    assert (reading.declared, reading.ended_why) == (None, "withdrawal")


def test_two_withdrawals_leave_one_pending_epoch(office, opened):
    for code in ("P-003", "P-004"):
        office.withdraw(opened, code)
    assert [row for row in epochs_of(office, opened) if row[2] == "pending"] == [
        ("internal", 2, "pending"),
        ("report", 2, "pending"),
    ]


def lost(office):
    return rows(office, models.Notice, models.Notice.kind == "quorum_lost")


def told_of_loss(office):
    return sorted(notice.person_id for notice in lost(office))


def test_losing_the_quorum_is_told_to_supervisors_and_administrators_without_saying_which_case(office, opened):
    office.withdraw(opened, "P-002")
    assert lost(office) == []
    office.withdraw(opened, "P-001")  # two are left, but neither heads
    assert told_of_loss(office) == sorted(office.person(code) for code in (ADMINISTRATOR, SUPERVISOR))


def the_only_reader(office, case, code="P-004"):
    for other in READERS:
        if other != code:
            office.withdraw(case, other)


def test_the_last_reader_cannot_withdraw_and_nothing_changes(office, opened):
    the_only_reader(office, opened)
    before = ledger_kinds(office, opened)
    assert refused(office.withdraw, opened, "P-004") == "last_reader"
    assert ledger_kinds(office, opened) == before
    assert [reader.id for reader in office.the_file(opened, "P-004").readers] == ["P-004"]


def test_a_last_reader_who_has_not_declared_cannot_withdraw_either(office, case):
    the_only_reader(office, case)
    assert refused(office.withdraw, case, "P-004") == "last_reader"


def test_the_last_reader_may_always_declare_a_conflict_and_it_is_told(office, case):
    the_only_reader(office, case)
    with office.world.store.transaction() as db:
        db.execute(delete(models.Notice))  # those of the withdrawals before went out
    office.declare(case, "P-004", conflict=True)
    assert office.the_queue("P-004") == ()
    assert told_of_loss(office) == sorted(office.person(code) for code in (ADMINISTRATOR, SUPERVISOR))


def test_a_reader_is_told_what_their_leaving_would_mean(office, opened):
    def without(code):
        return office.the_cover(opened, code).without_me

    assert {without(code) for code in READERS} == {Remaining.ENOUGH}
    office.withdraw(opened, "P-002")
    assert (without("P-001"), without("P-003")) == (Remaining.BELOW_QUORUM, Remaining.ENOUGH)
    office.withdraw(opened, "P-001")
    office.withdraw(opened, "P-003")
    assert without("P-004") == Remaining.NOBODY


def test_open_cases_with_too_few_readers_are_counted_and_no_more(office, opened):
    other = office.a_case(FACTS, reporter="somebody else")["case"]
    office.a_case(FACTS, reporter="a third")

    def counted():
        with office.world.store.reading() as db:
            return thin(db, on=office.at.date())

    assert counted() == Thin(nobody=0, below_quorum=0)
    the_only_reader(office, opened)
    the_only_reader(office, other)
    office.declare(other, "P-004", conflict=True)
    assert counted() == Thin(nobody=1, below_quorum=1)


def test_the_queue_has_what_changed_last_first_and_counts_what_the_reporter_wrote(office, opened):
    newer = office.later(hours=2).a_case(FACTS, reporter="somebody else")["case"]
    assert [line.id for line in office.the_queue("P-001")] == [newer, opened]
    later = office.later(hours=5)
    later.add(opened, "P-001", later.item(opened, REPORT_RING, "message", by="P-001"))
    first, second = later.the_queue("P-001")
    assert (first.id, first.messages) == (opened, 0)
    assert (second.id, second.messages) == (newer, None)


def test_others_cannot_withdraw(office, opened):
    statement = office.signer("P-005").state("withdrawal", at=office.at, case=opened, header="0" * 64)
    with pytest.raises(NotEligible), office.world.store.transaction() as db:
        cases.withdraw(db, opened, office.person("P-005"), statement, at=office.at)


def test_a_new_roster_does_not_disturb_open_cases(office, opened):
    with office.world.store.transaction() as db:
        publish(db, office.world, at=office.at)
    office.add(opened, "P-001", office.item(opened, REPORT_RING, "message", by="P-001"))


def test_two_cases_do_not_mix(office, opened):
    other = office.a_case(FACTS, reporter="somebody else")["case"]
    office.declare(other, "P-001")
    item = office.item(other, REPORT_RING, "message", by="P-001")
    assert refused(office.add, opened, "P-001", item) == "wrong_binding"
    assert len(office.the_queue("P-001")) == 2
    with office.world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(models.Case)) == 2
