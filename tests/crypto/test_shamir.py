from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import Malformed
from crypto.rings import scope_commitment
from crypto.shamir import _inverse, _times, join, split

SECRET = bytes(range(32))
SECRETS = st.binary(min_size=32, max_size=32)


def test_the_field_is_the_one_of_aes():
    assert _times(0x57, 0x83) == 0xC1  # FIPS 197 section 4.2
    assert all(_times(value, _inverse(value)) == 1 for value in range(1, 256))


@settings(max_examples=20)
@given(SECRETS, st.integers(2, 4), st.integers(0, 2))
def test_any_k_shares_join(secret, k, more):
    shares = split(secret, k, k + more)
    for chosen in combinations(shares, k):
        assert join(chosen) == secret
    assert join(shares) == secret


def test_the_order_of_shares_does_not_matter():
    assert {join(each) for each in permutations(split(SECRET, 3, 3))} == {SECRET}


@settings(max_examples=20)
@given(SECRETS)
def test_fewer_than_k_do_not_match_the_commitment(secret):
    shares = split(secret, 3, 5)
    commitment = scope_commitment("c", "name", secret)
    for chosen in combinations(shares, 2):
        assert scope_commitment("c", "name", join(chosen)) != commitment


def test_a_tampered_share_joins_to_another_key():
    first, second, *_ = split(SECRET, 2, 4)
    for at in range(33):
        altered = first[:at] + bytes([first[at] ^ 128]) + first[at + 1 :]
        if altered[32] not in (0, second[32]):
            assert join([altered, second]) != SECRET


def test_fewer_than_k_shares_could_be_of_any_secret():
    # For each first byte there is a second share beside the one that is known: it says nothing of the secret.
    known = split(SECRET, 2, 2, lambda length: bytes([7]) * length)[0]
    other = bytes([known[32] ^ 1 or known[32] ^ 2])
    assert {join([known, bytes([value]) + bytes(31) + other])[0] for value in range(256)} == set(range(256))


def test_places_are_distinct_never_nothing_and_drawn_anew():
    drawn = set()
    for _ in range(30):
        places = [share[32] for share in split(SECRET, 2, 20)]
        assert len(set(places)) == 20
        assert 0 not in places
        drawn.add(tuple(places))
    assert len(drawn) == 30


def test_all_places_can_be_used():
    assert {share[32] for share in split(SECRET, 2, 255)} == set(range(1, 256))


@pytest.mark.parametrize(("k", "n"), [(1, 4), (0, 4), (5, 4), (2, 256), (-1, 2)])
def test_other_numbers_of_shares_are_refused(k, n):
    with pytest.raises(Malformed):
        split(SECRET, k, n)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_only_keys_are_shared(secret):
    with pytest.raises(Malformed):
        split(secret, 2, 4)


def test_shares_that_cannot_be_joined_are_malformed():
    first, second, *_ = split(SECRET, 2, 4)
    for wrong in (
        [],
        [first],
        [first, first],
        [first, second[:32] + b"\x00"],
        [first, second[:-1]],
        [first, second + b"x"],
    ):
        with pytest.raises(Malformed):
            join(wrong)
