"""What the queue does: sweeps over tables, each safe to run twice, late, or after a crash.

A job has no argument; what it works on it finds in the database. Nothing in Redis is needed to recover, and nothing in
Redis says when a report came: notices are found by their `not_before`, never announced at commit.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from intake.config import load_settings
from intake.mail import Deliver, MailError, by_smtp, compose, into_folder
from intake.services import Services, build_services
from workflow import ledger
from workflow.commands import drills, envelopes, notices, removals, sessions
from workflow.errors import Busy, StorageFailed
from workflow.queries.notices import DueNotice, due

SENDING = 120.0  # seconds after which a sweep takes up no further notice: other sweeps wait for this worker
MARKING, PAUSE = 60.0, 1.0  # seconds for which, and between which, a mark is tried


@lru_cache(maxsize=1)
def _own() -> Services:
    """The services of this worker process."""
    return build_services(load_settings(os.environ))


def send_notices() -> None:
    send_due_notices(_own())


def rotate_routing_keys() -> None:
    services = _own()
    services.routing.rotate(services.now())


def make_checkpoint() -> None:
    services = _own()
    with services.store.transaction() as db:
        ledger.checkpoint(db, *services.keyring.signing_seeds, at=services.now())


def sweep_sessions() -> None:
    services = _own()
    with services.store.transaction() as db:
        sessions.sweep(db, idle=services.idle, at=services.now())


def remove_former_readers() -> None:
    services = _own()
    with services.store.transaction() as db:
        removals.remove_former_readers(db, at=services.now())


def forget_envelopes() -> None:
    services = _own()
    with services.store.transaction() as db:
        envelopes.forget_envelopes(db, on=services.now().date())


def forget_notices() -> None:
    services = _own()
    with services.store.transaction() as db:
        notices.forget_notices(db, at=services.now())


def remind_of_drills() -> None:
    services = _own()
    with services.store.transaction() as db:
        drills.remind_of_drills(db, at=services.now())


JOBS: dict[str, Callable[[], None]] = {
    job.__name__: job
    for job in (
        send_notices,
        rotate_routing_keys,
        make_checkpoint,
        sweep_sessions,
        remove_former_readers,
        forget_envelopes,
        forget_notices,
        remind_of_drills,
    )
}


def send_due_notices(services: Services, deliver: Deliver | None = None) -> int:
    """Send the notices whose time has come; returns how many went out. What takes too long is left to the next sweep.

    Each is claimed, handed over, and marked as soon as it is accepted: a crash between the last two repeats a mail, one
    at any other moment doesn't, and none loses one (docs/decisions/0018).
    """
    send = deliver or _delivery(services)
    with services.store.reading() as db:
        waiting = due(db, at=services.now())
    until = time.monotonic() + SENDING
    sent = 0
    for notice in waiting:
        if time.monotonic() > until:
            break
        sent += _send(services, notice, send)
    return sent


def _send(services: Services, notice: DueNotice, deliver: Deliver) -> bool:
    with services.store.transaction() as db:
        attempt = notices.take_up(db, notice.id, at=services.now())
    if attempt is None:
        return False
    address = _address(services, notice)
    if address is None:
        _mark(services, notice)
        _say(f"không có địa chỉ thư: {notice.person} (no mail address)")
        return False

    def hand_over() -> None:
        with services.store.transaction() as db:
            if not notices.hand_over(db, notice.id, attempt, at=services.now()):
                raise MailError("another worker has it")

    settings = services.settings
    mail = compose(
        id=notice.id,
        to=address,
        sender=settings.mail_from,
        staff_url=settings.staff_url,
        at=services.now(),
        demonstration=services.demonstration,
    )
    try:
        with deliver(mail, hand_over):
            _mark(services, notice)
    except (MailError, OSError) as fault:
        why = str(fault) if isinstance(fault, MailError) else type(fault).__name__
        _say(f"chưa gửi được thư cho {notice.person}, sẽ thử lại (mail not sent, will be retried: {why})")
        return False
    _say(f"thư «có việc mới» → {notice.person} (mail sent)")
    return True


def _mark(services: Services, notice: DueNotice) -> None:
    """Note that it went out. A database that can't now is asked again for a while: what isn't marked goes out again."""
    until = time.monotonic() + MARKING
    while True:
        try:
            with services.store.transaction() as db:
                notices.mark_sent(db, notice.id, at=services.now())
            return
        except (Busy, StorageFailed):
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


def _address(services: Services, notice: DueNotice) -> str | None:
    """Into the folder goes a mail for everybody; over SMTP only for those who gave an address."""
    if notice.mail is None and services.settings.smtp_url is None:
        return f"{notice.username}@localhost"
    return notice.mail


def _delivery(services: Services) -> Deliver:
    settings = services.settings
    return by_smtp(settings.smtp_url) if settings.smtp_url else into_folder(settings.mail_folder)


def _say(line: str) -> None:
    """One line on the console, which may be gone or full: a person's code, never an address nor what it is about."""
    with suppress(OSError, ValueError):
        print(f"niemphong: {line}", file=sys.stderr, flush=True)
