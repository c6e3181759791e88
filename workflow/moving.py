"""Routing a case that is there already: the facts and rules of a new report, less those who have had to do with it.

Whoever left the case reads it no more, whoever read it in one body does not read it in the next (rules.md 5,
`earlier_handler`), and whoever keeps a share of its reporter's identity reads nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflow.organisation import HANDLING, Organisation, Seat
from workflow.routes import Rules
from workflow.routing import Decision, Facts, route

CUSTODIAN = "custodian"
DEPARTED = "departed"
EARLIER_HANDLER = "earlier_handler"


@dataclass(frozen=True)
class Standing:
    """What the server knows of a case without its facts: its body, and people by code."""

    body: str
    departed: frozenset[str]  # who left it by their own word, is leaving it now, or lost it when it moved
    handled: frozenset[str]  # everybody who is or was its reader
    custodians: frozenset[str]
    custodian_set: str

    def reasons(self, seat: Seat) -> list[str]:
        """Why the holder of a handling seat may not read this case there, whatever its facts are."""
        home = seat.body == self.body
        grounds = {
            CUSTODIAN: seat.person in self.custodians,
            DEPARTED: home and seat.person in self.departed,
            EARLIER_HANDLER: not home and seat.person in self.handled,
        }
        return [reason for reason, given in grounds.items() if given]


def route_again(facts: Facts, organisation: Organisation, table: Rules, standing: Standing) -> Decision:
    """Decide as for a new report, but for the people whom the case itself rules out.

    The custodians stay those of the first day: the reporter's identity was sealed to them, and nobody here could seal it
    to others.
    """
    # Of whom the facts name, the seats say which bodies are concerned; they read nothing anyway.
    inspection = organisation.inspection(facts.inspection)
    named = {one.person for one in facts.accused} | (inspection.people if inspection else frozenset())
    barred = {seat: why for seat in organisation.seats if seat.handles and (why := standing.reasons(seat))}
    seats = tuple(_idle(seat) if seat in barred and seat.person not in named else seat for seat in organisation.seats)
    decision = route(facts, replace(organisation, seats=seats), table)
    weighed = {code for code, why in decision.escalated if why in ("quorum", "not_sealable")} | {decision.body}
    excluded = {person: set(why) for person, why in decision.excluded}
    for seat, why in barred.items():
        if seat.body in weighed:
            excluded.setdefault(seat.person, set()).update(why)
    return replace(
        decision,
        excluded=tuple((person, tuple(sorted(why))) for person, why in sorted(excluded.items())),
        custodians=standing.custodian_set if decision.custodians else None,
    )


def _idle(seat: Seat) -> Seat:
    """The seat without what makes its holder a reader."""
    return replace(seat, roles=tuple(role for role in seat.roles if role not in HANDLING))
