"""`serve` and its parts: what keeps running."""

from __future__ import annotations

import os

import click

from intake import addresses, parts, rotating, supervisor
from intake.cli.console import apart, opened, say
from intake.config import Settings, load_settings
from intake.demonstration.people import sign_in_table
from intake.keyring import Keyring
from intake.routingkeys import RoutingKeys
from intake.services import utc_now
from workflow.ledger import seed_of
from workflow.migrate import migrate
from workflow.queries import organisation
from workflow.store import Store


@click.command("serve")
def serve() -> None:
    """Start everything: both faces, the queue and its worker, the clock."""
    settings = load_settings(os.environ)
    apart(lambda: _prepare(settings))
    addresses.remember(settings)
    supervisor.Supervisor(settings, supervisor.all_parts(settings), ready=lambda: _announce(settings)).run()


@click.command("web")
@click.option("--face", type=click.Choice(["reporter", "staff"]), help="One face alone, without a supervisor.")
def web(face: str | None) -> None:
    """Start the web servers: both faces, or one."""
    with opened() as (settings, store), store.reading() as db:
        organisation.installation(db)  # refuses with a sentence where nothing is set up
    if face is None:
        addresses.remember(settings)
        supervisor.Supervisor(settings, supervisor.web_parts(settings), ready=lambda: _announce(settings)).run()
        return
    parts.face(settings, face)


@click.command("worker")
@click.option("--burst", is_flag=True, help="End when the queue is empty.")
def worker(burst: bool) -> None:
    """Start one worker of the queue."""
    with opened() as (settings, _):
        pass
    parts.worker(settings, burst=burst)


@click.command("clock")
def clock_command() -> None:
    """Start the clock, which queues what is due. One is enough; two do no harm."""
    parts.clock(load_settings(os.environ))


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version's tables. `serve` does it by itself."""
    _prepare(load_settings(os.environ))
    say("Cơ sở dữ liệu đã đúng phiên bản.", "The database is up to date.")


def _prepare(settings: Settings) -> None:
    """Migrated, installed, and with a routing key that has days left."""
    store = Store(settings.database_url)
    try:
        migrate(store)
        with store.reading() as db:
            signing = organisation.installation(db).signing_public
    finally:
        store.close()
    seed_of(signing, Keyring(settings).signing_seeds)  # refuses with a sentence where another server's keys are
    rotating.finish_installation(settings, signing)
    RoutingKeys(settings.routing_folder).rotate(utc_now())


def _announce(settings: Settings) -> None:
    """The addresses; for a demonstration also who can sign in."""
    lines = [
        "",
        "Niêm Phong đang phục vụ (is being served):",
        f"  Trang công khai (public face)   {settings.public_url}",
        f"  Trang cán bộ (staff's face)     {settings.staff_url}/staff/",
        "  Dừng bằng Ctrl-C (Ctrl-C ends it)",
        "",
        *sign_in_table(settings.demonstration_folder),
    ]
    try:
        print("\n".join(lines), flush=True)
    except OSError:
        return  # the console has gone; the signal follows


COMMANDS = (serve, web, worker, clock_command, migrate_command)
