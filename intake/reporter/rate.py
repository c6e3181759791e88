"""How many envelopes one process takes: counted globally, never per address (architecture, *What a request may leave*).

A bucket that refills: a flood fills neither the table of seen envelopes nor the queue for the database. What is
refused here was not opened, so the same envelope may be sent again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Flask

from workflow.errors import Refusal

EXTENSION = "niemphong-rate"
PER_SECOND, BURST = 100.0, 1000.0


class Busy(Refusal):
    status = 429
    code = "busy"


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
