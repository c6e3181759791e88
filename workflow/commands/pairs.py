"""Taking in a linked pair: two reports of one reporter in one transaction, or nothing (docs/decisions/0032)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Any

from workflow.commands import casefile
from workflow.commands.reports import Receipt, check_shown, first_answer, next_number, store_report
from workflow.errors import Conflict, Malformed
from workflow.queries.decisions import Decided, decide
from workflow.store import Session, hold
from workflow.submissions import Checked, Sending
from workflow.times import local_date


def receive_pair(
    db: Session,
    sendings: tuple[Sending, Sending],
    *,
    facts: Mapping[str, Any],
    shown: tuple[Mapping[str, Any], Mapping[str, Any]],
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random | None = None,
) -> tuple[Receipt, Receipt]:
    """Store the leading case and the one linked to it, each as `receive_report` would, and tie them in their headers.

    Nothing in the clear ties them. Raises what `receive_report` raises, for either; Conflict("decision_changed") where
    these facts give no pair by now, Conflict("known_id_other_content") where only one of the two is known.
    """
    lead, other = sendings
    if lead.case == other.case or lead.mailbox == other.mailbox:
        raise Malformed("wrong_binding")
    for name in ("case", "mailbox"):
        for value in sorted(getattr(sending, name) for sending in sendings):
            hold(db, f"{name}/{value}")
    known = [first_answer(db, sending) for sending in sendings]
    if known[0] is not None and known[1] is not None:
        return known[0], known[1]
    if any(known):
        raise Conflict("known_id_other_content")
    roster = casefile.newest_roster(db)
    roster.require_fresh(local_date(at))
    decided = decide(db, facts, at=at)
    if decided.linked is None:
        raise Conflict("decision_changed")
    sides = (decided, decided.linked)
    checked = [check_shown(*one, roster, at=at) for one in zip(sendings, sides, shown, strict=True)]
    _require_apart(checked)
    numbers = [next_number(db, local_date(at).year) for _ in sendings]
    receipts = [
        store_report(
            db,
            sendings[place],
            sides[place],
            checked[place],
            roster,
            notice_delay=notice_delay,
            chance=chance or SystemRandom(),
            at=at,
            number=numbers[place],
            linked=_linked(sendings[1 - place], sides[place], numbers[1 - place]),
        )
        for place in (0, 1)
    ]
    return receipts[0], receipts[1]


def _linked(other: Sending, decided: Decided, number: str) -> dict[str, Any]:
    """What one case's header says of the other: `leads` is whether the other one leads."""
    said = decided.decision["pair"]
    return {"case": other.case, "number": number, "body": said["body"], "leads": said["leads"]}


def _require_apart(checked: Sequence[Checked]) -> None:
    """A key that both cases had would tie them in the clear."""
    lead, other = checked
    if lead.reporter_sign == other.reporter_sign or lead.reporter_kem == other.reporter_kem:
        raise Malformed("wrong_binding")
