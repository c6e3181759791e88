"""A real Redis on a socket of a test's own, started the way the supervisor does."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from redis.exceptions import RedisError

from intake.config import Settings
from intake.queue import connect
from intake.supervisor import redis_part


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


def start_redis(settings: Settings) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(redis_part(settings).argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
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
