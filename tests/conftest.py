"""What all tests share: a migrated database, a few times, a small organisation with real keys, both faces."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from intake.app import create_app
from intake.config import Secrets, Settings
from intake.reporter import api as reporter_api
from intake.routingkeys import RoutingKeys
from intake.services import Services
from tests import documented, postgres
from tests.world import AT, World, make_world, seed
from workflow.migrate import migrate
from workflow.models import Record
from workflow.store import Store


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "niemphong.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[Path]:
    """A running PostgreSQL with a migrated template database; skipped where there is none to run."""
    binaries = postgres.folder()
    if binaries is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(postgres.HOW)
        pytest.skip(postgres.HOW)
    with postgres.running(binaries) as home:
        _sql(home, "create database migrated")
        store = Store(postgres.url(home, "migrated"))
        migrate(store)
        store.close()
        yield home


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        store = Store(_copied(request.getfixturevalue("migrated_file"), tmp_path))
        yield store
        store.close()
        return
    home = request.getfixturevalue("postgres_home")
    store = Store(postgres.url(home, "migrated"))
    _empty(store)
    yield store
    store.close()


@pytest.fixture(scope="session")
def installed_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> tuple[Path, World]:
    """The small organisation, made once in a SQLite file and copied for each test."""
    folder = tmp_path_factory.mktemp("installed")
    store = Store(_copied(migrated_file, folder))
    world = make_world(store)
    with store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return folder / "niemphong.db", world


@pytest.fixture
def an_installation(installed_file: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    """A small organisation with real keys and a signed roster, in a SQLite file of this test's own."""
    path, world = installed_file
    store = Store(_copied(path, tmp_path))
    yield replace(world, store=store, people=dict(world.people))
    store.close()


@pytest.fixture
def at() -> datetime:
    """The moment at which the small organisation was set up."""
    return AT


@dataclass
class Clock:
    """A time that a test moves by hand; called, it says what time it is."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: int) -> datetime:
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(AT + timedelta(minutes=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings as `niemphong init` would leave them, for plain http on this machine."""
    home = tmp_path / "home"
    for folder in ("routing", "mail"):
        (home / folder).mkdir(parents=True, mode=0o700)
    return Settings(
        home=home,
        host="127.0.0.1",
        port=8000,
        staff_port=8001,
        database_url=f"sqlite:///{tmp_path / 'niemphong.db'}",
        redis_url=f"unix://{home / 'redis.sock'}",
        embedded_redis=True,
        secrets=Secrets(
            server_key=seed("server"), salt_key=seed("salt"), auth_key=seed("auth"), session_secret=seed("session")
        ),
        signing_seed=seed("installation"),
        routing_folder=home / "routing",
        mail_folder=home / "mail",
        smtp_url=None,
        notice_delay=(0, 0),
        mailbox_floor=0.0,
        idle_minutes=15,
        session_hours=12,
        max_envelope=4 * 1024 * 1024,
        secure_cookies=False,
        public_url="http://127.0.0.1:8000",
        staff_url="http://127.0.0.1:8001",
    )


@pytest.fixture
def services(settings: Settings, an_installation: World, clock: Clock) -> Services:
    """The services of both faces over `an_installation`, at the clock's time, with a current routing key."""
    routing = RoutingKeys(settings.routing_folder, settings.signing_seed)
    routing.rotate(clock())
    return Services(settings=settings, store=an_installation.store, box=an_installation.box, routing=routing, now=clock)


@pytest.fixture
def make_app(
    settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Flask]]:
    """Makes one face; whatever it then answers that its OpenAPI document doesn't know makes the test fail."""
    undocumented: list[str] = []
    perform = reporter_api.perform

    def perform_and_look(op: object, args: object) -> tuple[dict[str, Any], int | None]:
        answer, size = perform(op, args)
        undocumented.extend(documented.inner_faults(op, answer))
        return answer, size

    monkeypatch.setattr(reporter_api, "perform", perform_and_look)

    def make(face: str) -> Flask:
        app = create_app(settings, (face,), services)
        app.config["TESTING"] = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        documented.watch(app, face, undocumented)
        return app

    yield make
    assert undocumented == [], "answers that no OpenAPI document knows (intake/openapi.py, describe)"


@pytest.fixture
def reporter_app(make_app: Callable[[str], Flask]) -> Flask:
    return make_app("reporter")


@pytest.fixture
def staff_app(make_app: Callable[[str], Flask]) -> Flask:
    return make_app("staff")


def _copied(migrated: Path, folder: Path) -> str:
    shutil.copy(migrated, folder / "niemphong.db")
    return f"sqlite:///{folder / 'niemphong.db'}"


def _empty(store: Store) -> None:
    """Take every row out, which needs the owner's rights: a new database for each test takes ten times as long."""
    with store.engine.begin() as connection:
        connection.execute(text("set local lock_timeout = '5s'"))
        triggers = "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal"
        kept = connection.execute(text(triggers)).all()
        for table, name in kept:
            connection.execute(text(f"alter table {table} disable trigger {name}"))
        for table in reversed(Record.metadata.sorted_tables):
            connection.execute(table.delete())
        for table, name in kept:
            connection.execute(text(f"alter table {table} enable always trigger {name}"))


def _sql(home: Path, statement: str) -> None:
    engine = create_engine(postgres.url(home, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
