"""Codes in words, in the present language: states, categories, bodies, rules. The words themselves are dated data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import g

from intake.i18n import language
from intake.services import services
from workflow import categories, choices, routing, states
from workflow.queries import organisation


def state_text(code: str) -> str:
    return in_language(states.label(code))


def state_told(code: str) -> str:
    """The state as its reporter is told."""
    return in_language(states.told(code))


def category_json(code: str) -> dict[str, str]:
    return {"code": code, "label": in_language(categories.label(code))}


def body_name(code: str, on: date) -> str:
    """The body's name on that day; its code where it has none any more."""
    return in_language(_body_names(on).get(code, {})) or code


def rule_text(decision: Mapping[str, Any]) -> str:
    """The rule that decided, with its citation, in plain words."""
    return in_language(routing.rule_text(decision))


def of_facts() -> dict[str, str]:
    """The roles and kinds of work that facts name, as a page's strings: `accused.head`, `work.inspection`."""
    words = {f"accused.{role.code}": role.label for role in choices.roles()}
    words |= {f"work.{kind.code}": kind.label for kind in choices.work_kinds()}
    return {key: in_language(label) for key, label in words.items()}


def guidance(decision: Mapping[str, Any]) -> str:
    """What to do on paper where nobody competent can be sealed to."""
    return in_language(routing.guidance(decision))


def outside_name(decision: Mapping[str, Any]) -> str | None:
    """The competent body outside in words, for the letter on paper; None where the rules name none."""
    return in_language(routing.outside_name(decision)) or None


def _body_names(on: date) -> Mapping[str, Mapping[str, str]]:
    """Looked up once in a request: a queue names the same few bodies again and again."""
    known: dict[date, Mapping[str, Mapping[str, str]]] = g.setdefault("body_names", {})
    if on not in known:
        with services().store.reading() as db:
            known[on] = organisation.body_names(db, on)
    return known[on]


def in_language(words: Mapping[str, str]) -> str:
    return words.get(language()) or words.get("vi") or ""
