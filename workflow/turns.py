"""Turns: who comes first is let in first. SQLite lets in who happens to try again when it is free, and so keeps some waiting."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from workflow.errors import Busy


class Turns:
    """One thread at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def one(self, patience: float) -> Iterator[None]:
        """A turn for as long as the block takes; Busy after so many seconds of waiting."""
        self._begin(patience)
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._taken = False

    def _begin(self, patience: float) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(patience):
            return
        with self._lock:
            if mine.is_set():  # it was given in this very moment
                return
            self._waiting.remove(mine)
        raise Busy()
