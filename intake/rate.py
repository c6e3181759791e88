"""How much one process takes: counted globally, never per address (architecture, *What a request may leave*).

Each door has a bucket that refills. While it is at least half full nobody notices anything; below that, every request
has to bring a proof of work that grows as the bucket empties, so that whoever floods pays and a visitor waits for a
second (intake/work.py). What is refused here is not remembered: the same envelope may be sent again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import Flask

from intake.limits import Limits
from workflow.errors import Busy

EXTENSION = "niemphong-rate"
EASY = 0.5  # up to this pressure nobody has to work


class Bucket:
    """Room for `burst` at once, refilled by `per_second`."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self._left, self._seen = burst, clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Use one place; Busy when there is none."""
        with self._lock:
            self._refill()
            if self._left < 1:
                raise Busy()
            self._left -= 1

    @property
    def pressure(self) -> float:
        """0 when full, 1 when there is no place."""
        with self._lock:
            self._refill()
            return 1.0 if self._left < 1 else 1 - self._left / self.burst

    def _refill(self) -> None:
        now = self.clock()
        self._left = min(self.burst, self._left + (now - self._seen) * self.per_second)
        self._seen = now


class Places:
    """Room for so many at the same time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._taken = 0
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One place for as long as the block takes; Busy when there is none."""
        with self._lock:
            if self._taken >= self.count:
                raise Busy()
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    @property
    def pressure(self) -> float:
        with self._lock:
            return self._taken / self.count


class Spent:
    """Proofs of work that were taken already, until they run out: one proof is one place in this process.

    In memory alone. What a request does is done once for other reasons, in every process: an envelope is remembered in the
    database, and a sign-in repeated is the same guess with a used code.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._until: OrderedDict[bytes, int] = OrderedDict()  # digest -> seconds since 1970
        self._lock = threading.Lock()

    def add(self, digest: bytes, until: int, at: float) -> bool:
        """Whether it was new."""
        with self._lock:
            if digest in self._until:
                return False
            while self._until and (len(self._until) >= self.most or next(iter(self._until.values())) <= at):
                self._until.popitem(last=False)
            self._until[digest] = until
            return True


@dataclass
class Rooms:
    """What one face of one process has room for."""

    strangers: Bucket  # envelopes; sign-in, recovery, enrolment
    members: Bucket  # what who is signed in asks of their account: a flood at the door is not theirs
    forms: Bucket  # form tokens
    spent: Spent
    waits: Places  # look-ups that wait for the moment at which a mailbox answers

    @property
    def pressure(self) -> float:
        return max(self.strangers.pressure, self.waits.pressure)


def set_up(app: Flask, limits: Limits, threads: int) -> None:
    """Half of the threads may wait for the moment at which a mailbox answers; the others are for reports and pages."""
    app.extensions[EXTENSION] = Rooms(
        strangers=Bucket(limits.per_second, limits.burst),
        members=Bucket(limits.per_second, limits.burst),
        forms=Bucket(limits.forms_per_second, limits.burst),
        spent=Spent(int(limits.burst + limits.per_second * limits.work_seconds) * 2),
        waits=Places(max(1, threads // 2)),
    )


def rooms(app: Flask) -> Rooms:
    return cast(Rooms, app.extensions[EXTENSION])


def bits_under(pressure: float, limits: Limits) -> int:
    """The work that a request has to bring under this pressure (0 to 1); 0 is none."""
    if pressure <= EASY:
        return 0
    share = (min(pressure, 1.0) - EASY) / (1 - EASY)
    return limits.work_least + round(share * (limits.work_most - limits.work_least))
