from __future__ import annotations

from datetime import date

import pytest

from crypto.encoding import b64u, fingerprint, jcs, sha256hex, unb64u
from crypto.errors import BadSignature, Expired, Malformed, Stale
from crypto.keys import member_keys
from crypto.rosters import check_successor, verify_roster
from crypto.signing import sign_document, sign_public

SEED, SUCCESSOR = bytes(range(32)), bytes(range(1, 33))
ORG = sign_public(SEED)
PERSON = member_keys(bytes(32))
MEMBER = {"kem": b64u(PERSON.kem_public), "sign": b64u(PERSON.sign_public)}
DAY = date(2026, 12, 1)
ROSTER = {
    "v": 1,
    "org": b64u(ORG),
    "no": 1,
    "prev": "0" * 64,
    "issued": "2026-11-01",
    "expires": "2027-02-01",
    "successor": fingerprint(sign_public(SUCCESSOR)),
    "installation": b64u(PERSON.sign_public),
    "bodies": [{"id": "A"}, {"id": "B"}],
    "seats": [{"id": "A/P-001", "body": "A", "person": "P-001"}],
    "members": [{"id": "P-001", **MEMBER}, {"id": "P-002", **MEMBER}],
    "sets": [{"id": "KS", "v": 1}, {"id": "KS", "v": 2}],
}


def _signed(change=None, seed=SEED):
    return sign_document(seed, "roster", ROSTER | (change or {}))


def test_a_roster_says_what_was_signed_and_has_the_hash_of_its_bytes():
    document = _signed()
    roster = verify_roster(document, ORG, on=DAY)
    assert roster.said == ROSTER
    assert roster.hash == sha256hex(unb64u(document["doc"])) == sha256hex(jcs(ROSTER))


@pytest.mark.parametrize(
    ("on", "holds"), [(date(2027, 2, 1), True), (date(2027, 2, 2), False), (date(2030, 1, 1), False)]
)
def test_a_roster_holds_until_the_end_of_its_last_day(on, holds):
    if holds:
        verify_roster(_signed(), ORG, on=on)
    else:
        with pytest.raises(Expired):
            verify_roster(_signed(), ORG, on=on)


def test_only_the_organisations_key_signs_a_roster():
    with pytest.raises(BadSignature):
        verify_roster(_signed(seed=SUCCESSOR), ORG, on=DAY)
    with pytest.raises(BadSignature):
        verify_roster(sign_document(SEED, "checkpoint", ROSTER), ORG, on=DAY)
    with pytest.raises(BadSignature):
        verify_roster(_signed({"org": b64u(sign_public(SUCCESSOR))}), ORG, on=DAY)


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_every_field_must_be_there_in_its_form(name):
    less = {field: value for field, value in ROSTER.items() if field != name}
    for said in (less, ROSTER | {name: None}, ROSTER | {name: {}}):
        with pytest.raises(Malformed):
            verify_roster(sign_document(SEED, "roster", said), ORG, on=DAY)


@pytest.mark.parametrize("what", ["bodies", "members", "seats"])
def test_rows_are_sorted_and_each_is_there_once(what):
    rows = [{**ROSTER[what][0], "id": name} for name in ("A", "B")]
    verify_roster(_signed({what: rows}), ORG, on=DAY)
    for wrong in (rows[::-1], [rows[0], rows[0]], [{**rows[0], "id": 1}], ["A"]):
        with pytest.raises(Malformed):
            verify_roster(_signed({what: wrong}), ORG, on=DAY)


def test_a_set_may_stand_there_in_two_versions_but_in_order():
    with pytest.raises(Malformed):
        verify_roster(_signed({"sets": [{"id": "KT"}, {"id": "KS"}]}), ORG, on=DAY)


@pytest.mark.parametrize("day", ["2027-02-30", "2027-2-1", "20270201", "2027-02-01 ", "2027-W05-1", ""])
def test_a_day_is_one_of_the_calendar(day):
    for field in ("issued", "expires"):
        with pytest.raises(Malformed):
            verify_roster(_signed({field: day}), ORG, on=DAY)


@pytest.mark.parametrize("wrong", [{"kem": "AAAA"}, {"sign": "AAAA"}, {"kem": None}, {"sign": 1}])
def test_a_member_has_whole_keys(wrong):
    with pytest.raises(Malformed):
        verify_roster(_signed({"members": [{"id": "P-001", **MEMBER, **wrong}]}), ORG, on=DAY)


def test_a_roster_follows_by_number_hash_and_key():
    following = ROSTER | {"no": 2, "prev": sha256hex(jcs(ROSTER))}
    check_successor(ROSTER, following)
    check_successor(ROSTER, following | {"org": b64u(sign_public(SUCCESSOR))})
    for change, fault in [
        ({"no": 1}, Stale),
        ({"no": 0}, Stale),
        ({"no": 3}, Malformed),
        ({"prev": ROSTER["prev"]}, Malformed),
        ({"org": b64u(PERSON.sign_public)}, BadSignature),
    ]:
        with pytest.raises(fault):
            check_successor(ROSTER, following | change)
