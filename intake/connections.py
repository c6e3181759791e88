"""What one connection may cost: gunicorn's threaded worker, with a bound on every wait for the other end.

gunicorn reads a request in one of its threads and waits for as long as the sender likes; as many stalled senders as
there are threads would stop a face. A proxy doesn't help: it may not collect bodies (docs/operations.md).
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.http.wsgi import Response
from gunicorn.workers.gthread import TConn, ThreadWorker

from intake.security import fixed_headers

HURRY = 5.0  # seconds that a request may take to arrive while others wait for a thread
SLICE = 0.5  # seconds after which a waiting thread looks whether others wait
LINGER = 1.0  # seconds in which the other end may fetch a last answer before the connection is gone

Done = TypeVar("Done")


class Peer(socket.socket):
    """A connection on which nobody waits longer than `patience()`: once for a request, once for taking the answer."""

    patience: Callable[[], float]

    @classmethod
    def of(cls, plain: socket.socket, patience: Callable[[], float]) -> Peer:
        """The same connection; the socket it was is empty afterwards."""
        peer = cls(fileno=plain.detach())
        peer.patience = patience
        peer.begin()
        return peer

    def begin(self) -> None:
        """A request may arrive from now on."""
        self._since, self._answering = time.monotonic(), False

    def recv(self, size: int, flags: int = 0) -> bytes:
        return self._patiently(lambda: socket.socket.recv(self, size, flags))

    def sendall(self, data: Any, flags: int = 0) -> None:
        if not self._answering:
            self._since, self._answering = time.monotonic(), True
        left = memoryview(data)
        while left:
            left = left[self._patiently(partial(socket.socket.send, self, left, flags)) :]

    def _patiently(self, act: Callable[[], Done]) -> Done:
        """What `act` gives; a connection that is overdue is cut, and looks like one that the other end has reset."""
        while (left := self._since + self.patience() - time.monotonic()) > 0:
            self.settimeout(min(left, SLICE))
            try:
                return act()
            except TimeoutError:
                continue
        self._cut()
        raise ConnectionResetError(errno.ECONNRESET, "overdue")

    def _cut(self) -> None:
        with suppress(OSError):  # gone already
            self.shutdown(socket.SHUT_RDWR)

    def part(self) -> None:
        """Say that this was all, give the other end a moment to fetch it, and leave nothing to wait for."""
        try:
            util.close_graceful(socket.socket(fileno=os.dup(self.fileno())), timeout=LINGER)
        except OSError:  # closed already
            return
        self._cut()


class Nameless(Response):  # type: ignore[misc]
    """An answer that doesn't say which program made it."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


class BoundedWorker(ThreadWorker):  # type: ignore[misc]
    """Gives a thread to who has said something, for a bounded time; its own error answers repeat nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_seconds: float = self.app.settings.read_seconds
        self._unserved: set[TConn] = set()  # have said something and have no thread yet

    def init_process(self) -> None:
        wsgi.Response = Nameless
        super().init_process()

    def patience(self) -> float:
        return min(HURRY, self._read_seconds) if self._unserved else self._read_seconds

    def enqueue_req(self, conn: TConn) -> None:
        """A new connection waits at the poller, where gunicorn would have a thread wait with it."""
        if conn.initialized or conn.data_ready:
            self._unserved.add(conn)
            super().enqueue_req(conn)
            return
        conn.sock = Peer.of(conn.sock, self.patience)
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        self._unserved.discard(conn)
        conn.sock.begin()
        kept = super().handle(conn)
        if not kept:
            conn.sock.part()  # here, because gunicorn's main loop would wait for this, and accept nobody meanwhile
        return kept

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """What is no HTTP is malformed; gunicorn's own page would quote it and lack our headers."""
        malformed = isinstance(exc, ParseException)
        if not malformed:
            self.log.exception("a request could not be handled")  # noqa: LOG004 – called where it was caught
        status, code = ("400 Bad Request", "malformed") if malformed else ("500 Internal Server Error", "server_failed")
        headers = {
            **fixed_headers(self.app.face),
            "Cache-Control": "no-store",
            "Connection": "close",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": len(code),
        }
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "", code]
        with suppress(OSError):  # whoever sent it has gone
            client.sendall("\r\n".join(lines).encode("ascii"))
