"""What the office's API takes and gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from intake.account.schemas import Asked
from intake.shapes import Given

Person = Annotated[str, StringConstraints(pattern=r"^P-[0-9]{3,6}$")]


class LinkAsked(Asked):
    person: Person


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
    link_until: str | None


class EnrolmentsOut(Given):
    people: list[EnrolmentOut]
    bodies: dict[str, dict[str, str]]
