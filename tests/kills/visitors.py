"""Reporters and a handler who go on through crashes: what was made once is sent until it is answered, as a browser would."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, TypeVar

from intake.client import ClientFault, MemberClient, Refused, Report, ReporterClient, UrlTransport
from tests.e2e.visiting import Portal
from workflow.times import local_date

HANDLER = "P-001"
# Nobody answered, or what answered was not the portal: the same is sent again.
AWAY = (OSError, ValueError, HTTPException)
AGAIN = ("server_failed", "busy", "work_needed", "storage_failed", "http_502", "http_503")
PAUSE, PATIENCE = 0.1, 60.0
Answer = TypeVar("Answer")


@dataclass
class Filed:
    """An accepted report: what its reporter has and has been told was stored."""

    code: str
    number: str
    case: str
    written: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


@dataclass
class Books:
    """What visitors were told is stored, and how often something had to be sent again."""

    filed: list[Filed] = field(default_factory=list)
    again: int = 0
    faults: list[str] = field(default_factory=list)


def insist(act: Callable[[], Answer], books: Books) -> Answer:
    """Do it until it is answered; Refused for a refusal that is about the matter."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except Refused as refused:
            if refused.code not in AGAIN or time.monotonic() > deadline:
                raise
        except AWAY:
            if time.monotonic() > deadline:
                raise
        books.again += 1
        time.sleep(PAUSE)


class Reporter:
    """Files a report a turn, and writes once more to it."""

    def __init__(self, portal: Portal, books: Books, name: str) -> None:
        self.portal, self.books, self.name = portal, books, name
        self.turns = 0

    def turn(self) -> None:
        self.turns += 1
        client = ReporterClient(UrlTransport(self.portal.public, timeout=10))
        facts = {"on": local_date(client.now()).isoformat(), "accused": [{"body": "CB-01", "role": "ordinary"}]}
        shown = insist(lambda: client.preview(facts), self.books)
        report = Report(summary=f"{self.name} {self.turns}", text="Nội dung", categories=("UNSURE",))
        code = client.new_code()
        made = client.build_submission(report, facts, shown, code)
        receipt = insist(lambda: client.submit(made), self.books)
        filed = Filed(code, receipt["number"], made["case"])
        mailbox = insist(lambda: client.open_mailbox(code), self.books)
        text = f"thêm của {self.name} {self.turns}"
        message = client.build_message(mailbox, text)
        insist(lambda: client.call("mailbox.write", **message), self.books)
        filed.written.append(text)
        self.books.filed.append(filed)


class Handler:
    """Opens a case that waits, and answers it."""

    def __init__(self, portal: Portal, books: Books, code: str = HANDLER) -> None:
        self.books = books
        self.client = MemberClient(UrlTransport(portal.staff.removesuffix("/staff"), timeout=10))
        person = portal.person(code)
        self.client.sign_in(person.username, person.passphrase, portal.one_time_code(person))
        self.done: set[str] = set()

    def turn(self) -> None:
        waiting = [one for one in list(self.books.filed) if one.case not in self.done]
        if not waiting:
            time.sleep(PAUSE)
            return
        filed = waiting[0]
        self.done.add(filed.case)
        self._declare(filed.case)
        text = f"trả lời {filed.number}"
        opened = insist(lambda: self.client.open_case(filed.case), self.books)
        made = insist(lambda: self.client.build_item(opened, "message", text), self.books)
        insist(lambda: self.client.post(f"desk/cases/{filed.case}/items", made), self.books)
        filed.answered.append(text)

    def _declare(self, case: str) -> None:
        try:
            insist(lambda: self.client.declare(case, conflict=False), self.books)
        except Refused as refused:
            if refused.code != "already_declared":  # the answer to the first was lost
                raise


def at_work(visitors: list[Reporter | Handler], books: Books, stop: threading.Event) -> list[threading.Thread]:
    """Each takes turns until told to stop; the turn that has begun is finished."""

    def go(visitor: Reporter | Handler) -> None:
        try:
            while not stop.is_set():
                visitor.turn()
        except (ClientFault, Refused, *AWAY) as fault:
            books.faults.append(f"{type(visitor).__name__}: {fault!r}")

    threads = [threading.Thread(target=go, args=(visitor,), daemon=True) for visitor in visitors]
    for thread in threads:
        thread.start()
    return threads


def found_in(portal: Portal, filed: Filed) -> Mapping[str, Any]:
    """What the reporter finds: number and texts by who wrote them."""
    client = ReporterClient(UrlTransport(portal.public, timeout=30))
    mailbox = client.open_mailbox(filed.code)
    texts: dict[str, list[str]] = {"me": [], "handlers": []}
    for message in mailbox.messages:
        texts["me" if message.by == "reporter" else "handlers"].append(message.text or f"({message.fault})")
    return {"number": mailbox.number, **texts}
