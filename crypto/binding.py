"""Bindings: what ties sealed bytes to their place (sealing.md, *Bytes*: binding; twin: binding.js)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.encoding import jcs
from crypto.errors import Malformed

FIELDS = frozenset(
    ("epoch", "id", "k", "n", "reader", "readerkey", "request", "ring", "scope", "set", "setv", "x"),
)


def binding(kind: str, case: str | None = None, **fields: Any) -> bytes:
    """JCS of `{v, kind, case?, ...fields}`; absent fields (None) are left out. Malformed for a field that none has."""
    if not isinstance(kind, str) or not kind:
        raise Malformed("a binding without a kind")
    if fields.keys() - FIELDS:
        raise Malformed("no binding has such a field")
    place = {"v": 1, "kind": kind, "case": case, **fields}
    return jcs({name: value for name, value in place.items() if value is not None})


def object_binding(case: str, made: Mapping[str, Any]) -> bytes:
    """The binding of an object's JSON form: its place, without its bytes. Malformed."""
    if not isinstance(made.get("id"), str):
        raise Malformed("an object without an id")
    return binding(made.get("kind", ""), case, **{name: made[name] for name in FIELDS & made.keys()})
