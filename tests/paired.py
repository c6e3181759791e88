"""A state side for tests.world's organisation, so that a report can become a linked pair."""

from __future__ import annotations

from datetime import datetime

from tests.world import AT, SINCE, World, add, publish
from workflow.commands import organisation
from workflow.organisation import Body

# Staff of the inspection office under inspectorate work: row 14, for the Director; the Party case for UBKT-S.
PAIR_FACTS = {
    "on": "2026-11-24",
    "accused": [{"body": "PKT", "role": "employee", "party_member": True}],
    "work_kind": "inspectorate",
}
STATE, PARTY = "GDS", "UBKT-S"
DIRECTOR, DEPUTY = "P-031", "P-032"
BODIES = (
    Body(code="GDS", kind="director", level=3, parent="BTV-S", quorum=1, single=True),
    Body(code="PKT", kind="inspectorate_office", level=3, parent="GDS", quorum=2),
)


def add_state_side(world: World, *, at: datetime = AT) -> None:
    """The Director and a deputy, enrolled, seated and in the roster."""
    with world.store.transaction() as db:
        organisation.load_bodies(db, BODIES, on=SINCE, at=at)
        for code, name, function in ((DIRECTOR, "Ngô Thị Ba Mốt", "head"), (DEPUTY, "Dương Văn Ba Hai", "deputy")):
            add(db, world, code, name=name, at=at)
            organisation.add_seat(
                db, body="GDS", person=code, function=function, roles=("intake", "decide"), term_from=SINCE, at=at
            )
        publish(db, world, at=at)
