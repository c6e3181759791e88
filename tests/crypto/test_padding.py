from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import Malformed
from crypto.padding import frame, pad, padme, unframe, unpad

LENGTHS = st.integers(0, 2**45)


@given(LENGTHS)
def test_padme_adds_at_most_twelve_percent(length):
    assert length <= padme(length) <= length + length * 12 // 100


@given(LENGTHS, LENGTHS)
def test_padme_keeps_the_order_of_sizes(left, right):
    assert (padme(left) <= padme(right)) or left > right


@given(LENGTHS)
def test_a_padded_size_needs_no_padding(length):
    assert padme(padme(length)) == padme(length)


@given(st.integers(20, 45))
def test_padme_leaves_few_sizes_to_tell_apart(power):
    # From one power of two to the next there are at most twice as many steps as the exponent is large.
    assert len({padme(2**power + part * 2**power // 1000) for part in range(1000)}) <= 2 * power + 1


@given(st.binary(max_size=3000), st.sampled_from([512, 4096]))
def test_padded_data_comes_back(data, minimum):
    padded = pad(data, minimum)
    assert len(padded) == max(minimum, padme(4 + len(data)))
    assert unpad(padded, minimum) == data


@given(st.binary(max_size=600), st.data())
def test_another_byte_is_other_data_or_no_padding(data, choose):
    padded = pad(data)
    at = choose.draw(st.integers(0, len(padded) - 1))
    with suppress(Malformed):
        assert unpad(padded[:at] + bytes([padded[at] ^ 1]) + padded[at + 1 :]) != data


@given(st.binary(max_size=600))
def test_any_bytes_are_unpadded_or_malformed(padded):
    try:
        data = unpad(padded)
    except Malformed:
        return
    assert pad(data) == padded


def test_a_frame_holds_as_much_as_fits():
    assert unframe(frame(b"12345678", 12)) == b"12345678"
    with pytest.raises(Malformed):
        frame(b"12345678", 11)


def test_there_is_no_size_below_nothing():
    with pytest.raises(Malformed):
        padme(-1)
