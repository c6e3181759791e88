"""A proof of work fits one body and one challenge of ours, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crypto.encoding import b64u, unb64u
from crypto.errors import Malformed
from crypto.forms import make_form_token, read_form_token
from crypto.work import MOST_BITS, challenge_of, is_worked, make_challenge, work

KEY, OTHER = bytes(range(32)), bytes(32)


@given(body=some.binary(max_size=64), bits=some.integers(4, 9))
def test_a_proof_that_was_worked_out_is_right(body, bits):
    proof = work(make_challenge(KEY, bits, 10), body)
    assert is_worked(proof, body)
    assert (challenge_of((KEY,), proof).bits, challenge_of((KEY,), proof).until) == (bits, 10)


def test_a_proof_is_for_one_body():
    proof = work(make_challenge(KEY, 12, 10), b"a preview")
    assert not is_worked(proof, b"a submission")


@pytest.mark.parametrize("place", [0, 1, 5, 20])
def test_a_challenge_with_another_difficulty_or_end_is_not_ours(place):
    raw = bytearray(unb64u(work(make_challenge(KEY, 12, 10), b"x")))
    raw[place] ^= 1
    with pytest.raises(Malformed):
        challenge_of((KEY,), b64u(bytes(raw)))


def test_a_challenge_of_somebody_else_and_what_is_none_are_refused():
    for proof in (work(make_challenge(OTHER, 4, 10), b"x"), "", "AA", "!", b64u(bytes(58))):
        with pytest.raises(Malformed):
            challenge_of((KEY,), proof)
        assert not is_worked(proof, b"y" * 9) or proof.startswith("AQ")
    with pytest.raises(Malformed):
        make_challenge(KEY, MOST_BITS + 1, 10)


def test_every_part_of_a_proof_counts():
    raw = unb64u(work(make_challenge(KEY, 14, 10), b"x"))
    for part in range(4):
        broken = bytearray(raw)
        broken[42 + 4 * part] ^= 128
        assert not is_worked(b64u(bytes(broken)), b"x")


def test_a_form_token_is_known_by_its_key_until_its_end():
    token = make_form_token(KEY, 100)
    assert read_form_token((KEY,), token, 99) != read_form_token((KEY,), make_form_token(KEY, 100), 99)
    for key, text, at in ((KEY, token, 100), (OTHER, token, 99), (KEY, token[:-2] + "AA", 99), (KEY, "", 99)):
        with pytest.raises(Malformed):
            read_form_token((key,), text, at)
