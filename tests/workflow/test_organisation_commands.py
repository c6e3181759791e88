"""Setting up: each act is recorded once, and nonsense is refused."""

from __future__ import annotations

from datetime import date

import pytest

from crypto.encoding import parse_jcs
from tests.world import AT, BODIES, SINCE, make_world
from workflow import ledger
from workflow.commands import organisation
from workflow.errors import Conflict, Malformed, NotFound
from workflow.queries import organisation as queries

BASE = {"kind": "production", "receipt_salt": bytes(16), "signing_public": bytes(32)}


@pytest.fixture
def installed(store):
    with store.transaction() as db:
        organisation.install(db, **BASE, at=AT)
        organisation.load_bodies(db, BODIES, on=SINCE, at=AT)
        organisation.add_person(db, code="P-001", username="mot", name="Trần Thị Một", at=AT)
    return store


def recorded(store):
    with store.reading() as db:
        return [(entry.kind, parse_jcs(entry.entry)["pub"]) for entry in ledger.entries(db, "org")]


def refused(store, act, expected, /, **arguments):
    before = recorded(store)
    with pytest.raises((Conflict, Malformed, NotFound)) as caught, store.transaction() as db:
        act(db, **arguments, at=AT)
    assert caught.value.code == expected
    assert recorded(store) == before


def test_each_command_writes_one_entry(installed):
    assert [kind for kind, _ in recorded(installed)] == ["installed", "bodies_loaded", "person_added"]
    with installed.transaction() as db:
        organisation.add_seat(
            db, body="UBKT-S", person="P-001", function="head", roles=("decide", "intake"), term_from=SINCE, at=AT
        )
    assert recorded(installed)[3:] == [
        (
            "seat_added",
            {
                "body": "UBKT-S",
                "person": "P-001",
                "function": "head",
                "roles": ["decide", "intake"],
                "from": "2026-01-01",
            },
        )
    ]


def test_names_do_not_enter_the_ledger(installed):
    assert "Trần" not in str(recorded(installed))
    assert "mot" not in str(recorded(installed))


def test_an_installation_is_made_once(installed):
    refused(installed, organisation.install, "already_installed", **BASE)


@pytest.mark.parametrize("wrong", [{"kind": "other"}, {"receipt_salt": b"short"}, {"signing_public": b"short"}])
def test_an_installation_is_one_of_two_kinds_with_whole_keys(store, wrong):
    refused(store, organisation.install, "malformed", **(BASE | wrong))


def test_a_body_is_loaded_once(installed):
    refused(installed, organisation.load_bodies, "known_code", bodies=BODIES[:1], on=SINCE)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"code": "P-001", "username": "other"}, "known_code"),
        ({"code": "P-009", "username": "mot"}, "known_code"),
        ({"code": "Q-1", "username": "other"}, "malformed"),
        ({"code": "P-009", "username": "Một"}, "malformed"),
    ],
)
def test_a_code_and_a_user_name_belong_to_one_person(installed, person, code):
    refused(installed, organisation.add_person, code, name="Ai đó", **person)


@pytest.mark.parametrize(
    ("seat", "code"),
    [
        ({"body": "UBKT-X"}, "unknown_body"),
        ({"person": "P-099"}, "unknown_person"),
        ({"function": "king"}, "malformed"),
        ({"roles": ("unseal",)}, "malformed"),
        ({"term_to": date(2025, 1, 1)}, "malformed"),
    ],
)
def test_a_seat_is_in_a_known_body_with_known_roles(installed, seat, code):
    right = {"body": "UBKT-S", "person": "P-001", "function": "head", "roles": (), "term_from": SINCE}
    refused(installed, organisation.add_seat, code, **(right | seat))


