"""What a browser has to know of the installation before it seals or verifies anything: signed, and public."""

from __future__ import annotations

from typing import Any

from crypto.encoding import b64u, fingerprint
from intake.services import services
from workflow.ledger import latest_checkpoint, seed_of
from workflow.queries import organisation, rosters
from workflow.times import stamp


def installation_answer() -> dict[str, Any]:
    """The same for all visitors of both faces: nothing in it depends on who asks.

    `takeovers` are the numbers of the rosters with which a successor took the organisation's key over.
    """
    at = services().now()
    with services().store.reading() as db:
        installed = organisation.installation(db)
        roster = organisation.latest_roster(db)
        checkpoint = latest_checkpoint(db)
        takeovers = rosters.takeovers(db)
    key = installed.organisation_key
    # The roster of this moment and the key that it names belong together; who holds a routing key may sign it again.
    seed = seed_of(installed.signing_public, services().keyring.signing_seeds)
    return {
        "v": 1,
        "demo": installed.demonstration,
        "salt": b64u(installed.receipt_salt),
        "roster": roster.document if roster else None,
        "routing": services().routing.current(at).signed(seed),
        "checkpoint": checkpoint.document if checkpoint else None,
        "takeovers": list(takeovers),
        "fingerprint": fingerprint(key) if key else None,
        "now": stamp(at),
    }


def takeover_answer(no: int) -> dict[str, Any]:
    """The two rosters between which the key passed to its successor: what somebody follows who trusts the former key."""
    with services().store.reading() as db:
        pair = rosters.takeover(db, no)
    return {"last": dict(pair.last), "first": dict(pair.first)}
