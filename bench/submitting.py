"""Accepted sealed reports a second, beside a bare endpoint that writes the same bytes on the same kind of server."""

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
from urllib.parse import urlsplit

from intake.client import Report, ReporterClient, UrlTransport
from tests.canary.portal import Started, free_ports
from workflow.times import local_date

CLIENTS = 8
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


def _sealed(public: str) -> bytes:
    client = ReporterClient(UrlTransport(public))
    facts = {"on": local_date(client.now()).isoformat(), "accused": [{"body": "CB-01", "role": "ordinary"}]}
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
    cuts = statistics.quantiles(took, n=100)
    return Measured(len(took) / whole, statistics.median(took) * 1000, cuts[98] * 1000)


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


def beside(started: Started, count: int, say: Callable[[str], None]) -> tuple[Measured, Measured]:
    """The portal and the bare endpoint, in turns of half the reports each, so that a busy moment meets both."""
    say(f"sealing {count} reports ...")
    bodies = sealed_reports(started.portal.public, count)
    port, _ = free_ports()
    (started.folder / "bare").mkdir()
    argv = [sys.executable, "-m", "bench.bare", str(started.folder / "bare"), str(port)]
    root = Path(__file__).resolve().parent.parent
    bare = subprocess.Popen(argv, env=dict(started.portal.environ), cwd=root)
    try:
        _wait_for_port(port, bare, started)
        half = count // 2
        say("sending ...")
        turns = [
            (
                measured(started.portal.public, "/api/v1/envelope?lang=vi", part),
                measured(f"http://127.0.0.1:{port}", "/bare", part),
            )
            for part in (bodies[:half], bodies[half:])
        ]
    finally:
        bare.terminate()
        bare.wait(timeout=20)
    return _together([turn[0] for turn in turns]), _together([turn[1] for turn in turns])


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
