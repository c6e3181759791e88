from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.aead import TAG, decrypt, encrypt
from crypto.errors import Damaged

KEY, NONCE = bytes(range(32)), bytes(12)


@given(plaintext=st.binary(max_size=200), aad=st.binary(max_size=50))
def test_what_was_encrypted_decrypts(plaintext, aad):
    sealed = encrypt(KEY, NONCE, plaintext, aad)
    assert len(sealed) == len(plaintext) + TAG
    assert decrypt(KEY, NONCE, sealed, aad) == plaintext


def test_every_byte_is_under_the_tag():
    sealed = encrypt(KEY, NONCE, b"report", b"place")
    for at in range(len(sealed)):
        with pytest.raises(Damaged):
            decrypt(KEY, NONCE, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], b"place")


@pytest.mark.parametrize(
    ("key", "nonce", "aad"),
    [(bytes(32), NONCE, b"place"), (KEY, b"\x01" * 12, b"place"), (KEY, NONCE, b"elsewhere")],
)
def test_another_key_nonce_or_place_does_not_open(key, nonce, aad):
    with pytest.raises(Damaged):
        decrypt(key, nonce, encrypt(KEY, NONCE, b"report", b"place"), aad)


@pytest.mark.parametrize("length", [0, 1, 15])
def test_less_than_a_tag_is_damaged(length):
    with pytest.raises(Damaged):
        decrypt(KEY, NONCE, bytes(length), b"")
