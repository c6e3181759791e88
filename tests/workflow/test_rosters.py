"""Rosters: signed offline, taken in only when they say what the database holds (sealing.md, *Roster*)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crypto.encoding import b64u, fingerprint, parse_jcs, unb64u
from crypto.signing import sign_document, sign_public
from tests.world import AT, SINCE, add, enrol, make_world, publish, seed
from workflow import ledger
from workflow.commands import organisation, rosters
from workflow.errors import Conflict, Malformed, NotFound, Refusal, Unavailable
from workflow.queries import organisation as queries
from workflow.queries import rosters as takeovers

NEXT_DAY = AT + timedelta(days=1)


def draft(world, *, at=NEXT_DAY, days=92, org=None, successor=None):
    with world.store.reading() as db:
        return rosters.draft_roster(
            db,
            issued=at.date(),
            expires=at.date() + timedelta(days=days),
            successor=successor or fingerprint(sign_public(seed("successor"))),
            org=org,
        )


def take_in(world, body, *, key=None, at=NEXT_DAY, **given):
    document = sign_document(key or world.organisation_seed, "roster", body)
    with world.store.transaction() as db:
        return rosters.publish_roster(db, document, at=at, **given)


def refused(world, body, code, **more):
    with pytest.raises(Refusal) as caught:
        take_in(world, body, **more)
    assert caught.value.code == code
    with world.store.reading() as db:
        assert queries.latest_roster(db).no == 1


def test_a_roster_holds_bodies_seats_keys_and_sets_in_order(an_installation):
    with an_installation.store.reading() as db:
        body = queries.latest_roster(db).body
    assert [seat["id"] for seat in body["seats"]][:2] == ["UBKT-S/P-001", "UBKT-S/P-002"]
    assert [row["id"] for row in body["sets"]] == ["KS-S", "KS-TU"]
    assert [row["id"] for row in body["members"]] == sorted(an_installation.people)
    assert body["bodies"][0] == {
        "id": "BTV-S",
        "kind": "standing_committee",
        "level": 3,
        "parent": "BTV-TU",
        "quorum": 2,
    }
    assert "Trần" not in str(body)


def test_the_next_roster_follows_the_last(an_installation):
    body = draft(an_installation)
    assert take_in(an_installation, body) == 2
    with an_installation.store.reading() as db:
        entry = ledger.head(db, "org")
        newest = queries.latest_roster(db)
    assert (entry.kind, parse_jcs(entry.entry)["pub"]["hash"]) == ("roster", newest.hash)
    assert newest.body["prev"] == body["prev"]


def test_another_signature_is_refused(an_installation):
    refused(an_installation, draft(an_installation), "roster_unsigned", key=seed("an administrator"))


def test_a_key_that_nobody_announced_is_refused(an_installation):
    other = seed("an administrator")
    body = draft(an_installation, org=sign_public(other))
    refused(an_installation, body, "roster_other_key", key=other)
    refused(an_installation, body, "roster_other_key", key=other, org_key=sign_public(other))


def test_the_named_successor_takes_the_place_of_a_lost_key(an_installation):
    successor = seed("successor")
    body = draft(an_installation, org=sign_public(successor), successor=fingerprint(sign_public(seed("next heir"))))
    assert take_in(an_installation, body, key=successor) == 2
    with an_installation.store.reading() as db:
        assert queries.installation(db).organisation_key == sign_public(successor)


def test_a_key_can_not_name_itself_as_its_successor(an_installation):
    own = fingerprint(an_installation.organisation_public)
    with pytest.raises(Conflict, match="successor_is_itself"):
        draft(an_installation, successor=own)
    refused(an_installation, draft(an_installation) | {"successor": own}, "successor_is_itself")
    successor = seed("successor")  # a takeover that keeps the last roster's words would leave no heir
    with pytest.raises(Conflict, match="successor_is_itself"):
        draft(an_installation, org=sign_public(successor))


@pytest.mark.parametrize("wrong", [{"no": 3}, {"no": 1}, {"prev": "1" * 64}])
def test_a_roster_out_of_turn_is_refused(an_installation, wrong):
    refused(an_installation, draft(an_installation) | wrong, "roster_out_of_turn")


def test_a_draft_made_before_something_changed_is_refused(an_installation):
    body = draft(an_installation)
    with an_installation.store.transaction() as db:
        add(db, an_installation, "P-031")
    refused(an_installation, body, "roster_differs")


def test_a_smuggled_key_is_refused(an_installation):
    body = draft(an_installation)
    members = [dict(row) for row in body["members"]]
    members[0]["sign"] = b64u(sign_public(seed("smuggled")))
    refused(an_installation, body | {"members": members}, "roster_differs")


def test_a_missing_seat_is_refused(an_installation):
    body = draft(an_installation)
    refused(an_installation, body | {"seats": body["seats"][1:]}, "roster_differs")


def test_another_installations_key_is_refused(an_installation):
    refused(an_installation, draft(an_installation) | {"installation": b64u(bytes(31) + b"\x09")}, "roster_differs")


def test_an_expired_roster_is_refused(an_installation):
    refused(an_installation, draft(an_installation, days=0), "roster_expired", at=NEXT_DAY + timedelta(days=2))


def test_a_document_that_is_none_is_refused(an_installation):
    with pytest.raises(Malformed), an_installation.store.transaction() as db:
        rosters.publish_roster(db, {"doc": "e30", "sig": b64u(bytes(64))}, at=AT)


def test_a_set_whose_members_have_no_keys_stays_out(an_installation):
    with an_installation.store.transaction() as db:
        organisation.add_person(db, code="P-041", username="p-041", name="Người P-041", at=AT)
        organisation.add_custodian_set(
            db,
            code="KS-X",
            k=2,
            level=3,
            purpose="identity",
            members=("P-041", "P-011", "P-012", "P-013"),
            valid_from=SINCE,
            at=AT,
        )
    assert [row["id"] for row in draft(an_installation)["sets"]] == ["KS-S", "KS-TU"]


def test_without_an_organisation_key_nothing_can_be_drafted(store):
    with store.transaction() as db:
        organisation.install(db, kind="production", receipt_salt=bytes(16), signing_public=bytes(32), at=AT)
    with store.reading() as db, pytest.raises(Unavailable) as caught:
        rosters.draft_roster(db, issued=AT.date(), expires=AT.date(), successor="")
    assert caught.value.code == "organisation_key_missing"


def test_the_first_roster_may_bring_the_key_to_pin(store):
    signing = seed("organisation")
    with store.transaction() as db:
        key = sign_public(seed("installation"))
        organisation.install(db, kind="production", receipt_salt=bytes(16), signing_public=key, at=AT)
        body = rosters.draft_roster(
            db,
            issued=AT.date(),
            expires=AT.date() + timedelta(days=9),
            successor=fingerprint(sign_public(seed("successor"))),
            org=sign_public(signing),
        )
        document = sign_document(signing, "roster", body)
        rosters.publish_roster(db, document, org_key=sign_public(signing), at=AT)
    with store.reading() as db:
        assert queries.installation(db).organisation_key == sign_public(signing)
        assert unb64u(document["doc"]) == queries.latest_roster(db).doc


def test_a_demonstrations_keys_are_marked_in_its_roster(store):
    world = make_world(store, kind="demonstration")
    with store.transaction() as db:
        enrol(db, world, "P-001", demonstration=True, variant=" demo")
        publish(db, world, at=NEXT_DAY)
    with store.reading() as db:
        marked = [row["id"] for row in queries.latest_roster(db).body["members"] if row.get("demo")]
    assert marked == ["P-001"]


def test_a_production_installation_refuses_a_demonstrations_keys(an_installation):
    with pytest.raises(Conflict) as caught, an_installation.store.transaction() as db:
        enrol(db, an_installation, "P-001", demonstration=True, variant=" demo")
    assert caught.value.code == "demonstration_key"


def test_a_smuggled_demonstration_mark_is_refused(an_installation):
    body = draft(an_installation)
    members = [dict(row) for row in body["members"]]
    members[0]["demo"] = True
    refused(an_installation, body | {"members": members}, "roster_differs")


def test_a_key_that_was_replaced_is_not_named_as_the_next_successor(an_installation):
    former = fingerprint(an_installation.organisation_public)
    successor = seed("successor")
    with pytest.raises(Conflict, match="successor_is_former"):
        draft(an_installation, org=sign_public(successor), successor=former)
    heir = fingerprint(sign_public(seed("next heir")))
    body = draft(an_installation, org=sign_public(successor), successor=heir) | {"successor": former}
    refused(an_installation, body, "successor_is_former", key=successor)


def test_takeovers_are_where_the_key_changed(an_installation, store):
    with an_installation.store.reading() as db:
        assert takeovers.takeovers(db) == ()
    first, second = an_installation.organisation_seed, seed("successor")
    heirs = {name: fingerprint(sign_public(seed(name))) for name in ("third", "fourth")}
    take_in(an_installation, draft(an_installation))
    take_in(an_installation, draft(an_installation, org=sign_public(second), successor=heirs["third"]), key=second)
    third = seed("third")
    take_in(an_installation, draft(an_installation, org=sign_public(third), successor=heirs["fourth"]), key=third)
    take_in(an_installation, draft(an_installation, org=sign_public(third), successor=heirs["fourth"]), key=third)
    with an_installation.store.reading() as db:
        assert takeovers.takeovers(db) == (3, 4)
        pair = takeovers.takeover(db, 3)
        said = [parse_jcs(unb64u(one["doc"])) for one in (pair.last, pair.first)]
        assert [(one["no"], one["org"]) for one in said] == [
            (2, b64u(sign_public(first))),
            (3, b64u(sign_public(second))),
        ]
        for no in (0, 1, 2, 5, 6, 2**80):
            with pytest.raises(NotFound):
                takeovers.takeover(db, no)
    world = make_world(store)  # another database in the same process, with a line of its own
    with world.store.reading() as db:
        assert takeovers.takeovers(db) == ()
    with an_installation.store.reading() as db:
        assert takeovers.takeovers(db) == (3, 4)


def test_a_rehearsal_is_checked_on_a_day_of_its_own(an_installation):
    """The roster that ends before it begins is taken in for a transaction that the caller rolls back."""
    body = draft(an_installation, days=-1)
    refused(an_installation, body, "roster_expired")
    document = sign_document(an_installation.organisation_seed, "roster", body)
    with an_installation.store.transaction() as db:
        assert rosters.publish_roster(db, document, at=NEXT_DAY, valid_on=AT.date()) == 2
        db.rollback()
    with pytest.raises(Malformed, match="roster_unsigned"), an_installation.store.transaction() as db:
        forged = sign_document(seed("somebody"), "roster", body)
        rosters.publish_roster(db, forged, at=NEXT_DAY, valid_on=AT.date())
