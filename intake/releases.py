"""Whether a portal serves what this release holds, byte for byte (sealing.md, *Roster*: anyone may run it).

The pages are made here from the release's own templates and sentences, with the lists of the organisation that the portal
publishes, and compared with what it serves; so is every static file. What stands in between is nothing a browser trusts.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from intake import assets
from intake.app import create_app
from intake.config import SettingsError, create_secrets, load_settings
from intake.i18n import LANGUAGES
from intake.reporter import lists, pages
from intake.security import fixed_headers
from intake.services import Services, build_services

LISTS = "/api/v1/lists"
FIRST = {"reporter": "/", "staff": "/staff/sign-in"}
PAGES = {
    "reporter": ("/", "/report", "/mailbox", "/help"),
    "staff": ("/staff/sign-in", "/staff/enrol", "/staff/recover", "/staff/help"),
}
# Made with the organisation's lists; every other page is the same everywhere.
WITH_LISTS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "/report": pages.report_page,
    "/mailbox": pages.mailbox_page,
}
FOLDERS = (("static", "*"), ("templates", "*.html"), ("translations", "*.po"))
PATIENCE = 30  # seconds an answer may take
LARGEST = 16 * 1024 * 1024  # bytes
# Asks as a browser does: a portal that would cheat should not know a verifier by its headers.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.9",
}
ENCODINGS = ("gzip, deflate, br", "identity")


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Difference:
    """Where a portal differs, and why: the codes are those of the command's sentences (`intake/cli/releases.py`)."""

    address: str
    why: str
    detail: str = ""


@dataclass(frozen=True)
class Verified:
    """What was compared and how it differs; `served` is the version that the portal names, and `exit_url` its own choice."""

    looked_at: int
    served: str | None
    exit_url: str | None
    demonstration: bool
    differences: tuple[Difference, ...]


Fetch = Callable[[str, Mapping[str, str]], Answer]


