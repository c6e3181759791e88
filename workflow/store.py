"""The database: engine, transactions, nothing about its content.

On SQLite a transaction begins with BEGIN IMMEDIATE: with Python's own way of beginning one, two requests that
read and then write overtake each other without any error, and a hash chain forks. SQLite lets one writer in, and who finds
it taken sleeps and tries again; so the writers of a process queue here, and only processes meet there. On PostgreSQL
writers run side by side; what must not overtake takes `hold` first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workflow import faults
from workflow.errors import Busy, Refusal, StorageFailed
from workflow.turns import Turns

__all__ = ["Session", "Store", "hold"]


PATIENCE = 10  # seconds that a writer waits for others on SQLite


class Store:
    """One database by its URL (`sqlite:///…` or `postgresql+psycopg://…`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Parameters never reach an error message: some of them are what nobody may log.
        self.engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
        self._turn: Callable[[], AbstractContextManager[None]] = nullcontext
        reading: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
            reading = {"niemphong_reading": True}
            turns = Turns()
            self._turn = lambda: turns.one(PATIENCE)
        self._failed = False
        self._reading_engine = self.engine.execution_options(**reading)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Raises Busy when others hold the database for too long, StorageFailed when it can keep nothing.
        """
        try:
            with (
                self._turn(),
                faults.told(),
                Session(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        except StorageFailed:
            self._failed = True
            raise
        self._failed = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries, which sees one moment; whatever it changed is rolled back. Raises as `transaction`."""
        with faults.told(), Session(self._reading_engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    def answers(self) -> bool:
        """Whether the database can be reached at all."""
        try:
            with self.reading() as db:
                db.execute(text("select 1"))
        except (SQLAlchemyError, Refusal):
            return False
        return True

    def keeps(self) -> bool:
        """Whether what is written stays: after a transaction that could not be kept, a small one is tried."""
        if not self._failed:
            return True
        try:
            with self.transaction() as db:
                if self.engine.dialect.name == "sqlite":
                    version = db.scalar(text("pragma user_version"))
                    db.execute(text(f"pragma user_version = {int(version)}"))
                else:
                    db.execute(text("update alembic_version set version_num = version_num"))
        except (SQLAlchemyError, Refusal):
            return False
        return True

    def settle(self, within: float = 30.0) -> None:
        """Wait until every transaction that has begun by now has ended; Busy where one lasts longer (seconds)."""
        deadline = time.monotonic() + within
        with self.transaction() as db:  # SQLite lets one writer in, and who only reads writes nothing
            if self.engine.dialect.name == "sqlite":
                return
            now = db.scalar(text("select statement_timestamp()"))
        older = text(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and backend_type = 'client backend'"
            " and pid <> pg_backend_pid() and xact_start <= :now"
        )
        while True:
            with self.transaction() as db:
                if not db.scalar(older, {"now": now}):
                    return
            if time.monotonic() > deadline:
                raise Busy()
            time.sleep(0.05)

    def close(self) -> None:
        self.engine.dispose()


def hold(db: Session, name: str) -> None:
    """Keep others who hold the same name waiting until this transaction ends.

    Called before the first read that a write depends on. SQLite needs nothing: BEGIN IMMEDIATE lets one writer in.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 84))"), {"name": name})


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={PATIENCE * 1000}",  # first: switching the journal mode may have to wait too
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE deletes without asking the delete trigger
            "secure_delete=ON",
            "temp_store=MEMORY",
            "cache_size=-512",  # KiB a connection; the system keeps the file's pages anyway, and for all connections once
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("niemphong_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
