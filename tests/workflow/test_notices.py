"""Notices on each database: due, claimed once, sent once, forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.world import AT
from workflow import models
from workflow.commands import notices, organisation
from workflow.queries.notices import due


@pytest.fixture
def waiting(store) -> str:
    """A notice that is due at AT."""
    id = str(uuid4())
    with store.transaction() as db:
        organisation.install(db, kind="production", receipt_salt=bytes(16), signing_public=bytes(32), at=AT)
        person = organisation.add_person(db, code="P-001", username="mot", name="Một", mail="mot@example.vn", at=AT)
        db.add(models.Notice(id=id, kind="case_waiting", person_id=person, not_before=AT, sent=None))
    return id


def test_a_notice_is_due_at_its_time(store, waiting):
    with store.reading() as db:
        assert due(db, at=AT - timedelta(seconds=1)) == ()
        (notice,) = due(db, at=AT)
    assert (notice.id, notice.kind, notice.person, notice.mail) == (waiting, "case_waiting", "P-001", "mot@example.vn")


def test_a_claim_holds_for_a_minute_and_then_for_longer(store, waiting):
    at = AT
    for attempt, pause in enumerate((1, 2, 4), 1):
        with store.transaction() as db:
            assert notices.take_up(db, waiting, at=at) == attempt
            assert notices.take_up(db, waiting, at=at) is None
        at += timedelta(minutes=pause)
        with store.reading() as db:
            assert due(db, at=at - timedelta(seconds=1)) == ()
            assert len(due(db, at=at)) == 1


def test_what_was_handed_over_is_its_workers_for_half_an_hour(store, waiting):
    with store.transaction() as db:
        first = notices.take_up(db, waiting, at=AT)
        assert notices.hand_over(db, waiting, first, at=AT)
        for minutes, count in ((29, 0), (30, 1)):
            assert len(due(db, at=AT + timedelta(minutes=minutes))) == count


def test_a_claim_that_another_worker_has_taken_over_hands_nothing_over(store, waiting):
    later = AT + timedelta(minutes=1)
    with store.transaction() as db:
        first = notices.take_up(db, waiting, at=AT)
        second = notices.take_up(db, waiting, at=later)
        assert not notices.hand_over(db, waiting, first, at=later)
        assert notices.hand_over(db, waiting, second, at=later)
        notices.mark_sent(db, waiting, at=later)
        assert not notices.hand_over(db, waiting, second, at=later)


def test_a_sent_notice_is_never_due_again(store, waiting):
    with store.transaction() as db:
        notices.take_up(db, waiting, at=AT)
        notices.mark_sent(db, waiting, at=AT)
    later = AT + timedelta(days=1)
    with store.transaction() as db:
        notices.mark_sent(db, waiting, at=later)
        assert notices.take_up(db, waiting, at=later) is None
        assert due(db, at=later) == ()
        assert db.get_one(models.Notice, waiting).sent == AT


def test_an_unknown_notice_is_nobodys(store):
    with store.transaction() as db:
        assert notices.take_up(db, str(uuid4()), at=AT) is None
