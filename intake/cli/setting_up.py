"""`init`, `demo`, `doctor`: from an empty folder to an installation that can be served."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from crypto.encoding import fingerprint
from crypto.signing import sign_public
from intake import queue, rotating
from intake.cli.console import opened, refused, say
from intake.cli.office import LINK_HOURS, WARN_DAYS, show_link
from intake.cli.rosters import difference, read_public
from intake.config import Settings, SettingsError, create_secrets, home_of, load_settings
from intake.demonstration import building
from intake.demonstration.people import Person, code_of, read_people, seconds_left, sign_in_table
from intake.files import alone, make_private_folder
from intake.keyring import Keyring
from intake.routingkeys import RoutingKeys
from intake.services import utc_now
from workflow import ledger, ready, ready_files
from workflow.commands import members
from workflow.commands import organisation as commands
from workflow.commands.imports import import_organisation
from workflow.errors import NotFound, Refusal
from workflow.migrate import migrate
from workflow.organisation_file import read_file
from workflow.queries import organisation
from workflow.queries.remaining import thin
from workflow.store import Store
from workflow.times import local_date


@click.command("init")
@click.option("--username", default="quan-tri", show_default=True, help="The first administrator's user name.")
@click.option("--name", default="Quản trị viên", show_default=True, help="The first administrator's name.")
@click.option(
    "--organisation-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="From: roster key."
)
@click.option(
    "--organisation",
    "chosen",
    type=click.Choice(ready_files.READY),
    default=ready_files.READY[0],
    show_default=True,
    help="The plan's bodies, or what became of them in 2025.",
)
def init(username: str, name: str, organisation_key: Path | None, chosen: str) -> None:
    """Make an installation: secrets, keys, database, bodies, the first administrator's link."""
    home, at, token = home_of(os.environ), utc_now(), secrets.token_urlsafe(32)
    pinned = read_public(organisation_key) if organisation_key else None
    with _setting_up(home) as (settings, store):
        with store.transaction() as db:
            commands.install(
                db,
                kind="production",
                receipt_salt=secrets.token_bytes(16),
                signing_public=sign_public(settings.signing_seed),
                organisation_key=pinned,
                at=at,
            )
            plan = ready.plan()
            commands.load_bodies(db, plan.bodies, on=plan.since, at=at)
            if chosen == "2025":
                change, faults = read_file(ready_files.changed_2025())
                done = import_organisation(db, change, day=change.valid_from or plan.since, at=at)
                if faults or done.plan.faults:
                    raise LookupError("the second ready organisation does not follow from the first")
            commands.add_person(db, code="P-001", username=username, name=name, administrator=True, at=at)
            expires = members.make_link(db, "P-001", token=token, at=at, hours=LINK_HOURS)
            ledger.checkpoint(db, settings.signing_seed, at=at)
        # A demonstration that was killed before it counted may have left its people's passphrases here.
        shutil.rmtree(settings.demonstration_folder, ignore_errors=True)
        RoutingKeys(settings.routing_folder).rotate(at)
    say(f"Đã tạo bản cài đặt trong {home}", "the installation has been made")
    say(f"Dấu vân tay của bản cài đặt: {fingerprint(sign_public(settings.signing_seed))}", "the installation's key")
    if pinned:
        say(f"Dấu vân tay khóa tổ chức: {fingerprint(pinned)}", "the organisation key, pinned from now on")
    else:
        say(
            "Chưa có khóa tổ chức: chưa ai đăng ký được. Xem roster key trong docs/operations.md",
            "nobody can enrol before the organisation key is known: publish a first roster with --org-key",
        )
    show_link(settings, "P-001", token, expires)


@click.group("demo", invoke_without_command=True)
@click.option("--quiet", is_flag=True, help="Don't print how to sign in; `serve` prints it too.")
@click.pass_context
def demo(context: click.Context, quiet: bool) -> None:
    """Make the demonstration organisation, where nothing is set up yet."""
    if context.invoked_subcommand is None:
        _demo(quiet)


@demo.command("people")
def demo_people() -> None:
    """Everybody of the demonstration: post, user name, passphrase, present one-time code."""
    at = utc_now()
    for person in _people():
        click.echo(f"{person.code}  {person.name} – {person.post}")
        click.echo(f"    {person.username}  ·  {person.passphrase}  ·  {code_of(person, at)}")
    _code_note(at)


@demo.command("codes")
@click.argument("username", required=False)
def demo_codes(username: str | None) -> None:
    """Present one-time codes: of USERNAME, or of everybody in the sign-in table."""
    at = utc_now()
    people = _people()
    asked = [each for each in people if (each.username == username if username else bool(each.shown_as))]
    if not asked:
        raise click.UsageError(f"{username}: không có trong bản trình diễn (nobody of that name; see: demo people)")
    for person in asked:
        click.echo(f"{code_of(person, at)}  {person.username}  {person.passphrase}  {person.shown_as or person.post}")
    _code_note(at)


