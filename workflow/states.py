"""Where a case can stand (rules.md, section 4.1): what the desk calls it, and what its reporter is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from workflow import rules


@dataclass(frozen=True)
class State:
    """One state; `label` and `told` by language."""

    code: str
    key: str
    label: Mapping[str, str]
    told: Mapping[str, str]


@cache
def states() -> tuple[State, ...]:
    """All states, in the order a case can go through them."""
    return tuple(State(row["code"], row["key"], row["label"], row["told"]) for row in rules.read("states")["states"])


def initial() -> str:
    """The state of a case that has just been received."""
    return str(rules.read("states")["initial"])


def label(code: str) -> Mapping[str, str]:
    """What the desk calls a state; KeyError for an unknown code."""
    return _by_code()[code].label


def told(code: str) -> Mapping[str, str]:
    """The sentence for the reporter; KeyError for an unknown code."""
    return _by_code()[code].told


@cache
def _by_code() -> Mapping[str, State]:
    return {state.code: state for state in states()}
