"""Packages as a whole: sealed and opened again, and refused when anything of the file is another. Vectors have the rest."""

from __future__ import annotations

import pytest

from crypto import packages
from crypto.binding import binding
from crypto.codes import CodeError, new_code, new_package_code, parse_code, parse_package_code
from crypto.encoding import sha256hex
from crypto.errors import CryptoError, WeakKey
from crypto.hpke import kem_public

CASE, ID = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e", "5f0c8c4e-0f5b-4c39-9d70-6a6f0a6f1b11"
SEED = packages.body_seed(bytes(range(32)))
PUBLIC = kem_public(SEED)
PLACE = binding("package", CASE, id=ID, reader="CA-TP", readerkey=sha256hex(PUBLIC))
CONTENTS = packages.pack({"v": 1, "parts": []}, {"stmt": "", "sig": ""}, {})


def test_no_byte_of_a_file_can_be_another():
    data = packages.seal_to_key(PUBLIC, PLACE, CONTENTS)
    assert packages.open_with_key(SEED, data) == CONTENTS
    for at in range(0, len(data), 7):
        altered = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        with pytest.raises(CryptoError):
            packages.open_with_key(SEED, altered)


def test_no_part_of_a_file_is_enough_and_none_too_much():
    data = packages.seal_to_key(PUBLIC, PLACE, CONTENTS)
    for wrong in (*(data[:length] for length in range(0, len(data), 11)), data + b"\0", data + data):
        with pytest.raises(CryptoError):
            packages.open_with_key(SEED, wrong)


def test_the_size_tells_the_contents_to_padmes_steps_only():
    def sealed(length: int) -> int:
        return len(packages.seal_to_key(PUBLIC, PLACE, bytes(length)))

    assert sealed(10) == sealed(500)
    assert sealed(100_000) == sealed(100_200)


def test_each_package_has_a_key_a_code_and_a_receipt_of_its_own():
    assert packages.seal_to_key(PUBLIC, PLACE, CONTENTS) != packages.seal_to_key(PUBLIC, PLACE, CONTENTS)
    assert len({new_package_code() for _ in range(50)}) == 50
    assert len({packages.new_receipt() for _ in range(50)}) == 50


def test_a_receipt_code_and_a_packages_code_are_never_taken_for_each_other():
    with pytest.raises(CodeError):
        parse_package_code(new_code())
    with pytest.raises(CodeError):
        parse_code(new_package_code())


def test_nothing_is_sealed_to_a_weak_key():
    with pytest.raises(WeakKey):
        packages.seal_to_key(PUBLIC[:1184] + bytes(32), PLACE, CONTENTS)


def test_a_receipt_is_the_one_of_its_package():
    secret = packages.new_receipt()
    number = packages.receipt_number(secret)
    mark = packages.receipt_mark(PLACE, number)
    assert packages.is_receipt(PLACE, number.replace(" ", ""), mark)
    assert not packages.is_receipt(binding("package", CASE, id=ID, reader="CA-TP"), number, mark)
    assert not packages.is_receipt(PLACE, packages.receipt_number(packages.new_receipt()), mark)
