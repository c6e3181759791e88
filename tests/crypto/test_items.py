from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.binding import binding
from crypto.errors import Damaged, Malformed, NotForMe
from crypto.items import open_item, seal_item
from crypto.padding import padme

KEY = bytes(range(32))
PLACE = binding("message", "c", id="i", ring="report", epoch=1)


@given(st.binary(max_size=2000))
def test_an_item_comes_back_and_shows_only_its_padded_size(plaintext):
    data = seal_item(KEY, PLACE, plaintext)
    assert len(data) == 65 + max(512, padme(4 + len(plaintext))) + 16
    assert open_item(KEY, PLACE, data) == plaintext


def test_a_bit_anywhere_matters():
    data = seal_item(KEY, PLACE, b"text")
    for at in range(len(data)):
        with pytest.raises((Damaged, NotForMe, Malformed)):
            open_item(KEY, PLACE, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


@pytest.mark.parametrize(
    "elsewhere",
    [
        binding("label", "c", id="i", ring="report", epoch=1),
        binding("message", "d", id="i", ring="report", epoch=1),
        binding("message", "c", id="j", ring="report", epoch=1),
        binding("message", "c", id="i", ring="internal", epoch=1),
        binding("message", "c", id="i", ring="report", epoch=2),
        binding("message", "c", id="i", ring="report", epoch=1, scope="name"),
    ],
)
def test_an_item_moved_from_its_place_does_not_open(elsewhere):
    with pytest.raises(NotForMe):
        open_item(KEY, elsewhere, seal_item(KEY, PLACE, b"text"))


def test_another_ring_does_not_open_it_and_damage_is_told_apart():
    data = seal_item(KEY, PLACE, b"text")
    with pytest.raises(NotForMe):
        open_item(bytes(32), PLACE, data)
    with pytest.raises(Damaged):
        open_item(KEY, PLACE, data[:-1])


def test_each_item_has_a_key_of_its_own():
    # The nonce is constant, so two items under one key would give the difference of their texts away.
    first, second = seal_item(KEY, PLACE, b"text"), seal_item(KEY, PLACE, b"text")
    assert first[1:33] != second[1:33]
    assert first[65:] != second[65:]


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_an_items_key_has_its_length(key):
    with pytest.raises(Malformed):
        seal_item(key, PLACE, b"text")
