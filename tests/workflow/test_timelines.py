"""Effective-dated facts: what a statement changes, and that it changes nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workflow.timelines import DAY, Span, ended, in_force, stated, steps

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]
days = st.sampled_from(DAYS)
facts = st.sampled_from([{"name": "A"}, {"name": "B"}])


@st.composite
def spans(draw):
    first, last = sorted((draw(days), draw(days)))
    return first, draw(st.sampled_from([last, None])), draw(facts)


timelines = st.lists(spans(), max_size=4).map(lambda said: reduce(lambda line, one: stated(line, *one), said, ()))


def so_on(timeline, day):
    found = in_force(timeline, day)
    return found.facts if found else None


@given(timelines, spans())
def test_a_statement_holds_in_its_time_and_leaves_the_days_before_alone(timeline, said):
    since, until, facts = said
    after = stated(timeline, since, until, facts)
    for day in DAYS:
        if day < since:
            assert so_on(after, day) == so_on(timeline, day)
        elif until is None or day <= until:
            assert so_on(after, day) == facts
    assert all(one.until is not None and one.until < two.since for one, two in pairwise(after))


@given(timelines, spans())
def test_the_same_statement_again_changes_nothing(timeline, said):
    once = stated(timeline, *said)
    assert stated(once, *said) == once
    assert list(steps(once, once)) == []


@given(timelines)
def test_stating_what_is_so_changes_nothing(timeline):
    for span in timeline:
        assert stated(timeline, span.since, span.until, span.facts) == timeline


@given(timelines, days)
def test_after_an_end_nothing_is_so_and_before_it_everything_is(timeline, last):
    after = ended(timeline, last)
    assert all(so_on(after, day) == (so_on(timeline, day) if day <= last else None) for day in DAYS)


@given(timelines, timelines)
def test_two_timelines_that_differ_have_a_step_between_them(before, after):
    if any(so_on(before, day) != so_on(after, day) for day in DAYS):
        assert list(steps(before, after))


def test_a_change_is_told_once_and_an_end_as_an_end():
    whole = (Span(FIRST, None, {"name": "A"}),)
    (step,) = steps(whole, stated(whole, DAYS[5], None, {"name": "B"}))
    assert (step.kind, step.day, step.before, step.after) == ("changed", DAYS[5], {"name": "A"}, {"name": "B"})
    (step,) = steps(whole, ended(whole, DAYS[5]))
    assert (step.kind, step.day) == ("ended", DAYS[5])
    later = (*ended(whole, DAYS[5]), Span(DAYS[6], None, {"name": "B"}))
    assert {step.kind for step in steps(later, whole)} == {"prolonged", "dropped"}
    assert [step.kind for step in steps((), whole)] == ["added"]
    assert DAYS[5] + DAY == DAYS[6]
