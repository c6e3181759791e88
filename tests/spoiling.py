"""Spoiling a JSON document in one place, for what is then signed again: another type or value, extra, missing, doubled, swapped."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

Path = tuple[Any, ...]
# Of every type; what equals another in one language and not in the other; what some code takes for special.
STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    -1,
    2**31,
    2**53 - 1,
    "",
    "1",
    "x",
    "\0",
    "<img src=x onerror=alert(1)>",
    "P-999",
    "reporter",
    "server",
    "0" * 64,
    "A" * 5_000,
    [],
    ["x"],
    [[]],
    {},
    {"__proto__": {"polluted": True}},
    {"constructor": {"prototype": {}}},
)
NAMES = ("__proto__", "constructor", "toString", "hasOwnProperty", "text", "v", "x", "")
HOW = ("replace", "replace", "take_away", "add", "double", "swap", "move_in")


def paths_of(value: Any, at: Path = ()) -> list[Path]:
    """Every place below the root."""
    inside: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path for key, each in inside for path in ((*at, key), *paths_of(each, (*at, key)))]


def found(value: Any, path: Sequence[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


def spoilt(document: Mapping[str, Any], number: int, others: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A copy of the document, spoilt in one place that the number stands for; values may come from `others` of its kind."""
    chance, whole = Random(number), copy.deepcopy(dict(document))
    *above, key = chance.choice(paths_of(whole))
    parent, how = found(whole, above), chance.choice(HOW)
    if how == "take_away":
        del parent[key]
    elif how == "add" and isinstance(parent, dict):
        parent[chance.choice(NAMES)] = copy.deepcopy(chance.choice(STRANGE))
    elif how in ("double", "add") and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(parent[key]))
    elif how == "swap":
        other = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
        parent[key], parent[other] = parent[other], parent[key]
    elif how == "move_in":
        source = chance.choice([document, *others])
        parent[key] = copy.deepcopy(found(source, chance.choice(paths_of(source))))
    elif parent[key] == 1 and chance.random() < 0.5:
        parent[key] = True  # which Python takes for the same
    else:
        parent[key] = copy.deepcopy(chance.choice(STRANGE))
    return whole
