from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from redis.exceptions import ConnectionError as RedisAway

from intake import clock as clocks
from intake import queue
from intake.clock import Clock, Sweep, schedule
from intake.jobs import JOBS
from tests.intake.embedded import on_socket, short_folder, start_redis, stop_redis

NOON = 1_800_000_000.0 - 1_800_000_000.0 % 3600


def names(sweeps: list[Sweep]) -> list[str]:
    return [sweep.job for sweep in sweeps]


def test_every_sweep_of_the_schedule_is_a_job(settings):
    assert {sweep.job for sweep in schedule(settings)} == set(JOBS)


def test_notices_are_looked_for_as_often_as_their_delay_asks(settings):
    def every(delay: tuple[float, float]) -> float:
        return next(s.every for s in schedule(replace(settings, notice_delay=delay)) if s.job == "send_notices")

    assert every((1, 5)) == 1
    assert every((300, 3600)) == 30
    assert every((0, 0)) == 1


def test_checkpoints_tell_no_more_of_the_time_than_the_hour(settings):
    (checkpoints,) = [sweep for sweep in schedule(settings) if sweep.job == "make_checkpoint"]
    assert (checkpoints.every, checkpoints.at_start) == (3600, False)
    clock = Clock([checkpoints], NOON + 600)
    assert clock.due(NOON + 3599) == []
    assert clock.due(NOON + 3600) == [checkpoints]


def test_a_sweep_is_due_at_once_and_then_at_each_whole_period():
    sweep = Sweep("send_notices", 60)
    clock = Clock([sweep], NOON + 7)
    assert clock.due(NOON + 7) == [sweep]
    clock.done(sweep, NOON + 7)
    assert clock.due(NOON + 59) == []
    assert clock.pause(NOON + 59) == 1
    assert clock.due(NOON + 60) == [sweep]


def test_what_was_missed_is_done_once():
    sweep = Sweep("send_notices", 60)
    clock = Clock([sweep], NOON)
    clock.done(sweep, NOON)
    assert clock.due(NOON + 86400) == [sweep]
    clock.done(sweep, NOON + 86400)
    assert clock.due(NOON + 86401) == []


def test_a_wall_clock_that_is_set_back_silences_nothing():
    sweep = Sweep("send_notices", 60)
    clock = Clock([sweep], NOON)
    clock.done(sweep, NOON)
    assert clock.due(NOON - 7200) == [sweep]


def test_a_redis_that_is_away_is_waited_for(monkeypatch, capsys):
    monkeypatch.setattr(clocks, "PAUSE", 0.01)
    stop, asked = threading.Event(), []

    def enqueue(job: str) -> None:
        asked.append(job)
        if len(asked) < 5:
            raise RedisAway("away")
        stop.set()

    clocks.run(Clock([Sweep("send_notices", 60)], NOON), enqueue, now=lambda: NOON, stop=stop)
    assert asked == ["send_notices"] * 5
    assert len(capsys.readouterr().err.strip().splitlines()) == 1, "said once, not every second"


@pytest.mark.timeout(60)
def test_it_goes_on_when_redis_comes_back(settings, monkeypatch):
    monkeypatch.setattr(clocks, "PAUSE", 0.05)
    with short_folder() as folder:
        own = on_socket(settings, folder)
        redis = start_redis(own)
        stop = threading.Event()
        waiting = queue.queue_on(queue.connect(own))
        clock = Clock([Sweep("send_notices", 1)], time.time())
        ticking = threading.Thread(
            target=clocks.run,
            args=(clock, lambda job: queue.enqueue(waiting, job)),
            kwargs={"now": time.time, "stop": stop},
        )
        ticking.start()
        try:
            assert became(lambda: waiting.count == 1)
            stop_redis(redis)
            time.sleep(1.2)  # at least one tick finds nobody
            redis = start_redis(own)
            assert became(lambda: queue.queue_on(queue.connect(own)).count == 1)
        finally:
            stop.set()
            ticking.join(10)
            stop_redis(redis)
        assert not ticking.is_alive()


def became(right, patience: float = 15.0) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if right():
            return True
        time.sleep(0.05)
    return False
