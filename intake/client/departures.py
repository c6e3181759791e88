"""Who has left a case by their own signed word, and what the server says against it (docs/sealing.md, *Epoch*).

The list of who is present is the server's alone: without this it could bring a reader back while a key is pending.
Twin: static/js/client/departures.js.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crypto.encoding import parse_jcs, unb64u
from crypto.errors import CryptoError
from crypto.signing import verify_statement
from intake.client.opening import Chain, ever_read, unverified
from intake.client.sealing import Statement
from intake.client.trust import Trust
from workflow.sealed import REPORTER

LEAVING = ("conflict", "withdrawal")
ENTRIES = ("conflict_declared", "withdrawn")


@dataclass(frozen=True)
class Departure:
    """What a reader said when they left; `reason` is the id of the object that holds one.

    It is not `checked` where the roster holds no key of theirs any more.
    """

    who: str
    at: str
    reason: str | None
    checked: bool


def departures_of(
    case: str, statements: Iterable[Statement], chains: Mapping[str, Chain], trust: Trust
) -> tuple[Departure, ...]:
    """The conflicts and withdrawals of readers; what is not rightly signed counts for nothing, as if it were kept back."""
    readers = [one for one in ever_read(chains["report"]) if one["id"] != REPORTER] if "report" in chains else []
    found = (_departure(case, statement, readers, trust) for statement in statements)
    return tuple(one for one in found if one is not None)


def departed_of(
    case: str, statements: Iterable[Statement], chains: Mapping[str, Chain], trust: Trust
) -> frozenset[str]:
    """The readers who declared a conflict or withdrew.

    Whose key the roster holds no more counts as departed unchecked: it can only keep somebody out.
    """
    return frozenset(one.who for one in departures_of(case, statements, chains, trust))


def present_of(readers: Iterable[Mapping[str, str]], departed: frozenset[str]) -> dict[str, str]:
    """Who is present by the server's list, less those who have left: codes and their keys."""
    return {reader["id"]: reader["readerkey"] for reader in readers if reader["id"] not in departed}


def without_returned(
    chains: Mapping[str, Chain], departed: frozenset[str], *, hidden: bool = False
) -> dict[str, Chain]:
    """The chains, of which none is written to under a key that names somebody who has left; none at all if some are hidden.

    By rule leaving closes every newest key and makes the next one pending. Where none is, the key was made after they
    left, whatever time its maker, who may be the one who left, has written on it.
    """
    return {name: _checked(chain, departed, hidden) for name, chain in chains.items()}


def are_hidden(ledger: Iterable[Mapping[str, Any]], departed: frozenset[str]) -> bool:
    """Whether a case's own chain tells of more departures than were served."""
    return sum(_kind(line) in ENTRIES for line in ledger) > len(departed)


def _checked(chain: Chain, departed: frozenset[str], hidden: bool) -> Chain:
    newest = chain.newest
    if newest is None:
        return chain
    named = departed & {reader["id"] for reader in newest.readers}
    returned = tuple(sorted(named)) if chain.pending is None else ()
    if not returned and not hidden:
        return chain
    refused = replace(newest, trusted=False, returned=returned)
    return replace(chain, epochs={**chain.epochs, newest.epoch: refused})


def _departure(case: str, statement: Statement, readers: Sequence[Mapping[str, str]], trust: Trust) -> Departure | None:
    try:
        kind = parse_jcs(unb64u(statement["stmt"]))["kind"]
        if kind not in LEAVING:
            return None
        body = unverified(statement, kind)
        mine = [one for one in readers if one["id"] == body["by"]]
        if not mine:
            return None
        sign = next((key for one in mine if (key := trust.signing_key(one)) is not None), None)
        if sign is not None:
            verify_statement(sign, statement, kind)
        left = body["case"] == case and (kind == "withdrawal" or body["conflict"] is True)
    except (CryptoError, KeyError, TypeError):
        return None
    if not left:
        return None
    return Departure(who=body["by"], at=body["at"], reason=body.get("reason"), checked=sign is not None)


def _kind(line: Mapping[str, Any]) -> object:
    try:
        return parse_jcs(unb64u(line["entry"]))["kind"]
    except (CryptoError, KeyError, TypeError):
        return None
