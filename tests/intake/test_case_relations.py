"""Relations on record around a case: in the sealed headers, beside the declaration, and as one yes in the preview."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from crypto.binding import object_binding
from crypto.encoding import parse_jcs
from crypto.hpke import open_sealed
from crypto.padding import unpad
from tests.casework import FACTS, READERS, REPORT, code_of, place_of_row, rows
from tests.world import ADMINISTRATOR, SINCE, add
from workflow import models
from workflow.commands import organisation, relations


def headers_of(office):
    """The opened header of each reader, and its frame's size."""
    found = {}
    for row in rows(office, models.SealedObject, models.SealedObject.kind == "header"):
        person = office.world.people[row.reader]
        frame = open_sealed(person.keys.kem_seed, "header", object_binding(row.case_id, place_of_row(row)), row.data)
        found[row.reader] = (parse_jcs(unpad(frame, 4096)), len(frame))
    return found


def recorded(office, person, kind, what, code, since=SINCE):
    with office.world.store.transaction() as db:
        relations.record_relation(
            db, person, kind, what=what, code=code, since=since, until=None, basis="KK", by=None, at=office.at
        )


def test_headers_carry_the_relations_that_touch_the_case_the_readers_own_first(office, reporter):
    with office.world.store.transaction() as db:
        add(db, office.world, "P-031", at=office.at)
        organisation.add_seat(
            db, body="CB-01", person="P-031", function="head", roles=(), term_from=SINCE, at=office.at
        )
    recorded(office, "P-001", "family", "person", "P-031")  # the head of the body concerned: nobody is accused by name
    recorded(office, "P-031", "family", "person", "P-002")
    recorded(office, ADMINISTRATOR, "interest", "body", "CB-01")
    recorded(office, "P-003", "interest", "person", "P-011")  # touches nothing here
    recorded(office, "P-005", "family", "person", "P-031")  # neither reads nor was weighed
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    told = {reader: header["relations"] for reader, (header, _) in headers_of(office).items()}
    assert told.keys() == set(READERS)
    first = {"person": "P-001", "tie": "family", "with": "person", "code": "P-031", "since": "2026-01-01"}
    assert told["P-001"][0] == first
    assert told["P-002"][0]["person"] == "P-031"
    assert [one["person"] for one in told["P-003"]] == ["P-001", ADMINISTRATOR, "P-031"]
    assert all(header["relations_left"] == 0 for header, _ in headers_of(office).values())


def test_who_was_left_out_for_a_relation_is_in_the_header_with_it(office, reporter):
    recorded(office, "P-004", "shares", "body", "CB-01")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    told = headers_of(office)
    assert "P-004" not in told
    assert [one["person"] for one in told["P-001"][0]["relations"]] == ["P-004"]
    assert {"person": "P-004", "reasons": ["interest"]} in told["P-001"][0]["decision"]["excluded"]


def test_the_size_of_a_header_does_not_tell_how_many_relations_touch_the_case(office, reporter):
    for day in range(80):
        with office.world.store.transaction() as db:
            row = {"id": str(uuid4()), "kind": "interest", "what": "body", "code": "CB-01", "basis": "KK"}
            administrator = office.person(ADMINISTRATOR)
            since = SINCE + timedelta(days=day)
            db.add(models.Relation(person_id=administrator, valid_from=since, recorded=office.at, **row))
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    for header, size in headers_of(office).values():
        assert size == 4096
        assert len(header["relations"]) > 20
        assert len(header["relations"]) + header["relations_left"] == 80


def test_the_preview_says_yes_where_an_administrator_is_tied_and_nothing_more(office, reporter):
    before = reporter.preview(FACTS)
    recorded(office, ADMINISTRATOR, "family", "body", "CB-01")
    after = reporter.preview(FACTS)
    assert (before.pop("operator_tied"), after.pop("operator_tied")) == (False, True)
    assert after == before
    accused = {**FACTS, "accused": [{"body": "BTV-S", "role": "ordinary", "person": ADMINISTRATOR}]}
    assert reporter.preview(accused)["operator_tied"]
