"""How long somebody has been in charge: months over broken times, the limit, the warning before it, exceptions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.rotation import (
    DAY,
    Act,
    Charge,
    Over,
    Said,
    Spell,
    State,
    held,
    load_rotation,
    read_over,
    touches,
)

TABLE = load_rotation()
FIELD, SCHOOL, DEPARTMENT = Over("field", "inspection"), Over("area", "DU-TT-01"), Over("area", "BTV-S")
PARENTS = {"UBKT-TT-01": "DU-TT-01", "DU-TT-01": "BTV-S", "DU-TT-02": "BTV-S", "BTV-S": None}
LIMIT = TABLE.limit(FIELD, date(2026, 11, 25)).months

days = st.dates(date(2010, 1, 1), date(2035, 12, 31))


@st.composite
def spells(draw):
    since = draw(days)
    return Spell(since, draw(st.none() | st.integers(0, 3000).map(lambda length: since + timedelta(days=length))))


def stands(*entered, on, over=FIELD, required=None):
    return TABLE.standing([Spell(*one) for one in entered], over, on, required=required)


def state(*entered, on, **other):
    return stands(*entered, on=on, **other).state


def test_unbroken_time_is_counted_by_the_calendar():
    since = date(2021, 9, 1)
    assert state((since, None), on=date(2026, 2, 28)) is State.FREE
    assert state((since, None), on=date(2026, 3, 1)) is State.WARNING  # 54 months
    assert state((since, None), on=date(2026, 8, 31)) is State.WARNING
    due = stands((since, None), on=date(2026, 9, 1))
    assert (due.state, due.months, due.limit, due.since, due.due_on) == (
        State.DUE,
        60,
        60,
        since,
        date(2026, 9, 1),
    )
    assert due.citations == ("KH84-II.2.2-UBKT-4",)


def test_a_short_break_is_not_counted_and_wipes_out_nothing():
    first, second = (date(2020, 1, 1), date(2021, 12, 31)), (date(2022, 4, 11), None)  # a hundred days between
    due = stands(first, second, on=date(2025, 4, 10))
    assert (due.state, due.due_on) == (State.WARNING, date(2025, 4, 11))
    assert state(first, second, on=date(2025, 4, 11)) is State.DUE


def test_after_a_break_of_a_whole_turn_the_count_begins_anew():
    first = (date(2015, 1, 1), date(2019, 12, 31))
    almost = stands(first, (date(2021, 12, 31), None), on=date(2022, 1, 1))
    assert (almost.state, almost.since) == (State.DUE, date(2015, 1, 1))
    anew = stands(first, (date(2022, 1, 1), None), on=date(2022, 1, 1))
    assert (anew.state, anew.months, anew.since) == (State.FREE, 0, date(2022, 1, 1))


def test_who_reached_the_limit_stays_kept_out_until_the_break_is_over():
    gone = (date(2015, 1, 1), date(2019, 12, 31))
    assert state(gone, on=date(2021, 12, 31)) is State.DUE
    assert state(gone, on=date(2022, 1, 1)) is State.FREE


def test_a_day_short_of_the_limit_is_not_the_limit():
    assert state((date(2015, 1, 1), date(2019, 12, 30)), on=date(2020, 6, 1)) is State.WARNING
    assert state((date(2015, 1, 1), date(2019, 12, 31)), on=date(2020, 6, 1)) is State.DUE


def test_who_has_to_be_moved_before_the_limit_is_due_from_that_day_until_they_begin_anew():
    spell = (date(2025, 1, 1), date(2026, 6, 30))
    assert state(spell, on=date(2026, 3, 1), required=date(2026, 3, 2)) is State.FREE
    asked = stands(spell, on=date(2026, 3, 2), required=date(2026, 3, 2))
    assert (asked.state, asked.due_on) == (State.DUE, date(2026, 3, 2))
    assert state(spell, on=date(2028, 6, 30), required=date(2026, 3, 2)) is State.DUE
    over_anyway = stands((date(2020, 1, 1), None), on=date(2026, 3, 2), required=date(2026, 3, 2))
    assert over_anyway.due_on == date(2025, 1, 1)
    later = (date(2028, 7, 1), None)
    assert state(spell, later, on=date(2028, 7, 1), required=date(2026, 3, 2)) is State.FREE


@settings(deadline=None)
@given(st.lists(spells(), max_size=6), days)
def test_the_order_and_the_cutting_of_times_do_not_matter(entered, on):
    told = TABLE.standing(entered, FIELD, on)
    cut = [
        part
        for one in entered
        for part in (
            [one]
            if one.until is None or one.until == one.since
            else [Spell(one.since, one.since), Spell(one.since + DAY, one.until)]
        )
    ]
    assert TABLE.standing(cut[::-1], FIELD, on) == told


@settings(deadline=None)
@given(st.lists(spells(), max_size=6), days, st.integers(1, 400))
def test_while_in_charge_nobody_comes_further_from_the_limit(entered, on, later):
    now = TABLE.standing(entered, FIELD, on)
    then = TABLE.standing([*entered, Spell(on, None)], FIELD, on + timedelta(days=later))
    order = [State.FREE, State.WARNING, State.DUE]
    assert order.index(then.state) >= order.index(now.state) or now.since is None
    assert then.months >= now.months


@settings(deadline=None)
@given(st.lists(spells(), max_size=6), days)
def test_the_day_that_is_told_is_the_day_on_which_it_becomes_due(entered, on):
    told = TABLE.standing(entered, FIELD, on)
    if told.due_on is None:
        assert told.state is not State.DUE
    elif told.due_on <= on:
        assert told.state is State.DUE
    else:
        assert told.state is not State.DUE
        assert TABLE.standing(entered, FIELD, told.due_on).state is State.DUE
        assert TABLE.standing(entered, FIELD, told.due_on - DAY).state is not State.DUE


@settings(deadline=None)
@given(st.lists(spells(), max_size=6), days)
def test_nobody_is_due_who_was_in_charge_for_less_than_the_days_of_the_limit(entered, on):
    told = TABLE.standing(entered, FIELD, on)
    covered = {
        one.since + timedelta(days=no)
        for one in entered
        for no in range(((min(one.until, on) if one.until else on) - one.since).days + 1)
        if one.since + timedelta(days=no) < on
    }
    if len(covered) < LIMIT * 28:
        assert told.state is not State.DUE
    if told.state is State.DUE:
        assert told.months >= LIMIT


def test_being_in_charge_of_a_larger_area_counts_for_those_in_it_and_not_the_other_way():
    charges = [
        Charge("P-1", SCHOOL, Spell(date(2020, 1, 1), date(2022, 12, 31))),
        Charge("P-1", DEPARTMENT, Spell(date(2023, 1, 1), None)),
    ]
    told = {one.over: one.standing for one in held(charges, [], PARENTS, date(2025, 1, 1), TABLE)}
    assert (told[SCHOOL].state, told[SCHOOL].months) == (State.DUE, 60)
    assert (told[DEPARTMENT].state, told[DEPARTMENT].months) == (State.FREE, 24)


def test_a_field_that_the_release_no_longer_knows_is_not_counted():
    charges = [Charge("P-1", Over("field", "gardening"), Spell(date(2015, 1, 1), None))]
    assert held(charges, [], PARENTS, date(2026, 1, 1), TABLE) == ()


def said(act, since, until=None):
    return Said("P-1", FIELD, act, since, until, "risk", "", "P-9")


def test_an_exception_lasts_until_its_last_day_and_a_later_requirement_ends_it():
    charge = [Charge("P-1", FIELD, Spell(date(2020, 1, 1), None))]
    excepted = said(Act.EXCEPTION, date(2025, 2, 1), date(2025, 6, 30))

    def kept_out(*acts, on):
        (one,) = held(charge, acts, PARENTS, on, TABLE)
        return one.kept_out

    assert kept_out(excepted, on=date(2025, 1, 31))
    assert not kept_out(excepted, on=date(2025, 2, 1))
    assert not kept_out(excepted, on=date(2025, 6, 30))
    assert kept_out(excepted, on=date(2025, 7, 1))
    assert kept_out(excepted, said(Act.REQUIREMENT, date(2025, 3, 1)), on=date(2025, 3, 1))


def test_a_requirement_comes_back_when_the_exception_after_it_is_over():
    charge = [Charge("P-1", FIELD, Spell(date(2025, 1, 1), None))]
    acts = [said(Act.REQUIREMENT, date(2025, 3, 1)), said(Act.EXCEPTION, date(2025, 4, 1), date(2025, 4, 30))]
    states = [held(charge, acts, PARENTS, on, TABLE)[0].kept_out for on in (date(2025, 4, 30), date(2025, 5, 1))]
    assert states == [False, True]


def test_a_matter_falls_under_the_field_of_its_work_and_in_inspectorate_work_under_areas():
    assert TABLE.overs("discipline", ["UBKT-TT-01"], PARENTS) == {Over("field", "discipline")}
    assert TABLE.overs("inspectorate", ["UBKT-TT-01"], PARENTS) == {
        Over("field", "inspectorate"),
        *(Over("area", code) for code in ("UBKT-TT-01", "DU-TT-01", "BTV-S")),
    }


def test_of_work_that_is_not_named_every_field_of_the_party_column_counts():
    assert {over.code for over in TABLE.overs(None, ["DU-TT-01"], PARENTS)} == {
        "inspection",
        "supervision",
        "discipline",
    }


@pytest.mark.parametrize("text", ["", "field", "field/", "person/P-001", "/x"])
def test_what_is_neither_field_nor_area_is_not_read(text):
    with pytest.raises(ValueError, match="neither"):
        read_over(text)
    assert read_over("area/BTV-S") == DEPARTMENT


def test_an_area_touches_those_in_it_and_those_it_lies_in():
    assert touches(SCHOOL, DEPARTMENT, PARENTS)
    assert touches(DEPARTMENT, SCHOOL, PARENTS)
    assert not touches(SCHOOL, Over("area", "DU-TT-02"), PARENTS)
    assert not touches(FIELD, Over("area", "inspection"), PARENTS)
