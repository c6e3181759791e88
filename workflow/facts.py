"""What a report says of whom it concerns, in codes: read strictly (contracts, *Facts and decision*, *Reading facts*)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from workflow import rules

CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
LONGEST_CODE = 40
PERSON = re.compile(r"P-[0-9]{3,6}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIELDS = ("on", "accused", "work_kind", "inspection", "reporter_unit", "objections")
ACCUSED_FIELDS = ("body", "role", "person", "party_member")
MOST_ACCUSED, MOST_OBJECTIONS = 50, 500


@dataclass(frozen=True)
class Accused:
    """One whom the report concerns; `party_member` is already filled in where the facts leave it open."""

    body: str
    role: str
    person: str | None
    party_member: bool


@dataclass(frozen=True)
class Facts:
    """Facts that can be routed; `accused` is empty while it isn't known whom the report concerns."""

    on: date
    accused: tuple[Accused, ...]
    work_kind: str | None = None
    inspection: str | None = None
    reporter_unit: str | None = None
    objections: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BadFacts:
    """Why facts can't be read: one line per fault, none of which quotes what was given."""

    faults: tuple[str, ...]


@cache
def roles() -> Mapping[str, bool]:
    """The roles an accused can have, and whether such a person sits in the body."""
    return {row["code"]: row["sits"] for row in rules.read("roles")["roles"]}


@cache
def columns() -> Mapping[str, str]:
    """The kinds of work, each with its column of the table."""
    return {row["code"]: row["column"] for row in rules.read("work_kinds")["work_kinds"]}


def parse_facts(asked: Any) -> Facts | BadFacts:
    """Facts from decoded JSON. Never raises; what isn't in the contract is a fault."""
    if not isinstance(asked, dict):
        return BadFacts(("facts: not an object",))
    faults = _strangers(asked, FIELDS, "")
    on = _day(asked.get("on"), faults)
    accused = _all_accused(asked.get("accused"), faults)
    work_kind = asked.get("work_kind")
    if work_kind is not None and not (isinstance(work_kind, str) and work_kind in columns()):
        faults.append(f"work_kind: not one of {', '.join(columns())}")
    inspection = _code(asked.get("inspection"), "inspection", faults)
    unit = _code(asked.get("reporter_unit"), "reporter_unit", faults)
    objections = _objections(asked.get("objections"), faults)
    if faults or on is None:
        return BadFacts(tuple(faults))
    return Facts(on, accused, work_kind, inspection, unit, objections)


def _strangers(given: Mapping[Any, Any], known: tuple[str, ...], where: str) -> list[str]:
    count = sum(name not in known for name in given)
    return [f"{where}unknown field (known: {', '.join(known)})"] * count


def _day(given: Any, faults: list[str]) -> date | None:
    if isinstance(given, str) and DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    faults.append("on: missing" if given is None else "on: not a date like 2026-11-24")
    return None


def _all_accused(given: Any, faults: list[str]) -> tuple[Accused, ...]:
    if not isinstance(given, list):
        faults.append("accused: missing" if given is None else "accused: not a list")
        return ()
    if len(given) > MOST_ACCUSED:
        faults.append(f"accused: more than {MOST_ACCUSED}")
        return ()
    read = (_accused(one, f"accused[{place}]", faults) for place, one in enumerate(given))
    return tuple(one for one in read if one is not None)


def _accused(given: Any, where: str, faults: list[str]) -> Accused | None:
    if not isinstance(given, dict):
        faults.append(f"{where}: not an object")
        return None
    wrong = _strangers(given, ACCUSED_FIELDS, f"{where}: ")
    body, role = _code(given.get("body"), f"{where}.body", wrong), given.get("role")
    person, member = given.get("person"), given.get("party_member")
    if given.get("body") is None:
        wrong.append(f"{where}.body: missing")
    if not isinstance(role, str) or role not in roles():
        wrong.append(f"{where}.role: missing" if role is None else f"{where}.role: not one of {', '.join(roles())}")
    if person is not None and not _is_person(person):
        wrong.append(f"{where}.person: not a code like P-001")
    if member is not None and not isinstance(member, bool):
        wrong.append(f"{where}.party_member: neither true nor false")
    faults += wrong
    if wrong or body is None or role is None:
        return None
    return Accused(body, role, person, role != "employee" if member is None else member)


def _objections(given: Any, faults: list[str]) -> frozenset[str]:
    if given is None:
        return frozenset()
    if not isinstance(given, list) or len(given) > MOST_OBJECTIONS:
        faults.append(f"objections: not a list of at most {MOST_OBJECTIONS}")
        return frozenset()
    wrong = [place for place, one in enumerate(given) if not _is_person(one)]
    faults += [f"objections[{place}]: not a code like P-001" for place in wrong]
    return frozenset() if wrong else frozenset(given)


def _code(given: Any, where: str, faults: list[str]) -> str | None:
    if given is None:
        return None
    if isinstance(given, str) and len(given) <= LONGEST_CODE and CODE.fullmatch(given):
        return given
    faults.append(f"{where}: not a code like UBKT-S")
    return None


def _is_person(given: Any) -> bool:
    return isinstance(given, str) and PERSON.fullmatch(given) is not None
