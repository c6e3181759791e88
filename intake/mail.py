"""Mail without content: that there is something new, and where to sign in. Never what, nor about whom.

In the embedded default each mail is a file of the mail folder; with SMTP_URL it is sent. A mail's name and id come
from its notice, so that one sent twice after a crash is seen to be the same (docs/decisions/0018).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from intake.files import make_private_folder, write_private

SUBJECT = "[Niêm Phong] Có việc mới – Something new"
DEMONSTRATION = "[TRÌNH DIỄN – DEMONSTRATION] "
BODY = """\
Kính gửi Đồng chí,

Có việc mới đang chờ Đồng chí. Mời Đồng chí đăng nhập để xem:
{address}

Thư này không nêu nội dung và sẽ không bao giờ nêu nội dung. Hệ thống không bao giờ hỏi cụm mật khẩu,
mã dùng một lần hay khóa khôi phục qua thư. Xin không trả lời thư này.

--

Something new is waiting for you. Please sign in to see it:
{address}

This mail says nothing about its content and never will. You will never be asked by mail for your
passphrase, a one-time code or your recovery key. Please do not reply.
"""
TIMEOUT = 20.0  # seconds for each step until the mail is handed over
ANSWER = 600.0  # and for the answer to the mail itself (RFC 5321, 4.5.3.2.6): who gives up early sends it twice

# Called when the next thing that is sent is the mail; whatever it raises keeps the mail back.
HandOver = Callable[[], None]
# The block runs when the mail has been accepted, before anything else is said to the server. Entering raises MailError.
Deliver = Callable[[EmailMessage, HandOver], AbstractContextManager[None]]


class MailError(Exception):
    """A mail could not be delivered now; it stays due."""


class Session(smtplib.SMTP):
    """A session with a mail server that says when the mail leaves, and then waits for long."""

    hand_over: HandOver

    def data(self, msg: bytes | str) -> tuple[int, bytes]:
        self.hand_over()
        if self.sock is not None:
            self.sock.settimeout(ANSWER)
        return super().data(msg)


class TlsSession(Session, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def compose(*, id: str, to: str, sender: str, staff_url: str, at: datetime, demonstration: bool) -> EmailMessage:
    """The mail of one notice; the same text for every kind."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = (DEMONSTRATION if demonstration else "") + SUBJECT
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(BODY.format(address=f"{staff_url}/staff/"), cte="quoted-printable")
    return mail


def into_folder(folder: Path) -> Deliver:
    """Deliver into a folder, one `.eml` file a mail, each written whole or not at all; a second time changes nothing."""

    @contextmanager
    def deliver(mail: EmailMessage, hand_over: HandOver) -> Iterator[None]:
        make_private_folder(folder)
        name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        write_private(folder / f"{name}.eml", mail.as_bytes())
        yield

    return deliver


def by_smtp(url: str) -> Deliver:
    """Deliver through the server of an `smtp://`, `smtps://` or `smtp+starttls://` address."""
    parts = urlsplit(url)
    host = parts.hostname or ""

    @contextmanager
    def deliver(mail: EmailMessage, hand_over: HandOver) -> Iterator[None]:
        server: Session | None = None
        try:
            try:
                server = _connected()
                server.hand_over = hand_over
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(mail)
            except (OSError, smtplib.SMTPException) as fault:
                # The fault's own text may hold addresses.
                raise MailError(type(fault).__name__) from None
            yield
        finally:
            if server is not None:
                _leave(server)

    def _connected() -> Session:
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            return TlsSession(host, parts.port or 465, timeout=TIMEOUT, context=context)
        server = Session(host, parts.port or (587 if parts.scheme == "smtp+starttls" else 25), timeout=TIMEOUT)
        if parts.scheme == "smtp+starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    return deliver


def _leave(server: Session) -> None:
    """Say goodbye. What the server makes of it says nothing about the mail."""
    with suppress(OSError, smtplib.SMTPException):
        if server.sock is not None:
            server.sock.settimeout(TIMEOUT)
            server.quit()
    server.close()
