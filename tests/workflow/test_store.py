"""Two who read and then write don't overtake each other; a refused block leaves nothing (stack.md, *Database*)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from workflow.models import CaseCounter, Installation
from workflow.store import Store, hold


def count_up(store: Store, times: int) -> None:
    for _ in range(times):
        with store.transaction() as db:
            hold(db, "numbers")
            row = db.scalars(select(CaseCounter).where(CaseCounter.year == 2026)).one()
            row.last = row.last + 1


def test_four_threads_that_read_and_write_lose_nothing(store):
    with store.transaction() as db:
        db.add(CaseCounter(year=2026, last=0))
    threads = [threading.Thread(target=count_up, args=(store, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as db:
        assert db.get_one(CaseCounter, 2026).last == 80


def test_a_block_that_raises_leaves_nothing(store):
    with pytest.raises(LookupError), store.transaction() as db:
        db.add(CaseCounter(year=2026, last=1))
        db.flush()
        raise LookupError
    with store.reading() as db:
        assert db.get(CaseCounter, 2026) is None


def test_what_a_reading_changes_is_not_kept(store):
    if store.engine.dialect.name == "sqlite":
        with store.reading() as db:
            db.add(CaseCounter(year=2026, last=1))
            db.flush()
    with store.reading() as db:
        assert db.get(CaseCounter, 2026) is None


def test_a_reading_sees_one_moment(store):
    with store.reading() as db:
        assert db.scalar(text("select count(*) from case_counter")) == 0
        with store.transaction() as other:
            other.add(CaseCounter(year=2026, last=1))
        assert db.scalar(text("select count(*) from case_counter")) == 0


def test_a_reading_does_not_wait_for_a_writer(store):
    with store.transaction() as writer:
        writer.add(CaseCounter(year=2026, last=1))
        writer.flush()
        with store.reading() as db:
            assert db.get(CaseCounter, 2026) is None


def test_times_come_back_aware_and_in_utc(store):
    there = timezone(timedelta(hours=7))
    at = datetime(2026, 11, 24, 16, 5, 7, tzinfo=there)
    with store.transaction() as db:
        db.add(Installation(id=1, kind="production", created=at, receipt_salt=b"s", signing_public=b"k"))
    with store.reading() as db:
        found = db.get_one(Installation, 1).created
    assert found == at
    assert found.utcoffset() == UTC.utcoffset(None)


def test_a_naive_time_is_refused(store):
    with pytest.raises(StatementError), store.transaction() as db:
        naive = datetime(2026, 11, 24, 16, 5)  # noqa: DTZ001
        db.add(Installation(id=1, kind="production", created=naive, receipt_salt=b"s", signing_public=b"k"))


def test_a_failing_statement_does_not_quote_what_was_written(store):
    with pytest.raises(Exception, match=r"(?i)check|constraint") as caught, store.transaction() as db:
        at = datetime(2026, 11, 24, tzinfo=UTC)
        db.add(Installation(id=1, kind="secret-word", created=at, receipt_salt=b"s", signing_public=b"k"))
    if store.engine.dialect.name == "sqlite":
        assert "secret-word" not in str(caught.value)


def test_a_store_that_cannot_be_reached_says_so(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    assert not store.answers()
    store.close()


def test_sqlite_is_set_up_for_safety(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "recursive_triggers": 1, "synchronous": 2, "secure_delete": 1}
    with store.reading() as db:
        assert {name: db.scalar(text(f"pragma {name}")) for name in wanted} == wanted
    store.close()
