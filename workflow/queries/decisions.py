"""Facts in, decision out, on today's organisation: what the preview shows and what a submission is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from workflow import relations, routing
from workflow.errors import Conflict, Malformed
from workflow.organisation import Relation
from workflow.queries import organisation
from workflow.submissions import Receiving
from workflow.succession import carried
from workflow.times import local_date

# What the reporter is told: not who was excluded, and not why (contracts, *What the public preview tells*).
PUBLIC = ("body", "external", "rule", "readers", "custodians", "ruleset", "citations", "pair")
# A form that stays open over midnight keeps its day; one from another day has to look at the decision again.
STALE = timedelta(days=1)


@dataclass(frozen=True)
class Decided:
    """A decision in full, which only sealed headers may hold, and its public face."""

    facts: Mapping[str, Any]
    decision: Mapping[str, Any]
    profile: str
    relations: tuple[Relation, ...]  # of its readers, of those left out, of the receiving body and of administrators
    operator_tied: bool  # whether an administrator of the system is accused, or tied to what is at issue
    linked: Decided | None = None  # of the second case of a pair

    @property
    def public(self) -> dict[str, Any]:
        return {field: self.decision[field] for field in PUBLIC}

    @property
    def receiving(self) -> Receiving | None:
        """Where it goes; None when nobody competent can be sealed to."""
        if self.decision["body"] is None or not self.decision["readers"]:
            return None
        return Receiving(
            body=self.decision["body"],
            readers=tuple(self.decision["readers"]),
            custodians=self.decision["custodians"],
        )


def decide(db: Session, facts: Mapping[str, Any], *, at: datetime) -> Decided:
    """Route these facts now. Raises Malformed for bad facts, Conflict("decision_changed") for another day's."""
    read = routing.parse_facts(dict(facts))
    if isinstance(read, routing.BadFacts):
        raise Malformed()
    today = local_date(at)
    if abs(_day(facts) - today) > STALE:
        raise Conflict("decision_changed")
    there = organisation.current(db, today)
    if routing.unknown_bodies(read, there):
        raise Malformed()
    read = carried(read, there)  # relations are with the bodies that stand today
    table = routing.load_rules()
    decision = routing.route(read, there, table)
    administrators = organisation.administrators(db)

    def decided(one: routing.Decision, said: Mapping[str, Any], **other: Any) -> Decided:
        concerned = {seat.person for seat in there.seated.get(one.body or "", ())} | {left for left, _ in one.excluded}
        return Decided(
            facts=dict(facts),
            decision=said,
            relations=relations.on_record(read, there, table, administrators | concerned),
            operator_tied=bool(relations.tied(read, there, table, administrators)),
            **other,
        )

    linked = None
    if decision.pair is not None:
        other = decision.pair.as_json() | {"pair": decision.as_linked()}
        linked = decided(decision.pair, other, profile="party")
    return decided(decision, decision.as_json(), profile=profile(facts), linked=linked)


def profile(facts: Mapping[str, Any]) -> str:
    """The state's deadlines where the inspectorate column decided, else the Party's (contracts, *Reading facts*)."""
    return "state" if facts.get("work_kind") in ("inspectorate", "audit") else "party"


def _day(facts: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(facts["on"])
    except (KeyError, TypeError, ValueError):
        raise Malformed() from None
