"""A real PostgreSQL for the tests: one throw-away server a session, a fresh database a test, on a unix socket."""

from __future__ import annotations

import contextlib
import os
import shlex
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
    """A server while the block runs; yields the folder of its socket. It ends and is gone however this process ends.

    Only a `durable` one keeps what it has committed.
    """
    # A short path: the name of a unix socket has room for 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="np-pg-", dir="/tmp"))
    data = home / "data"
    stop = [str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
    with _at_the_end(f"{shlex.join(_as_other(stop))}; rm -rf {shlex.quote(str(home))}"):
        give(home)
        _run([str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-k {home} -c listen_addresses='' -c max_connections=40 -c shared_buffers=16MB"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start"])
        yield home


@contextlib.contextmanager
def _at_the_end(commands: str) -> Iterator[None]:
    """Have a shell do this when the block ends, or this process is killed: then the pipe to it closes all the same.

    The server itself can't be a child that dies with us: pg_ctl puts it in the background, and it runs as somebody else.
    """
    watching = subprocess.Popen(
        ["sh", "-c", f"cat >/dev/null; {commands}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/tmp",
        start_new_session=True,  # what is sent to the whole test run must not end the watching first
    )
    try:
        yield
    finally:
        assert watching.stdin is not None
        watching.stdin.close()
        watching.wait(timeout=60)


def url(home: Path, database: str) -> str:
    return f"postgresql+psycopg://{USER}@/{database}?host={home}"


def give(folder: Path) -> None:
    """Let the server's account write there."""
    if os.geteuid() == 0:
        shutil.chown(folder, _account())


def _account() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return USER if USER in names else "nobody"


def _as_other(command: list[str]) -> list[str]:
    """The server refuses to run as root, so root runs it as somebody else."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={_account()}", "--regid=nogroup", "--clear-groups", *command]


def _run(command: list[str]) -> None:
    quiet = subprocess.DEVNULL
    subprocess.run(_as_other(command), check=True, stdout=quiet, stderr=quiet, cwd="/tmp", timeout=60)
