"""`keys list|rotate`: the server's own keys (docs/operations.md, *The server's own keys*)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import click

from crypto.encoding import fingerprint
from crypto.layers import keys_of
from crypto.signing import sign_public
from intake import rotating
from intake.cli.console import opened, say
from intake.config import Settings, load_settings
from intake.keyring import Keyring
from intake.rotating import CannotRotate
from intake.routingkeys import RoutingKeys
from intake.services import utc_now
from workflow.queries import organisation
from workflow.store import Store

EVERY = 500  # rows between two lines of progress


@dataclass(frozen=True)
class Key:
    """A key of this server: its setting, what it is for in both languages, and how it is changed."""

    setting: str
    vietnamese: str
    english: str
    rotate: Callable[[Settings, Store, bool], None]


@click.group("keys")
def keys() -> None:
    """The server's own keys: what there is, and changing one."""


@keys.command("list")
def list_keys() -> None:
    """Show every key of this server: what it is for, where it is, whether it is changing. Never the key itself."""
    keyring = Keyring(load_settings(os.environ))
    for name, key in KEYS.items():
        click.echo(f"{name:<15} {key.vietnamese} ({key.english})")
        click.echo(f"{'':<15} {_state(keyring, key.setting)}")


@keys.command("rotate")
@click.argument("name", metavar="NAME")
@click.option("--at-once", is_flag=True, help="session: end the former secret now; everybody signs in again.")
def rotate(name: str, at_once: bool) -> None:
    """Change the key NAME (see: keys list), or go on with a change that was interrupted."""
    if name not in KEYS:
        raise click.UsageError(f"{name}: không có khóa này (no such key); {', '.join(KEYS)}")
    if at_once and name != "session":
        raise click.UsageError("--at-once: chỉ dùng cho session (for session alone)")
    try:
        with opened() as (settings, store):
            KEYS[name].rotate(settings, store, at_once)
    except CannotRotate as why:
        raise click.ClickException(str(why)) from None


def _state(keyring: Keyring, setting: str) -> str:
    if not setting:
        return "tự đổi bảy ngày một lần (changes by itself every seven days)"
    if not keyring.is_file(setting):
        return f"{setting}: biến môi trường (given by the environment)"
    path = keyring.path(setting)
    if setting == "SALT_KEY":
        return f"{path}; không đổi được (can't be changed)"
    held = keyring.held(setting)
    found = [str(path)]
    if setting == "AUTH_KEY":
        found.append(f"{len(keys_of(held.now))} lớp (layers)")
    if held.following is not None:
        found.append(f"khóa mới đã chuẩn bị (a next one is prepared): {fingerprint(sign_public(held.following))}")
    if held.before is not None:
        found.append("đang đổi, khóa cũ còn được chấp nhận (changing; the former one is still accepted)")
    return "; ".join(found)


def _tell(done: int, total: int) -> None:
    if done and (done % EVERY == 0 or done == total):
        click.echo(f"  {done}/{total}")


def _server(settings: Settings, store: Store, at_once: bool) -> None:
    done = rotating.rotate_server(settings, store, tell=_tell)
    if done.closed:
        for row in done.closed:
            click.echo(f"  {row}")
        raise CannotRotate(
            f"{len(done.closed)} dòng không mở được bằng khóa nào; khóa cũ được giữ lại. Các dòng khác đã đổi. "
            f"({len(done.closed)} rows open under no key, so the former key is kept. All others have been changed.)"
        )
    say(
        f"Đã đổi khóa máy chủ: {done.changed} dòng được mã hóa lại; khóa cũ đã bị hủy.",
        f"the server key has been changed, {done.changed} rows are sealed under the new one; the former one is destroyed",
    )


def _authentication(settings: Settings, store: Store, at_once: bool) -> None:
    changed = rotating.rotate_authentication(settings, store, tell=_tell)
    say(
        f"Đã đổi khóa xác thực: {changed} dòng. Các lớp cũ ở lại trong tệp, riêng chúng không còn mở được gì.",
        f"the authentication key has been changed, {changed} rows; the former layers stay in the file and are no use alone",
    )


