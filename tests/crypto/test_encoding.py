from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from crypto import encoding
from crypto.errors import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(1 - 2**53, 2**53 - 1)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_json_comes_back(value):
    assert encoding.parse_jcs(encoding.jcs(value)) == value


@given(VALUES)
def test_canonical_json_is_what_another_implementation_of_the_rfc_writes(value):
    assert encoding.jcs(value) == rfc8785.dumps(value)


def test_every_character_is_written_as_another_implementation_of_the_rfc_writes_it():
    surrogates = range(0xD800, 0xE000)
    text = "".join(chr(code) for code in range(0x110000) if code not in surrogates)
    assert encoding.jcs(text) == rfc8785.dumps(text)
    keys = {chr(code): code for code in range(128)}
    assert encoding.jcs(keys) == rfc8785.dumps(keys)


def test_a_value_that_holds_itself_is_malformed():
    value: list[object] = []
    value.append(value)
    with pytest.raises(Malformed):
        encoding.jcs(value)


@given(VALUES.filter(bool), st.sampled_from([b" ", b"\n", b"\t"]))
def test_white_space_around_a_value_is_refused(value, space):
    text = encoding.jcs(value)
    for data in (space + text, text + space):
        with pytest.raises(Malformed):
            encoding.parse_jcs(data)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_malformed(data):
    try:
        value = encoding.parse_jcs(data)
    except Malformed:
        return
    assert encoding.jcs(value) == data


@given(st.binary(max_size=100))
def test_base64url_comes_back(data):
    assert encoding.unb64u(encoding.b64u(data)) == data


@given(st.text("AQgw9_-=+/ \n", max_size=9))
def test_bytes_have_one_spelling_in_base64url(text):
    try:
        data = encoding.unb64u(text)
    except Malformed:
        return
    assert encoding.b64u(data) == text


@pytest.mark.parametrize("value", [0.0, float("nan"), b"x", {1: 2}, {None: 1}, {"a": {1}}, object(), 2**53, -(2**53)])
def test_what_is_not_of_json_is_malformed(value):
    with pytest.raises(Malformed):
        encoding.jcs(value)


def test_a_number_of_thousands_of_figures_is_malformed():
    with pytest.raises(Malformed):
        encoding.parse_jcs(b"9" * 10_000)


@given(st.text(max_size=30))
def test_cleaned_text_fits_into_utf8_and_is_clean_already(text):
    clean = encoding.clean_text(text)
    clean.encode("utf-8")
    assert encoding.clean_text(clean) == clean
    assert len(clean) <= len(text)


@given(TEXT)
def test_sound_text_is_kept(text):
    assert encoding.clean_text(text) == text


@given(st.uuids())
def test_uuids_come_back(value):
    assert encoding.uuid_bytes(str(value)) == value.bytes
    assert encoding.uuid_text(value.bytes) == str(value)


def test_a_label_ends_where_the_rest_begins():
    assert encoding.labelled("a", b"b") == b"niemphong/v1/a\x00b"
    assert encoding.labelled("a", b"b", b"c") == encoding.labelled("a", b"bc")
    assert encoding.labelled("ab") != encoding.labelled("a", b"b")


@pytest.mark.parametrize("data", [b"123", "1234", None, [1, 2, 3, 4], b"12345"])
def test_bytes_are_required_as_many_as_said(data):
    with pytest.raises(Malformed):
        encoding.require_bytes(data, 4, "something")


def test_true_is_no_version():
    assert encoding.is_version(1)
    assert not any(encoding.is_version(other) for other in (True, None, 2, "1"))


def test_fingerprints_are_ten_groups_of_four():
    text = encoding.fingerprint(b"key")
    assert [len(group) for group in text.split(" ")] == [4] * 10
    assert text.replace(" ", "") == encoding.sha256hex(b"key")[:40]
