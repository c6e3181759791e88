"""Where a case belongs by its facts today, which a reader's browser sends again (docs/sealing.md, *Moving a case*).

The server forgot the facts when the report came; these are forgotten too. Whether they are the case's is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow import models, moving, routing
from workflow.access import Declared, cleared
from workflow.errors import Malformed, NotEligible
from workflow.queries import organisation, readers
from workflow.queries.remaining import Remaining, remaining
from workflow.statements import is_uuid
from workflow.times import local_date

LEFT = ("withdrawal", "conflict", "moved")
QUORUM, COMPETENCE = "quorum", "competence"


@dataclass(frozen=True)
class Rerouted:
    """The whole decision of today; `why` says in the clear what a move would be for, and nothing of the facts.

    `quorum`: the body has too few readers left, which the server sees anyway. Everything else is `competence`.
    """

    decision: Mapping[str, Any]
    stays: bool
    why: str

    @property
    def receivable(self) -> bool:
        """Whether another body can be given the case here."""
        return not self.stays and not self.decision["external"] and bool(self.decision["readers"])


def moves_of(db: Session, case_id: str) -> Sequence[models.Statement]:
    """The statements with which readers moved a case to another body, oldest first."""
    query = select(models.Statement).where(models.Statement.case_id == case_id, models.Statement.kind == "move")
    return list(db.scalars(query.order_by(models.Statement.stored, models.Statement.id)))


def rerouted_for(
    db: Session, case_id: str, person: str, facts: Mapping[str, Any], *, leaving: bool, at: datetime
) -> Rerouted:
    """As `rerouted`, for a reader who has declared no conflict; NotEligible for everybody else and every other case."""
    if not is_uuid(case_id):
        raise NotEligible()
    me = cleared(readers.reading(db, case_id, person, on=local_date(at))).person
    return rerouted(db, db.get_one(models.Case, case_id), facts, leaver=me if leaving else None, at=at)


def rerouted(db: Session, case: models.Case, facts: Mapping[str, Any], *, leaver: str | None, at: datetime) -> Rerouted:
    """Route a case by its facts, without `leaver` (a person's code). Malformed for bad facts, or of other work."""
    read = routing.parse_facts(dict(facts))
    if isinstance(read, routing.BadFacts) or facts.get("work_kind") != case.work_kind:
        raise Malformed()
    on = local_date(at)
    there = organisation.current(db, on)
    if routing.unknown_bodies(read, there):
        raise Malformed()
    kept = next((each.members for each in there.sets if each.code == case.custodian_set), ())
    standing = moving.Standing(
        body=case.body,
        departed=_departed(db, case.id) | ({leaver} if leaver else set()),
        handled=_people(db, case.id),
        custodians=frozenset(kept),
        custodian_set=case.custodian_set,
    )
    decision = moving.route_again(read, there, routing.load_rules(), standing)
    thin = remaining(db, case, on=on, besides=leaver) is not Remaining.ENOUGH
    return Rerouted(decision=decision.as_json(), stays=decision.body == case.body, why=QUORUM if thin else COMPETENCE)


def _departed(db: Session, case_id: str) -> frozenset[str]:
    reading = models.Readership
    return _people(db, case_id, or_(reading.ended_why.in_(LEFT), reading.declared == Declared.CONFLICT.value))


def _people(db: Session, case_id: str, *conditions: Any) -> frozenset[str]:
    query = select(models.Person.code).join(models.Readership, models.Readership.person_id == models.Person.id)
    return frozenset(db.scalars(query.where(models.Readership.case_id == case_id, *conditions)))