def _session(settings: Settings, store: Store, at_once: bool) -> None:
    left = rotating.rotate_session_secret(settings, store, at_once=at_once)
    if left:
        say(
            f"Cookie được ký bằng khóa mới. {left} phiên còn dùng khóa cũ; chạy lại lệnh sau {settings.session_hours} giờ, "
            "hoặc --at-once nếu khóa cũ bị lộ: mọi người đăng nhập lại.",
            f"cookies are signed with the new secret; {left} sessions still use the former one: run this again in "
            f"{settings.session_hours} hours, or with --at-once if it was stolen, and everybody signs in again",
        )
    else:
        say(
            "Đã đổi khóa ký cookie; khóa cũ đã bị hủy.", "the cookie's secret has been changed; the former is destroyed"
        )


def _installation(settings: Settings, store: Store, at_once: bool) -> None:
    with store.reading() as db:
        installed, last = organisation.installation(db), organisation.latest_roster(db)
    if last is None:
        raise CannotRotate(
            "Chưa có danh sách nào được ký, nên chưa ai biết khóa này: chưa cần đổi. "
            "(No roster is signed yet, so nobody knows this key: there is nothing to change.)"
        )
    if rotating.finish_installation(settings, installed.signing_public):
        say("Khóa mới đã có hiệu lực; khóa cũ đã bị hủy.", "the new key is in force; the former one is destroyed")
        return
    public, new = rotating.prepare_installation(settings)
    say(
        f"{'Đã chuẩn bị' if new else 'Vẫn chờ'} khóa mới của bản cài đặt: {fingerprint(public)}",
        "the installation's next key; nothing is signed with it before a roster names it",
    )
    say(
        "Tiếp theo: roster draft, roster sign (đối chiếu dấu vân tay trên), roster publish. Đến lúc đó khóa cũ vẫn dùng.",
        "next: roster draft, roster sign (compare the fingerprint above), roster publish; until then the old key is used",
    )
    if installed.demonstration:
        say("Bản trình diễn: demo roster làm cả ba bước.", "in a demonstration, demo roster does all three")


def _routing(settings: Settings, store: Store, at_once: bool) -> None:
    RoutingKeys(settings.routing_folder).replace(utc_now())
    say(
        "Đã tạo khóa định tuyến mới và hủy mọi khóa trước; các trang đang mở tự lấy khóa mới.",
        "a new routing key has been made and all others are destroyed; open pages fetch the new one by themselves",
    )


def _salt(settings: Settings, store: Store, at_once: bool) -> None:
    raise CannotRotate(
        "Khóa muối không đổi được: cụm mật khẩu của mọi người gắn với nó, và máy chủ trả muối cho bất cứ ai hỏi, nên biết "
        "nó cũng không mở được gì. (The salt key can't be changed: everybody's passphrase hangs on it. It need not be: the "
        "server tells a salt to anybody who asks, so who knows the key can open nothing with it.)"
    )


KEYS = {
    "server": Key("SERVER_KEY", "mã hóa dữ liệu của máy chủ", "what the server keeps encrypted", _server),
    "authentication": Key("AUTH_KEY", "HMAC của bí mật đăng nhập", "HMACs of auth secrets", _authentication),
    "session": Key("SECRET_KEY", "ký cookie và thẻ của biểu mẫu", "signs cookies and form tokens", _session),
    "installation": Key(
        "INSTALLATION_KEY", "ký điểm kiểm và khóa định tuyến", "signs checkpoints and routing keys", _installation
    ),
    "routing": Key("", "mở những gì công chúng gửi tới", "opens what the public face receives", _routing),
    "salt": Key("SALT_KEY", "muối của cụm mật khẩu", "salts of passphrases", _salt),
}
COMMANDS = (keys,)
