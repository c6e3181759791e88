"""Killing any process at any moment loses no accepted report and leaves nothing half-visible (the issue's limits)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crypto.errors import CryptoError
from intake.client import ClientFault, Refused, Report, ReporterClient, UrlTransport
from workflow.times import local_date

pytestmark = pytest.mark.timeout(180)

SECONDS = 12  # how long processes are killed while reports come in
CLIENTS = 3


def test_no_accepted_report_is_lost_when_processes_are_killed(portal):
    accepted: list[tuple[str, str]] = []
    stop = time.monotonic() + SECONDS

    def send_reports() -> None:
        while time.monotonic() < stop:
            try:
                client = ReporterClient(UrlTransport(portal.public, timeout=10))
                facts = {"on": local_date(client.now()).isoformat(), "accused": [{"body": "CB-01", "role": "ordinary"}]}
                code, receipt = client.report(Report(summary="Một", text="Hai", categories=("UNSURE",)), facts)
            except (OSError, Refused, ClientFault, CryptoError):
                continue  # not accepted: no answer came
            accepted.append((code, receipt["number"]))

    senders = [threading.Thread(target=send_reports) for _ in range(CLIENTS)]
    for sender in senders:
        sender.start()
    killed = 0
    while time.monotonic() < stop:
        time.sleep(random.uniform(0.5, 1.5))
        victims = _children(str(portal.home))
        if victims:
            os.kill(random.choice(victims), signal.SIGKILL)
            killed += 1
    for sender in senders:
        sender.join()
    assert killed >= 3
    assert accepted, "the portal never came back between the kills"
    _wait(portal)
    numbers = [number for _, number in accepted]
    assert len(set(numbers)) == len(numbers)
    client = ReporterClient(UrlTransport(portal.public))
    for code, number in accepted:
        assert client.open_mailbox(code).number == number
    verified = subprocess.run(
        [sys.executable, "-m", "intake.cli", "ledger", "verify"], env=portal.environ, capture_output=True, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _children(home: str) -> list[int]:
    """Every process of this portal but the supervisor itself: web masters and workers, queue worker, clock, Redis."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environ = (entry / "environ").read_bytes()
            argv = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"NIEMPHONG_HOME={home}\0".encode() in environ and b"serve" not in argv and b"pytest" not in argv[0]:
            found.append(int(entry.name))
    return found


def _wait(portal) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            ReporterClient(UrlTransport(portal.public, timeout=5)).installation()
        except (OSError, Refused):
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the portal did not come back")
