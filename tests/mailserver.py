"""A mail server for tests: as much of RFC 5321 as one mail a session needs, and a book of what was delivered how often."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import cast


@dataclass
class Delivery:
    """A mail that came whole: the server has it, whatever becomes of its sender."""

    mail: EmailMessage
    left: bool = False  # its sender heard the answer and came to say goodbye

    @property
    def id(self) -> str:
        return str(self.mail["Message-ID"])


@dataclass
class MailServer:
    """Takes every mail; `answers` replaces what it says to a verb (None: it hangs up), `wait` is called before the last."""

    port: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    answers: dict[str, str | None] = field(default_factory=dict)
    wait: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    book: MailServer


class _Session(socketserver.StreamRequestHandler):
    """One connection. The verb `MAILED` stands for the answer to a mail, `CONNECT` for the greeting."""

    wbufsize = 0

    def handle(self) -> None:
        self.book = cast(_Server, self.server).book
        with suppress(OSError):  # a sender that was killed
            self._converse()

    def _converse(self) -> None:
        took: Delivery | None = None
        if not self._say("CONNECT", "220 here"):
            return
        while line := self.rfile.readline():
            verb = line[:4].decode("ascii").strip().upper()
            if verb == "QUIT":
                if took is not None:
                    took.left = True
                self._say(verb, "221 bye")
                return
            if not self._say(verb, "354 go on" if verb == "DATA" else "250 well"):
                return
            if verb == "DATA" and "DATA" not in self.book.answers:
                took = self._take()
                if took is None:
                    return
                self.book.wait()
                if not self._say("MAILED", "250 taken"):
                    return

    def _take(self) -> Delivery | None:
        """The mail up to its last dot; nothing of one that breaks off."""
        text = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            text += line
        delivery = Delivery(cast(EmailMessage, email.message_from_bytes(text, policy=default)))
        self.book.deliveries.append(delivery)
        return delivery

    def _say(self, verb: str, line: str) -> bool:
        said = self.book.answers.get(verb, line)
        if said is None:
            return False
        self.wfile.write(said.encode() + b"\r\n")
        return True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server on a free port while the block runs."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.book = MailServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.book
        finally:
            server.shutdown()
