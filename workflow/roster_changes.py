"""What a new roster changes against the one before: what its signer is shown, and has to agree with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PARTS = ("bodies", "members", "seats", "sets")
HEAD = ("org", "installation", "successor")


@dataclass(frozen=True)
class Change:
    """One row that is new, gone, or says something else; `before` or `after` is None accordingly."""

    part: str
    id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference but number, previous hash and dates, which always differ."""
    return tuple(_head(before or {}, after)) + tuple(
        change for part in PARTS for change in _rows(part, (before or {}).get(part, ()), after.get(part, ()))
    )


def _head(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for field in HEAD:
        old, new = before.get(field), after.get(field)
        if old != new:
            yield Change(field, field, {"is": old} if old else None, {"is": new} if new else None)


def _rows(part: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    old, new = {row["id"]: row for row in before}, {row["id"]: row for row in after}
    for id in sorted(old.keys() | new.keys()):
        if old.get(id) != new.get(id):
            yield Change(part, id, old.get(id), new.get(id))
