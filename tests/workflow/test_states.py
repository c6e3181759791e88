"""Where a case can stand: the twenty states of rules.md, section 4.1, in words."""

from __future__ import annotations

import pytest

from workflow import states


def test_a_new_case_has_been_received():
    assert states.initial() == "S10"
    assert states.label("S10") == {"vi": "Đã tiếp nhận", "en": "Received"}
    assert "Ông/Bà" in states.told("S10")["vi"]


def test_the_states_are_those_of_the_proposal_in_order():
    codes = [state.code for state in states.states()]
    assert codes == ("S10 S20 S21 S30 S31 S32 S33 S34 S40 S50 S51 S52 S60 S70 S80 S81 S85 S90 S95 S96".split())
    assert len({state.key for state in states.states()}) == len(codes)


def test_a_merged_case_never_says_with_whom():
    """A reporter must not learn of another (rules.md 4.1: "never who else")."""
    told = states.told("S32")
    assert told["en"].startswith("The same matter is already being handled")
    assert "report" not in told["en"].removeprefix("The same matter")


@pytest.mark.parametrize("code", ["", "S11", "s10", "DA_TIEP_NHAN"])
def test_an_unknown_state_has_no_words(code):
    for words in (states.label, states.told):
        with pytest.raises(KeyError):
            words(code)
