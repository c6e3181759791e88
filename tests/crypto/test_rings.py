from __future__ import annotations

import pytest

from crypto.errors import Malformed
from crypto.rings import ring_commitment, scope_commitment

KEY = bytes(range(32))


def test_a_commitment_is_to_the_key_and_to_every_part_of_its_place():
    made = [
        ring_commitment("c", "report", 1, KEY),
        ring_commitment("c", "report", 1, bytes(32)),
        ring_commitment("c", "report", 2, KEY),
        ring_commitment("c", "internal", 1, KEY),
        ring_commitment("d", "report", 1, KEY),
        scope_commitment("c", "report", KEY),
        scope_commitment("c", "name", KEY),
        scope_commitment("d", "name", KEY),
        scope_commitment("c", "name", bytes(32)),
    ]
    assert len(set(made)) == len(made)
    assert all(len(each) == 64 and each == each.lower() for each in made)


@pytest.mark.parametrize("key", [b"", KEY[1:], KEY + b"\x00"])
def test_a_key_has_its_length_so_that_it_cannot_run_into_the_place(key):
    with pytest.raises(Malformed):
        ring_commitment("c", "report", 1, key)
    with pytest.raises(Malformed):
        scope_commitment("c", "name", key)
