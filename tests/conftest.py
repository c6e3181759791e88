"""What all tests share: a migrated database, a few times, a small organisation with real keys, both faces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from intake.app import create_app
from intake.config import Limits, Secrets, Settings
from intake.reporter import api as reporter_api
from intake.routingkeys import RoutingKeys
from intake.services import Services
from tests import demonstrations, documented, postgres
from tests.databases import KINDS, Databases, Files, server
from tests.world import AT, World, make_world, seed
from workflow.migrate import migrate
from workflow.store import Store

LONGEST = (
    "test_accessible.py",
    "test_node.py",
    "test_largest_case.py",
    "test_kills.py",
    "test_desk.py",
    "test_account.py",
    "test_reporter_browser.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=KINDS, default=KINDS[0], help="what tests keep their records in")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two for each processor: browsers, kills and clocks make tests wait about as much as they compute."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that the others belong to
        demonstrations.share()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        demonstrations.forget()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that no processor waits for them at the end.

    Whatever uses no database is tested once: with PostgreSQL only the rest runs again.
    """
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    if config.getoption("--database") == "postgresql":
        using = [
            item
            for item in items
            if "databases" in getattr(item, "fixturenames", ()) and item.get_closest_marker("sqlite") is None
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in using])
        items[:] = using


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of the kind that this run is about; skipped where there is no PostgreSQL to run."""
    if request.config.getoption("--database") == "sqlite":
        yield Files(tmp_path_factory.mktemp("databases"))
        return
    binaries = postgres.folder()
    if binaries is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(postgres.HOW)
        pytest.skip(postgres.HOW)
    with server(binaries) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """A migrated database, made once and copied for each test."""
    url = databases.empty()
    store = Store(url)
    migrate(store)
    store.close()
    return url


@pytest.fixture
def new_database(databases: Databases) -> Iterator[Callable[..., str]]:
    """`new_database()` is the URL of an empty database, `new_database(like=url)` of a copy; gone after the test."""
    made: list[str] = []

    def make(*, like: str | None = None, folder: Path | None = None) -> str:
        made.append(databases.empty() if like is None else databases.copy(like, folder))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def store(migrated: str, new_database: Callable[..., str]) -> Iterator[Store]:
    """A migrated, empty database."""
    store = Store(new_database(like=migrated))
    yield store
    store.close()


@pytest.fixture(scope="session")
def installed_world(databases: Databases, migrated: str) -> tuple[str, World]:
    """The small organisation, made once in a database and copied for each test."""
    url = databases.copy(migrated)
    store = Store(url)
    world = make_world(store)
    store.close()
    return url, world


@pytest.fixture
def an_installation(
    installed_world: tuple[str, World], new_database: Callable[..., str], tmp_path: Path
) -> Iterator[World]:
    """A small organisation with real keys and a signed roster, in a database of this test's own."""
    url, world = installed_world
    store = Store(new_database(like=url, folder=tmp_path))
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
        limits=Limits(work_most=10),  # as little work as shows that it is asked for
    )


@pytest.fixture
def services(settings: Settings, an_installation: World, clock: Clock) -> Services:
    """The services of both faces over `an_installation`, at the clock's time, with a current routing key."""
    routing = RoutingKeys(settings.routing_folder)
    routing.rotate(clock())
    own = replace(settings, database_url=an_installation.store.url)
    return Services(settings=own, store=an_installation.store, box=an_installation.box, routing=routing, now=clock)


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
