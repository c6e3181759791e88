"""A change of the organisation from a page: shown first, in words, and done when exactly that is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from crypto.encoding import jcs, sha256hex
from intake.office import telling
from intake.services import services
from workflow.commands.imports import Imported
from workflow.errors import Conflict
from workflow.marked_yaml import Fault
from workflow.queries.office import names_of
from workflow.queries.remaining import thin
from workflow.store import Session
from workflow.times import local_date


class _OnlyLooking(Exception):
    """Nothing of the transaction stays."""


def changed(
    act: Callable[[Session], Imported],
    *,
    day: date,
    confirmed: str | None,
    faults: list[Fault] | None = None,
    also: str = "",
) -> dict[str, Any]:
    """What an act changes, whom it cuts off, and whether it has been done.

    `confirmed` is the `plan` of the answer that was agreed with: Conflict("plan_changed") where the act would do anything
    else by now. `faults`: those of form, which the act doesn't know; `also`: what it does besides the plan.
    """
    answer: dict[str, Any] = {}
    on = max(day, local_date(services().now()))
    try:
        with services().store.transaction() as db:
            before = thin(db, on=on)
            done = act(db)
            wrong = sorted({*(faults or []), *done.plan.faults})
            after = before if wrong else thin(db, on=on)
            names = names_of(db, (change.key[-1] for change in done.plan.changes))
            changes = [] if wrong else [telling.planned_json(change, names) for change in done.plan.changes]
            answer = {
                "faults": [telling.fault_json(fault) for fault in wrong[:MOST]],
                "more_faults": max(0, len(wrong) - MOST),
                "changes": changes[:MOST],
                "more_changes": max(0, len(changes) - MOST),
                "cases": done.cases,
                "nobody": max(0, after.nobody - before.nobody),
                "below_quorum": max(0, after.below_quorum - before.below_quorum),
                "unfilled": list(done.plan.unfilled),
                "plan": _plan(done, day, also),
                "applied": False,
            }
            if wrong or not changes or confirmed is None:
                raise _OnlyLooking
            if confirmed != answer["plan"]:
                raise Conflict("plan_changed")
            answer["applied"] = True
    except _OnlyLooking:
        pass
    return answer


MOST = 500  # lines of an answer: an organisation of tens of thousands is not looked through on a page


def _plan(done: Imported, day: date, also: str) -> str:
    """A name for all that would be done and whom it would cut off: nothing else is agreed with."""
    told = [
        [
            change.section.name,
            change.id,
            change.step.kind,
            change.step.day.isoformat(),
            str(change.step.until),
            _facts(change),
        ]
        for change in done.plan.changes
    ]
    return sha256hex(jcs({"from": day.isoformat(), "changes": told, "cases": done.cases, "also": also}))


def _facts(change: Any) -> str:
    """Both sides as text: facts hold whatever a file may say."""
    return repr((sorted(change.step.before.items()), sorted(change.step.after.items())))
