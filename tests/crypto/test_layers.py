"""HMACs that can be put under another key although nobody can compute them anew."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crypto.backupcodes import stored_backup_code
from crypto.encoding import labelled
from crypto.errors import CryptoError, Malformed
from crypto.layers import (
    as_of,
    brought_up,
    brought_up_text,
    depths,
    keys_of,
    layered,
    layered_text,
    text_prefix,
)
from crypto.passphrase import stored_auth, stored_recovery_auth

MEMBER = bytes(range(16))
keys = some.lists(some.binary(min_size=32, max_size=32), min_size=1, max_size=6, unique=True).map(b"".join)
macs = some.binary(min_size=32, max_size=32)


@given(auth_key=keys, mac=macs)
def test_what_was_stored_at_any_time_is_brought_up_to_what_is_stored_now(auth_key, mac):
    now = layered(auth_key, mac)
    for then in depths(auth_key):
        stored = layered(then, mac)
        assert as_of(auth_key, stored) == then
        assert brought_up(auth_key, stored) == now
        assert brought_up_text(auth_key, layered_text(then, mac)) == layered_text(auth_key, mac)
        assert brought_up(then, stored) == stored
    assert len(layered_text(auth_key, mac)) <= 64
    assert layered_text(auth_key, mac).startswith(text_prefix(auth_key))


@given(auth_key=keys, mac=macs, at=some.integers(0), bit=some.integers(0, 7))
def test_every_key_of_the_row_counts(auth_key, mac, at, bit):
    other = bytearray(auth_key)
    other[32 + at % (len(auth_key) - 32) if len(auth_key) > 32 else 0] ^= 1 << bit
    same = layered(bytes(other), mac) == layered(auth_key, mac)
    assert same is (len(auth_key) == 32)  # the first key makes the HMAC itself, not its layers


def test_one_key_stores_what_it_always_did_and_two_are_one_hmac_over_the_other():
    first, second = bytes(range(32)), bytes(range(32, 64))
    one = hmac.digest(first, labelled("auth", MEMBER, b"secret"), "sha256")
    assert stored_auth(first, MEMBER, b"secret") == one
    two = hmac.digest(second, labelled("auth-layer", one), "sha256")
    assert stored_auth(first + second, MEMBER, b"secret") == b"\x02" + two
    assert stored_recovery_auth(first + second, MEMBER, b"secret")[:1] == b"\x02"
    assert stored_backup_code(first + second, MEMBER, "ABCDE-FGHIJ").startswith("2.")


def test_a_stored_value_of_a_later_key_is_none_of_ours():
    first, second = bytes(range(32)), bytes(range(32, 64))
    later = layered(first + second, bytes(32))
    assert as_of(first, later) == first
    assert layered(as_of(first, later), bytes(32)) != later
    with pytest.raises(Malformed):
        brought_up(first, later)


@pytest.mark.parametrize("stored", ["", "00", "zz" * 32, "2.", "x.AA", "300." + "A" * 43, "1." + "A" * 43, "2.A"])
def test_what_is_no_stored_hmac_is_refused(stored):
    with pytest.raises(CryptoError):
        brought_up_text(bytes(64), stored)
    for raw in (b"", bytes(31), bytes(33), b"\x01" + bytes(32), bytes(34)):
        with pytest.raises(Malformed):
            brought_up(bytes(64), raw)
    for key in (b"", bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            keys_of(key)
