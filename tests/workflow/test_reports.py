"""Taking in a report: one transaction with everything, or nothing at all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from crypto.binding import object_binding
from crypto.encoding import parse_jcs
from crypto.hpke import open_sealed
from crypto.padding import unpad
from tests.casework import FACTS, READERS, office_rows, place_of_row, rows
from tests.world import AT, publish
from workflow import ledger, models
from workflow.commands import reports
from workflow.errors import Conflict, Refusal
from workflow.queries import decisions

HOUR = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def args(office):
    return office.submission()


def nothing_is_stored(office):
    with office.world.store.reading() as db:
        for model in (models.Case, models.SealedObject, models.Statement, models.Readership, models.Epoch):
            assert db.scalar(select(func.count()).select_from(model)) == 0, model
        assert db.scalar(select(func.count()).select_from(models.Notice)) == 0
        assert db.scalar(select(func.count()).select_from(models.CaseCounter)) == 0
    return True


def refused(office, args):
    with pytest.raises(Refusal) as caught:
        office.receive(args)
    assert nothing_is_stored(office)
    return caught.value.code


def test_a_report_is_stored_with_everything_that_belongs_to_it(office, args):
    receipt = office.receive(args)
    assert (receipt.number, receipt.state, receipt.body) == ("2026-0001", "S10", "UBKT-S")
    (case,) = rows(office, models.Case)
    assert (case.id, case.number, case.profile, case.sealed_at) == (args["case"], "2026-0001", "party", "browser")
    assert case.mailbox_hash == office.keys().mailbox_hash
    kinds = Counter(row.kind for row in rows(office, models.SealedObject))
    assert kinds == {
        "first": 1,
        "summary": 1,
        "narrative": 1,
        "identity": 5,
        "grant": len(READERS) + 1 + 5,
        "share": 20,
        "header": len(READERS),
    }
    assert [category.code for category in rows(office, models.CaseCategory)] == args["categories"]
    (epoch,) = rows(office, models.Epoch)
    assert (epoch.ring, epoch.epoch, epoch.state) == ("report", 1, "open")
    assert {row.kind for row in rows(office, models.Statement)} == {"submission", "epoch"}
    assert len(rows(office, models.Readership)) == len(READERS)


def test_each_reader_gets_a_header_that_only_they_can_open(office, args):
    office.receive(args)
    headers = rows(office, models.SealedObject, models.SealedObject.kind == "header")
    assert {row.reader for row in headers} == set(READERS)
    for row in headers:
        person = office.world.people[row.reader]
        frame = open_sealed(person.keys.kem_seed, "header", object_binding(row.case_id, place_of_row(row)), row.data)
        assert len(frame) == 4096
        told = parse_jcs(unpad(frame, 4096))
        assert told["facts"] == FACTS
        assert told["made_by"] == "server"
        assert (told["case"], told["number"], told["at"]) == (args["case"], "2026-0001", "2026-11-24T09:00:00Z")
        assert {name: told["decision"][name] for name in decisions.PUBLIC} == args["decision"]
        assert "excluded" in told["decision"]
        assert told["categories"] == args["categories"]


def test_the_facts_are_forgotten_outside_the_headers(office, args):
    """Whom it concerns stands nowhere that the server could read later."""
    before = office_rows(office)
    office.receive(args)
    after = office_rows(office)
    assert after.count("UBKT-S") > before.count("UBKT-S")
    for word in ("CB-01", "accused", "excluded", "row-2"):
        assert after.count(word) == before.count(word), word


def test_one_ledger_entry_is_written_in_the_cases_own_chain(office, args):
    receipt = office.receive(args)
    (row,) = rows(office, models.LedgerEntry, models.LedgerEntry.chain == args["case"])
    assert (row.seq, row.kind, row.hash) == (1, "report_received", receipt.ledger_hash)
    entry, private = parse_jcs(row.entry), parse_jcs(row.private)
    assert entry["at"] == "2026-11-24T09:00:00Z"
    assert entry["pub"].keys() == {"state", "body", "objects", "manifest"}
    assert entry["pub"]["objects"] == len(args["objects"])
    assert private["readers"] == list(READERS)
    headers = rows(office, models.SealedObject, models.SealedObject.kind == "header")
    assert {line["sha256"] for line in private["headers"]} == {row.sha256 for row in headers}


def test_of_the_time_only_the_hour_is_kept(office, args):
    office.receive(args)
    (case,) = rows(office, models.Case)
    kept = {case.received, case.updated}
    kept |= {row.stored for row in rows(office, models.SealedObject)}
    kept |= {row.stored for row in rows(office, models.Statement)}
    kept |= {row.since for row in rows(office, models.Readership)}
    assert kept == {HOUR}


def test_each_eligible_reader_is_told_after_one_delay_drawn_at_commit(office, args):
    with office.world.store.transaction() as db:
        reports.receive_report(
            db,
            office.sending(args),
            facts=FACTS,
            shown=args["decision"],
            notice_delay=(300, 3600),
            chance=office.chance,
            at=office.at,
        )
    notices = rows(office, models.Notice)
    assert {notice.person_id for notice in notices} == {office.person(code) for code in READERS}
    assert {notice.kind for notice in notices} == {"case_waiting"}
    waits = {notice.not_before - office.at for notice in notices}
    assert all(timedelta(minutes=5) <= wait <= timedelta(hours=1) for wait in waits)
    assert len(waits) == 1, "one draw for an event: several would narrow down when it was"


def test_the_same_report_again_gets_the_same_answer(office, args):
    first = office.receive(args)
    assert office.later(days=3).receive(args) == first
    assert len(rows(office, models.Case)) == 1
    assert len(rows(office, models.LedgerEntry, models.LedgerEntry.chain == args["case"])) == 1


def test_other_content_under_a_known_id_is_refused(office, args):
    office.receive(args)
    other = office.submission()
    for changed in (args | {"submission": other["submission"]}, args | {"mailbox": "0" * 64}):
        with pytest.raises(Conflict) as refused:
            office.receive(changed)
        assert refused.value.code == "known_id_other_content"


def test_a_code_or_an_object_of_another_report_is_refused(office, args):
    office.receive(args)
    again = office.submission()  # another case under the same code
    with pytest.raises(Conflict) as refused:
        office.receive(again)
    assert refused.value.code == "known_id_other_content"
    third = office.submission(reporter="somebody else")
    third["objects"][0]["id"] = args["objects"][0]["id"]
    with pytest.raises(Conflict) as refused:
        office.receive(office.resigned(third, reporter="somebody else"))
    assert refused.value.code == "known_id_other_content"
    assert len(rows(office, models.Case)) == 1


def test_numbers_count_by_year(office):
    numbers = [office.receive(office.submission(reporter=name)).number for name in ("one", "two")]
    assert numbers == ["2026-0001", "2026-0002"]
    assert [row.last for row in rows(office, models.CaseCounter)] == [2]


def test_the_year_changes_when_it_does_in_viet_nam(office):
    with office.world.store.transaction() as db:
        publish(db, office.world, at=AT + timedelta(days=1))
    silvester = office.later(days=37, hours=8, minutes=10)  # 31 December, 17:16 UTC
    facts = FACTS | {"on": "2027-01-01"}
    assert silvester.receive(silvester.submission(facts)).number == "2027-0001"


def test_a_decision_that_changed_meanwhile_is_refused_and_nothing_is_stored(office, args):
    assert refused(office, args | {"decision": args["decision"] | {"rule": "row-3"}}) == "decision_changed"
    assert refused(office, args | {"facts": FACTS | {"objections": ["P-001"]}}) == "decision_changed"


def test_a_form_from_another_day_has_to_look_again(office, args):
    assert refused(office.later(days=3), args) == "decision_changed"


def test_bad_facts_are_refused(office, args):
    unknown_body = FACTS | {"accused": [{"body": "NOBODY", "role": "head"}]}
    wrong = ({}, {"on": "2026-11-24"}, {"on": "gestern", "accused": []}, FACTS | {"name": "Nguyễn Văn A"}, unknown_body)
    for facts in wrong:
        assert refused(office, args | {"facts": facts}) == "malformed"


def test_a_stale_and_an_expired_roster_are_refused(office, args):
    expired = office.later(days=93)
    assert refused(expired, args | {"facts": FACTS | {"on": expired.day()}}) == "roster_expired"
    with office.world.store.transaction() as db:
        publish(db, office.world, at=AT + timedelta(minutes=1), days=80)
    assert refused(office, args) == "roster_stale"


def test_an_unknown_checkpoint_is_refused(office, args):
    changed = office.resigned(args, checkpoint={"no": 7, "hash": "0" * 64})
    assert refused(office, changed) == "checkpoint_unknown"


def test_a_fault_in_the_last_step_leaves_nothing(office, args, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(ledger, "append", broken)
    with pytest.raises(RuntimeError, match="disk"):
        office.receive(args)
    assert nothing_is_stored(office)


def test_people_who_should_not_see_it_get_no_grant_and_no_header(office):
    facts = FACTS | {"objections": ["P-003"]}
    args = office.a_case(facts)
    assert args["decision"]["readers"] == ["P-001", "P-002", "P-004"]
    sealed_to = {row.reader for row in rows(office, models.SealedObject) if row.kind in ("grant", "header")}
    assert sealed_to == {"P-001", "P-002", "P-004", "reporter"}
    assert office.person("P-003") not in {row.person_id for row in rows(office, models.Readership)}


def test_where_quorum_is_lost_the_report_moves_up(office):
    args = office.a_case(FACTS | {"objections": ["P-001", "P-002"]})
    assert args["decision"]["body"] == "UBKT-TU"
    sealed_to = {row.reader for row in rows(office, models.SealedObject) if row.kind == "header"}
    assert sealed_to == {"P-005", "P-006", "P-007"}


def test_where_nobody_is_competent_nothing_can_be_sent(office, args):
    facts = FACTS | {"objections": sorted(office.world.people)}
    with office.world.store.reading() as db:
        decided = decisions.decide(db, facts, at=office.at)
    assert decided.receiving is None
    assert refused(office, args | {"facts": facts, "decision": decided.public}) == "nobody_competent"
