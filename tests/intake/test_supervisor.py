"""The embedded default as a whole: real processes on free ports, ended in every way that people end them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crypto.signing import sign_public
from intake import child
from intake.config import create_secrets, load_settings
from intake.queue import connect
from intake.supervisor import healthy
from tests.databases import Databases
from tests.intake.embedded import on_port, start_redis, stop_redis
from tests.world import AT
from workflow.commands import organisation
from workflow.migrate import migrate
from workflow.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0

pytestmark = pytest.mark.timeout(180)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_until(right: Callable[[], bool], patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if right():
            return True
        time.sleep(0.1)
    return right()


def processes_of(mark: str, home: Path) -> dict[int, str]:
    """Living processes whose environment holds this mark, with their short names and command lines: grandchildren too.

    Redis writes its title over its environment; the title names its socket.
    """
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if mark.encode() not in (entry / "environ").read_bytes() and str(home) not in line:
                continue
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            found[int(entry.name)] = f"{(entry / 'comm').read_text().strip()} {line}"
    return found


@dataclass
class Served:
    process: subprocess.Popen[str]
    mark: str
    ports: list[int]
    home: Path
    output: Path

    def processes(self) -> dict[int, str]:
        return processes_of(self.mark, self.home)

    def children(self, word: str) -> list[int]:
        return sorted(pid for pid, line in self.processes().items() if word in line and pid != self.process.pid)

    def healthy(self) -> bool:
        return all(healthy("127.0.0.1", port) for port in self.ports)


@pytest.fixture
def home(tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home as `init` makes it, with a path that is short enough for any socket."""
    folder = tmp_path / "home"
    create_secrets(folder)
    monkeypatch.setenv("NIEMPHONG_DATABASE", databases.environ()["NIEMPHONG_DATABASE"])
    settings = load_settings(os.environ | {"NIEMPHONG_HOME": str(folder)})
    store = Store(settings.database_url)
    migrate(store)
    with store.transaction() as db:
        organisation.install(
            db, kind="production", receipt_salt=bytes(16), signing_public=sign_public(settings.signing_seed), at=AT
        )
    store.close()
    return folder


@pytest.fixture
def serve(home: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(*words: str, wait: bool = True, ports: list[int] | None = None) -> Served:
        mark = f"NIEMPHONG_TEST_MARK={tmp_path}/{len(started)}"
        chosen = ports or free_ports(2)
        environ = {
            **os.environ,
            "NIEMPHONG_HOME": str(home),
            "PORT": str(chosen[0]),
            "STAFF_PORT": str(chosen[1]),
            "PYTHONPATH": str(ROOT),
            mark.partition("=")[0]: mark.partition("=")[2],
        }
        output = tmp_path / f"output-{len(started)}"
        with output.open("w") as file:
            process = subprocess.Popen(
                child.command([sys.executable, "-m", "intake.cli", *(words or ("serve",))], signal.SIGTERM),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        served = Served(process, mark, chosen, home, output)
        started.append(served)
        if wait:
            assert wait_until(lambda: served.healthy() or process.poll() is not None), output.read_text()
            assert process.poll() is None, output.read_text()
            assert wait_until(lambda: "127.0.0.1" in output.read_text()), output.read_text()
        return served

    yield start
    for served in started:
        for pid in [served.process.pid, *served.processes()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        served.process.wait()


def test_it_serves_both_faces_and_says_where(serve):
    served = serve()
    said = served.output.read_text()
    assert f"http://127.0.0.1:{served.ports[0]}" in said
    assert f"http://127.0.0.1:{served.ports[1]}/staff/" in said
    assert served.children("redis-server")
    assert served.children("np-worker")
    assert served.children("np-clock")
    sockets = list((served.home / "run").glob("*.sock"))
    assert [path.stat().st_mode & 0o077 for path in sockets] == [0]
    assert not list(served.home.rglob("*.ctl")), "gunicorn's control socket is off"


def test_with_a_redis_of_ones_own_none_is_started_and_the_queue_is_there(serve, settings, tmp_path, monkeypatch):
    own = on_port(replace(settings, home=tmp_path))
    process = start_redis(own)
    try:
        monkeypatch.setenv("NIEMPHONG_REDIS", own.redis_url)
        served = serve()
        assert not served.children("redis-server")
        assert not (served.home / "run" / "redis.sock").exists()
        assert wait_until(lambda: connect(own).smembers("rq:workers"))
    finally:
        stop_redis(process)
    assert served.healthy(), "the faces need no queue"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_however_it_ends_nothing_stays_behind(serve, how):
    served = serve()
    assert len(served.processes()) >= 8  # the supervisor, Redis, worker, clock, two masters, two workers
    served.process.send_signal(how)
    served.process.wait(timeout=30)
    assert wait_until(lambda: not served.processes(), 20), served.processes()
    if how is not signal.SIGKILL:
        assert served.process.returncode == 0


def test_a_killed_part_is_started_again(serve):
    served = serve()
    masters = served.children("np-reporter")
    for pid in masters:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not set(masters) & set(served.processes()))
    assert wait_until(served.healthy)
    redis = served.children("redis-server")
    os.kill(redis[0], signal.SIGKILL)
    assert wait_until(lambda: served.children("redis-server") not in ([], redis))
    assert wait_until(lambda: len(served.children("np-worker")) == 1 and len(served.children("np-clock")) == 1)
    assert served.healthy()


def test_a_killed_master_leaves_no_worker(serve):
    served = serve()
    before = served.children("np-staff")
    master = min(before)
    os.kill(master, signal.SIGKILL)
    assert wait_until(lambda: not set(before) & set(served.processes()), 10)


def test_a_port_in_use_is_one_plain_sentence(serve):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = serve(wait=False, ports=[port, free_ports(1)[0]])
        assert served.process.wait(timeout=30) == 1
    lines = served.output.read_text().strip().splitlines()
    assert len(lines) == 1
    assert str(port) in lines[0]
    assert "PORT" in lines[0]
    assert not served.processes()


def test_one_home_is_served_once(serve):
    first = serve()
    second = serve(wait=False)
    assert second.process.wait(timeout=30) == 1
    assert "already" in second.output.read_text()
    assert first.healthy()


def test_the_web_alone_serves_both_faces(serve):
    served = serve("web")
    assert not served.children("redis-server")
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=30) == 0
    assert wait_until(lambda: not served.processes(), 10)


def test_nothing_is_served_before_it_is_set_up(tmp_path):
    environ = {**os.environ, "NIEMPHONG_HOME": str(tmp_path / "empty"), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "intake.cli", "serve"], env=environ, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert "niemphong init" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