def hashes() -> dict[str, str]:
    """SHA-256 in hex of every file that pages are made of, by its path in the release."""
    found = {}
    for folder, pattern in FOLDERS:
        for path in sorted((assets.ROOT / folder).rglob(pattern)):
            if path.is_file():
                found[path.relative_to(assets.ROOT).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def unlike(published: Iterable[str]) -> list[str]:
    """The paths at which this copy isn't what was published, in lines as `sha256sum` writes them.

    Raises ValueError for a line that is none.
    """
    told = {}
    for line in published:
        if line.strip():
            digest, path = line.rstrip("\n").split("  ", 1)
            told[path] = digest
    own = hashes()
    return sorted(path for path in told.keys() | own.keys() if told.get(path) != own.get(path))


def verify(face: str, address: str, fetch: Fetch | None = None) -> Verified:
    """Compare what a face at this address (`https://host`, without a path) serves with this release."""
    ask = fetch or over_http
    address = address.rstrip("/")
    try:
        first = ask(address + FIRST[face], BROWSER | {"Accept-Encoding": "identity"})
    except OSError as fault:
        return Verified(1, None, None, False, (Difference(address + FIRST[face], "unreachable", type(fault).__name__),))
    if first.status != 200:
        return Verified(1, None, None, False, (Difference(address + FIRST[face], "status", str(first.status)),))
    seen = _Seen()
    seen.feed(first.body.decode("utf-8", "replace"))
    if seen.version != assets.version():
        different = Difference(address + FIRST[face], "version", seen.version or "")
        return Verified(1, seen.version, seen.exit_url, seen.demonstration, (different,))
    differences: list[Difference] = []
    looked_at = 0
    for path, right in _expected(face, address, seen, ask, differences):
        for encoding in ENCODINGS:
            looked_at += 1
            differences += _differences(address + path, right, fixed_headers(face), ask, encoding)
    return Verified(looked_at, seen.version, seen.exit_url, seen.demonstration, tuple(differences))


def _expected(
    face: str, address: str, seen: _Seen, ask: Fetch, differences: list[Difference]
) -> Iterator[tuple[str, bytes]]:
    """Every path of a face with what this release serves there."""
    app, kept = _application(face, seen)
    if not kept:
        differences.append(Difference(address + FIRST[face], "exit", seen.exit_url or ""))
    for language in LANGUAGES:
        for path in PAGES[face]:
            asked = f"{path}?lang={language}"
            make = WITH_LISTS.get(path)
            if make is None:
                yield asked, app.test_client().get(asked).get_data()
                continue
            told = _lists(address, language, ask, app, differences)
            if told is not None:
                with app.test_request_context(asked):
                    yield asked, make(told).encode()
    for file in sorted(path for path in assets.STATIC.rglob("*") if path.is_file()):
        yield f"{assets.static_address()}/{file.relative_to(assets.STATIC).as_posix()}", file.read_bytes()


def _lists(address: str, language: str, ask: Fetch, app: Flask, differences: list[Difference]) -> dict[str, Any] | None:
    """The organisation's lists as the portal publishes them; what in them is the release's has to be."""
    where = f"{address}{LISTS}?lang={language}"
    try:
        told = json.loads(ask(where, BROWSER | {"Accept-Encoding": "identity"}).body)
        with app.test_request_context(f"/?lang={language}"):
            own = lists.of_the_release()
        same = {part: told[part] for part in own} == own
    except (OSError, ValueError, KeyError, TypeError) as fault:
        differences.append(Difference(where, "lists", type(fault).__name__))
        return None
    if not same:
        differences.append(Difference(where, "lists"))
    return dict(told)


def _differences(
    where: str, right: bytes, headers: Mapping[str, str], ask: Fetch, encoding: str
) -> Iterator[Difference]:
    try:
        answer = ask(where, BROWSER | {"Accept-Encoding": encoding})
        body = _unpacked(answer)
    except OSError as fault:
        yield Difference(where, "unreachable", type(fault).__name__)
        return
    if answer.status != 200:
        yield Difference(where, "status", str(answer.status))
        return
    if body is None:
        yield Difference(where, "encoding", answer.headers.get("content-encoding", ""))
        return
    if body != right:
        yield Difference(where, "content", _first_unlike(body, right))
    wrong = [name for name, value in headers.items() if answer.headers.get(name.lower()) != value]
    if wrong:
        yield Difference(where, "headers", ", ".join(sorted(wrong)))


def _unpacked(answer: Answer) -> bytes | None:
    """The body as a browser reads it; None for an encoding that no release uses, or a broken or endless one."""
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding == "identity":
        return answer.body
    if encoding != "gzip":
        return None
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = unpack.decompress(answer.body, LARGEST)
    except zlib.error:
        return None
    return body if unpack.eof and not unpack.unused_data else None


def _first_unlike(served: bytes, right: bytes) -> str:
    """The first line that differs, by its number."""
    pairs = zip_longest(served.splitlines(), right.splitlines())
    return next((str(number) for number, (one, other) in enumerate(pairs, 1) if one != other), "")


def over_http(address: str, headers: Mapping[str, str]) -> Answer:
    """Fetch one address without following redirects. Raises OSError."""
    opener = urllib.request.build_opener(_NoRedirects())
    asked = urllib.request.Request(address, headers=dict(headers))  # noqa: S310 – the command takes http and https only
    try:
        with opener.open(asked, timeout=PATIENCE) as answer:
            return _answer(answer.status, answer.headers, answer.read(LARGEST + 1))
    except urllib.error.HTTPError as refused:
        with refused:
            return _answer(refused.code, refused.headers, refused.read(LARGEST + 1))


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    if len(body) > LARGEST:
        raise OSError("too large")
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Seen(HTMLParser):
    """What a page says of its own installation: its static files' version, its quick exit, whether it is a demonstration."""

    def __init__(self) -> None:
        super().__init__()
        self.version: str | None = None
        self.exit_url: str | None = None
        self.demonstration = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") == "stylesheet" and self.version is None:
            parts = (said.get("href") or "").split("/")
            self.version = parts[2] if len(parts) > 3 and parts[1] == "static" else ""
        elif tag == "a" and "data-exit" in said:
            self.exit_url = said.get("href")
        elif tag == "aside" and said.get("class") == "demo":
            self.demonstration = True


@dataclass(frozen=True)
class _Posed(Services):
    """Services of no installation: enough to make the pages that need none."""

    posed_as_demonstration: bool = False

    @property
    def demonstration(self) -> bool:  # type: ignore[override]
        return self.posed_as_demonstration


def _application(face: str, seen: _Seen) -> tuple[Flask, bool]:
    """This release's face with what the portal says of itself, without a database; and whether its quick exit is allowed."""
    with TemporaryDirectory(prefix="np-release-") as folder:
        home = Path(folder) / "home"
        create_secrets(home)
        settings, allowed = load_settings({"NIEMPHONG_HOME": str(home)}), True
        try:
            settings = load_settings({"NIEMPHONG_HOME": str(home), "EXIT_URL": seen.exit_url or ""})
        except SettingsError:
            allowed = False
        own = build_services(settings)
        given = {name: getattr(own, name) for name in own.__dataclass_fields__}
        app = create_app(settings, (face,), _Posed(**given, posed_as_demonstration=seen.demonstration))
        own.store.close()
    return app, allowed
