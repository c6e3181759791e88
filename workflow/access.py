"""Who may do what with a case: pure answers to what the tables say (sealing.md, *Objects* and *Rules*).

A person is *entitled* while they have a reading that hasn't ended and hold a handling seat of the receiving body.
Until they have declared that there is no conflict they are served the header alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow.errors import Conflict, NotEligible
from workflow.organisation import HANDLING as HANDLING  # named here for those who ask who is entitled
from workflow.organisation import LEADING as LEADING
from workflow.organisation import at_quorum
from workflow.rostered import Rostered
from workflow.sealed import REPORTER


class Declared(StrEnum):
    CLEAR = "clear"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Reading:
    """One person's relation to one case, as it stands now."""

    person: str
    declared: str | None
    ended: bool
    seated: bool  # holds a seat of the receiving body with a handling role today


@dataclass(frozen=True)
class Seated:
    """A reader who remains, with the function of their seat in the receiving body."""

    person: str
    function: str


def entitled(reading: Reading | None) -> Reading:
    """The reading, if this person may know of the case at all."""
    if reading is None or reading.ended or not reading.seated or reading.declared == Declared.CONFLICT:
        raise NotEligible()
    return reading


def cleared(reading: Reading | None) -> Reading:
    """The reading, if this person may read and write: only after declaring no conflict."""
    if entitled(reading).declared != Declared.CLEAR:
        raise NotEligible()
    return entitled(reading)


def undeclared(reading: Reading | None) -> Reading:
    """The reading, if this person may still declare themselves: once."""
    if entitled(reading).declared is not None:
        raise Conflict("already_declared")
    return entitled(reading)


def quorum_kept(remaining: Iterable[Seated], *, quorum: int, single: bool) -> bool:
    """Whether those who remain could still receive the case (contracts, *Bodies*): enough, one of them leading."""
    return at_quorum((one.function for one in remaining), quorum=quorum, single=single)


def narrowed(
    previous: Sequence[Mapping[str, str]], present: Mapping[str, str], roster: Rostered
) -> tuple[dict[str, str], ...]:
    """The previous list of readers without those who left, lost their key, or are in no signed roster.

    A renewal may only narrow (sealing.md, *Epoch*); the reporter always stays.
    """
    kept = (
        {"id": reader["id"], "key": reader["key"]}
        for reader in previous
        if reader["id"] == REPORTER or _stays(reader, present, roster)
    )
    return tuple(sorted(kept, key=lambda reader: reader["id"]))


def _stays(reader: Mapping[str, str], present: Mapping[str, str], roster: Rostered) -> bool:
    code, key = reader["id"], reader["key"]
    return present.get(code) == key and code in roster.members and roster.members[code].readerkey == key
