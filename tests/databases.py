"""Where tests keep their records: SQLite files, or databases of a throw-away PostgreSQL (`pytest --database`)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, create_engine, text

from tests import postgres

KINDS = ("sqlite", "postgresql")


class Databases(Protocol):
    """Makes databases by their URL, and takes them away again."""

    kind: str

    def empty(self) -> str: ...

    def copy(self, url: str, folder: Path | None = None) -> str:
        """The same rows in a database of its own; the first must not be open. An SQLite file goes into `folder`."""
        ...

    def drop(self, url: str) -> None: ...

    def environ(self) -> dict[str, str]:
        """The settings that give a new installation an empty database: none for SQLite, which is in its home."""
        ...


@dataclass
class Files:
    """SQLite: a database is a file."""

    folder: Path
    kind: str = "sqlite"

    def empty(self) -> str:
        return self._url(Path(tempfile.mkdtemp(dir=self.folder)))

    def copy(self, url: str, folder: Path | None = None) -> str:
        source = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(source)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copied = self._url(folder or Path(tempfile.mkdtemp(dir=self.folder)))
        shutil.copy(source, copied.removeprefix("sqlite:///"))
        return copied

    def drop(self, url: str) -> None:
        """The test's folder goes as a whole."""

    def environ(self) -> dict[str, str]:
        return {"NIEMPHONG_DATABASE": ""}

    @staticmethod
    def _url(folder: Path) -> str:
        return f"sqlite:///{folder / 'niemphong.db'}"


class Server:
    """PostgreSQL: a database of this server's own; one made after a template takes hundredths of a second."""

    kind = "postgresql"

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home = home
        self._engine = engine
        self._numbers = count(1)

    def empty(self) -> str:
        return self._create("template0")

    def copy(self, url: str, folder: Path | None = None) -> str:
        return self._create(self._name(url))

    def drop(self, url: str) -> None:
        self.run(f"drop database {self._name(url)} with (force)")

    def environ(self) -> dict[str, str]:
        return {"NIEMPHONG_DATABASE": self.empty()}

    def run(self, statement: str) -> None:
        """A statement of the server's owner, outside of any transaction."""
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def _create(self, template: str) -> str:
        name = f"t{next(self._numbers)}"
        self.run(f"create database {name} template {template}")
        return postgres.url(self.home, name)

    @staticmethod
    def _name(url: str) -> str:
        return url.partition("@/")[2].partition("?")[0]


@contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """A running PostgreSQL while the block runs."""
    with postgres.running(binaries) as home:
        engine = create_engine(postgres.url(home, "postgres"), isolation_level="AUTOCOMMIT")
        try:
            yield Server(home, engine)
        finally:
            engine.dispose()
