"""The queue: rq on Redis, JSON only (never pickle), and nothing kept of a job that is done (stack.md, *Queue*)."""

from __future__ import annotations

import secrets

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from intake.config import Settings
from intake.jobs import JOBS

NAME = "niemphong"
JOB_SECONDS = 1200  # longer than a sweep that waits for a slow mail server, shorter than its claim
ANSWER_SECONDS = 10  # rq's worker, which waits for work, gives itself longer
FAILURE_SECONDS = 60  # a failed job's traceback stays for a minute; the next sweep does its work again


def connect(settings: Settings) -> Redis:
    """A connection; the first command finds out whether anybody answers, soon even where somebody only listens."""
    return Redis.from_url(
        settings.redis_url, socket_connect_timeout=5, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def queue_on(connection: Redis) -> Queue:
    return Queue(NAME, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


def enqueue(queue: Queue, job: str) -> bool:
    """Queue a sweep, unless one of its kind waits already: a worker that was away finds one of each, not hundreds."""
    if job not in JOBS:
        raise KeyError(job)
    if any(waiting.rpartition("-")[0] == job for waiting in queue.get_job_ids()):
        return False
    queue.enqueue(
        f"intake.jobs.{job}",
        job_id=f"{job}-{secrets.token_hex(8)}",
        description=job,
        result_ttl=0,
        failure_ttl=FAILURE_SECONDS,
    )
    return True


def answers(settings: Settings) -> bool:
    """Whether Redis can be reached."""
    try:
        return bool(connect(settings).ping())
    except (RedisError, OSError):
        return False


class Worker(SimpleWorker):
    """Works in its own process, without a fork: no work-horse can outlive it."""

    max_connection_wait_time = 2.0


def work(settings: Settings, *, burst: bool = False) -> None:
    """Do what the clock queues until told to stop."""
    connection = connect(settings)
    worker = Worker([queue_on(connection)], connection=connection, serializer=JSONSerializer)
    worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")
