"""YAML that comes in: plain data with places, and a plain refusal of whatever is more than that."""

from __future__ import annotations

from datetime import date

import pytest

from workflow.marked_yaml import LARGEST, NotPlain, Spot, read

EXAMPLE = """\
bodies:
  - {code: UBKT-S, level: 3, single: false, parent: null, valid_from: 2026-01-31}
  - code: "007"
    name:
      vi: Chi bộ
"""


def test_values_come_with_their_places():
    node, faults = read(EXAMPLE.encode())
    assert faults == []
    first = {"code": "UBKT-S", "level": 3, "single": False, "parent": None, "valid_from": date(2026, 1, 31)}
    assert node.value == {"bodies": [first, {"code": "007", "name": {"vi": "Chi bộ"}}]}
    assert node.at("bodies", 0, "level") == Spot(2, 27)
    assert node.at("bodies", 1, "name", "vi") == Spot(5, 11)
    assert node.at("bodies", 1, "not there") == Spot(3, 5)


def test_what_only_looks_like_a_date_or_a_number_stays_text():
    node, _ = read(b"a: 2026-02-30\nb: 2026-01-01T00:00:00Z\nc: " + b"9" * 5000 + b"\nd: 0x\n")
    assert all(isinstance(value, str) for value in node.value.values())


def test_a_field_that_stands_twice_is_told_at_the_second():
    _, faults = read(b"a: 1\nb: 2\na: 3\n")
    assert [(fault.spot, fault.why, fault.about) for fault in faults] == [(Spot(3, 1), "twice", "a")]


@pytest.mark.parametrize(
    ("raw", "why", "line"),
    [
        (b"a: &x [1]\nb: *x", "alias", 1),
        (b"a: &x [*x]", "alias", 1),
        (b"a: 1\nb: !!python/object/apply:os.system [id]", "tag", 2),
        (b"a: {<<: {b: 1}}", "not_a_name", 1),
        (b"? [a]\n: b", "not_a_name", 1),
        (b"[" * 100_000, "too_deep", 1),
        (b"{a: " * 100_000, "too_deep", 1),
        (b"\n".join(b" " * depth + b"a:" for depth in range(500)), "too_deep", 9),
        ("a: 1\nb: Trần".encode("cp1258", "ignore") + b"\xff", "not_utf8", 2),
        ("a: 1".encode("utf-16"), "not_utf8", 1),
        (b"a: b\nc: \x07", "not_text", 2),
        (b"", "empty", 1),
        (b"# nothing", "empty", 1),
        (b"a: 1\n---\nb: 2", "two_documents", 2),
        (b"a:\n  - {b: 1\nc: [", "not_yaml", 3),
        (b"a: 'open", "not_yaml", 1),
        (b"\tb: 1", "not_yaml", 1),
        (b"a" * (LARGEST + 1), "too_large", 1),
    ],
)
def test_what_is_more_or_less_than_plain_data_is_refused_with_its_line(raw, why, line):
    with pytest.raises(NotPlain) as refused:
        read(raw)
    assert (refused.value.fault.why, refused.value.fault.spot.line) == (why, line)


def test_a_byte_order_mark_does_no_harm():
    assert read(b"\xef\xbb\xbfa: 1")[0].value == {"a": 1}
