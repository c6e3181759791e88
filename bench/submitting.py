"""Accepted sealed reports a second, beside bare endpoints that write the same bytes on the same kind of server; previews."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from intake.client import Report, ReporterClient, UrlTransport
from tests.canary.portal import Started, free_ports
from workflow.times import local_date

CLIENTS = 8
LOT = 500
ENVELOPE = "/api/v1/envelope?lang=vi"
SEALED = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class Measured:
    """Requests a second, and how long one took: the middle, and what one in a hundred exceeds, in milliseconds."""

    per_second: float
    p50: float
    p99: float


def sealed_reports(public: str, count: int) -> list[bytes]:
    """That many reports as they travel, made beforehand: what browsers do isn't measured here."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_sealed, [public] * count))


def sealed_previews(public: str, count: int) -> list[bytes]:
    """That many questions who would read a report."""
    client, facts = _visit(public)
    return [client.seal("preview", facts=facts)[0] for _ in range(count)]


def _visit(public: str) -> tuple[ReporterClient, dict[str, Any]]:
    client = ReporterClient(UrlTransport(public))
    return client, {"on": local_date(client.now()).isoformat(), "accused": [{"body": "CB-01", "role": "ordinary"}]}


def _sealed(public: str) -> bytes:
    client, facts = _visit(public)
    report = Report(summary="Một câu tóm tắt.", text="Nội dung. " * 100, categories=("UNSURE",))
    made = client.build_submission(report, facts, client.preview(facts), client.new_code())
    return client.seal("submit", **made)[0]


def measured(address: str, path: str, bodies: Sequence[bytes]) -> Measured:
    """Send each once, by eight clients that keep their connections."""
    host = urlsplit(address).netloc
    shares = [bodies[start::CLIENTS] for start in range(CLIENTS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        took = [one for times in pool.map(lambda share: _send(host, path, share), shares) for one in times]
    whole = time.perf_counter() - began
    return Measured(len(took) / whole, statistics.median(took) * 1000, statistics.quantiles(took, n=100)[98] * 1000)


def _send(host: str, path: str, bodies: Sequence[bytes]) -> list[float]:
    connection, took = http.client.HTTPConnection(host, timeout=60), []
    for body in bodies:
        began = time.perf_counter()
        connection.request("POST", path, body, SEALED)
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - began)
        if answer.status >= 300:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return took


def beside(started: Started, count: int, database: str, say: Callable[[str], None]) -> dict[str, Measured]:
    """The portal and the bare endpoints, in turns of half the reports each, so that a busy moment meets all of them.

    `database` is where the bare ones write: an address of a database of their own.
    """
    say(f"sealing {count} reports ...")
    bodies = sealed_reports(started.portal.public, count)
    previews = sealed_previews(started.portal.public, count)
    port, _ = free_ports()
    argv = [sys.executable, "-m", "bench.bare", database, str(port)]
    root = Path(__file__).resolve().parent.parent
    bare = subprocess.Popen(argv, env=dict(started.portal.environ), cwd=root)
    try:
        _wait_for_port(port, bare, started)
        half = count // 2
        say("sending ...")
        turns = []
        for part, asked in ((bodies[:half], previews[:half]), (bodies[half:], previews[half:])):
            there = f"http://127.0.0.1:{port}"
            turns.append(
                {
                    "ours": measured(started.portal.public, ENVELOPE, part),
                    "bare": measured(there, "/bare", part),
                    "rows": measured(there, "/rows", part),
                    "preview": measured(started.portal.public, ENVELOPE, asked),
                }
            )
    finally:
        bare.terminate()
        bare.wait(timeout=20)
    return {name: _together([turn[name] for turn in turns]) for name in turns[0]}


def send_more(started: Started, count: int, say: Callable[[str], None]) -> None:
    """That many reports more, made in lots that fit into memory."""
    done = 0
    while done < count:
        lot = min(count - done, LOT)
        measured(started.portal.public, ENVELOPE, sealed_reports(started.portal.public, lot))
        done += lot
        say(f"{done} of {count} more reports")


def _together(turns: Sequence[Measured]) -> Measured:
    mean = statistics.harmonic_mean([one.per_second for one in turns])
    return Measured(mean, statistics.mean(one.p50 for one in turns), max(one.p99 for one in turns))


def _wait_for_port(port: int, process: subprocess.Popen[bytes], started: Started) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"the bare endpoint does not answer: {started.portal.log.read_text(errors='replace')[-500:]}")
