"""When a report becomes a linked pair: a state case that leads, and a Party case of the same facts (rules.md 5, principle 8).

Only what follows from the table; `workflow.routing` weighs the Party side with the same exclusions. Decision 0032.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workflow.facts import Facts, columns

if TYPE_CHECKING:
    from workflow.matters import Charge
    from workflow.organisation import Organisation
    from workflow.routing import Decision

ORGANISATION = "organisation"
STATE_KINDS = frozenset({"chair", "city_inspectorate", "department", "director", "inspectorate_office"})


def is_dual(charge: Charge, facts: Facts) -> bool:
    """Whether a state body answers for the work of this accused and a Party body for their membership.

    The table says so by naming a body in both columns; an organisation is nobody's employee and no member.
    """
    return (
        facts.work_kind is not None
        and columns()[facts.work_kind] == "state"
        and all(charge.route.targets.values())
        and charge.accused is not None
        and charge.accused.party_member
        and charge.accused.role != ORGANISATION
    )


def case_is_paired(case: Mapping[str, Any]) -> bool:
    """Whether a case of the table, as the data has it, names two bodies for somebody who can be both."""
    people = any(
        line.get("party_member") is not False and set(line["roles"]) - {ORGANISATION} for line in case["accused"]
    )
    return people and case["party"] is not None and case["state"] not in (None, case["party"])


def may_be_paired(state: Decision, party: Decision, organisation: Organisation) -> bool:
    """Whether both sides are cases of their own: a state body's and a Party body's, each sealed to its people.

    Where one side had to go on to a body of the other, that one has the report already. Nor is there a pair where a
    reader of the Party case keeps shares of the state case: it is the same identity. The Party side's own custodians
    are chosen so.
    """
    if not state.readers or not party.readers:
        return False
    return (
        organisation.by_code[state.body or ""].kind in STATE_KINDS
        and organisation.by_code[party.body or ""].kind not in STATE_KINDS
        and set(party.readers).isdisjoint(_members(organisation, state.custodians))
    )


def _members(organisation: Organisation, custodians: str | None) -> Iterable[str]:
    return next((kept.members for kept in organisation.sets if kept.code == custodians), ())
