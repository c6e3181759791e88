"""Categories of misconduct: eight plain groups first, then the acts in each (rules.md, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from workflow import rules


@dataclass(frozen=True)
class Category:
    """An act that can be reported; `label` and `hint` by language."""

    code: str
    label: Mapping[str, str]
    hint: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """Acts that a cadre would look for together."""

    code: str
    label: Mapping[str, str]
    categories: tuple[Category, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All groups in their order, each category in one of them; *not sure yet* comes last, alone."""
    read = rules.read("categories")
    listed = {row["code"]: _category(row) for row in read["categories"]}
    unsure = _category(read["unsure"])
    made = [
        Group(row["code"], row["label"], tuple(listed[code] for code in row["categories"])) for row in read["groups"]
    ]
    return (*made, Group(unsure.code, unsure.label, (unsure,)))


@cache
def _by_code() -> Mapping[str, Category]:
    return {one.code: one for group in groups() for one in group.categories}


def is_known(code: str) -> bool:
    return code in _by_code()


def label(code: str) -> Mapping[str, str]:
    """What a category is called, by language; KeyError for an unknown code."""
    return _by_code()[code].label


def _category(row: Mapping[str, Any]) -> Category:
    return Category(row["code"], row["label"], row["hint"])
