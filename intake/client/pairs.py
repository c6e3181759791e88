"""Both cases of a linked pair: sealed apart for each body, sent at once, checked to name each other (decision 0032).

Twin: static/js/client/reporter/pairs.js.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from crypto.keys import ReporterKeys
from intake.client.errors import ClientFault
from intake.client.submitting import Report, build_submission
from intake.client.trust import Trust

OWN = ("case", "decision", "objects", "submission", "epoch", "mailbox")  # what the second sending has for itself


def build_pair(
    trust: Trust,
    keys: tuple[ReporterKeys, ReporterKeys],
    report: Report,
    facts: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    at: datetime,
) -> dict[str, Any]:
    """The arguments of one `submit` for both cases; the first item of each names the other."""
    pair = shown["pair"]
    cases = str(uuid4()), str(uuid4())
    shapes = (
        (shown, {"body": pair["decision"]["body"], "leads": False}),
        ({**pair, "roster": shown["roster"]}, {"body": shown["decision"]["body"], "leads": True}),
    )
    lead, other = (
        build_submission(
            trust,
            keys[place],
            report,
            facts,
            side,
            at=at,
            case=cases[place],
            linked={"case": cases[1 - place], **linked},
        )
        for place, (side, linked) in enumerate(shapes)
    )
    return lead | {"pair": {name: other[name] for name in OWN}}


def check_linked(case: str, first: Mapping[str, Any] | None, other: str | None) -> None:
    """A case's first item, where it is here, names the other mailbox that was found, or that there is none."""
    if first is None:
        return
    named = (first.get("linked") or {}).get("case")
    if named != other:
        raise ClientFault("linked_missing" if other is None else "linked_other", case=case)
