"""A small clock: queues each sweep when it is due. (rq's own cron builds its queue without the JSON serializer.)

It keeps nothing: a sweep that was missed while Redis or the machine was away is due at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from redis.exceptions import RedisError

from intake.config import Settings

MINUTE, HOUR, DAY = 60.0, 3600.0, 24 * 3600.0
PAUSE = 1.0  # between two attempts to reach Redis


@dataclass(frozen=True)
class Sweep:
    """A job and how often; one that waits for its time is not run when the clock starts."""

    job: str
    every: float
    at_start: bool = True


def schedule(settings: Settings) -> tuple[Sweep, ...]:
    """What is done how often.

    Checkpoints are signed on the hour: between two of them a case's first entry appears, so they may tell no more of
    the time of a report than the hour that is stored anyway.
    """
    shortest = settings.notice_delay[0]
    return (
        Sweep("send_notices", min(max(shortest, 1.0), 30.0)),
        Sweep("sweep_sessions", MINUTE),
        Sweep("remove_former_readers", MINUTE),
        Sweep("rotate_routing_keys", HOUR),
        Sweep("make_checkpoint", HOUR, at_start=False),
        Sweep("forget_envelopes", DAY),
        Sweep("forget_notices", DAY),
        Sweep("remind_of_drills", DAY, at_start=False),
    )


class Clock:
    """Says which sweeps are due; times are seconds of the wall clock, periods start at whole multiples."""

    def __init__(self, sweeps: Sequence[Sweep], now: float) -> None:
        self._due = {sweep: now if sweep.at_start else _next(now, sweep.every) for sweep in sweeps}

    def due(self, now: float) -> list[Sweep]:
        """The sweeps whose time has come. A wall clock that was set back doesn't silence any for long."""
        return [sweep for sweep, then in self._due.items() if then <= now or then - now > sweep.every]

    def done(self, sweep: Sweep, now: float) -> None:
        self._due[sweep] = _next(now, sweep.every)

    def pause(self, now: float) -> float:
        """Seconds until something is due."""
        return max(0.0, min(min(self._due.values()) - now, MINUTE))


def _next(now: float, every: float) -> float:
    return (now // every + 1) * every


def run(clock: Clock, enqueue: Callable[[str], object], *, now: Callable[[], float], stop: Event) -> None:
    """Queue what is due until told to stop; a Redis that is away is waited for."""
    away = False
    while not stop.is_set():
        try:
            for sweep in clock.due(now()):
                enqueue(sweep.job)
                clock.done(sweep, now())
        except (RedisError, OSError):
            if not away:
                with suppress(OSError, ValueError):  # the console may be gone or full
                    print(
                        "niemphong: hàng đợi chưa trả lời, đồng hồ chờ (the queue is away)", file=sys.stderr, flush=True
                    )
            away = True
            stop.wait(PAUSE)
            continue
        away = False
        stop.wait(clock.pause(now()))
