"""A real PostgreSQL for the tests: one throw-away server a session, a fresh database a test, on a unix socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOW = "PostgreSQL is not installed: `apt-get install postgresql` lets these tests run"
USER = "postgres"


def folder() -> Path | None:
    """Where `initdb` and `postgres` are, newest first."""
    for found in (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin")):
        if (found / "postgres").exists() and (found / "initdb").exists():
            return found
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path and shutil.which("initdb") else None


@contextlib.contextmanager
def running(binaries: Path, *, durable: bool = False) -> Iterator[Path]:
    """A server while the block runs; yields the folder of its socket. Only a `durable` one keeps what it has committed."""
    # A short path: the name of a unix socket has room for 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="np-pg-", dir="/tmp"))
    data = home / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _account())
        _as_other([str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-k {home} -c listen_addresses='' -c max_connections=40 -c shared_buffers=16MB"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        start = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start"]
        _as_other(start)
        try:
            yield home
        finally:
            _as_other([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def url(home: Path, database: str) -> str:
    return f"postgresql+psycopg://{USER}@/{database}?host={home}"


def _account() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return USER if USER in names else "nobody"


def _as_other(command: list[str]) -> None:
    """The server refuses to run as root, so root runs it as somebody else."""
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={_account()}", "--regid=nogroup", "--clear-groups", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp", timeout=60)
