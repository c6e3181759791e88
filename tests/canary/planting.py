"""A marker put into each place before it is searched: a search that can't find what is there proves nothing."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis

from tests.canary.markers import Cores, blob, new_cores
from tests.canary.memory import Process, Unreadable, deleted_files
from tests.canary.places import Expected
from tests.canary.portal import Started

ENVIRONMENT = "NIEMPHONG_CANARY"
REDIS_KEY = "canary:planted"
OPEN_BODY = 1 << 20  # bytes that a request announces and doesn't send


class Plants:
    """The planted cores: one for what any bytes can be written to, one in all environments, one in open requests."""

    def __init__(self) -> None:
        self.bytes = new_cores("planted")
        self.environ = new_cores("planted in the environment")
        self.request = new_cores("planted in a request")

    @property
    def all(self) -> tuple[Cores, ...]:
        return self.bytes, self.environ, self.request

    @property
    def plain(self) -> Expected:
        """What has to be found where text is kept as it is: both cores."""
        return frozenset((secret.what, "UTF-8 NFC") for secret in self.bytes.secrets())

    @property
    def told(self) -> Expected:
        """The same as MONITOR writes it, which spells out every byte beyond ASCII."""
        ascii_core, vietnamese = self.bytes.secrets()
        return frozenset({(ascii_core.what, "UTF-8 NFC"), (vietnamese.what, "bytes escaped NFC")})

    @property
    def inherited(self) -> Expected:
        """What every process got from its parent."""
        return frozenset((secret.what, "UTF-8 NFC") for secret in self.environ.secrets())

    @property
    def asked(self) -> Expected:
        """What stands in a header of the open requests."""
        return frozenset({(self.request.kind, "UTF-8 NFC")})

    def environment(self) -> dict[str, str]:
        return {ENVIRONMENT: self.environ.marker(0)}

    def early(self, started: Started) -> None:
        """Before the walk: a person's name in the database file itself, a key that Redis is sent."""
        self._person(started, 1)
        with closing(sqlite3.connect(started.home / "niemphong.db", timeout=10)) as db:
            db.execute("pragma wal_checkpoint(passive)")
        with closing(Redis(unix_socket_path=str(started.socket))) as redis:
            redis.set(REDIS_KEY, blob(self.bytes.marker(0)), ex=3600)

    def late(self, started: Started, elsewhere: Path) -> None:
        """After the walk: the write-ahead log, files, the log; `elsewhere` is a file in the system's own /tmp."""
        self._person(started, 2)
        content = blob(self.bytes.marker(0))
        for path in (started.home / "canary", started.home / "mail" / "canary.eml", started.folder / "tmp" / "canary"):
            path.write_bytes(content)
        elsewhere.write_bytes(content)
        with started.portal.log.open("ab") as log:
            log.write(content)

    def in_a_deleted_file(self, running: list[Process]) -> None:
        """Into the open file without a name that gunicorn keeps; only its times mean anything to it."""
        for process in running:
            if process.name.endswith(", worker"):
                for path in deleted_files(process):
                    with suppress(OSError), path.open("ab") as open_file:
                        open_file.write(blob(self.bytes.marker(0)))
                        return
        raise Unreadable("no process keeps a file without a name")

    @contextmanager
    def open_requests(self, started: Started) -> Iterator[None]:
        """A request on each face that was not sent to its end: its worker holds headers and the beginning of its body."""
        held = []
        try:
            held.append(
                self._hold(started.portal.public, "/api/v1/envelope", {"Content-Type": "application/octet-stream"})
            )
            staff = started.portal.staff.removesuffix("/staff")
            told = {"Content-Type": "application/json", **_csrf(staff)}
            held.append(self._hold(staff, "/staff/api/v1/session/salt", told))
            time.sleep(0.5)  # until the workers wait for the rest
            yield
        finally:
            for connection in held:
                connection.close()

    def _hold(self, address: str, path: str, headers: dict[str, str]) -> socket.socket:
        parts = urlsplit(address)
        connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
        said = {"Host": parts.netloc, "Content-Length": str(OPEN_BODY), **headers}
        said |= {"X-Canary": self.request.ascii}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + blob(self.bytes.marker(0)))
        return connection

    def _person(self, started: Started, number: int) -> None:
        started.command("member", "add", f"P-91{number}", f"canary.plant{number}", self.bytes.marker(number))


class Recorder:
    """All that Redis is told while it runs: its own MONITOR, kept in a file outside of the portal."""

    def __init__(self, socket_path: Path, into: Path) -> None:
        self._path = into
        self._socket_path = socket_path
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(socket_path))
        self._connection.settimeout(10)
        self._connection.sendall(b"MONITOR\r\n")
        if self._connection.recv(5, socket.MSG_WAITALL) != b"+OK\r\n":  # what is told before that is not recorded
            raise Unreadable("Redis refuses MONITOR")

    def take(self) -> Path:
        """Write down all that was told until now: what the kernel's buffer has no room for, Redis keeps."""
        mark, tail = secrets.token_hex(16).encode(), b""
        with closing(Redis(unix_socket_path=str(self._socket_path))) as redis:
            redis.echo(mark)
        with self._path.open("ab") as out:
            while mark not in tail:
                data = self._connection.recv(1 << 20)
                if not data:
                    raise Unreadable("Redis has ended MONITOR")
                out.write(data)
                tail = tail[-len(mark) :] + data
        return self._path

    def close(self) -> None:
        self._connection.close()


def _csrf(staff: str) -> dict[str, str]:
    """Cookie and token that a page of the staff's face would have."""
    parts = urlsplit(staff)
    with closing(http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)) as connection:
        connection.request("GET", "/staff/api/v1/csrf")
        answer = connection.getresponse()
        cookie = answer.getheader("Set-Cookie", "").partition(";")[0]
        token = json.loads(answer.read())["token"]
    return {"Cookie": cookie, "X-CSRFToken": token}
