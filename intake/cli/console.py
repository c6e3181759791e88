"""What commands share: this environment's settings and database, and sentences in both languages."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from babel.support import Translations

from crypto.errors import CryptoError
from intake.assets import TRANSLATIONS
from intake.child import forked
from intake.config import Settings, SettingsError, home_of, load_settings
from intake.parts import CannotServe
from intake.sentences import SENTENCES
from workflow.errors import NotFound, Refusal
from workflow.migrate import is_current, is_empty
from workflow.queries import organisation
from workflow.store import Store

OLD = "Cơ sở dữ liệu cần nâng cấp: niemphong migrate (The database has to be migrated.)"
# What a page says of these makes no sense at a prompt: Vietnamese and English.
OWN = {
    "malformed": (
        "Không đọc được điều vừa nhập. Mã người có dạng P-001; tên đăng nhập gồm từ 2 đến 63 chữ thường không dấu, "
        "chữ số, dấu chấm, gạch nối; chức năng và vai trò: xem trong ngoặc.",
        "what was entered can't be read: person codes look like P-001; user names have 2 to 63 small letters without "
        "marks, figures, full stops, hyphens; functions: head, deputy, member, adviser, clerk; "
        "roles: intake, classify, decide, secretary",
    ),
}


def say(vietnamese: str, english: str | None = None) -> None:
    """A line for people: Vietnamese, then English."""
    click.echo(vietnamese if english is None else f"{vietnamese}\n  ({english})")


def this_installation() -> tuple[Settings, Store]:
    """The settings and the opened database; says plainly when it has to be migrated first."""
    settings = load_settings(os.environ)
    store = Store(settings.database_url)
    if not store.answers():
        store.close()
        raise click.ClickException(
            "Cơ sở dữ liệu không trả lời. (The database does not answer; check NIEMPHONG_DATABASE.)"
        )
    if not is_current(store):
        store.close()
        raise click.ClickException(OLD)
    return settings, store


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """This installation, closed again at the end."""
    settings, store = this_installation()
    try:
        yield settings, store
    finally:
        store.close()


@contextmanager
def if_installed() -> Iterator[Store | None]:
    """The database of what is installed here, None where nothing is: without settings and secrets."""
    url = os.environ.get("NIEMPHONG_DATABASE", "").strip()
    if not url:
        try:
            path = home_of(os.environ) / "niemphong.db"
        except SettingsError:
            yield None
            return
        if not path.is_file():
            yield None
            return
        url = f"sqlite:///{path}"
    store = Store(url)
    try:
        there = not is_empty(store)
        if there and not is_current(store):
            raise click.ClickException(OLD)
        yield store if there and _says_what_it_is(store) else None
    finally:
        store.close()


def _says_what_it_is(store: Store) -> bool:
    try:
        with store.reading() as db:
            organisation.installation(db)
    except NotFound:
        return False
    return True


@contextmanager
def plainly() -> Iterator[None]:
    """Faults become one plain line each."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refused(refusal)) from None
    except (SettingsError, CannotServe) as fault:
        raise click.ClickException(str(fault)) from None
    except CryptoError as fault:
        raise click.ClickException(
            f"Không mở hoặc không kiểm được ({type(fault).__name__}). (It can't be opened or verified.)"
        ) from None


def passphrase_of(path: Path | None, *, confirm: bool = False) -> str:
    """The passphrase of a locked key: the file's, or what is typed."""
    if path is not None:
        return path.read_text("utf-8").rstrip("\n")
    if not sys.stdin.isatty():
        raise click.UsageError("cần --passphrase-file khi không có bàn phím (needed where there is no terminal)")
    return str(click.prompt("Cụm mật khẩu của khóa (passphrase)", hide_input=True, confirmation_prompt=confirm))


def apart(act: Callable[[], None]) -> None:
    """Do something in a process of its own, which takes what it loaded with it; ends this one with it if it fails."""

    def told() -> None:
        try:
            with plainly():
                act()
        except click.ClickException as fault:
            fault.show()
            sys.exit(fault.exit_code)

    code = forked(told, name="np-prepare", by=signal.SIGTERM, fresh=(), closing=()).wait()
    if code:
        sys.exit(code)


def refused(refusal: Refusal) -> str:
    """The sentence of a refusal in both languages, with the codes it is about."""
    if refusal.code in OWN:
        vietnamese, english = OWN[refusal.code]
        return f"{vietnamese} ({english})"
    text = SENTENCES.get(refusal.code)
    english = str(text) if text is not None else refusal.code  # outside a request lazy text is the English one
    vietnamese = Translations.load(str(TRANSLATIONS), ["vi"]).gettext(english)
    about = ", ".join(f"{name}: {value}" for name, value in sorted(refusal.detail.items()))
    both = english if vietnamese == english else f"{vietnamese} ({english})"
    return f"{both} [{about}]" if about else both
