"""Acts of an office that begin at the same moment: in threads of this process, or in processes of their own.

Processes share nothing but the database, like two web workers, or a web worker and the queue's.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from tests.casework import Office
from tests.world import World
from workflow.errors import Refusal
from workflow.store import Store

Act = partial[Any]  # a method of an office, with its arguments
DONE = "done"
PROCESSES = 4
MOST = 12  # acts at once
PATIENCE = 60.0  # seconds until the slowest has begun


class Gate(Protocol):
    """Opens when all have come."""

    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True)
class Told:
    """How often it went well, or with which code it was refused; and what those got whom it was done for."""

    codes: Counter[str]
    answers: list[Any]


class AtOnce(Protocol):
    """Begins all at the same moment."""

    def __call__(self, acts: Sequence[Act]) -> Told: ...


def in_threads(acts: Sequence[Act]) -> Told:
    return _told(_begin(acts, threading.Barrier(len(acts))))


@contextmanager
def processes() -> Iterator[AtOnce]:
    """Processes that are started once and wait for acts. The interpreter is a new one: nothing of this process is in it."""
    context = multiprocessing.get_context("spawn")
    gates = {count: context.Barrier(count) for count in range(1, MOST + 1)}
    with ProcessPoolExecutor(PROCESSES, context, _take_gates, (gates,)) as pool:

        def at_once(acts: Sequence[Act]) -> Told:
            office: Office = acts[0].func.__self__
            url, world = office.world.store.url, replace(office.world, store=None)
            hands: list[list[tuple[str, tuple[Any, ...], dict[str, Any]]]] = [
                [] for _ in range(min(PROCESSES, len(acts)))
            ]
            for number, act in enumerate(acts):
                assert act.func.__self__ is office
                hands[number % PROCESSES].append((act.func.__name__, act.args, act.keywords))
            work = [pool.submit(_perform, url, world, office.at, hand, len(acts)) for hand in hands]
            return _told([outcome for each in work for outcome in each.result(timeout=2 * PATIENCE)])

        yield at_once


_gates: dict[int, Gate] = {}


def _take_gates(gates: dict[int, Gate]) -> None:
    _gates.update(gates)


def _perform(
    url: str, world: World, at: datetime, hand: list[tuple[str, tuple[Any, ...], dict[str, Any]]], together: int
) -> list[tuple[str, Any]]:
    """Part of the acts, here; the gate opens when all processes stand at it with theirs."""
    store = Store(url)
    office = Office(replace(world, store=store), at)
    try:
        assert store.answers()
        return _begin([partial(getattr(office, name), *args, **named) for name, args, named in hand], _gates[together])
    finally:
        store.close()


def _begin(acts: Sequence[Act], gate: Gate) -> list[tuple[str, Any]]:
    def one(act: Act) -> tuple[str, Any]:
        gate.wait(timeout=PATIENCE)
        try:
            return DONE, act()
        except Refusal as refusal:
            return refusal.code, None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def _told(outcomes: list[tuple[str, Any]]) -> Told:
    return Told(Counter(code for code, _ in outcomes), [answer for code, answer in outcomes if code == DONE])
