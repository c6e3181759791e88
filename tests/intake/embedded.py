"""A real Redis of a test's own: on a socket, the way the supervisor starts it, or on a port, as one of one's own."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from intake import child
from intake.config import Settings
from intake.queue import connect
from intake.supervisor import redis_part

PASSWORD = "for-this-test"


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="np-") as folder:
        yield Path(folder)


def on_socket(settings: Settings, folder: Path) -> Settings:
    """These settings with their queue in another folder."""
    home = folder / "home"
    (home / "run").mkdir(parents=True, exist_ok=True)
    return replace(settings, home=home, redis_url=f"unix://{home / 'run' / 'redis.sock'}")


def on_port(settings: Settings) -> Settings:
    """These settings with a Redis elsewhere, which asks for a password."""
    return replace(settings, redis_url=free_url(), embedded_redis=False)


def free_url() -> str:
    """Where a Redis of one's own may be started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://:{PASSWORD}@127.0.0.1:{free.getsockname()[1]}/0"


def start_redis(settings: Settings) -> subprocess.Popen[bytes]:
    argv = list(redis_part(settings).argv)
    if not settings.embedded_redis:
        port = str(urlsplit(settings.redis_url).port)
        argv = [argv[0], "--port", port, "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", ""]
    with_us = child.command(argv, signal.SIGKILL)  # also where this test run is killed; it keeps nothing
    process = subprocess.Popen(with_us, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(RedisError, OSError):
            if connect(settings).ping():
                return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError("Redis does not answer")


def stop_redis(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=20)
