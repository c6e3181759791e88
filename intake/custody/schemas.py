"""What the custody API takes and gives."""

from __future__ import annotations

from intake.account.schemas import Asked
from intake.shapes import Given, SealedOut, Signed


class CustodyOut(Given):
    """Whether this custodian's drill is due, and when they passed drills, newest first."""

    due: bool
    passed: list[str]


class DrillOut(Given):
    drill: SealedOut


class DrillAnswered(Asked):
    statement: Signed


class PassedOut(Given):
    at: str


class KeeperOut(Given):
    code: str
    name: str
    last: str | None
    due: bool


class KeptSetOut(Given):
    code: str
    k: int
    proved: int
    keepers: list[KeeperOut]


class KeptSetsOut(Given):
    """The custodian sets of today; those in which too few have proved their key first."""

    sets: list[KeptSetOut]
