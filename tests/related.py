"""Relations for tests of routing, and a plain reading of whom they keep out."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from tests.routed import BODIES, CUSTODIANS, PLAN
from workflow.organisation import Relation
from workflow.relations import kinds

PEOPLE = sorted({seat.person for seat in PLAN.seats} | set(CUSTODIANS))
KINDS = {one.code: one for one in kinds()}
SINCE = date(2026, 1, 1)


def tie(person, kind, what, code, **changes):
    said = KINDS[kind]
    held = {"since": SINCE, "until": None, "reason": said.reason, "mutual": said.mutual} | changes
    return Relation(person=person, kind=kind, what=what, code=code, **held)


SUBJECTS = {
    "person": PEOPLE,
    "body": BODIES,
    "inspection": [*(one.code for one in PLAN.inspections), "KT-1999-01"],
}
a_relation = st.sampled_from(sorted(SUBJECTS)).flatmap(
    lambda what: st.builds(
        tie, st.sampled_from(PEOPLE), st.sampled_from(sorted(KINDS)), st.just(what), st.sampled_from(SUBJECTS[what])
    )
)
ALL_RELATIONS = st.lists(a_relation, max_size=25).map(tuple)


def tied_to(facts, relations):
    """Everybody whom these relations tie to what these facts are about, in so many words."""
    team = PLAN.inspection(facts.get("inspection"))
    people = {one.get("person") for one in facts["accused"]} | set(team.people if team else ())
    bodies = {one["body"] for one in facts["accused"]} | set(team.units if team else ())
    found = set()
    for one in relations:
        if one.what == "person":
            if one.code in people:
                found.add(one.person)
            if one.kind == "family" and one.person in people:
                found.add(one.code)
        elif one.code in bodies or (one.what == "inspection" and one.code == facts.get("inspection")):
            found.add(one.person)
    return found
