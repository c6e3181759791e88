"""Who can sign in to the demonstration, and how: passphrases and one-time codes, for a demonstration only.

The file is written once at set-up, readable by its owner alone. A production installation has none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shlex
import struct
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from crypto.encoding import b64u, unb64u
from intake.files import make_private_folder, write_private

FILE = "people.json"
ORGANISATION_KEY = "organisation-key"
PERIOD = 30


@dataclass(frozen=True)
class Person:
    """One fictional person; `shown_as` names the kind they stand for in the table of a first visit, if any."""

    code: str
    username: str
    name: str
    post: str
    passphrase: str
    totp: str  # b64u
    shown_as: str = ""

    def __repr__(self) -> str:
        return f"Person({self.code})"


def write_people(folder: Path, people: Iterable[Person]) -> None:
    make_private_folder(folder)
    listed = {"v": 1, "people": [asdict(person) for person in people]}
    write_private(folder / FILE, json.dumps(listed, ensure_ascii=False, indent=1).encode())


def read_people(folder: Path) -> tuple[Person, ...]:
    """Everybody of the demonstration; nobody where there is none."""
    try:
        listed = json.loads((folder / FILE).read_bytes())
    except FileNotFoundError:
        return ()
    return tuple(Person(**person) for person in listed["people"])


def write_organisation_key(folder: Path, seed: bytes) -> None:
    make_private_folder(folder)
    write_private(folder / ORGANISATION_KEY, b64u(seed).encode() + b"\n")


def read_organisation_key(folder: Path) -> bytes:
    return unb64u((folder / ORGANISATION_KEY).read_text("ascii").strip())


def one_time_code(secret: bytes, at: datetime) -> str:
    """What an app on a phone would show now (RFC 6238, SHA-1, 30 seconds, six figures)."""
    step = int(at.timestamp()) // PERIOD
    mac = hmac.digest(secret, struct.pack(">Q", step), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def code_of(person: Person, at: datetime) -> str:
    return one_time_code(unb64u(person.totp), at)


def seconds_left(at: datetime) -> int:
    """How long the present code is shown."""
    return PERIOD - int(at.timestamp()) % PERIOD


def sign_in_table(folder: Path) -> list[str]:
    """How to sign in as each kind of person: the lines that `make run` ends with."""
    shown = [person for person in read_people(folder) if person.shown_as]
    if not shown:
        return []
    width = max(len(person.shown_as) for person in shown)
    names = max(len(person.username) for person in shown)
    return [
        "ĐÂY LÀ BẢN TRÌNH DIỄN: mọi người và cơ quan đều hư cấu, mật khẩu được in công khai.",
        "(This is a demonstration: everybody is fictional, and the passphrases are printed.)",
        "",
        "Đăng nhập với tư cách (sign in as):   tên đăng nhập (user name) · cụm mật khẩu (passphrase)",
        *(f"  {person.shown_as:<{width}}  {person.username:<{names}}  {person.passphrase}" for person in shown),
        "",
        f"Mã dùng một lần hiện tại (current one-time codes):  {_typed(folder)} demo codes",
        f"Tất cả mọi người (everybody):                       {_typed(folder)} demo people",
    ]


def _typed(folder: Path) -> str:
    """The program as it is typed from where we are, for the home that `folder` is in."""
    program = Path(sys.executable).with_name("niemphong")
    here, home = Path.cwd(), folder.parent
    typed = str(program.relative_to(here)) if program.is_relative_to(here) else str(program)
    return typed if home == here / "var" else f"{typed} --home {shlex.quote(str(home))}"