def test_terms_of_one_person_in_one_body_do_not_overlap(installed):
    with installed.transaction() as db:
        organisation.add_seat(
            db, body="UBKT-S", person="P-001", function="head", term_from=SINCE, term_to=date(2026, 6, 1), at=AT
        )
        organisation.add_seat(db, body="UBKT-S", person="P-001", function="member", term_from=date(2026, 6, 2), at=AT)
    again = {"body": "UBKT-S", "person": "P-001", "function": "deputy", "term_from": date(2026, 5, 1)}
    refused(installed, organisation.add_seat, "known_code", **again)


def test_an_administrator_is_seated_without_handling_roles_only(installed):
    with installed.transaction() as db:
        organisation.add_person(db, code="P-002", username="hai", name="Quản Trị", administrator=True, at=AT)
    seat = {"body": "UBKT-S", "person": "P-002", "function": "member", "term_from": SINCE}
    refused(installed, organisation.add_seat, "administrator_handles", roles=("secretary",), **seat)
    refused(
        installed, organisation.add_seat, "administrator_handles", roles=("intake",), term_to=date(2026, 11, 24), **seat
    )
    with installed.transaction() as db:  # what is over is history, and a seat that handles nothing is none of a case
        organisation.add_seat(db, roles=("intake",), **seat | {"term_to": date(2026, 11, 23)}, at=AT)
        organisation.add_seat(db, **seat | {"term_from": date(2026, 11, 24)}, at=AT)


@pytest.mark.parametrize(("k", "people"), [(1, 4), (4, 4), (2, 3), (5, 4)])
def test_a_custodian_set_is_two_of_four_or_larger(installed, k, people):
    members = [f"P-{number:03d}" for number in range(1, people + 1)]
    refused(
        installed,
        organisation.add_custodian_set,
        "bad_custodian_set",
        code="KS-S",
        k=k,
        level=3,
        purpose="identity",
        members=members,
        valid_from=SINCE,
    )


def test_a_newer_version_of_a_set_takes_the_older_ones_place(store):
    world = make_world(store)
    with store.transaction() as db:
        organisation.add_custodian_set(
            db,
            code="KS-S",
            version=2,
            k=3,
            level=3,
            purpose="identity",
            members=("P-011", "P-012", "P-013", "P-015"),
            valid_from=AT.date(),
            at=AT,
        )
    with store.reading() as db:
        sets = {held["id"]: held for held in queries.roster_content(db, AT.date())["sets"]}
    assert (sets["KS-S"]["v"], sets["KS-S"]["k"], sets["KS-S"]["members"][-1]) == (2, 3, "P-015")
    assert world.people["P-015"].code == "P-015"


def test_the_organisation_knows_who_is_enrolled_and_signed(an_installation):
    with an_installation.store.reading() as db:
        now = queries.current(db, AT.date())
    seats = {seat.person: seat for seat in now.seats if seat.body == "UBKT-S"}
    assert set(seats) == {"P-001", "P-002", "P-003", "P-004"}
    assert all(seat.enrolled and seat.signed for seat in seats.values())


def test_a_key_that_no_roster_holds_is_enrolled_but_not_signed(an_installation):
    from tests.world import enrol

    with an_installation.store.transaction() as db:
        enrol(db, an_installation, "P-001", variant=" new")
    with an_installation.store.reading() as db:
        now = queries.current(db, AT.date())
    seat = next(seat for seat in now.seats if seat.person == "P-001")
    assert (seat.enrolled, seat.signed) == (True, False)


def test_an_expired_roster_signs_for_nobody(an_installation):
    with an_installation.store.reading() as db:
        now = queries.current(db, date(2027, 11, 24))
    assert not any(seat.signed for seat in now.seats)


def test_names_come_with_the_post(an_installation):
    with an_installation.store.reading() as db:
        names = queries.names(db, AT.date())
    assert names["P-001"]["name"] == "Trần Thị Một"
    assert set(names["P-001"]["post"]) == {"vi", "en"}


def test_an_empty_database_is_no_installation(store):
    with store.reading() as db, pytest.raises(NotFound) as caught:
        queries.installation(db)
    assert caught.value.code == "not_installed"
