"""Backup codes: ten, printable, typed as people type, kept as nothing that opens anything."""

from __future__ import annotations

import pytest

from crypto.backupcodes import new_backup_codes, plain_backup_code, stored_backup_code
from crypto.errors import Malformed

MEMBER = bytes(range(16))
KEY = bytes(32)


def test_ten_different_codes_are_drawn():
    codes = new_backup_codes()
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {11}
    assert not set(codes) & set(new_backup_codes())


def test_two_codes_alike_are_drawn_again():
    drawn = iter([bytes(10)] * 5 + [bytes([n]) * 10 for n in range(1, 12)])
    assert len(set(new_backup_codes(lambda length: next(drawn)))) == 10


@pytest.mark.parametrize("typed", ["abcde-fghij", "ABCDEFGHIJ", " ab cde fghij "])
def test_case_blanks_and_hyphens_do_not_matter(typed):
    assert plain_backup_code(typed) == "ABCDEFGHIJ"
    assert stored_backup_code(KEY, MEMBER, typed) == stored_backup_code(KEY, MEMBER, "ABCDE-FGHIJ")


@pytest.mark.parametrize("typed", ["", "ABCDE-FGHI", "ABCDE-FGHIJK", "ABCDE-FGHI1", "ÀBCDE-FGHIJ"])
def test_what_can_not_be_a_code_is_refused(typed):
    with pytest.raises(Malformed):
        stored_backup_code(KEY, MEMBER, typed)


def test_what_is_stored_depends_on_key_member_and_code():
    stored = {
        stored_backup_code(KEY, MEMBER, "ABCDEFGHIJ"),
        stored_backup_code(b"\x01" * 32, MEMBER, "ABCDEFGHIJ"),
        stored_backup_code(KEY, bytes(16), "ABCDEFGHIJ"),
        stored_backup_code(KEY, MEMBER, "ABCDEFGHI2"),
    }
    assert len(stored) == 4
    assert {len(each) for each in stored} == {64}
