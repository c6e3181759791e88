from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import passphrase
from crypto.errors import Damaged, Malformed
from crypto.syllables import SYLLABLES

KEY, SEED, MEMBER = bytes(range(32)), bytes(range(1, 33)), bytes(range(16))
PINS = st.dictionaries(st.text("abc", max_size=3), st.text("ếx", max_size=20), max_size=3)


@given(PINS)
def test_a_wrapped_seed_comes_back_with_its_pins(pins):
    assert passphrase.unwrap_seed(KEY, MEMBER, passphrase.wrap_seed(KEY, MEMBER, SEED, pins)) == (SEED, pins)
    assert passphrase.unwrap_recovery(KEY, MEMBER, passphrase.wrap_recovery(KEY, MEMBER, SEED, pins)) == (SEED, pins)


def test_a_bit_anywhere_in_a_wrapped_seed_matters():
    data = passphrase.wrap_seed(KEY, MEMBER, SEED, {"org": "x"})
    for at in range(len(data)):
        with pytest.raises((Damaged, Malformed)):
            passphrase.unwrap_seed(KEY, MEMBER, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_one_wrapping_does_not_pass_for_the_other_or_for_another_members():
    data = passphrase.wrap_seed(KEY, MEMBER, SEED, {})
    with pytest.raises(Damaged):
        passphrase.unwrap_recovery(KEY, MEMBER, data)
    with pytest.raises(Damaged):
        passphrase.unwrap_seed(KEY, bytes(16), data)
    with pytest.raises(Damaged):
        passphrase.unwrap_seed(bytes(32), MEMBER, data)


@pytest.mark.parametrize(
    ("key", "member", "seed"), [(KEY[1:], MEMBER, SEED), (KEY, MEMBER[1:], SEED), (KEY, MEMBER, SEED[1:])]
)
def test_nothing_short_is_wrapped(key, member, seed):
    with pytest.raises(Malformed):
        passphrase.wrap_seed(key, member, seed, {})


def test_a_passphrase_and_its_salt_both_matter():
    made = passphrase.stretch("mật khẩu", MEMBER)
    assert len(made) == 32
    assert passphrase.stretch("mat khau", MEMBER) != made
    assert passphrase.stretch("mật khẩu", bytes(16)) != made


def test_what_is_sent_says_nothing_of_what_wraps():
    assert (
        len({passphrase.auth_secret(KEY), passphrase.wrapping_key(KEY, b""), passphrase.wrapping_key(KEY, SEED), KEY})
        == 4
    )


def test_what_is_stored_depends_on_the_server_the_member_and_the_secret():
    made = {
        passphrase.stored_auth(KEY, MEMBER, SEED),
        passphrase.stored_auth(SEED, MEMBER, SEED),
        passphrase.stored_auth(KEY, bytes(16), SEED),
        passphrase.stored_auth(KEY, MEMBER, KEY),
    }
    assert len(made) == 4


def test_a_name_has_one_salt_in_any_case_known_or_not():
    assert passphrase.member_salt(KEY, "An.Nguyen") == passphrase.member_salt(KEY, "an.nguyen")
    assert passphrase.member_salt(KEY, "an.nguyen") != passphrase.member_salt(KEY, "an.nguyen2")
    assert passphrase.member_salt(KEY, "an.nguyen") != passphrase.member_salt(SEED, "an.nguyen")


@pytest.mark.parametrize("name", ["", "a b", "ân", "a\n", "\x00"])
def test_a_user_name_is_of_visible_ascii(name):
    with pytest.raises(Malformed):
        passphrase.member_salt(KEY, name)


@given(st.binary(min_size=20, max_size=20), st.sampled_from(["-", " ", "", "\n", " - "]), st.booleans())
def test_a_recovery_key_is_read_however_it_is_typed(drawn, between, lower):
    printed = passphrase.new_recovery_key(lambda length: drawn)
    assert [len(group) for group in printed.split("-")] == [4] * 8
    typed = printed.replace("-", between)
    assert passphrase.recovery_wrapping_key(typed.lower() if lower else typed) == passphrase.recovery_wrapping_key(
        printed
    )


def test_two_recovery_keys_wrap_differently():
    first, second = passphrase.new_recovery_key(), passphrase.new_recovery_key()
    assert first != second
    assert passphrase.recovery_wrapping_key(first) != passphrase.recovery_wrapping_key(second)


def test_an_offered_passphrase_is_six_words_of_two_syllables():
    pairs = {left + right for left in SYLLABLES for right in SYLLABLES}
    offered = passphrase.new_passphrase().split(" ")
    assert len(offered) == 6
    assert set(offered) <= pairs
    assert passphrase.new_passphrase(lambda length: b"\x03\xff" * (length // 2)) == " ".join([SYLLABLES[-1] * 2] * 6)


def test_what_proves_a_recovery_key_opens_nothing_and_is_stored_under_its_own_label():
    printed = passphrase.new_recovery_key()
    proof = passphrase.recovery_auth_secret(printed.lower().replace("-", " "))
    assert len({proof, passphrase.recovery_wrapping_key(printed)}) == 2
    assert proof == passphrase.recovery_auth_secret(printed)
    stored = passphrase.stored_recovery_auth(KEY, MEMBER, proof)
    assert len({stored, passphrase.stored_auth(KEY, MEMBER, proof), proof}) == 3
