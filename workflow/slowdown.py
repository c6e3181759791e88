"""How sign-in slows down, per user name and without a lock that a stranger could put on (docs/decisions/0021).

Pure rules: how much work an attempt has to bring after so many failures, and how long attempts of whoever holds one of
the two factors are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FREE_FAILURES = 5  # of a name, before strangers have to work
FREE_HALVES = 5  # with one factor right, before all attempts of strangers are refused for a while
LONGEST_WAIT = timedelta(hours=1)
MARK_FAILURES = 10  # after which a browser that signed in before is a stranger
SESSION_FAILURES = 5  # wrong passphrases inside a session, after which it ends
MARK_KEPT = timedelta(days=90)  # since the last sign-in
MOST_MARKS = 10  # browsers of one member


@dataclass(frozen=True)
class Caller:
    """Who tries: the marks that their browser holds, the bits that they worked, and what can be asked of them."""

    marks: tuple[str, ...] = ()
    worked: int = 0
    least: int = 9
    most: int = 15


def bits_after(failures: int, caller: Caller) -> int:
    """The work of a stranger's next attempt: none at first, then one bit more for each failure."""
    return 0 if failures < FREE_FAILURES else min(caller.most, caller.least + failures - FREE_FAILURES)


def wait_after(halves: int) -> timedelta:
    """How long strangers are refused after so many attempts with one factor right: a minute, then twice as long."""
    if halves < FREE_HALVES:
        return timedelta(0)
    return min(LONGEST_WAIT, timedelta(minutes=2 ** min(halves - FREE_HALVES, 10)))
