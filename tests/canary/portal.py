"""A portal for the canary alone: started as its child, with folders of its own for everything that it may write."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crypto.signing import sign_document
from intake.child import command
from intake.config import run_folder
from intake.demonstration.people import read_organisation_key
from tests import demonstrations
from tests.canary.memory import Process, processes
from tests.e2e.visiting import Portal

ROOT = Path(__file__).resolve().parents[2]
CLI = [sys.executable, "-m", "intake.cli"]
PARTS = ("supervisor", "redis", "reporter", "reporter, worker", "staff", "staff, worker", "worker", "clock")
READY_WITHIN = 90.0


@dataclass
class Started:
    """A running portal, and where all that belongs to it lies."""

    folder: Path
    portal: Portal
    served: subprocess.Popen[bytes]
    serve: Callable[[], subprocess.Popen[bytes]]  # starts the supervisor
    began: float  # seconds of the wall clock

    @property
    def supervisor(self) -> int:
        return self.served.pid

    @property
    def home(self) -> Path:
        return self.portal.home

    @property
    def socket(self) -> Path:
        return run_folder(self.home) / "redis.sock"

    def processes(self) -> list[Process]:
        """All of them; waits a moment for one that was just started anew. AssertionError when one is missing."""
        own_redis = bool(self.portal.environ.get("NIEMPHONG_REDIS"))
        deadline = time.monotonic() + 10
        while True:
            found = processes(self.supervisor)
            missing = set(PARTS) - {process.name for process in found} - ({"redis"} if own_redis else set())
            if not missing:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not running: {', '.join(sorted(missing))}")
            time.sleep(0.1)

    def command(self, *words: str) -> str:
        """What one of our own commands says; its lines go to the operator's terminal and no further."""
        done = subprocess.run(
            [*CLI, *words], env=dict(self.portal.environ), cwd=self.folder / "cwd", capture_output=True, text=True
        )
        if done.returncode != 0:
            raise AssertionError(f"niemphong {words[0]} {words[1]}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def serve_again(self) -> None:
        """Start a supervisor that has ended, as often as it takes: its masters may still be finishing on their ports."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            self.served.wait()
            self.served = self.serve()
            try:
                self.wait_until_ready()
            except AssertionError:
                if self.served.poll() is None:
                    raise
            else:
                return
        raise AssertionError(f"the portal does not come back: {self.portal.log.read_text(errors='replace')[-2000:]}")

    def wait_until_ready(self) -> None:
        """Both faces answer `/healthz`."""
        for address in (self.portal.public, self.portal.staff.removesuffix("/staff")):
            _wait_for(f"{address}/healthz", self.served, self.portal.log)

    def publish_roster(self) -> None:
        """Draft, sign with the demonstration's organisation key, publish: as the operator does with two computers."""
        draft, signed = self.folder / "office" / "draft.json", self.folder / "office" / "signed.json"
        self.command("roster", "draft", "--out", str(draft))
        said = json.loads(draft.read_bytes())["roster"]
        seed = read_organisation_key(self.home / "demonstration")
        signed.write_text(json.dumps(sign_document(seed, "roster", said)))
        self.command("roster", "publish", str(signed))


@contextmanager
def running(folder: Path, environ: Mapping[str, str], serving: Sequence[str] = CLI) -> Iterator[Started]:
    """`demo`, then `serve`, ended with SIGTERM. `environ` is planted in the environment of every process.

    `serving` is the program that is given the command `serve`.
    """
    began = time.time()
    for name in ("tmp", "cwd", "office"):
        (folder / name).mkdir()
    public, staff = free_ports()
    home, log = folder / "home", folder / "log"
    settings = {
        "NIEMPHONG_HOME": str(home),
        "PORT": str(public),
        "STAFF_PORT": str(staff),
        "NOTICE_DELAY": "0-1",
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(ROOT),
    }
    whole = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NIEMPHONG_DATABASE", "NIEMPHONG_REDIS", "SMTP_URL")
    }
    whole |= settings | environ
    at = {"env": whole, "cwd": folder / "cwd"}
    with ExitStack() as ending:
        out = ending.enter_context(log.open("ab"))
        demonstrations.make(whole, out)
        program = command([*serving, "serve"], signal.SIGKILL)

        def serve() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                program, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **at
            )

        portal = Portal(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{staff}/staff", home, whole, log)
        started = Started(folder, portal, serve(), serve, began)
        ending.callback(lambda: _end(started.served))
        started.wait_until_ready()
        yield started


def _end(served: subprocess.Popen[bytes]) -> None:
    served.send_signal(signal.SIGTERM)
    try:
        served.wait(timeout=30)
    except subprocess.TimeoutExpired:
        served.kill()
        served.wait()


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _wait_for(url: str, served: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and served.poll() is None:
        try:
            with opener.open(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the portal does not answer: {log.read_text(errors='replace')[-2000:]}")
