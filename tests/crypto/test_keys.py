from __future__ import annotations

import pytest

from crypto.codes import new_code
from crypto.encoding import label, sha256hex
from crypto.errors import Malformed
from crypto.hpke import kem_public, open_sealed, seal
from crypto.kdf import hkdf
from crypto.keys import member_keys, pair_keys, reporter_keys
from crypto.signing import sign, sign_public, verify

SEED = bytes(range(32))


def test_a_members_keys_are_the_two_branches_of_their_seed():
    made = member_keys(SEED)
    assert (made.kem_seed, made.sign_seed) == (hkdf(SEED, label("kem")), hkdf(SEED, label("sign")))
    assert (made.kem_public, made.sign_public) == (kem_public(made.kem_seed), sign_public(made.sign_seed))
    assert SEED not in (made.kem_seed, made.sign_seed)


def test_a_reporters_keys_open_and_sign():
    code, salt = new_code(), bytes(16)
    made = reporter_keys(code, salt)
    assert open_sealed(made.kem_seed, "grant", b"{}", seal(made.kem_public, "grant", b"{}", b"ring")) == b"ring"
    verify(made.sign_public, "stmt/submission", b"", sign(made.sign_seed, "stmt/submission", b""))
    assert made.mailbox_hash == sha256hex(made.mailbox)
    assert len({made.mailbox, made.kem_seed, made.sign_seed}) == 3
    assert reporter_keys(code, bytes(15) + b"\x01").mailbox != made.mailbox


def test_the_second_case_of_a_pair_has_keys_and_a_mailbox_that_the_first_ones_do_not_tell():
    code, salt = new_code(), bytes(16)
    own, linked = reporter_keys(code, salt), pair_keys(code, salt)
    secrets = [(made.mailbox, made.kem_seed, made.sign_seed) for made in (own, linked)]
    assert len({secret for of_one in secrets for secret in of_one}) == 6
    assert pair_keys(code, salt) == linked
    assert linked.mailbox_hash == sha256hex(linked.mailbox)
    with pytest.raises(Malformed):
        pair_keys(code.upper(), salt)


def test_secrets_are_not_printed():
    made = reporter_keys("-".join(["ba"] * 9), bytes(16))
    for secret in (made.mailbox, made.kem_seed, made.sign_seed):
        assert repr(secret) not in repr(made)
    assert repr(member_keys(SEED).kem_seed) not in repr(member_keys(SEED))


@pytest.mark.parametrize(
    "code", ["", "ba", "-".join(["ba"] * 8), "-".join(["BA"] * 9), " ".join(["ba"] * 9), "-".join(["ba"] * 9) + "\n"]
)
def test_a_code_must_be_spelled_as_it_was_parsed(code):
    with pytest.raises(Malformed):
        reporter_keys(code, bytes(16))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_has_its_length(length):
    with pytest.raises(Malformed):
        member_keys(bytes(length))
