from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.boxes import Box, ChangingBox
from crypto.errors import Damaged, Malformed

KEY = bytes(range(32))


@given(name=st.text(max_size=20).filter(lambda text: text.isprintable()), plaintext=st.binary(max_size=100))
def test_a_box_opens_under_its_name(name, plaintext):
    assert Box(KEY).open(name, Box(KEY).seal(name, plaintext)) == plaintext


def test_a_value_moved_to_another_row_or_column_does_not_open():
    data = Box(KEY).seal("pepper:P-001", b"secret")
    for name in ("pepper:P-002", "totp:P-001", "pepper:P-001 "):
        with pytest.raises(Damaged):
            Box(KEY).open(name, data)


def test_another_server_key_does_not_open():
    with pytest.raises(Damaged):
        Box(bytes(32)).open("pepper", Box(KEY).seal("pepper", b"secret"))


def test_every_byte_matters():
    data = Box(KEY).seal("pepper", b"secret")
    for at in range(len(data)):
        with pytest.raises((Damaged, Malformed)):
            Box(KEY).open("pepper", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


@pytest.mark.parametrize("data", [b"", b"\x01" * 28, b"\x02" * 40])
def test_what_is_no_box_is_malformed(data):
    with pytest.raises(Malformed):
        Box(KEY).open("pepper", data)


def test_the_same_value_is_never_sealed_alike():
    assert Box(KEY).seal("pepper", b"secret") != Box(KEY).seal("pepper", b"secret")


def test_a_server_key_has_its_length():
    with pytest.raises(Malformed):
        Box(KEY[1:])


def test_a_box_does_not_print_its_key():
    box = Box(KEY)
    assert repr(box) == "Box(…)"
    assert str(box) == "Box(…)"


def test_a_box_of_two_keys_opens_under_both_and_seals_under_the_first():
    older, newer = bytes(range(32)), bytes(range(1, 33))
    both, data = Box(newer, older), Box(older).seal("pepper", b"secret")
    assert both.open("pepper", data) == b"secret"
    assert not both.is_newest("pepper", data)
    again = both.seal("pepper", b"secret")
    assert both.is_newest("pepper", again)
    assert Box(newer).open("pepper", again) == b"secret"
    for box in (Box(older), Box(bytes(32), older)):
        with pytest.raises(Damaged):
            box.open("pepper", again)


def test_a_box_whose_keys_change_follows_them():
    keys = [(KEY,)]
    box = ChangingBox(lambda: keys[0])
    data = box.seal("pepper", b"secret")
    keys[0] = (bytes(range(1, 33)), KEY)
    assert not box.is_newest("pepper", data)
    keys[0] = (bytes(range(1, 33)),)
    with pytest.raises(Damaged):
        box.open("pepper", data)
