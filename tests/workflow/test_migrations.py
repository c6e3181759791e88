"""The tables that the migrations make are the models; what was recorded stays (architecture, *The ledger*)."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError

from workflow.migrate import is_current, migrate
from workflow.models import Record
from workflow.store import Store

KEPT = ("checkpoint", "ledger_entry", "roster", "sealed_object", "statement")
HOUR = "2026-11-24 09:00:00"
ROWS = {
    "ledger_entry": {
        "chain": "org",
        "seq": 1,
        "kind": "k",
        "entry": b"e",
        "hash": "h1",
        "private_salt": b"s",
        "private": b"p",
    },
    "checkpoint": {"no": 1, "doc": b"d", "signature": b"s", "hash": "h1", "changed": b"[]", "made": HOUR},
    "roster": {
        "no": 1,
        "doc": b"d",
        "signature": b"s",
        "hash": "h1",
        "issued": "2026-11-24",
        "expires": "2026-12-24",
        "published": HOUR,
    },
    "statement": {
        "id": "s-1",
        "case_id": None,
        "kind": "k",
        "signer": "P-001",
        "doc": b"d",
        "signature": b"s",
        "hash": "h",
        "stored": HOUR,
    },
    "sealed_object": {
        "id": "o-1",
        "case_id": "c-1",
        "kind": "first",
        "data": b"d",
        "sha256": "h",
        "author": "reporter",
        "stored": HOUR,
        "position": 1,
    },
}
CASE = {
    "id": "c-1",
    "number": "2026-0001",
    "state": "S10",
    "profile": "party",
    "ruleset": "r",
    "body": "UBKT-S",
    "sealed_at": "browser",
    "received": HOUR,
    "updated": HOUR,
    "content_hash": "h",
    "mailbox_hash": "h",
    "reporter_kem": b"k",
    "reporter_sign": b"s",
    "custodian_set": "KS-S",
    "custodian_set_version": 1,
}
OTHER_KEY = {"ledger_entry": "seq", "checkpoint": "no", "roster": "no", "statement": "id", "sealed_object": "id"}


def insert(store: Store, table: str, row: dict[str, object], how: str = "insert") -> None:
    columns = ", ".join(row)
    with store.transaction() as db:
        db.execute(text(f"{how} into {table} ({columns}) values ({', '.join(':' + name for name in row)})"), row)


def run(store: Store, statement: str) -> None:
    with store.transaction() as db:
        db.execute(text(statement))


@pytest.fixture
def kept(store: Store) -> Store:
    """One row in every table that keeps its rows."""
    insert(store, "case_file", CASE)
    for table, row in ROWS.items():
        insert(store, table, row)
    return store


def test_the_migrated_tables_are_the_models(store):
    with store.reading() as db:
        context = MigrationContext.configure(db.connection(), opts={"compare_server_default": True})
        assert compare_metadata(context, Record.metadata) == []


def test_the_migrated_checks_are_the_models(store):
    """Alembic's comparison doesn't look at check constraints."""
    with store.reading() as db:
        found = inspect(db.connection())
        for table in Record.metadata.sorted_tables:
            made = {check["name"] for check in found.get_check_constraints(table.name)}
            meant = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert made == meant, table.name


def test_migrating_again_changes_nothing(store):
    assert is_current(store)
    migrate(store)
    assert is_current(store)


def test_an_empty_database_is_not_current_until_it_is_migrated(new_database):
    store = Store(new_database())
    assert not is_current(store)
    migrate(store)
    assert is_current(store)
    store.close()


def test_of_several_that_migrate_at_once_one_does_it_and_all_go_on(new_database):
    url = new_database()
    faults = []

    def start() -> None:
        store = Store(url)
        try:
            migrate(store)
            assert is_current(store)
        except BaseException as fault:
            faults.append(fault)
        finally:
            store.close()

    starting = [threading.Thread(target=start) for _ in range(4)]
    for one in starting:
        one.start()
    for one in starting:
        one.join()
    assert faults == []


def test_every_kept_table_has_its_triggers(store):
    if store.engine.dialect.name == "sqlite":
        names = ("keeps_rows", "loses_none", "replaces_none")
        query = "select name from sqlite_master where type = 'trigger'"
    else:
        names = ("keeps_rows", "loses_none", "is_not_emptied")
        # 'A': also for a session that plays a replica
        query = "select tgname from pg_trigger where not tgisinternal and tgenabled = 'A'"
    with store.reading() as db:
        assert set(db.scalars(text(query))) == {f"{table}_{name}" for table in KEPT for name in names}


@pytest.mark.parametrize("table", KEPT)
def test_a_kept_row_is_not_changed(kept, table):
    with pytest.raises(IntegrityError, match="append-only"):
        run(kept, f"update {table} set {OTHER_KEY[table]} = {OTHER_KEY[table]}")


@pytest.mark.parametrize("table", KEPT)
def test_a_kept_row_is_not_deleted(kept, table):
    with pytest.raises(IntegrityError, match="append-only"):
        run(kept, f"delete from {table}")


@pytest.mark.parametrize("table", KEPT)
def test_a_kept_row_is_not_replaced(kept, table):
    """SQLite's INSERT OR REPLACE, PostgreSQL's ON CONFLICT DO UPDATE: the two ways around."""
    row = ROWS[table]
    key = OTHER_KEY[table]
    if kept.engine.dialect.name == "sqlite":
        with pytest.raises(IntegrityError, match="append-only"):
            insert(kept, table, row, "insert or replace")
        return
    with pytest.raises(IntegrityError, match="append-only"), kept.transaction() as db:
        conflict = "(chain, seq)" if table == "ledger_entry" else f"({key})"
        columns, values = ", ".join(row), ", ".join(":" + name for name in row)
        then = f"on conflict {conflict} do update set {key} = excluded.{key}"
        db.execute(text(f"insert into {table} ({columns}) values ({values}) {then}"), row)


@pytest.mark.parametrize("table", KEPT)
def test_replacing_is_refused_without_recursive_triggers_too(kept, table):
    """Another program that opens the file has its own pragmas."""
    if kept.engine.dialect.name != "sqlite":
        with pytest.raises(IntegrityError, match="append-only"):
            run(kept, f"truncate {table} cascade")
        return
    other = ROWS[table] | {"rowid": 1, OTHER_KEY[table]: 9}
    other |= {name: 9 for name in ("hash", "position") if name in other}
    with closing(sqlite3.connect(kept.engine.url.database)) as plain:
        for row in (ROWS[table], other):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                marks = ", ".join("?" * len(row))
                plain.execute(f"insert or replace into {table} ({', '.join(row)}) values ({marks})", [*row.values()])


def test_a_second_place_in_a_case_is_not_taken_over(kept):
    with pytest.raises(IntegrityError):
        how = "insert or replace" if kept.engine.dialect.name == "sqlite" else "insert"
        insert(kept, "sealed_object", ROWS["sealed_object"] | {"id": "o-2"}, how)


def test_a_grant_can_be_deleted_when_its_reader_leaves(kept):
    insert(kept, "sealed_object", ROWS["sealed_object"] | {"id": "o-2", "kind": "grant", "position": 2})
    run(kept, "delete from sealed_object where id = 'o-2'")
    with kept.reading() as db:
        assert db.scalar(text("select count(*) from sealed_object")) == 1


def test_a_grant_is_not_changed(kept):
    insert(kept, "sealed_object", ROWS["sealed_object"] | {"id": "o-2", "kind": "grant", "position": 2})
    with pytest.raises(IntegrityError, match="append-only"):
        run(kept, "update sealed_object set kind = 'grant' where id = 'o-2'")
