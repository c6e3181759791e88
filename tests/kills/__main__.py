"""`python -m tests.kills`: processes are killed at random moments while people send, answer and write.

After each round every accepted report is whole, nothing is doubled and the ledger verifies; in the end every notice was
delivered. `--rounds` says how many, `--seed` repeats the same choices.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import ColumnElement, select

from tests.canary.portal import Started, running
from tests.kills.visitors import Books, Filed, Handler, Reporter, at_work, found_in
from workflow import models
from workflow.store import Store

# The supervisor waits longer each time for a part that dies again and again; here nobody has half a minute.
SERVING = (
    sys.executable,
    "-c",
    "import intake.supervisor as s; s.LONGEST_PAUSE = s.FIRST_PAUSE; from intake.cli import main; main()",
)
# The mailbox's shortest answer time and the budgets are other tests' business.
ENVIRON = {"MAILBOX_FLOOR": "0", "NOTICE_DELAY": "0-0", "RATE_PER_SECOND": "1000", "RATE_BURST": "10000"}
REPORTERS = 2
PATIENCE = 100.0  # seconds: a notice that a dead worker had taken up is due again after a minute
BEFORE, AFTER = (0.2, 1.0), 0.3  # seconds of work before each kill, and after the last
VICTIMS = ("redis", "reporter", "reporter, worker", "staff", "staff, worker", "worker", "clock")


class Broken(Exception):
    """A promise that was not kept."""


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    asked.add_argument("--rounds", type=int, default=50)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    given = asked.parse_args()
    print(f"kills: {given.rounds} rounds, seed {given.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="np-kills-", dir="/tmp") as folder,
        running(Path(folder), ENVIRON, SERVING) as started,
    ):
        try:
            told = rounds(started, given.rounds, random.Random(given.seed))
        except Broken as broken:
            print((Path(folder) / "log").read_text(errors="replace")[-3000:], file=sys.stderr)
            sys.exit(f"kills: {broken} (seed {given.seed})")
    print(f"kills: {told}")


def rounds(started: Started, count: int, chance: random.Random) -> str:
    """Play that many; a sentence of what happened. Raises Broken."""
    books = Books()
    reporters = [Reporter(started.portal, books, f"người {number}") for number in range(REPORTERS)]
    visitors = [*reporters, Handler(started.portal, books)]
    seen, killed = 0, 0
    for number in range(1, count + 1):
        stop = threading.Event()
        threads = at_work(visitors, books, stop)
        for _ in range(chance.choice((1, 1, 2, 3))):
            time.sleep(chance.uniform(*BEFORE))
            killed += kill(started, chance)
        time.sleep(AFTER)
        stop.set()
        for thread in threads:
            thread.join(timeout=120)
        if books.faults:
            raise Broken(f"round {number}: {books.faults[0]}")
        check(started, books, books.filed[seen:])
        seen = len(books.filed)
    check(started, books, books.filed)
    notices = check_notices(started)
    if not books.filed or not any(one.answered for one in books.filed):
        raise Broken("nothing was sent or answered: the rounds were too short")
    answers = sum(len(one.answered) for one in books.filed)
    return (
        f"{killed} processes killed, {len(books.filed)} reports accepted and whole, {answers} answers, "
        f"{books.again} things sent again, {notices}, ledger sound"
    )


def kill(started: Started, chance: random.Random) -> int:
    """One process of a random part, without a word; how many that were."""
    wanted = chance.choice(VICTIMS)
    with suppress(AssertionError):  # something is still coming back from the kill before
        for process in started.processes():
            if process.name == wanted:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                    return 1
    return 0


def check(started: Started, books: Books, filed: list[Filed]) -> None:
    numbers = [one.number for one in books.filed]
    if len(set(numbers)) != len(numbers):
        raise Broken("a case number was given twice")
    for one in filed:
        found = found_in(started.portal, one)
        expected = {"number": one.number, "me": one.written, "handlers": one.answered}
        if {name: sorted(value) if isinstance(value, list) else value for name, value in found.items()} != expected:
            raise Broken(f"case {one.number}: {found} instead of {expected}")
    try:
        started.command("ledger", "verify")
    except AssertionError as fault:
        raise Broken(str(fault)) from None


def check_notices(started: Started) -> str:
    """Every notice is delivered in the end, and none that isn't there; what is known of those delivered again, in words.

    A worker that dies between delivery and its mark delivers once more (docs/operations.md). In a folder the second mail
    replaces the first; the console has a line for each.
    """
    deadline = time.monotonic() + PATIENCE
    while (left := _notices(started, models.Notice.sent.is_(None))) and time.monotonic() < deadline:
        time.sleep(0.5)
    sent = _notices(started, models.Notice.sent.is_not(None))
    mails = {path.stem for path in (started.home / "mail").glob("*.eml")}
    if left or mails != sent:
        raise Broken(
            f"{len(left)} notices never went out, {len(sent - mails)} without a mail, {len(mails - sent)} mails of none"
        )
    lines = started.portal.log.read_text(errors="replace").count("(mail sent)")
    return f"{len(sent)} notices delivered, {max(0, lines - len(sent))} of them once more"


def _notices(started: Started, condition: ColumnElement[bool]) -> set[str]:
    store = Store(f"sqlite:///{started.home / 'niemphong.db'}")
    with store.reading() as db:
        found = set(db.scalars(select(models.Notice.id).where(condition)))
    store.close()
    return found


if __name__ == "__main__":
    main()
