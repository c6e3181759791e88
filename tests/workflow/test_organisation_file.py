"""The organisation as a file: every fault is told at its line, and all of them at once."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest

from intake.cli.import_words import FAULTS, FIELDS, NOUNS, STEPS
from workflow.marked_yaml import NotPlain
from workflow.organisation_file import SECTIONS, WHY, read_file
from workflow.organisation_import import Held, plan
from workflow.timelines import Span

DAY = date(2026, 11, 24)
SINCE = date(2026, 1, 1)
PEOPLE = ("P-001", "P-002", "P-003", "P-004", "P-005")


def facts(**said):
    return {
        "kind": "cell",
        "level": 1,
        "name": {"vi": "A", "en": "A"},
        "parent": None,
        "quorum": 2,
        "single": False,
    } | said


def person(code, **said):
    return {"administrator": False, "mail": None, "name": code, "supervisor": False, "username": code.lower()} | said


def always(rows, since=SINCE):
    return {key: (Span(since, None, said),) for key, said in rows.items()}


HELD = Held(
    {
        "bodies": always(
            {("TOP",): facts(level=3), ("MID",): facts(level=2, parent="TOP"), ("LOW",): facts(parent="MID")}
        ),
        "units": always({("SCHOOL",): {"body": "LOW", "name": {"vi": "A", "en": "A"}}}),
        "people": always({(code,): person(code, administrator=code == "P-005") for code in PEOPLE}, date.min),
        "seats": always({("LOW", "P-001"): {"function": "head", "roles": ["decide"]}}),
        "sets": always(
            {
                ("KS",): {
                    "k": 2,
                    "level": 1,
                    "members": ["P-002", "P-003", "P-004", "P-005"],
                    "purpose": "identity",
                    "version": 1,
                }
            }
        ),
    },
    enrolled=frozenset({"P-001"}),
    versions={"KS": 4},
)


def faults_of(text, *, day=DAY, whole=False, today=DAY):
    file, faults = read_file(dedent(text).encode())
    found = {*faults, *plan(HELD, file, day=day, today=today, whole=whole).faults}
    return sorted((fault.spot.line, fault.why) for fault in found)


def test_every_fault_of_a_bad_file_is_told_with_its_line():
    text = """\
    colour: red
    bodies:
      - {code: LOW, quorum: 0}
      - {code: NEW, level: 1, colour: red, name: {vi: A, en: ""}, parent: NOPE, kind: cell}
      - {code: x, level: one, kind: cell, name: Tên}
      - {code: MID, valid_from: 2026-02-30}
    people:
      - {code: P-002, username: p-003, mail: "no address"}
      - just words
    seats:
      - {body: NOPE, person: P-001, function: boss, roles: [intake, king]}
    units: no
    """
    assert faults_of(text) == [
        (1, "unknown_field"),
        (3, "too_small"),
        (4, "no_name"),
        (4, "unknown_field"),
        (4, "unknown_parent"),
        (5, "bad_form"),
        (5, "not_a_number"),
        (5, "not_a_row"),
        (6, "not_a_date"),
        (8, "bad_form"),
        (8, "username_taken"),
        (9, "not_a_row"),
        (11, "not_one_of"),
        (11, "not_one_of"),
        (11, "unknown_body"),
        (12, "not_a_list"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bodies:\n - {code: NEW, level: 1}", "missing_field"),
        ("bodies:\n - {code: LOW, parent: LOW}", "circle"),
        ("bodies:\n - {code: TOP, parent: LOW, level: 1}\n - {code: MID, level: 1}", "circle"),
        ("bodies:\n - {code: LOW, level: 3}", "parent_below"),
        ("bodies:\n - {code: MID, level: 1}\n - {code: LOW, level: 2}", "parent_below"),
        ("bodies:\n - {code: MID, valid_to: 2026-12-31}", "others_below"),
        ("bodies:\n - {code: LOW, parent: NOPE}", "unknown_parent"),
        ("bodies:\n - {code: LOW, single: true}", "single_quorum"),
        ("bodies:\n - {code: LOW, name: {vi: ' ', en: A}}", "no_name"),
        ("bodies:\n - {code: LOW}\n - {code: LOW}", "said_twice"),
        ("bodies:\n - {code: LOW, valid_from: 2027-01-01, valid_to: 2026-12-31}", "ends_before_it_begins"),
        ("bodies:\n - {code: LOW, valid_to: 2026-06-30}", "before_the_day"),
        ("bodies:\n - {code: LOW, name: null}", "not_a_row"),
        ("bodies:\n - {code: LOW, quorum: 1000}", "too_large_number"),
        ("bodies:\n - {code: LOW, single: maybe}", "not_yes_or_no"),
        (f"bodies:\n - {{code: LOW, name: {{vi: {'A' * 201}, en: A}}}}", "too_long"),
        ('bodies:\n - {code: LOW, name: {vi: "A\\e[2J", en: A}}', "bad_form"),
        ("units:\n - {code: SCHOOL, body: NOPE}", "unknown_body"),
        ("people:\n - {code: P-001, username: other}", "username_fixed"),
        ("people:\n - {code: P-009, username: p-002, name: X}", "username_taken"),
        ("people:\n - {code: P-009, username: nine, name: ''}", "too_short"),
        ("people:\n - {code: P-009, username: nine, name: 2026-01-01}", "not_words"),
        ("people:\n - {code: P-005, administrator: false}", "no_administrator"),
        ("people:\n - {code: P-002}\n - {code: P-002}", "said_twice"),
        ("seats:\n - {body: NOPE, person: P-001, function: head}", "unknown_body"),
        ("seats:\n - {body: LOW, person: P-099, function: head}", "unknown_person"),
        ("seats:\n - {body: MID, person: P-005, function: head, roles: [intake]}", "administrator_handles"),
        ("people:\n - {code: P-001, administrator: true}", "administrator_handles"),
        ("seats:\n - {body: MID, person: P-002, function: head, roles: [intake]}", "custodian_handles"),
        ("sets:\n - {code: KS, members: [P-001, P-002, P-003, P-004]}", "custodian_handles"),
        (
            "seats:\n - {body: LOW, person: P-001, term_to: 2027-06-30}\n - {body: LOW, person: P-001, term_from: 2027-01-01}",
            "said_twice",
        ),
        ("sets:\n - {code: KS, k: 4}", "bad_threshold"),
        ("sets:\n - {code: KS, k: 1}", "too_small"),
        ("sets:\n - {code: KS, members: [P-002, P-003, P-004]}", "few_custodians"),
        ("sets:\n - {code: KS, n: 5, members: [P-002, P-003, P-004, P-005]}", "not_so_many"),
        ("sets:\n - {code: KS, members: [P-002, P-003, P-004, P-099]}", "unknown_person"),
        ("sets:\n - {code: KS, version: 1, k: 3}", "version_fixed"),
        ("sets:\n - {code: KS, version: 4, k: 3}", "version_passed"),
        ("sets:\n - {code: KS, valid_from: 2025-01-01, version: 5, k: 3}\n - {code: KS, version: 5}", "said_twice"),
        ("sets:\n - {code: KS, k: 3}\n - {code: KS, level: 2}", "said_twice"),
        ("sets:\n - {code: KS, valid_to: 2026-06-30}", "before_the_day"),
        ("sets:\n - {code: KS, valid_to: 2025-06-30}", "ends_before_it_begins"),
        ("sets:\n - {code: KS, valid_from: 2027-01-01, k: 3, valid_to: 2026-12-31}", "ends_before_it_begins"),
        ("valid_from: soon", "not_a_date"),
        ("valid_from: 0001-01-01", "far_day"),
        ("bodies:\n - {code: LOW, valid_to: 9999-12-31}", "far_day"),
        ("seats:\n - {body: LOW, person: P-001, term_from: '0001-01-01'}", "far_day"),
        ('people:\n - {code: P-002, name: "\u202e"}', "bad_form"),
    ],
)
def test_what_does_not_hold_together_is_refused(text, why):
    assert why in [found for _, found in faults_of(text)]


def bodies_after(text, there=HELD, *, code="LOW"):
    file, faults = read_file(text.encode())
    made = plan(there, file, day=DAY, today=DAY, whole=False)
    assert (faults, made.faults) == ([], ())
    return [(str(span.since), str(span.until), span.facts["quorum"]) for span in made.after["bodies"][code,]]


def test_a_first_day_that_is_past_changes_nothing_before_the_day():
    text = "bodies:\n - {code: LOW, quorum: 3, valid_from: 2026-01-01}"
    assert bodies_after(text) == [("2026-01-01", "2026-11-23", 2), ("2026-11-24", "None", 3)]


def test_what_is_new_may_have_begun_before_the_day():
    new = "{code: NEW, kind: cell, level: 1, name: {vi: A, en: A}, valid_from: 2020-01-01}"
    assert bodies_after(f"bodies:\n - {new}", code="NEW") == [("2020-01-01", "None", 2)]


def test_what_has_an_end_keeps_it_unless_the_row_says_otherwise():
    until = date(2026, 12, 31)
    low = (Span(SINCE, until, facts(parent="MID")), Span(date(2027, 1, 1), None, facts(parent="MID", quorum=4)))
    there = Held({**HELD.sections, "bodies": {**HELD.sections["bodies"], ("LOW",): low}}, HELD.enrolled, HELD.versions)
    text = "bodies:\n - {code: LOW, quorum: 3}"
    begun = ("2026-01-01", "2026-11-23", 2)
    assert bodies_after(text, there) == [begun, ("2026-11-24", "2026-12-31", 3), ("2027-01-01", "None", 4)]
    assert bodies_after(text.replace("}", ", valid_to: null}"), there) == [begun, ("2026-11-24", "None", 3)]


def sets_after(*texts, day=DAY):
    """The versions of KS after these files, each taken in after the other."""
    there = HELD
    for text in texts:
        file, faults = read_file(dedent(text).encode())
        made = plan(there, file, day=day, today=day, whole=False)
        assert (faults, made.faults) == ([], ())
        there = Held(made.after, there.enrolled, there.versions)
    return [(span.facts["version"], str(span.since), str(span.until)) for span in there.sections["sets"]["KS",]]


def test_a_set_ends_and_begins_again_as_another_version():
    over = "sets:\n - {code: KS, valid_to: 2026-11-23}"
    assert sets_after(over) == [(1, "2026-01-01", "2026-11-23")]
    assert sets_after(over, over) == sets_after(over)
    later = date(2026, 12, 24)
    held = Held(
        {**HELD.sections, "sets": {("KS",): (Span(SINCE, DAY, HELD.sections["sets"]["KS",][0].facts),)}},
        HELD.enrolled,
        HELD.versions,
    )
    file, _ = read_file(b"sets:\n - {code: KS, valid_to: null}")
    made = plan(held, file, day=later, today=later, whole=False)
    assert [(span.facts["version"], span.since) for span in made.after["sets"]["KS",]] == [(1, SINCE), (5, later)]


def test_a_version_to_come_ends_the_one_before_on_its_eve():
    then = "sets:\n - {code: KS, k: 3, valid_from: 2027-01-01}"
    assert sets_after(then) == [(1, "2026-01-01", "2026-12-31"), (5, "2027-01-01", "None")]
    assert sets_after(then, "sets:\n - {code: KS, version: 1, valid_to: 2026-11-30}")[0][2] == "2026-11-30"
    assert sets_after(then, "sets:\n - {code: KS, version: 1, valid_to: null}") == sets_after(then)


def test_what_has_been_so_is_never_taken_out():
    text = "bodies: []\nunits: []\npeople: []\nsets: []\nseats: []"
    assert (1, "held_already") in faults_of(text, whole=True, day=date(2025, 7, 1))


def test_a_whole_file_names_every_section():
    assert [why for _, why in faults_of("bodies: []", whole=True)].count("missing_section") == 4


def test_one_bad_row_is_told_alone():
    text = "bodies:\n - {code: NEW, kind: 7, level: 1, name: {vi: A, en: A}}\n - {code: LOW, parent: NEW}\nseats:\n"
    text += " - {body: NEW, person: P-002, function: head}\n"
    assert faults_of(text) == [(2, "not_words")]


def test_dates_may_be_written_as_json_writes_them():
    file, faults = read_file(b'{"bodies": [{"code": "LOW", "valid_from": "2026-01-01", "valid_to": null}]}')
    (line,) = file.lines["bodies"]
    assert (faults, line.since, line.says_until, line.until) == ([], date(2026, 1, 1), True, None)


def test_without_sections_there_is_nothing_to_read():
    with pytest.raises(NotPlain) as refused:
        read_file(b"- 1")
    assert refused.value.fault.why == "no_sections"


def test_every_fault_field_and_step_has_words_in_both_languages():
    assert FAULTS.keys() >= {*WHY.values(), "cannot_be_read"}
    assert NOUNS.keys() == {section.name for section in SECTIONS}
    assert FIELDS.keys() == {name for section in SECTIONS for name in section.facts}
    assert STEPS.keys() == {"added", "changed", "prolonged", "ended", "dropped"}
    assert all(vi and en and vi != en for vi, en in FAULTS.values())
