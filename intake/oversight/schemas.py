"""What the oversight API takes and gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from intake.account.schemas import Asked
from intake.shapes import Given, Signed
from workflow.commands.rotation import LONGEST_NOTE

Words = dict[str, str]  # by language


class RotationAsked(Asked):
    """A head's signed act, with the reason in words that its statement holds the hash of."""

    statement: Signed
    note: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE)]


class ActDone(Given):
    act: str


class SaidOut(Given):
    since: str
    until: str | None
    reason: str
    note: str
    by: str | None


class ChargeOut(Given):
    person: str
    over: str
    label: Words
    state: str
    months: int
    limit: int
    since: str
    due_on: str | None
    ongoing: bool
    kept_out: bool
    exception: SaidOut | None
    requirement: SaidOut | None
    basis: Words
    may_sign: bool


class NameOut(Given):
    name: str
    post: Words


class ReasonOut(Given):
    code: str
    label: Words


class RotationOut(Given):
    """Who is in charge of what: those at the limit first, then those who are warned. A head sees whom they may sign about."""

    on: str
    charges: list[ChargeOut]
    names: dict[str, NameOut]
    reasons: dict[str, list[ReasonOut]]
    warn_before: int  # months
    last_day: str  # the last that an exception signed today may have
