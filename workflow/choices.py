"""What a reporter chooses from besides categories: roles an accused can have, kinds of work (contracts, *Facts*)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from workflow import rules


@dataclass(frozen=True)
class Choice:
    """A code that facts may hold; `label` by language. What isn't `offered` is known, but not put before reporters."""

    code: str
    label: Mapping[str, str]
    offered: bool


@cache
def roles() -> tuple[Choice, ...]:
    """The roles of an accused, in the order in which they are offered."""
    return tuple(Choice(row["code"], row["label"], True) for row in rules.read("roles")["roles"])


@cache
def work_kinds() -> tuple[Choice, ...]:
    """The kinds of work, in the order in which they are offered."""
    return tuple(Choice(row["code"], row["label"], row["offered"]) for row in rules.read("work_kinds")["work_kinds"])
