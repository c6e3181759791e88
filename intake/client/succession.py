"""From a key of the organisation's that somebody trusts to the one of today (twin: static/js/client/succession.js).

A roster names the fingerprint of the one key that may take over. Whoever trusts the former key, by a pin or a printed
notice, is led to the new one by two neighbouring rosters: the last by the former key, which names the new one, and the
first by the new key, which names the hash of the last. Several takeovers are followed one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crypto.encoding import parse_jcs, unb64u
from crypto.errors import CryptoError
from crypto.rosters import Roster, check_successor, verify_roster
from intake.client.errors import ClientFault, Refused
from intake.client.memory import Former, Pointer, SeenRoster

MOST = 32  # takeovers that are followed: each costs two rosters

Fetch = Callable[[int], Mapping[str, Any]]  # the pair of a takeover's number, not yet believed
IsPinned = Callable[[bytes], bool]


@dataclass(frozen=True)
class Pair:
    """The last roster by one key and the first by its successor, verified."""

    last: Roster
    first: Roster


def signed_roster(document: Mapping[str, str]) -> Roster:
    """A roster under the key that it names itself, as of the day it was issued: whether to trust that key comes after.

    Raises CryptoError; Expired also for one that ended before it began, as those of a rehearsal do.
    """
    try:
        said = parse_jcs(unb64u(document["doc"]))
        return verify_roster(document, unb64u(said["org"]), on=date.fromisoformat(said["issued"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise CryptoError("not a roster") from fault


def organisation_key(roster: Roster) -> bytes:
    return bytes(unb64u(roster.said["org"]))


def pointer_of(roster: Roster) -> Pointer:
    return Pointer(roster.said["no"], roster.hash)


def former_keys(
    newest: Roster,
    takeovers: object,
    *,
    is_pinned: IsPinned | None,
    since: Pointer | None = None,
    seen: SeenRoster | None = None,
    fetch: Fetch | None = None,
) -> tuple[Former, ...]:
    """The keys before the newest roster's, oldest first: those passed from the pinned one, or all where none is pinned.

    `since` is the roster that was pinned with the key, `seen` what this client remembers: of both the newer counts, so
    that an old wrapped seed, played back, brings no former key back. Raises ClientFault: roster_older, roster_forked
    (another history than was verified before), roster_bad (nothing signed leads to the new key).
    """
    if seen is None:
        if is_pinned is None:
            return _formers(succession(newest, takeovers, fetch))
        return _follow(newest, takeovers, is_pinned, since, fetch)
    require_after(newest, seen.pointer)
    if is_pinned is None or _leads_to(seen, is_pinned, since):
        start = since if since is not None and since.no > seen.pointer.no else seen.pointer
        return (*seen.former, *_follow(newest, takeovers, lambda key: key == seen.org, start, fetch))
    passed = _follow(newest, takeovers, is_pinned, since, fetch)
    if seen.org not in (organisation_key(newest), *(one.org for one in passed)):
        return passed  # somebody else's pin, on the same machine, was of another line
    return (*(one for one in seen.former if one not in passed), *passed)


def _leads_to(seen: SeenRoster, is_pinned: IsPinned, since: Pointer | None) -> bool:
    """Whether the pinned key is the remembered one, or one that it came after."""
    if is_pinned(seen.org):
        if since is not None and since.no == seen.pointer.no and since.hash != seen.pointer.hash:
            raise ClientFault("roster_forked", no=since.no, seen=seen.pointer.no)
        return True
    last = next((one.last for one in seen.former if is_pinned(one.org)), None)
    if last is not None and since is not None and since.no > last:
        raise ClientFault("roster_forked", no=since.no, seen=last)
    return last is not None


def _follow(
    newest: Roster, takeovers: object, is_pinned: IsPinned, since: Pointer | None, fetch: Fetch | None
) -> tuple[Former, ...]:
    require_after(newest, since)
    if is_pinned(organisation_key(newest)):
        return ()
    line = succession(newest, takeovers, fetch, after=since.no if since else 0)
    while line and not is_pinned(organisation_key(line[0].last)):
        line = line[1:]
    if not line:
        raise ClientFault("roster_bad")
    require_after(line[0].last, since)
    return _formers(line)


def _formers(line: Sequence[Pair]) -> tuple[Former, ...]:
    return tuple(Former(organisation_key(pair.last), pair.last.said["no"]) for pair in line)


def succession(newest: Roster, takeovers: object, fetch: Fetch | None, *, after: int = 0) -> Sequence[Pair]:
    """Every takeover after a roster's number, up to the newest roster, without a key left out between.

    Raises ClientFault("roster_bad" | "roster_forked").
    """
    line: list[Pair] = []
    for no in _numbers(takeovers, newest.said["no"]):
        if no <= after:
            continue
        pair = _pair(no, fetch)
        if line:
            _require_same_rule(line[-1].first, pair.last)
        line.append(pair)
    if line:
        _require_same_rule(line[-1].first, newest)
    return line


def require_after(roster: Roster, seen: Pointer | None) -> None:
    """Refuse a roster older than one that was verified, or one that can't follow it."""
    if seen is None:
        return
    no = roster.said["no"]
    if no < seen.no:
        raise ClientFault("roster_older", no=no, seen=seen.no)
    same, next_one = no == seen.no, no == seen.no + 1
    if (same and roster.hash != seen.hash) or (next_one and roster.said["prev"] != seen.hash):
        raise ClientFault("roster_forked", no=no, seen=seen.no)


def _numbers(told: object, newest: int) -> Sequence[int]:
    numbers = [] if told is None else told if isinstance(told, list) else [None]
    rising = len(numbers) <= MOST and all(
        type(no) is int and before < no <= newest for before, no in zip([1, *numbers], numbers, strict=False)
    )
    if not rising:
        raise ClientFault("roster_bad")
    return numbers


def _pair(no: int, fetch: Fetch | None) -> Pair:
    if fetch is None:
        raise ClientFault("roster_bad")
    try:
        told = fetch(no)
        last, first = signed_roster(told["last"]), signed_roster(told["first"])
        check_successor(last.said, first.said)
    except Refused as refused:
        if refused.status != 404:
            raise  # a server that is only busy is no cheat
        raise ClientFault("roster_bad") from None
    except (CryptoError, KeyError, TypeError, ValueError):
        raise ClientFault("roster_bad") from None
    if first.said["no"] != no or organisation_key(last) == organisation_key(first):
        raise ClientFault("roster_bad")
    return Pair(last, first)


def _require_same_rule(first: Roster, later: Roster) -> None:
    """Between two takeovers, and since the last one, the key is the same."""
    if organisation_key(first) != organisation_key(later):
        raise ClientFault("roster_bad")
    require_after(later, pointer_of(first))
