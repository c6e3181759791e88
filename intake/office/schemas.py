"""What the office's API takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from intake.account.schemas import Asked
from intake.shapes import Given, Hex
from workflow.marked_yaml import LARGEST
from workflow.organisation_file import EARLIEST, LATEST

Person = Annotated[str, StringConstraints(pattern=r"^P-[0-9]{3,6}$")]
Body = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=40)]
State = Literal["ended", "now", "coming"]


def _day(text: str) -> str:
    if not EARLIEST <= date.fromisoformat(text) <= LATEST:
        raise ValueError("far from any organisation's days")
    return text


Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
People = Annotated[list[Person], Field(max_length=200)]
Maybe = Annotated[People, Field(default_factory=list)]
Bodies = Annotated[list[Body], Field(max_length=200)]


class LinkAsked(Asked):
    person: Person


class ChangeAsked(Asked):
    """An organisation as a file, or a part of one; `confirmed` is the `plan` of an answer to the same."""

    file: Annotated[str, StringConstraints(max_length=LARGEST)]
    since: Day | None = None
    whole: bool = False
    confirmed: Hex | None = None


class MergerAsked(Asked):
    body: Body
    into: Body
    since: Day
    confirmed: Hex | None = None


class InspectionAsked(Asked):
    code: Body
    decision: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
    work_kind: Annotated[str, StringConstraints(max_length=40)]
    body: Body
    directing: Maybe
    heads: People
    members: Maybe
    units: Bodies
    since: Day
    until: Day | None = None


class JoinAsked(Asked):
    directing: Maybe
    heads: Maybe
    members: Maybe


class EndAsked(Asked):
    until: Day


class ClashOut(Given):
    person: str
    other: str
    kind: str


class ClashesOut(Given):
    clashes: list[ClashOut]


class LinkOut(Given):
    address: str
    until: str


class PostOut(Given):
    body: str
    function: str


class EnrolmentOut(Given):
    code: str
    name: str
    username: str
    posts: list[PostOut]
    duties: list[str]
    enrolled: str | None
    fingerprint: str | None
    signed: bool
    link_until: str | None


class EnrolmentsOut(Given):
    """A page of people by their code; `free` is a person code that nobody has."""

    people: list[EnrolmentOut]
    bodies: dict[str, dict[str, str]]
    next: str | None
    found: int
    all: int
    enrolled: int
    free: str


class LackOut(Given):
    about: str
    kind: Literal["body", "set", "level"]
    name: str
    why: str
    text: str
    told: str


class WaitingOut(Given):
    """A difference between the newest signed roster and the tables of today."""

    part: str
    id: str
    kind: Literal["added", "removed", "changed"]
    text: str
    fingerprint: str | None
    alarm: bool


class RosterOut(Given):
    no: int
    issued: str
    expires: str
    days: int
    soon: bool


class OverviewOut(Given):
    missing: list[LackOut]
    more_missing: int
    waiting: list[WaitingOut]
    more_waiting: int
    roster: RosterOut | None
    bodies: int
    people: int
    enrolled: int


class BodyLineOut(Given):
    code: str
    name: str
    kind: str
    level: int
    parent: str | None
    quorum: int
    single: bool
    depth: int
    seats: int
    enrolled: int
    signed: int
    lacks: list[LackOut]


class BodySpanOut(Given):
    code: str
    name: dict[str, str]
    kind: str
    level: int
    parent: str | None
    quorum: int
    single: bool
    since: str
    until: str | None
    state: State


class BodiesOut(Given):
    """Of the bodies of today the tree; of others what they were last, or will be first."""

    lines: list[BodyLineOut]
    spans: list[BodySpanOut]
    next: str | None
    found: int


class SeatOut(Given):
    person: str
    name: str
    function: str
    roles: list[str]
    since: str
    until: str | None
    state: State
    enrolled: bool
    signed: bool


class PartOut(Given):
    code: str
    name: str


class SuccessorOut(Given):
    body: str
    since: str


class BodyOut(Given):
    code: str
    spans: list[BodySpanOut]
    seats: list[SeatOut]
    below: list[PartOut]
    lacks: list[LackOut]
    successor: SuccessorOut | None


class FaultOut(Given):
    """What is wrong with a file, and where: both counted from 1."""

    line: int
    column: int
    why: str
    text: str
    about: str


class PlannedOut(Given):
    sign: Literal["+", "!", "-"]
    text: str
    facts: list[str]


class ChangedOut(Given):
    """`cases`: in how many somebody is cut off; `nobody`, `below_quorum`: how many more would have none or too few."""

    faults: list[FaultOut]
    more_faults: int
    changes: list[PlannedOut]
    more_changes: int
    cases: int
    nobody: int
    below_quorum: int
    unfilled: list[str]
    plan: Hex
    applied: bool


class TeamOut(Given):
    code: str
    decision: str
    work_kind: str
    body: str
    directing: list[str]
    heads: list[str]
    members: list[str]
    units: list[str]
    since: str
    until: str | None


class TeamsOut(Given):
    inspections: list[TeamOut]
    names: dict[str, str]
    bodies: dict[str, dict[str, str]]
    next: str | None
