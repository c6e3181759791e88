from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.binding import FIELDS, binding, object_binding
from crypto.encoding import parse_jcs
from crypto.errors import Malformed

PLACES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["grant", "share", "message"]), "case": st.sampled_from(["a", "b"])},
    optional={name: st.sampled_from(["1", "2"]) for name in FIELDS},
)


@given(PLACES, PLACES)
def test_two_places_share_a_binding_only_when_they_are_one(left, right):
    assert (binding(**left) == binding(**right)) == (left == right)


@given(PLACES)
def test_a_binding_is_canonical_json_of_the_place(place):
    assert parse_jcs(binding(**place)) == {"v": 1, **place}


def test_an_objects_bytes_are_no_part_of_its_place():
    made = {"kind": "message", "id": "i", "ring": "report", "epoch": 2}
    assert object_binding("c", {**made, "data": "AAAA", "at": "now"}) == binding(
        "message", "c", id="i", ring="report", epoch=2
    )


def test_a_field_that_is_none_is_an_absent_one():
    assert binding("grant", "c", request=None) == binding("grant", "c")


@pytest.mark.parametrize(
    "made", [{}, {"kind": "message"}, {"id": "i"}, {"id": 7, "kind": "message"}, {"id": "i", "kind": 1}]
)
def test_an_object_needs_an_id_and_a_kind(made):
    with pytest.raises(Malformed):
        object_binding("c", made)


def test_an_unknown_field_is_refused_rather_than_left_out():
    with pytest.raises(Malformed):
        binding("grant", "c", epochs=1)
