"""What runs: each face, the queue's worker, the clock. A command starts one of them, the supervisor all (docs/operations.md).

The supervisor loads everything once and its parts are copies of it (docs/decisions/0024), so nothing here may hold a
thread, a connection or a socket before `face`, `worker` or `clock` is called.
"""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
import time
from functools import partial
from threading import Event

from redis.exceptions import RedisError

from intake import clock as ticking
from intake import queue, wsgi
from intake.config import Settings
from workflow import routing

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # mallopt(3)


class CannotServe(Exception):
    """Something prevents the start; the message is one plain sentence."""


def load() -> None:
    """Load what the parts will need, and keep it where it is: what is never written to is in memory once for all copies."""
    from intake import web  # noqa: F401 – gunicorn sets up logging when it is imported

    _return_memory()
    for make in wsgi.FACES.values():
        make()
    routing.load_rules()
    gc.collect()
    gc.freeze()  # the collector writes to what it looks through


def _return_memory() -> None:
    """Have glibc give back what a large request took: by default every thread keeps an arena, and large blocks stay."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_MMAP_THRESHOLD, 64 * 1024)


def face(settings: Settings, name: str) -> None:
    """Serve one face until told to stop."""
    from intake.web import serve

    serve(settings, name)


def worker(settings: Settings, *, burst: bool = False) -> None:
    """Do what is queued, until told to stop. Raises CannotServe without a queue; nothing is lost by that."""
    signal.signal(signal.SIGHUP, lambda number, frame: sys.exit(0))
    try:
        queue.work(settings, burst=burst)
    except (RedisError, OSError) as fault:  # who keeps this alive starts it again
        raise CannotServe(f"hàng đợi đã mất (the queue is gone: {type(fault).__name__})") from None


def clock(settings: Settings) -> None:
    """Queue what is due, until told to stop."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: stop.set())
    waiting = queue.queue_on(queue.connect(settings))
    ticking.run(
        ticking.Clock(ticking.schedule(settings), time.time()),
        partial(queue.enqueue, waiting),
        now=time.time,
        stop=stop,
    )
