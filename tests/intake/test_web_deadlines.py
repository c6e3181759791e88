"""A face as `niemphong web` serves it, against senders who stall: what a connection costs, and what a bad one is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from crypto.signing import sign_public
from intake import child
from intake.config import create_secrets, load_settings
from intake.connections import HURRY, SLICE, BoundedWorker, Peer
from intake.security import fixed_headers
from intake.supervisor import healthy
from tests.world import AT
from workflow.commands import organisation
from workflow.migrate import migrate
from workflow.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
THREADS = 4
READ_SECONDS = 2.0
BODY = b"POST /api/v1/envelope HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"

pytestmark = pytest.mark.timeout(120)


@dataclass
class Face:
    port: int
    output: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def answer(self, sent: bytes) -> bytes:
        """All that comes back for these bytes until the connection ends."""
        with self.connect() as connection:
            connection.sendall(sent)
            return everything(connection)

    def answers_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self.connect() as connection:
            connection.settimeout(seconds)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            try:
                return b'"ok":true' in everything(connection) and time.monotonic() < deadline
            except TimeoutError:
                return False


def everything(connection: socket.socket) -> bytes:
    came = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return came
        if not piece:
            return came
        came += piece


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """The public face with four threads, and two seconds for a request."""
    folder = tmp_path_factory.mktemp("web")
    home = folder / "home"
    create_secrets(home)
    settings = load_settings({"NIEMPHONG_HOME": str(home)})
    store = Store(settings.database_url)
    migrate(store)
    with store.transaction() as db:
        organisation.install(
            db, kind="production", receipt_salt=bytes(16), signing_public=sign_public(settings.signing_seed), at=AT
        )
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        **os.environ,
        "NIEMPHONG_HOME": str(home),
        "PORT": str(port),
        "WEB_THREADS": str(THREADS),
        "READ_SECONDS": str(READ_SECONDS),
        "PYTHONPATH": str(ROOT),
    }
    output = folder / "output"
    with output.open("w") as file:
        process = subprocess.Popen(
            child.command([sys.executable, "-m", "intake.cli", "web", "--face", "reporter"], signal.SIGTERM),
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while not healthy("127.0.0.1", port):
            assert process.poll() is None and time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
        yield Face(port, output)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stall(face: Face, stack: ExitStack, sent: bytes, count: int) -> list[socket.socket]:
    connections = [stack.enter_context(face.connect()) for _ in range(count)]
    for connection in connections:
        if sent:
            connection.sendall(sent)
    time.sleep(0.3)
    return connections


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHo",
        BODY + b"Content-Length: 1000\r\n\r\nx",
        BODY + b"Transfer-Encoding: chunked\r\n\r\n5\r\n",
    ],
    ids=["headers", "body", "chunked body"],
)
def test_as_many_stalled_senders_as_threads_stop_a_face_for_seconds_only(face, sent):
    with ExitStack() as stack:
        stalled = stall(face, stack, sent, THREADS)
        assert not face.answers_within(0.5), "the threads are all taken, or this tests nothing"
        assert face.answers_within(READ_SECONDS + 2)
        for connection in stalled:
            everything(connection)  # each of them has been ended
    assert face.answers_within(1)


def test_dripping_doesnt_move_the_deadline(face):
    began = time.monotonic()
    with face.connect() as connection:
        connection.sendall(BODY + b"Content-Length: 1000\r\n\r\n")
        with pytest.raises(OSError):
            while time.monotonic() < began + 10:
                connection.sendall(b"x")
                time.sleep(0.1)
    assert READ_SECONDS - 0.5 < time.monotonic() - began < READ_SECONDS + 3


@pytest.mark.timeout(20)
def test_an_answer_that_nobody_takes_is_given_up():
    ours, theirs = socket.socketpair()
    with theirs, Peer.of(ours, lambda: 1.0) as peer:
        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            peer.sendall(bytes(50_000_000))
        assert 0.9 < time.monotonic() - began < 3
        theirs.settimeout(5)
        everything(theirs)  # it has been told that nothing more comes


@pytest.mark.timeout(20)
def test_an_answer_that_is_taken_slowly_arrives_whole():
    ours, theirs = socket.socketpair()
    sent = os.urandom(1_000_000)
    with theirs, Peer.of(ours, lambda: 10.0) as peer, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(peer.sendall, sent)
        time.sleep(3 * SLICE)
        came = b""
        while len(came) < len(sent):
            came += theirs.recv(65536)
        sending.result(5)
    assert came == sent


def test_patience_is_shorter_while_others_wait_for_a_thread():
    worker = SimpleNamespace(_read_seconds=30.0, _unserved=set())
    assert BoundedWorker.patience(worker) == 30
    worker._unserved.add("somebody")
    assert BoundedWorker.patience(worker) == HURRY < 30


def test_silent_connections_take_no_thread(face):
    with ExitStack() as stack:
        stall(face, stack, b"", THREADS * 10)
        assert face.answers_within(1)


def test_a_silent_connection_is_ended(face):
    with face.connect() as connection:
        assert everything(connection) == b""


def test_connections_that_are_kept_alive_take_no_thread(face):
    with ExitStack() as stack:
        for connection in stall(face, stack, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", THREADS * 2):
            assert b"keep-alive" in connection.recv(65536)
        assert face.answers_within(1)


def test_refused_senders_who_stay_hold_nobody_up(face):
    with ExitStack() as stack:
        stall(face, stack, b"NONSENSE\r\n\r\n", THREADS * 3)
        assert face.answers_within(5)


def test_a_slow_sender_who_is_in_time_is_answered(face):
    with face.connect() as connection:
        for piece in (b"GET /heal", b"thz HTTP/1.1\r\nHost: x\r\n", b"Connection: close\r\n\r\n"):
            connection.sendall(piece)
            time.sleep(0.4)
        assert b"200 OK" in everything(connection)


MALFORMED = {
    "request line": b"ZQX nonsense\r\n\r\n",
    "version": b"GET /ZQX HTTP/9.9\r\n\r\n",
    "long line": b"GET /ZQX" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "length": BODY + b"Content-Length: -5\r\nZQX: ZQX\r\n\r\n",
    "header": b"GET /ZQX HTTP/1.1\r\nHost: x\r\nX-<script>: ZQX\r\n\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_http_is_malformed_and_not_repeated(face, sent):
    head, _, body = face.answer(sent).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert body == "malformed"
    for name, value in {**fixed_headers("reporter"), "Cache-Control": "no-store"}.items():
        assert f"\r\n{name}: {value}" in head, name
    assert "ZQX" not in head
    assert "script>" not in head


def test_a_body_in_chunks_that_are_none_is_malformed(face):
    answer = face.answer(BODY + b"Transfer-Encoding: chunked\r\n\r\nZZQXCHUNK\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"malformed"' in answer
    assert b"ZQX" not in answer


def test_an_answer_doesnt_name_the_program(face):
    for sent in (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"NONSENSE\r\n\r\n"):
        answer = face.answer(sent).lower()
        assert b"\r\nserver:" not in answer
        assert b"gunicorn" not in answer


def test_nothing_of_all_this_is_logged(face):
    """The last of this file: what came before it was cut, refused, or badly formed, and is nobody's fault here."""
    for sent in (*MALFORMED.values(), BODY + b"Transfer-Encoding: chunked\r\n\r\nZZQXCHUNK\r\n"):
        face.answer(sent)
    with face.connect() as connection:
        connection.sendall(BODY + b"Content-Length: 1000\r\n\r\nx")
        everything(connection)
    said = face.output.read_text()
    assert "Traceback" not in said
    assert "ParseException" not in said
    assert "could not be handled" not in said
    assert "InvalidChunk" not in said
