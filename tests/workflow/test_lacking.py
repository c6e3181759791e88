"""What an organisation still lacks: told by body and set."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.cli.import_words import LACKS
from workflow import ready
from workflow.lacking import Lack, Sitting, lacks, receiving
from workflow.organisation import Organisation
from workflow.routes import load_rules

STAFFED = ready.staffed()
SETS = tuple(Sitting(one.code, 2, 4, one.level, 4) for one in STAFFED.sets)


def of(there: Organisation, sets=SETS) -> list[Lack]:
    found = lacks(there, sets, load_rules())
    assert {lack.why for lack in found} <= LACKS.keys()
    return found


def without(*people: str, **changed: object) -> Organisation:
    """The demonstration where these people's seats are gone, or are otherwise."""
    seats = [replace(seat, **changed) if seat.person in people else seat for seat in STAFFED.seats]
    return replace(STAFFED, seats=tuple(seat for seat in seats if changed or seat.person not in people))


def test_the_demonstration_lacks_nothing():
    assert of(STAFFED) == []


def test_the_bodies_that_receive_are_those_of_the_data():
    from workflow import rules

    told = {row["code"] for row in rules.read("organisation-plan")["bodies"] if row["receives"]}
    assert receiving(load_rules(), STAFFED) == told


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (without("P-022"), Lack("GDS", "nobody_handles")),
        (without("P-001"), Lack("UBKT-S", "no_head")),
        (without("P-013", "P-014"), Lack("UBKT-CQ", "no_quorum", "1/2")),
        (without("P-013", "P-014", "P-015", enrolled=False), Lack("UBKT-CQ", "nobody_enrolled")),
        (without("P-013", "P-014", enrolled=False), Lack("UBKT-CQ", "few_enrolled", "1/2")),
        (
            replace(STAFFED, bodies=tuple(b for b in STAFFED.bodies if b.code != "UBKT-CQ")),
            Lack("UBKT-CQ", "body_ended", "3"),
        ),
    ],
)
def test_a_body_that_could_not_receive_is_told(there, expected):
    assert expected in of(there)


def test_a_set_that_could_not_open_and_a_level_without_one_are_told():
    first, *others = SETS
    assert of(STAFFED, [replace(first, enrolled=1), *others]) == [Lack(first.code, "set_below_threshold", "1/2")]
    assert of(STAFFED, [replace(first, enrolled=3), *others]) == [Lack(first.code, "set_waits", "3/4")]
    assert of(STAFFED, [one for one in SETS if one.level != 2]) == [Lack("2", "no_set")]
