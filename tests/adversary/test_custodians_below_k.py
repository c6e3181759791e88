"""Custodians who are one fewer than it takes.

Row: k−1 custodians together
Holds: k-1 private keys and every share that these open, the commitments, the database, and their sessions.
Shown: what they hold joins to no scope's key, fits every key there could be equally well, opens no identity, and their
    sessions are told nothing of the case; k of them do open it.
"""

from __future__ import annotations

import json
import secrets
from itertools import combinations

import pytest

from crypto.binding import object_binding
from crypto.errors import Malformed
from crypto.items import open_item
from crypto.rings import scope_commitment
from crypto.shamir import join, split
from tests.adversary.holdings import (
    IDENTITY,
    found_in,
    learns_nothing,
    opened_by_keys,
    opened_by_seed,
    scope_commitments,
    shares_of,
    stored,
)
from tests.world import CUSTODIANS
from workflow.sealed import SCOPES

SET = CUSTODIANS["KS-S"]
GUESSES = 200


def tried(shares: list[bytes]) -> list[bytes]:
    """Keys that come of joining these with shares that somebody makes up."""
    taken = {share[-1] for share in shares}
    free = [x for x in range(1, 256) if x not in taken]
    return [join([*shares, secrets.token_bytes(32) + bytes([secrets.choice(free)])]) for _ in range(GUESSES)]


@pytest.mark.parametrize("code", SET)
def test_one_of_two_has_no_scopes_key(job, office, code):
    shares, commitments = shares_of(office, code), scope_commitments(office)
    assert shares.keys() == set(SCOPES)
    for scope, share in shares.items():
        with pytest.raises(Malformed):
            join([share])
        keys = [share[:32], *tried([share])]
        assert commitments[scope] not in {scope_commitment(job.case, scope, key) for key in keys}
        assert opened_by_keys(office, keys[:3]) == []
    # The shares of different scopes are points of different lines: together they are no better.
    mixed = [join(list(pair)) for pair in combinations(shares.values(), 2) if pair[0][-1] != pair[1][-1]]
    for scope, commitment in commitments.items():
        assert commitment not in {scope_commitment(job.case, scope, key) for key in mixed}


@pytest.mark.parametrize("code", SET)
def test_one_custodians_key_opens_their_own_shares_and_nothing_else(job, office, code):
    opened = opened_by_seed(office, office.world.people[code].keys.kem_seed)
    assert {(part.kind, part.reader) for part in opened} == {("share", code)}
    assert len(opened) == len(SCOPES)


def test_any_two_open_it_which_is_what_the_promise_says(job, office):
    commitments = scope_commitments(office)
    for pair in combinations(SET, 2):
        held = [shares_of(office, code) for code in pair]
        told = {}
        for scope in SCOPES:
            key = join([shares[scope] for shares in held])
            assert scope_commitment(job.case, scope, key) == commitments[scope]
            (part,) = [part for part in stored(office) if part.kind == "identity" and part.scope == scope]
            told[scope] = json.loads(open_item(key, object_binding(job.case, part.place), part.data))
        assert found_in(json.dumps(told, ensure_ascii=False).encode(), IDENTITY) == sorted(IDENTITY)


@pytest.mark.parametrize(("k", "n"), [(2, 4), (3, 5), (4, 7)])
def test_with_one_fewer_than_k_every_key_is_equally_possible(k, n):
    key = secrets.token_bytes(32)
    shares = split(key, k, n)
    held, x = shares[: k - 1], shares[k - 1][-1:]
    # Of the share that is missing each byte may have 256 values: the joined byte takes 256 different ones.
    joined = [join([*held, bytes([value]) * 32 + x]) for value in range(256)]
    assert all(len({candidate[at] for candidate in joined}) == 256 for at in range(32))
    if len(held) > 1:
        assert join(held) != key


@pytest.mark.parametrize("code", [SET[0]])
def test_a_custodians_session_is_told_nothing_of_the_case(job, staff_app, signed_in, office, code):
    learns_nothing(staff_app, signed_in(code), office)
