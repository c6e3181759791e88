"""YAML as it comes in: plain data with the line and column of every value, and nothing that a file could hide in.

Built from the parser's events, so that aliases, tags, merge keys and deep nesting are refused before anything grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

LARGEST = 16 * 1024 * 1024  # bytes: tens of thousands of people
DEEPEST = 8
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the package has it: ten times as fast
RESOLVER, CONSTRUCTOR = Resolver(), SafeConstructor()
PLAIN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "timestamp"))


@dataclass(frozen=True, order=True)
class Spot:
    """Where something stands in a file, both counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong at a spot, as a code, and what it is about."""

    spot: Spot
    why: str
    about: str = ""


class NotPlain(Exception):
    """Not YAML as it is read here; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.why)


@dataclass(frozen=True)
class Node:
    """A value with its place; `inner` are the values inside, by key or index, `keys` the places of the keys."""

    value: Any
    spot: Spot
    inner: Mapping[str | int, Node] = field(default_factory=dict)
    keys: Mapping[str, Spot] = field(default_factory=dict)

    def at(self, *path: str | int) -> Spot:
        """The place of what lies at this path, or of the innermost thing around it that there is."""
        here: Node = self
        for step in path:
            if step not in here.inner:
                return here.spot
            here = here.inner[step]
        return here.spot


def read(raw: bytes) -> tuple[Node, list[Fault]]:
    """The one document of a file, and keys that stand in one mapping twice.

    Raises NotPlain for whatever is not UTF-8, not YAML, too large, too deep, or more than plain data.
    """
    if len(raw) > LARGEST:
        raise NotPlain(Fault(Spot(), "too_large", f"{LARGEST // 1024 // 1024} MiB"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise NotPlain(Fault(Spot(raw.count(b"\n", 0, fault.start) + 1), "not_utf8")) from None
    faults: list[Fault] = []
    try:
        events = iter(yaml.parse(text, Loader=LOADER))
        next(events)  # the stream begins
        if not isinstance(next(events), DocumentStartEvent):
            raise NotPlain(Fault(Spot(), "empty"))
        node = _node(events, next(events), 1, faults)
        next(events)  # the document ends
        after = next(events)
        if not isinstance(after, StreamEndEvent):
            raise NotPlain(Fault(_spot(after), "two_documents"))
    except yaml.reader.ReaderError as fault:
        raise NotPlain(Fault(Spot(text.count("\n", 0, int(fault.position)) + 1), "not_text")) from None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot()
        raise NotPlain(Fault(spot, "not_yaml", str(fault.problem or fault.context or ""))) from None
    return node, faults


def _node(events: Iterator[Event], event: Event, depth: int, faults: list[Fault]) -> Node:
    spot = _spot(event)
    if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor is not None):
        raise NotPlain(Fault(spot, "alias"))
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise NotPlain(Fault(spot, "tag", str(tag)))
    if isinstance(event, ScalarEvent):
        return Node(_scalar(event), spot)
    if not isinstance(event, CollectionStartEvent) or depth > DEEPEST:
        raise NotPlain(Fault(spot, "too_deep"))
    if isinstance(event, MappingStartEvent):
        return _mapping(events, spot, depth, faults)
    inner: dict[str | int, Node] = {}
    while not isinstance(event := next(events), SequenceEndEvent):
        inner[len(inner)] = _node(events, event, depth + 1, faults)
    return Node([node.value for node in inner.values()], spot, inner)


def _mapping(events: Iterator[Event], spot: Spot, depth: int, faults: list[Fault]) -> Node:
    inner: dict[str | int, Node] = {}
    keys: dict[str, Spot] = {}
    while isinstance(event := next(events), NodeEvent):
        key = _node(events, event, depth + 1, faults)
        name = event.value if isinstance(event, ScalarEvent) else None
        value = _node(events, next(events), depth + 1, faults)
        if name is None or name == "<<":
            raise NotPlain(Fault(key.spot, "not_a_name", name or ""))
        if name in keys:
            faults.append(Fault(key.spot, "twice", name))
            continue
        inner[name], keys[name] = value, key.spot
    return Node({name: node.value for name, node in inner.items()}, spot, inner, keys)


def _scalar(event: ScalarEvent) -> Any:
    """The value of a plain word as YAML 1.1 has it; what only looks like a date or number stays text."""
    tag = RESOLVER.resolve(ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
    if tag not in PLAIN:
        return event.value
    try:
        value = CONSTRUCTOR.construct_object(ScalarNode(tag, event.value))
    except (ValueError, yaml.YAMLError):
        return event.value
    return event.value if isinstance(value, datetime) or not isinstance(value, date | int | float | None) else value


def _spot(event: Event) -> Spot:
    mark = event.start_mark
    return Spot(mark.line + 1, mark.column + 1) if mark else Spot()
