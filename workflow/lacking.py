"""What an organisation still lacks before it can do its work: bodies that couldn't receive, sets that couldn't open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflow.organisation import Body, Organisation, at_quorum
from workflow.routes import OWN_COMMITTEE, Rules
from workflow.succession import standing


@dataclass(frozen=True, order=True)
class Lack:
    """Something missing: a code (`LACKS` in intake/cli/imports.py), and the body, set or level it is about."""

    about: str
    why: str
    told: str = ""


@dataclass(frozen=True)
class Sitting:
    """A custodian set of the day with how many of its people have enrolled."""

    code: str
    k: int
    n: int
    level: int
    enrolled: int


def receiving(rules: Rules, there: Organisation) -> frozenset[str]:
    """The bodies to which the table of competence or the escalation list can lead."""
    named = {target for route in rules.routes for targets in route.targets.values() for target in targets}
    named |= {code for route in rules.routes for code in route.if_conflicted.values()}
    named |= {rise.to for rise in rules.rises if rise.to is not None}
    codes = {standing(rules.aliases.get(code, code), there) for code in named - {OWN_COMMITTEE}}
    if OWN_COMMITTEE in named:
        homes = (body.code for body in there.bodies if body.kind == "party_committee")
        codes |= {committee for home in homes if (committee := there.committee_of(home)) is not None}
    return frozenset(codes & there.by_code.keys())


def lacks(there: Organisation, sittings: Iterable[Sitting], rules: Rules) -> list[Lack]:
    """What is missing, by body and set; an empty list is what one wants to see."""
    sets = list(sittings)
    receives = receiving(rules, there)
    found = [lack for body in there.bodies for lack in _body(there, body, expected=body.code in receives)]
    found += [lack for one in sets for lack in _set(one)]
    levels = {one.level for one in sets}
    found += [
        Lack(str(level), "no_set") for level in {there.by_code[code].level for code in receives} if level not in levels
    ]
    return sorted(found + list(_left(there)))


def _body(there: Organisation, body: Body, *, expected: bool) -> Iterator[Lack]:
    handling = [seat for seat in there.seated.get(body.code, ()) if seat.handles]
    if not handling:
        if expected:
            yield Lack(body.code, "nobody_handles")
        return
    if not any(seat.function == "head" for seat in there.seated[body.code]):
        yield Lack(body.code, "no_head")
    if not at_quorum((seat.function for seat in handling), quorum=body.quorum, single=body.single):
        yield Lack(body.code, "no_quorum", f"{len(handling)}/{body.quorum}")
        return
    enrolled = [seat for seat in handling if seat.enrolled]
    if not enrolled:
        yield Lack(body.code, "nobody_enrolled")
    elif not at_quorum((seat.function for seat in enrolled), quorum=body.quorum, single=body.single):
        yield Lack(body.code, "few_enrolled", f"{len(enrolled)}/{body.quorum}")


def _set(one: Sitting) -> Iterator[Lack]:
    if one.enrolled < one.k:
        yield Lack(one.code, "set_below_threshold", f"{one.enrolled}/{one.k}")
    elif one.enrolled < one.n:
        yield Lack(one.code, "set_waits", f"{one.enrolled}/{one.n}")


def _left(there: Organisation) -> Iterator[Lack]:
    """Seats that go on in a body that has ended: its open cases go on, and nothing new comes."""
    for code in sorted(there.seated.keys() - there.by_code.keys()):
        yield Lack(code, "body_ended", str(len(there.seated[code])))
