"""What a cadre can pick: eight plain groups, every act in one of them, and *not sure yet*."""

from __future__ import annotations

import pytest

from workflow import categories


def test_eight_plain_groups_come_first_and_not_sure_last():
    assert [group.code for group in categories.groups()] == [
        "MONEY",
        "PRESSURE",
        "COVER_UP",
        "LEAK",
        "FALSE_RECORD",
        "FAMILY",
        "INTERFERENCE",
        "RETALIATION",
        "UNSURE",
    ]
    assert [one.code for one in categories.groups()[-1].categories] == ["UNSURE"]


def test_all_acts_of_the_regulation_and_of_the_plan_are_there_once():
    listed = [one.code for group in categories.groups() for one in group.categories]
    assert len(listed) == len(set(listed)) == 22 + 6 + 1
    assert sorted(code[:5] for code in listed if code.startswith("D4-")) == [f"D4-{no:02}" for no in range(1, 23)]
    assert sorted(code for code in listed if code.startswith("KH84-")) == [f"KH84-C{no}" for no in range(1, 7)]


def test_labels_come_in_both_languages():
    assert categories.label("D4-02-LOTIN") == {
        "vi": "Làm lộ, cung cấp thông tin, hồ sơ",
        "en": "Leaking files or information",
    }


@pytest.mark.parametrize("code", ["", "made-up", "MONEY", "d4-02-lotin"])
def test_what_is_not_in_the_list_is_not_known(code):
    assert not categories.is_known(code)
    with pytest.raises(KeyError):
        categories.label(code)


def test_everything_that_can_be_picked_is_known():
    assert all(categories.is_known(one.code) for group in categories.groups() for one in group.categories)
