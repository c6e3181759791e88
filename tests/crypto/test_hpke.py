from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.binding import binding
from crypto.encoding import sha256hex
from crypto.errors import Damaged, Malformed, NotForMe, WeakKey
from crypto.hpke import check_kem_public, kem_public, open_sealed, seal

SEED, OTHER = bytes(range(32)), bytes(32)
PUBLIC = kem_public(SEED)
PLACE = binding("grant", "c", id="i", readerkey=sha256hex(PUBLIC))


@settings(max_examples=25)
@given(seed=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=100))
def test_what_is_sealed_to_a_key_opens_with_its_seed(seed, plaintext):
    public = kem_public(seed)
    place = binding("grant", "c", readerkey=sha256hex(public))
    data = seal(public, "grant", place, plaintext)
    assert len(data) == 1 + 1120 + len(plaintext) + 16
    assert open_sealed(seed, "grant", place, data) == plaintext


def test_a_bit_anywhere_matters():
    data = seal(PUBLIC, "grant", PLACE, b"ring key")
    for at in range(0, len(data), 7):
        with pytest.raises((Damaged, Malformed)):
            open_sealed(SEED, "grant", PLACE, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


@pytest.mark.parametrize(
    "moved",
    [
        ("share", PLACE),
        ("grant", binding("grant", "d", id="i", readerkey=sha256hex(PUBLIC))),
        ("grant", binding("grant", "c", id="j", readerkey=sha256hex(PUBLIC))),
        ("grant", binding("grant", "c", id="i", epoch=1, readerkey=sha256hex(PUBLIC))),
    ],
)
def test_a_copy_moved_from_its_place_does_not_open(moved):
    with pytest.raises(Damaged):
        open_sealed(SEED, *moved, seal(PUBLIC, "grant", PLACE, b"ring key"))


def test_another_reader_is_told_that_it_is_not_for_them():
    with pytest.raises(NotForMe):
        open_sealed(OTHER, "grant", PLACE, seal(PUBLIC, "grant", PLACE, b"ring key"))


def test_the_same_text_is_never_sealed_alike():
    assert seal(PUBLIC, "grant", PLACE, b"") != seal(PUBLIC, "grant", PLACE, b"")


def test_keys_that_were_made_are_sound():
    assert all(check_kem_public(kem_public(bytes([each]) * 32)) for each in range(20))


@pytest.mark.parametrize("point", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255, 2**256 - 19])
def test_nothing_is_sealed_to_a_point_of_small_order(point):
    with pytest.raises(WeakKey):
        seal(PUBLIC[:1184] + point.to_bytes(32, "little"), "grant", PLACE, b"")


@pytest.mark.parametrize("at", [0, 3, 1149])
@pytest.mark.parametrize("pair", [b"\x01\x0d\x00", b"\x00\x10\xd0", b"\xff\xff\xff"])
def test_nothing_is_sealed_to_coefficients_that_are_not_reduced(at, pair):
    with pytest.raises(WeakKey):
        seal(PUBLIC[:at] + pair + PUBLIC[at + 3 :], "grant", PLACE, b"")


def test_the_largest_reduced_coefficients_are_sound():
    assert check_kem_public(b"\x00\x0d\xd0" + PUBLIC[3:])  # 3328 twice


@pytest.mark.parametrize("length", [0, 1184, 1215, 1217])
def test_a_public_key_has_its_length(length):
    with pytest.raises(Malformed):
        check_kem_public(bytes(length))


def test_a_message_without_our_version_is_refused():
    data = seal(PUBLIC, "grant", PLACE, b"")
    for version in (0, 2, 255):
        with pytest.raises(Malformed):
            open_sealed(SEED, "grant", PLACE, bytes([version]) + data[1:])


@pytest.mark.parametrize("place", [b"", b"[]", b"{", b"\xff", b"7"])
def test_bytes_that_are_no_binding_are_refused(place):
    with pytest.raises(Malformed):
        open_sealed(SEED, "grant", place, seal(PUBLIC, "grant", PLACE, b""))
