"""`python -m tests.kills`: processes are killed at random moments while people send, answer and write.

After each round every accepted report is whole, nothing is doubled and the ledger verifies; in the end every notice was
delivered, and went out again only where a worker was killed. `--rounds` says how many, `--seed` repeats the same choices.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import threading
import time

from tests.databases import KINDS
from tests.kills.broken import Broken
from tests.kills.notices import check_notices
from tests.kills.scene import Scene, scene
from tests.kills.visitors import Books, Filed, Handler, Reporter, at_work, found_in

REPORTERS = 2
BEFORE, AFTER = (0.2, 1.0), 0.3  # seconds of work before each kill, and after the last


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    asked.add_argument("--rounds", type=int, default=50)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    asked.add_argument("--database", choices=KINDS, default=KINDS[0], help="a PostgreSQL is started for this run")
    asked.add_argument("--redis", choices=("embedded", "own"), default="embedded", help="own: one by NIEMPHONG_REDIS")
    asked.add_argument("--mail", choices=("smtp", "folder"), default="smtp", help="where notices go")
    given = asked.parse_args()
    told = f"{given.rounds} rounds, seed {given.seed}, {given.database}, {given.redis} Redis, {given.mail}"
    print(f"kills: {told}", flush=True)
    with scene(random.Random(given.seed), database=given.database, redis=given.redis, mail=given.mail) as played:
        try:
            told = rounds(played, given.rounds)
        except Broken as broken:
            print(played.started.portal.log.read_text(errors="replace")[-3000:], file=sys.stderr)
            sys.exit(f"kills: {broken} (seed {given.seed})")
    print(f"kills: {told}")


def rounds(played: Scene, count: int) -> str:
    """Play that many; a sentence of what happened. Raises Broken."""
    books, chance, portal = Books(), played.chance, played.started.portal
    reporters = [Reporter(portal, books, f"người {number}") for number in range(REPORTERS)]
    visitors = [*reporters, Handler(portal, books)]
    seen = 0
    for number in range(1, count + 1):
        stop = threading.Event()
        threads = at_work(visitors, books, stop)
        for _ in range(chance.choice((1, 1, 2, 3))):
            time.sleep(chance.uniform(*BEFORE))
            played.kill()
        time.sleep(AFTER)
        stop.set()
        for thread in threads:
            thread.join(timeout=120)
        if books.faults:
            raise Broken(f"round {number}: {books.faults[0]}")
        check(played, books, books.filed[seen:])
        seen = len(books.filed)
        played.half_an_hour_later()
    check(played, books, books.filed)
    notices = check_notices(played)
    if not books.filed or not any(one.answered for one in books.filed):
        raise Broken("nothing was sent or answered: the rounds were too short")
    answers = sum(len(one.answered) for one in books.filed)
    return (
        f"{played.killed.total()} processes killed, {len(books.filed)} reports accepted and whole, {answers} answers, "
        f"{books.again} things sent again, {notices}, ledger sound"
    )


def check(played: Scene, books: Books, filed: list[Filed]) -> None:
    numbers = [one.number for one in books.filed]
    if len(set(numbers)) != len(numbers):
        raise Broken("a case number was given twice")
    for one in filed:
        found = found_in(played.started.portal, one)
        expected = {"number": one.number, "me": one.written, "handlers": one.answered}
        if {name: sorted(value) if isinstance(value, list) else value for name, value in found.items()} != expected:
            raise Broken(f"case {one.number}: {found} instead of {expected}")
    try:
        played.started.command("ledger", "verify")
    except AssertionError as fault:
        raise Broken(str(fault)) from None


if __name__ == "__main__":
    main()