@demo.command("roster")
def demo_roster() -> None:
    """Sign the next roster with the demonstration's key, as `roster draft`, `sign` and `publish` do elsewhere."""
    _people()
    at = utc_now()
    with opened() as (settings, store):
        with store.transaction() as db:
            before, said = building.publish_next(db, settings, at=at)
        with store.reading() as db:
            names = {code: str(who["name"]) for code, who in organisation.names(db, at.date()).items()}
            signing = organisation.installation(db).signing_public
        rotating.finish_installation(settings, signing)
    for line in difference(before, said, names):
        click.echo(line)
    say(
        f"Danh sách số {said['no']} đã được ký bằng khóa của bản trình diễn và có hiệu lực.",
        "signed with the demonstration's key, and in force",
    )


@click.command("doctor")
def doctor() -> None:
    """Check that this installation can be served; exit code 1 when something is wrong."""
    well = True

    def found(right: bool, vietnamese: str, english: str) -> None:
        nonlocal well
        well = well and right
        click.echo(f"{'✓' if right else '✗'} {vietnamese} ({english})")

    at = utc_now()
    with opened() as (settings, store):
        found(True, "cấu hình, khóa và cơ sở dữ liệu", "settings, secrets, database")
        with store.reading() as db:
            try:
                installed = organisation.installation(db)
                last = organisation.latest_roster(db)
            except Refusal as refusal:
                raise click.ClickException(refused(refusal)) from None
        same = installed.signing_public in map(sign_public, Keyring(settings).signing_seeds)
        found(same, "khóa của bản cài đặt khớp với cơ sở dữ liệu", "the installation key fits the database")
        days = (last.expires - at.date()).days if last else -1
        found(days >= WARN_DAYS, f"danh sách đã ký còn {max(days, 0)} ngày", f"the roster has {max(days, 0)} days left")
        with store.reading() as db:
            few = thin(db, on=local_date(at))
        # Nobody can mend this with the server, so it is told, and doesn't fail the check.
        click.echo(
            f"{'!' if few.nobody or few.below_quorum else '✓'} hồ sơ đang mở không ai đọc được: {few.nobody}; "
            f"có người đọc nhưng không đủ: {few.below_quorum} "
            f"(open cases that nobody can read: {few.nobody}; with too few readers: {few.below_quorum})"
        )
        found(bool(settings.routing_folder.is_dir()), "thư mục khóa định tuyến", "the folder of routing keys")
        if not settings.embedded_redis:
            found(bool(queue.answers(settings)), "hàng đợi Redis trả lời", "Redis answers")
    if not well:
        raise click.exceptions.Exit(1)


@contextmanager
def _setting_up(home: Path) -> Iterator[tuple[Settings, Store]]:
    """Secrets and a migrated database in `home`; of two set-ups at once the second waits and finds the first's work."""
    if not (home / "secrets").exists():
        _require_empty(home)
    make_private_folder(home)
    with alone(home / ".setup.lock"):
        if not (home / "secrets").exists():
            create_secrets(home)
        settings = load_settings(os.environ)
        store = Store(settings.database_url)
        try:
            migrate(store)
            yield settings, store
        finally:
            store.close()


def _require_empty(home: Path) -> None:
    """Nothing is set up in a folder that holds something else; what a killed set-up left behind does no harm.

    Nor does the folder that a disk of its own comes with.
    """
    if not home.exists():
        return
    if not home.is_dir():
        raise SettingsError(f"{home} is not a folder. Choose another NIEMPHONG_HOME.")
    known = (".secrets.", ".setup.lock", "lost+found")
    strange = sorted(path.name for path in home.iterdir() if not path.name.startswith(known))
    if strange:
        raise SettingsError(f"{home} holds something else ({strange[0]}). Choose another NIEMPHONG_HOME.")


def _demo(quiet: bool) -> None:
    home, at = home_of(os.environ), utc_now()
    with _setting_up(home) as (settings, store):
        kind = _kind(store)
        if kind == "production":
            say(
                f"{home} là bản cài đặt thật; không tạo bản trình diễn.",
                "a production installation: nothing is changed",
            )
            return
        if kind is None:
            say(
                "Đang tạo bản trình diễn, vài giây đến nửa phút …",
                "making the demonstration; seconds to half a minute",
            )
            building.build(settings, store, at=at)
        else:
            building.renew_roster(settings, store, at=at)
    for line in () if quiet else sign_in_table(settings.demonstration_folder):
        click.echo(line)


def _kind(store: Store) -> str | None:
    """What is installed here, if anything."""
    with store.reading() as db:
        try:
            return organisation.installation(db).kind
        except NotFound:
            return None


def _people() -> tuple[Person, ...]:
    home = home_of(os.environ)
    people = read_people(home / "demonstration")
    if not people:
        raise click.ClickException(
            f"Không có bản trình diễn trong {home}. Chỉ thư mục khác bằng --home, hoặc tạo mới: niemphong demo "
            "(There is no demonstration in that folder; name another with --home, or make one: niemphong demo)"
        )
    return people


def _code_note(at: datetime) -> None:
    say(
        f"Mã còn hiệu lực {seconds_left(at)} giây, mỗi mã dùng được một lần.",
        f"the codes change in {seconds_left(at)} seconds; each works once",
    )


COMMANDS = (init, demo, doctor)
