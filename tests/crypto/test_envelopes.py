from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.binding import binding
from crypto.encoding import b64u, jcs, sha256, uuid_bytes
from crypto.envelopes import envelope_key_id, open_answer, open_envelope, seal_answer, seal_envelope
from crypto.errors import Damaged, Malformed, WeakKey
from crypto.hpke import kem_public, seal
from crypto.padding import pad

SEED = bytes(range(32))
PUBLIC = kem_public(SEED)
ID = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"
ASKED = {"op": "preview", "args": {"lang": "vi"}}
ARGS = st.dictionaries(
    st.text("abc", max_size=3), st.text(st.characters(exclude_categories=["Cs"]), max_size=50), max_size=3
)


@settings(max_examples=25)
@given(ARGS, ARGS)
def test_a_request_and_its_answer_come_through(args, told):
    wire, answer_key = seal_envelope(ID, PUBLIC, {"op": "preview", "args": args})
    assert envelope_key_id(wire) == ID
    payload, key, digest = open_envelope(SEED, wire)
    assert (payload["op"], payload["args"], key, digest) == ("preview", args, answer_key, sha256(wire))
    assert open_answer(answer_key, sha256(wire), seal_answer(key, digest, told)) == told


def test_small_requests_and_answers_are_of_one_size():
    sizes = set()
    for length in (0, 1, 100, 3000):
        wire, answer_key = seal_envelope(ID, PUBLIC, {"op": "o", "args": {"a": "x" * length}})
        sizes.add((len(wire), len(seal_answer(answer_key, sha256(wire), {"a": "x" * length}))))
    assert sizes == {(16 + 1 + 1120 + 4096 + 16, 1 + 12 + 4096 + 16)}


def test_large_answers_go_in_steps_or_in_the_size_that_was_asked_for():
    digest = sha256(b"")
    assert len(seal_answer(SEED, digest, {"a": "x" * 4096})) == 29 + 8192
    assert len(seal_answer(SEED, digest, {}, size=65_536)) == 29 + 65_536
    with pytest.raises(Malformed):
        seal_answer(SEED, digest, {"a": "x" * 4096}, size=4096)


def test_each_request_has_an_answer_key_of_its_own():
    assert seal_envelope(ID, PUBLIC, ASKED)[1] != seal_envelope(ID, PUBLIC, ASKED)[1]


def test_a_bit_anywhere_in_a_request_matters():
    wire, _ = seal_envelope(ID, PUBLIC, ASKED)
    for at in (0, 15, 16, 17, 1000, 1120, 1137, 3000, len(wire) - 1):
        with pytest.raises((Damaged, Malformed)):
            open_envelope(SEED, wire[:at] + bytes([wire[at] ^ 1]) + wire[at + 1 :])


def test_an_answer_belongs_to_its_request_alone():
    wire, answer_key = seal_envelope(ID, PUBLIC, ASKED)
    answer = seal_answer(answer_key, sha256(wire), {"ok": 1})
    other, _ = seal_envelope(ID, PUBLIC, ASKED)
    with pytest.raises(Damaged):
        open_answer(answer_key, sha256(other), answer)
    for at in (1, 13, 2000, len(answer) - 1):
        with pytest.raises(Damaged):
            open_answer(answer_key, sha256(wire), answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :])


@pytest.mark.parametrize(
    "change",
    [
        {"v": True},
        {"v": 2},
        {"v": None},
        {"op": 1},
        {"op": None},
        {"args": []},
        {"args": None},
        {"answer": "AA"},
        {"answer": 1},
    ],
)
def test_a_sealed_request_of_another_shape_is_malformed(change):
    asked = {"v": 1, "op": "preview", "answer": b64u(SEED), "args": {}} | change
    sealed = seal(PUBLIC, "envelope", binding("envelope", id=ID), pad(jcs(asked), 4096))
    with pytest.raises(Malformed):
        open_envelope(SEED, uuid_bytes(ID) + sealed)


def test_nothing_is_sealed_to_a_weak_key_or_a_nameless_one():
    with pytest.raises(WeakKey):
        seal_envelope(ID, bytes(1216), ASKED)
    with pytest.raises(Malformed):
        seal_envelope(ID.upper(), PUBLIC, ASKED)
