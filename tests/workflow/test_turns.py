from __future__ import annotations

import threading
import time

import pytest

from workflow.errors import Busy
from workflow.turns import Turns


def wait_until_waiting(turns: Turns, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(turns._waiting) < count and time.monotonic() < deadline:
        time.sleep(0.001)


def test_who_comes_first_is_let_in_first():
    turns, order = Turns(), []

    def act(number: int) -> None:
        with turns.one(20):
            order.append(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    with turns.one(1):
        for count, thread in enumerate(threads, start=1):
            thread.start()
            wait_until_waiting(turns, count)
    for thread in threads:
        thread.join(20)
    assert order == list(range(8))


def test_who_waits_too_long_is_busy_and_keeps_nobody_behind():
    turns, done, refused = Turns(), threading.Event(), threading.Event()

    def hasty() -> None:
        try:
            with turns.one(0.2):
                pass
        except Busy:
            refused.set()

    def behind() -> None:
        with turns.one(20):
            done.set()

    with turns.one(1):
        thread = threading.Thread(target=hasty)
        thread.start()
        wait_until_waiting(turns, 1)
        later = threading.Thread(target=behind)
        later.start()
        wait_until_waiting(turns, 2)
        thread.join(20)
        assert refused.is_set()
        assert not done.is_set()
    later.join(20)
    assert done.is_set()
    with turns.one(0):
        pass


def test_a_block_that_raises_gives_its_turn_away():
    turns = Turns()
    with pytest.raises(LookupError), turns.one(1):
        raise LookupError
    with turns.one(0):
        pass


def test_at_no_time_are_two_let_in():
    turns, inside, most = Turns(), [], []

    def act() -> None:
        for _ in range(200):
            with turns.one(20):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(most) == 800
    assert set(most) == {1}
