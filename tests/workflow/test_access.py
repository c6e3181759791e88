"""Entitlement, as pure answers: who is told of a case, who reads it, who may still declare, when too few remain."""

from __future__ import annotations

from datetime import date

import pytest

from workflow.access import Declared, Reading, Seated, cleared, entitled, narrowed, quorum_kept, undeclared
from workflow.errors import Conflict, NotEligible
from workflow.rostered import Keys, Rostered

ROSTER = Rostered(
    no=1,
    hash="0" * 64,
    expires=date(2027, 1, 1),
    members={code: Keys(kem=b"", sign=b"", readerkey=f"key of {code}") for code in ("P-001", "P-002", "P-003")},
    sets={},
)


def a_reading(**changes):
    return Reading(**{"person": "P-001", "declared": None, "ended": False, "seated": True, **changes})


def reader(code, key=None):
    return {"id": code, "key": key or f"key of {code}"}


def present(*codes):
    return {code: f"key of {code}" for code in codes}


@pytest.mark.parametrize(
    "reading",
    [None, a_reading(ended=True), a_reading(seated=False), a_reading(declared=Declared.CONFLICT)],
)
def test_who_never_was_a_reader_or_is_one_no_more_gets_nothing(reading):
    for ask in (entitled, cleared, undeclared):
        with pytest.raises(NotEligible):
            ask(reading)


def test_before_the_declaration_there_is_the_header_alone():
    assert entitled(a_reading()) == undeclared(a_reading()) == a_reading()
    with pytest.raises(NotEligible):
        cleared(a_reading())


def test_after_a_clear_declaration_there_is_everything_but_a_second_one():
    clear = a_reading(declared=Declared.CLEAR)
    assert cleared(clear) == clear
    with pytest.raises(Conflict) as refused:
        undeclared(clear)
    assert refused.value.code == "already_declared"


@pytest.mark.parametrize(
    ("functions", "quorum", "single", "kept"),
    [
        (("head", "member"), 2, False, True),
        (("deputy", "member"), 2, False, True),
        (("member", "member", "clerk"), 2, False, False),
        (("head",), 2, False, False),
        (("head",), 2, True, True),
        (("member",), 1, True, True),
        ((), 1, True, False),
        ((), 0, False, False),
    ],
)
def test_a_quorum_is_enough_people_with_a_head_or_deputy(functions, quorum, single, kept):
    remaining = [Seated(person=f"P-{number:03}", function=function) for number, function in enumerate(functions)]
    assert quorum_kept(remaining, quorum=quorum, single=single) is kept


def test_a_renewal_leaves_out_who_left_and_keeps_the_reporter():
    previous = [reader("P-001"), reader("P-002"), reader("reporter", "r")]
    assert narrowed(previous, present("P-002"), ROSTER) == (reader("P-002"), reader("reporter", "r"))


def test_a_renewal_adds_nobody():
    assert narrowed([reader("P-002")], present("P-001", "P-002", "P-003"), ROSTER) == (reader("P-002"),)


def test_a_renewal_leaves_out_a_changed_key_and_an_unrostered_one():
    previous = [reader("P-001", "an older key"), reader("P-002"), reader("P-004")]
    assert narrowed(previous, present("P-001", "P-002", "P-004"), ROSTER) == (reader("P-002"),)
    assert narrowed([reader("P-002")], {"P-002": "a newer key"}, ROSTER) == ()
