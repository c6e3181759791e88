"""The laws of decisions hold in any organisation, not only in the plan's (KH84-II.2.2-UBKT-3, II.5.1-LDUBKT-5)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.routed import DAY, PLAN
from workflow import routing
from workflow.facts import columns, parse_facts, roles
from workflow.organisation import Body, Inspection, KeptBy, Organisation, Seat

PEOPLE = [f"P-{number:03}" for number in range(1, 25)]
MORE = [
    Body("CB-77", "cell", 1, "DU-TT-77", 2),
    Body("DU-TT-77", "party_committee", 2, "DU-S", 2),
    Body("UBKT-TT-77", "inspection_committee", 2, "DU-TT-77", 2),
]
BODIES = [*PLAN.bodies, *MORE]
CODES = sorted(body.code for body in BODIES)
INSPECTION = "KT-2026-77"
some_people = st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)


@st.composite
def organisations(draw):
    """Any part of the bodies, with any people in any seats, any custodian sets, and one inspection."""
    kept = draw(st.lists(st.sampled_from(BODIES), min_size=1, unique=True))
    bodies = tuple(
        Body(body.code, body.kind, body.level, body.parent, draw(st.integers(1, 3)), draw(st.booleans()))
        for body in kept
    )
    seats = draw(
        st.lists(
            st.builds(
                Seat,
                body=st.sampled_from([body.code for body in bodies]),
                person=st.sampled_from(PEOPLE),
                function=st.sampled_from(["head", "deputy", "member", "adviser", "clerk"]),
                roles=st.lists(
                    st.sampled_from(["intake", "classify", "decide", "secretary", "custodian"]), unique=True
                ).map(tuple),
                enrolled=st.just(True),
                signed=st.booleans(),
            ),
            max_size=40,
            unique_by=lambda seat: (seat.body, seat.person),
        )
    )
    sets = [
        KeptBy(f"S-{number}", draw(st.integers(1, 6)), tuple(draw(some_people)))
        for number in range(draw(st.integers(0, 3)))
    ]
    team = Inspection(
        code=INSPECTION,
        body=draw(st.sampled_from(CODES)),
        work_kind=draw(st.sampled_from(sorted(columns()))),
        directing=tuple(draw(some_people)),
        heads=tuple(draw(some_people)),
        members=tuple(draw(some_people)),
        units=(),
        since=date(2026, 1, 1),
        until=None,
    )
    return Organisation(bodies, tuple(seats), tuple(sets), (team,))


an_accused = st.fixed_dictionaries(
    {"body": st.sampled_from(CODES), "role": st.sampled_from(sorted(roles()))},
    optional={"person": st.sampled_from(PEOPLE), "party_member": st.booleans()},
)
all_facts = st.fixed_dictionaries(
    {"on": st.just(DAY), "accused": st.lists(an_accused, max_size=3)},
    optional={
        "work_kind": st.sampled_from(sorted(columns())),
        "inspection": st.just(INSPECTION),
        "reporter_unit": st.sampled_from(CODES),
        "objections": st.lists(st.sampled_from(PEOPLE), max_size=4),
    },
)


def decide(facts, organisation):
    read = parse_facts(facts)
    assert isinstance(read, routing.Facts), read
    return routing.route(read, organisation, routing.load_rules()).as_json()


def keeps_shares(decision, organisation):
    return {person for kept in organisation.sets if kept.code == decision["custodians"] for person in kept.members}


@settings(max_examples=80, deadline=None)
@given(organisations(), all_facts)
def test_nobody_accused_objected_to_or_of_the_inspection_reads_or_keeps_anything(organisation, facts):
    decision = decide(facts, organisation)
    team = organisation.inspections[0].people if "inspection" in facts else set()
    barred = {one.get("person") for one in facts["accused"]} | set(facts.get("objections", ())) | set(team)
    assert barred.isdisjoint(decision["readers"])
    assert barred.isdisjoint(keeps_shares(decision, organisation))
    assert keeps_shares(decision, organisation).isdisjoint(decision["readers"])
    assert {line["person"] for line in decision["excluded"]}.isdisjoint(decision["readers"])


@settings(max_examples=80, deadline=None)
@given(organisations(), all_facts)
def test_only_signed_handlers_of_the_receiving_body_at_quorum_read(organisation, facts):
    decision = decide(facts, organisation)
    assert bool(decision["readers"]) == (decision["body"] is not None and not decision["external"])
    assert decision["external"] == (decision["body"] is not None and decision["body"] not in organisation.by_code)
    if not decision["readers"]:
        return
    body = organisation.by_code[decision["body"]]
    seats = {seat.person: seat for seat in organisation.seats if seat.body == body.code}
    assert all(seats[person].signed and seats[person].handles for person in decision["readers"])
    assert body.single or len(decision["readers"]) >= body.quorum
    assert body.code != facts.get("reporter_unit")


@settings(max_examples=80, deadline=None)
@given(organisations(), all_facts)
def test_every_decision_cites_a_row_that_is_in_force_on_the_day(organisation, facts):
    decision = decide(facts, organisation)
    table = routing.load_rules()
    rows = {route.rule: set(route.citations) for route in table.in_force(date.fromisoformat(DAY))}
    assert decision["citations"]
    assert rows[decision["rule"]] <= set(decision["citations"])


@settings(max_examples=80, deadline=None)
@given(organisations(), all_facts)
def test_it_ends_and_passes_no_body_twice(organisation, facts):
    decision = decide(facts, organisation)
    passed = [step["from"] for step in decision["escalated"]]
    assert len(set(passed)) == len(passed) and decision["body"] not in passed


@settings(max_examples=150, deadline=None)
@given(organisations(), all_facts, an_accused)
def test_an_accused_more_never_lowers_the_level(organisation, facts, another):
    assume(facts["accused"])  # of whom nothing was known before is routed by what is known now
    before = decide(facts, organisation)
    after = decide(facts | {"accused": [*facts["accused"], another]}, organisation)
    assert height(after, organisation) >= height(before, organisation)


@settings(max_examples=60, deadline=None)
@given(organisations(), all_facts, st.integers(-400, 4000))
def test_any_day_has_an_answer(organisation, facts, days):
    day = date.fromisoformat(DAY) + timedelta(days=days)
    assert decide(facts | {"on": day.isoformat()}, organisation)["rule"].startswith("row-")


def height(decision, organisation):
    """The level of who receives; above all bodies here for one outside, and highest where nobody may."""
    if decision["body"] is None:
        return 100
    body = organisation.by_code.get(decision["body"])
    return body.level if body else 99
