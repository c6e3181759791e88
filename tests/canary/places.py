"""Where is searched: each place reads all of itself and says what stood in it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from tests.canary.memory import Memories, Process, Unreadable, deleted_files, halted
from tests.canary.searching import Hunt, Result

# What others who test on this machine keep there, which no process of the portal writes to.
FOREIGN = ("np-", "pytest-of-", "playwright", ".org.chromium", "PostgreSQL.")
SYSTEM_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
PLANTED = "planted"

Expected = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """One line of the report. `expected` are the planted needles that have to be found, by what and form."""

    place: str
    result: Result
    expected: Expected
    fault: str = ""

    @property
    def leaks(self) -> dict[tuple[str, str], int]:
        return {key: count for key, count in self.result.found.items() if not key[0].startswith(PLANTED)}

    @property
    def planted(self) -> set[tuple[str, str]]:
        return {key for key in self.result.found if key[0].startswith(PLANTED)}

    @property
    def searched(self) -> bool:
        """Whether the planted marker was found: without that, finding nothing else says nothing."""
        return not self.fault and self.result.size > 0 and bool(self.expected) and self.expected <= self.planted

    @property
    def well(self) -> bool:
        return self.searched and not self.leaks


class Places:
    """All places of one portal but the memory of its processes."""

    def __init__(self, hunt: Hunt, every_form: Expected, plain: Expected) -> None:
        self._hunt = hunt
        self._every_form = every_form
        self._plain = plain

    def file(self, place: str, path: Path, expected: Expected | None = None) -> Outcome:
        return self.files(place, [path], expected)

    def files(self, place: str, paths: Iterable[Path], expected: Expected | None = None) -> Outcome:
        """Files one by one; every planted form is expected unless said otherwise."""
        result, expected = Result(), self._every_form if expected is None else expected
        try:
            for path in paths:
                result.add(self._hunt.file(path))
        except OSError as fault:
            return Outcome(place, result, expected, fault=f"{type(fault).__name__}: {fault.filename}")
        return Outcome(place, result, expected)

    def rows(self, database: Path) -> Outcome:
        """Every value of every table, whole: in the file a long one lies on several pages."""
        result = Result()
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            db.text_factory = bytes
            tables = [row[0].decode() for row in db.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                for row in db.execute(f'select * from "{table}"'):
                    result.add(self._hunt.bytes(b"\0".join(_as_bytes(value) for value in row)))
        return Outcome("database, row by row", result, self._plain)

    def redis(self, socket_path: Path) -> Outcome:
        """Every key with its value: as it is, and as Redis would write it to disk."""
        result = Result()
        with closing(Redis(unix_socket_path=str(socket_path))) as redis:
            for key in redis.scan_iter(count=1000):
                result.add(self._hunt.bytes(key + b"\0" + (redis.dump(key) or b"")))
                for value in _values(redis, key):
                    result.add(self._hunt.bytes(value))
        return Outcome("Redis, all keys", result, self._every_form)

    def elsewhere(self, place: str, began: float, but: Iterable[Path]) -> Outcome:
        """Whatever in the system's folders for temporary files is new; what others delete meanwhile is theirs."""
        result = Result()
        for folder in SYSTEM_TEMPORARY:
            for path in _new_files(folder, began, {str(path) for path in but}):
                with suppress(FileNotFoundError):
                    result.add(self._hunt.file(path))
        return Outcome(place, result, self._every_form)

    def deleted(self, running: Iterable[Process]) -> Outcome:
        """Open files without a name."""
        result = Result()
        for process in running:
            for path in deleted_files(process):
                result.add(self._hunt.file(path))
        return Outcome("open files that were deleted", result, self._every_form)


def memories(hunt: Hunt, running: list[Process], expected: Callable[[str], Expected]) -> list[Outcome]:
    """One outcome a process, all of them halted meanwhile. `expected` says what has to be found in whom, by its name."""
    found = []
    search = Memories(hunt)
    with halted(running):
        for process in running:
            place, planted = f"memory of {process.name}", expected(process.name)
            try:
                found.append(Outcome(place, search.search(process), planted))
            except Unreadable as fault:
                found.append(Outcome(place, Result(), planted, fault=str(fault)))
    return found


def below(folder: Path) -> list[Path]:
    """All regular files of a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def _new_files(folder: Path, began: float, but: set[str]) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if str(Path(root, name)) not in but and not name.startswith(FOREIGN)]
        for name in names:
            path = Path(root, name)
            with suppress(OSError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode) and found.st_ctime >= began:
                    yield path


def _as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _values(redis: Redis, key: bytes) -> Iterator[bytes]:
    kind = redis.type(key)
    if kind == b"string":
        yield redis.get(key) or b""
    elif kind == b"list":
        yield from redis.lrange(key, 0, -1)
    elif kind == b"set":
        yield from redis.smembers(key)
    elif kind == b"zset":
        yield from redis.zrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in redis.hgetall(key).items():
            yield name + b"\0" + value
    elif kind == b"stream":
        for entry in redis.xrange(key):
            yield repr(entry).encode()
