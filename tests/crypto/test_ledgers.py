from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.encoding import parse_jcs
from crypto.errors import Malformed
from crypto.ledgers import START, entry_bytes, entry_hash, merkle_path, merkle_root, private_digest

ENTRY = {"chain": "c", "seq": 1, "at": "2026-11-23T08:00:00Z", "kind": "opened", "prev": START, "pub": {}, "priv": "00"}
LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=20)


def _root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The verification of RFC 9162 section 2.1.3.2: another way than the recursion that made the path."""
    step, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in path:
        assert last
        if step & 1 or step == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while not step & 1 and step:
                step, last = step >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        step, last = step >> 1, last >> 1
    assert last == 0
    return found


@given(LEAVES)
def test_every_path_leads_from_its_leaf_to_the_root(leaves):
    root = merkle_root(leaves)
    for index, leaf in enumerate(leaves):
        assert _root_of(leaf, index, len(leaves), merkle_path(leaves, index)) == root


@settings(max_examples=50)
@given(LEAVES, LEAVES)
def test_different_leaves_have_different_roots(left, right):
    assert (merkle_root(left) == merkle_root(right)) == (left == right)


def test_a_leaf_cannot_pass_for_a_node():
    left, right = (hashlib.sha256(b"\x00" + leaf).digest() for leaf in (b"a", b"b"))
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_there_is_no_path_for_a_leaf_that_is_not_there(index):
    with pytest.raises(Malformed):
        merkle_path([b"a", b"b", b"c"], index)


def test_an_entry_holds_what_it_was_made_of():
    assert parse_jcs(entry_bytes(**ENTRY)) == {"v": 1, **ENTRY}


@pytest.mark.parametrize(
    "change", [{"seq": 2}, {"chain": "d"}, {"kind": "closed"}, {"prev": "1" * 64}, {"pub": {"a": 1}}, {"priv": "01"}]
)
def test_every_part_of_an_entry_is_in_its_hash(change):
    assert entry_hash(entry_bytes(**ENTRY | change)) != entry_hash(entry_bytes(**ENTRY))


def test_a_private_part_cannot_be_guessed_without_its_salt():
    assert private_digest(bytes(32), {"vote": 1}) != private_digest(bytes(31) + b"\x01", {"vote": 1})
    assert private_digest(bytes(32), {"vote": 1}) != private_digest(bytes(32), {"vote": 2})
    with pytest.raises(Malformed):
        private_digest(b"", {"vote": 1})
