from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.encoding import b64u, jcs
from crypto.errors import BadSignature, Malformed, WeakKey
from crypto.signing import (
    ORDER,
    SMALL_ORDER,
    check_sign_public,
    sign,
    sign_document,
    sign_public,
    sign_statement,
    verify,
    verify_document,
    verify_statement,
)

SEED = bytes(range(32))
PUBLIC = sign_public(SEED)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_a_signature_holds_for_its_key_prefix_and_body(seed, body):
    public = check_sign_public(sign_public(seed))
    signature = sign(seed, "roster", body)
    verify(public, "roster", body, signature)
    for other in (
        (public, "checkpoint", body),
        (public, "roster", body + b"x"),
        (sign_public(bytes(31) + b"\x07"), "roster", body),
    ):
        with pytest.raises(BadSignature):
            verify(*other, signature)


def test_a_bit_anywhere_in_a_signature_matters():
    signature = sign(SEED, "roster", b"body")
    for at in range(64):
        for bit in (1, 128):
            with pytest.raises(BadSignature):
                verify(PUBLIC, "roster", b"body", signature[:at] + bytes([signature[at] ^ bit]) + signature[at + 1 :])


def test_there_is_no_second_signature_for_the_same_words():
    signature = sign(SEED, "roster", b"body")
    second = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(BadSignature, match="canonical"):
        verify(PUBLIC, "roster", b"body", signature[:32] + second.to_bytes(32, "little"))


@pytest.mark.parametrize("sign_bit", [0, 2**255])
def test_a_key_of_small_order_is_weak_with_either_sign(sign_bit):
    for y in SMALL_ORDER:
        with pytest.raises(WeakKey):
            verify((y | sign_bit).to_bytes(32, "little"), "roster", b"body", bytes(64))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_its_length(length):
    with pytest.raises(Malformed):
        check_sign_public(bytes(length))
    with pytest.raises(Malformed):
        sign_public(bytes(length))


def test_a_statement_says_what_was_signed_for_its_kind_alone():
    said = {"v": 1, "kind": "item", "text": "Đã đọc"}
    statement = sign_statement(SEED, said)
    assert verify_statement(PUBLIC, statement, "item") == said
    for kind in ("epoch", "items", ""):
        with pytest.raises(BadSignature):
            verify_statement(PUBLIC, statement, kind)


def test_a_statement_does_not_pass_for_a_document_of_that_label():
    statement = sign_statement(SEED, {"v": 1, "kind": "roster"})
    with pytest.raises(BadSignature):
        verify_document(PUBLIC, "roster", {"doc": statement["stmt"], "sig": statement["sig"]})


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"1", b"null", b'{"v": 1}', b"{}", jcs({"v": 2}), jcs({"v": True}), jcs({"v": "1"})]
)
def test_a_signed_body_of_another_form_is_malformed(body):
    with pytest.raises(Malformed):
        verify_document(PUBLIC, "roster", {"doc": b64u(body), "sig": b64u(sign(SEED, "roster", body))})


@pytest.mark.parametrize(
    "wrong", [{}, {"stmt": "e30"}, {"sig": "AAAA"}, {"stmt": "e30=", "sig": "AA"}, {"stmt": 1, "sig": 2}]
)
def test_what_is_not_a_statement_is_malformed(wrong):
    with pytest.raises(Malformed):
        verify_statement(PUBLIC, wrong, "item")


@pytest.mark.parametrize(
    "said", [{"v": 1}, {"kind": "item"}, {"v": 1, "kind": 1}, {"v": True, "kind": "item"}, {"v": 2, "kind": "item"}]
)
def test_nothing_else_is_signed_as_a_statement(said):
    with pytest.raises(Malformed):
        sign_statement(SEED, said)


def test_a_document_says_what_was_signed_under_its_label_alone():
    document = sign_document(SEED, "checkpoint", {"v": 1, "no": 3})
    assert verify_document(PUBLIC, "checkpoint", document) == {"v": 1, "no": 3}
    with pytest.raises(BadSignature):
        verify_document(PUBLIC, "roster", document)
