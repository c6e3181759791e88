"""How much one process takes: counted globally, never per address (architecture, *What a request may leave*).

A bucket that refills: a flood of envelopes or sign-ins fills neither a table nor the queue for the database. An
envelope that is refused here is not remembered, so the same one may be sent again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from workflow.errors import Busy

EXTENSION = "niemphong-rate"
WAITS = "niemphong-waits"
PER_SECOND, BURST = 100.0, 1000.0


class Bucket:
    """Room for `burst` at once, refilled by `per_second`."""

    def __init__(
        self, per_second: float = PER_SECOND, burst: float = BURST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self._left, self._seen = burst, clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Use one place; Busy when there is none."""
        with self._lock:
            now = self.clock()
            self._left = min(self.burst, self._left + (now - self._seen) * self.per_second)
            self._seen = now
            if self._left < 1:
                raise Busy()
            self._left -= 1


def require_room(app: Flask) -> None:
    """One place in this application's bucket."""
    bucket: Bucket = app.extensions.setdefault(EXTENSION, Bucket())
    bucket.take()


def set_up_waits(app: Flask, threads: int) -> None:
    """Half of the threads may wait for the moment at which a mailbox answers; the others are for reports and pages."""
    app.extensions[WAITS] = threading.BoundedSemaphore(max(1, threads // 2))


@contextmanager
def room_to_wait(app: Flask) -> Iterator[None]:
    """One of the places for waiting, for as long as the block takes; Busy when there is none."""
    places: threading.BoundedSemaphore = app.extensions[WAITS]
    if not places.acquire(blocking=False):
        raise Busy()
    try:
        yield
    finally:
        places.release()
