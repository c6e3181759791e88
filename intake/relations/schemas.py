"""What the API of relations takes and gives."""

from __future__ import annotations

from intake.account.schemas import Asked
from intake.shapes import Given, Signed


class RelationSigned(Asked):
    statement: Signed


class RelationMade(Given):
    id: str


class RelationOut(Given):
    """A relation on record; `basis` is of an official one, `by` the administrator who entered it, if one did."""

    id: str
    person: str
    tie: str
    what: str
    code: str
    since: str
    until: str | None
    recorded: str
    declared: bool
    basis: str | None
    by: str | None


class KindOut(Given):
    code: str
    label: str
    hint: str
    ties: list[str]
    within: list[str]


class RelationsOut(Given):
    """One's own, those of the members of a body that one heads, and what a declaration can be about."""

    mine: list[RelationOut]
    members: list[RelationOut]
    kinds: list[KindOut]
    units: dict[str, str]
    inspections: dict[str, str]
