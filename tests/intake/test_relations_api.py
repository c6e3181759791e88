"""Relations at the staff's door: declared and ended from a member's browser, seen by nobody whom they don't concern."""

from __future__ import annotations

import pytest

from intake.client import relations
from tests.casework import FACTS, REPORT, code_of, refused, rows
from tests.world import ADMINISTRATOR, SINCE, SUPERVISOR, add
from workflow import models
from workflow.commands import relations as commands

ME, RELATIVE, HEAD, DEPUTY, STRANGER = "P-003", "P-004", "P-001", "P-002", "P-005"


def on_record(client, part="mine"):
    return [(one["person"], one["tie"], one["code"], one["until"]) for one in client.get("relations")[part]]


def test_a_member_declares_sees_and_ends_a_relation(signed_in):
    me = signed_in(ME)
    assert on_record(me) == []
    made = relations.declare(me, "family", "person", RELATIVE, since="2026-01-01")
    assert on_record(me) == [(ME, "family", RELATIVE, None)]
    relations.end(me, made, "2026-11-24")
    assert on_record(me) == [(ME, "family", RELATIVE, "2026-11-24")]
    assert refused(relations.end, me, made, "2026-11-24") == "relation_ended"


def test_only_those_whom_it_concerns_and_the_head_see_it(signed_in):
    relations.declare(signed_in(ME), "family", "person", STRANGER, since="2026-01-01")
    relations.declare(signed_in(ME), "interest", "person", DEPUTY, since="2026-01-01")
    both = [(ME, "family", STRANGER, None), (ME, "interest", DEPUTY, None)]
    assert sorted(on_record(signed_in(HEAD), "members")) == both
    assert on_record(signed_in(HEAD)) == []
    assert on_record(signed_in(STRANGER)) == both[:1]  # family binds them too
    for code in (DEPUTY, RELATIVE, SUPERVISOR, ADMINISTRATOR, "P-011"):
        told = signed_in(code).get("relations")
        assert (told["mine"], told["members"]) == ([], []), code
    assert on_record(signed_in(STRANGER), "members") == []  # the head of another body


def test_nobody_acts_for_another_or_on_an_official_one(office, signed_in):
    with office.world.store.transaction() as db:
        official = commands.record_relation(
            db, ME, "shares", what="body", code="CB-01", since=SINCE, until=None, basis="KK", by=None, at=office.at
        )
    me, other = signed_in(ME), signed_in(RELATIVE)
    made = relations.declare(me, "interest", "body", "CB-01", since="2026-01-01")
    assert refused(relations.end, other, made, "2026-11-24") == "unknown_relation"
    assert refused(relations.end, me, official, "2026-11-24") == "not_entitled"
    given = relations.ending(me, me.installation(), made, "2026-11-24")
    assert refused(other.post, f"relations/{made}/end", given) == "bad_signature"
    told = {one["id"]: (one["declared"], one["basis"], one["by"]) for one in me.get("relations")["mine"]}
    assert told == {official: (False, "KK", None), made: (True, None, None)}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("family", "person", ME), "relation_with_self"),
        (("family", "person", "P-999"), "unknown_person"),
        (("friendship", "person", RELATIVE), "malformed"),
        (("shares", "person", RELATIVE), "malformed"),
    ],
)
def test_what_can_not_be_is_refused_in_words(signed_in, said, code):
    assert refused(relations.declare, signed_in(ME), *said, since="2026-01-01") == code


def test_who_is_in_no_signed_roster_is_refused(office, signed_in):
    with office.world.store.transaction() as db:
        add(db, office.world, "P-031", at=office.at)
    assert refused(relations.declare, signed_in("P-031"), "family", "person", ME, since="2026-01-01") == "not_entitled"


def test_a_declared_relative_of_the_accused_is_sealed_nothing_of_the_report(office, reporter, signed_in):
    relations.declare(signed_in(ME), "interest", "body", FACTS["accused"][0]["body"], since="2026-01-01")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    (line,) = signed_in(HEAD).queue()
    assert signed_in(ME).queue() == []
    assert refused(signed_in(ME).case, line["id"]) == "not_entitled"
    assert rows(office, models.SealedObject, models.SealedObject.reader == ME) == []
    assert rows(office, models.Readership, models.Readership.person_id == office.person(ME)) == []


def test_the_page_offers_what_the_kinds_can_be_with(signed_in):
    told = signed_in(ME).get("relations")
    kinds = {one["code"]: one for one in told["kinds"]}
    assert kinds.keys() == {"family", "interest", "shares", "earlier_assignment"}
    assert kinds["shares"]["within"] == ["body", "unit"]
    assert len(kinds["family"]["ties"]) == 4
