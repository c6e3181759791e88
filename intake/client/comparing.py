"""What a reader compares beside the text: the chain, the header with the reporter's own words, readers with the roster.

Nothing of it shuts anybody out of the report; all of it is told. Twins: verifyCaseChain, compareWithHeader,
concernedReaders (static/js/client/member) and rosterWarnings (static/js/client/epochs.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crypto.encoding import parse_jcs, unb64u
from crypto.errors import CryptoError
from crypto.ledgers import BrokenChain, entry_hash, private_digest, verify_chain
from intake.client.opening import Chain, Move
from intake.client.trust import Trust
from workflow.sealed import REPORTER

PUBLIC_DECISION = ("body", "external", "rule", "readers", "custodians", "ruleset", "citations", "pair")
LINK = ("case", "body", "leads")  # the number is the server's


def chain_warnings(case: str, ledger: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """`chain_broken` with the number of the first entry that can't be as it was made; nothing for a whole chain."""
    at = _broken_at(case, ledger)
    return () if at is None else ({"code": "chain_broken", "at": at},)


def header_warnings(
    header: Mapping[str, Any], first: Mapping[str, Any], moves: Sequence[Move] = ()
) -> Iterable[Mapping[str, Any]]:
    """`header_differs` with the names of what the header says otherwise than the reporter's first item.

    The decision of a case that has moved is held against the last move, which its mover signed.
    """
    decided: Mapping[str, Any] = first["decision"]
    names: Sequence[str] = PUBLIC_DECISION
    if moves:
        decided = {"body": moves[-1].body, "ruleset": moves[-1].ruleset, "readers": list(moves[-1].readers)}
        names = tuple(decided)
    differing = {
        f"facts.{name}"
        for name in {*header["facts"], *first["facts"]}
        if header["facts"].get(name) != first["facts"].get(name)
    }
    differing |= {f"decision.{name}" for name in names if header["decision"].get(name) != decided.get(name)}
    if sorted(first["objections"]) != sorted(first["facts"].get("objections", ())):
        differing.add("facts.objections")
    said, shown = header.get("linked"), first.get("linked")
    if bool(said) != bool(shown) or any((said or {}).get(name) != (shown or {}).get(name) for name in LINK):
        differing.add("linked")
    return ({"code": "header_differs", "fields": tuple(sorted(differing))},) if differing else ()


def reader_warnings(chains: Mapping[str, Chain], first: Mapping[str, Any], trust: Trust) -> list[Mapping[str, Any]]:
    """`epoch_signer_unknown` and `reader_unrostered` for the newest keys; `reader_concerned` for who was added later."""
    told: list[Mapping[str, Any]] = []
    for ring, chain in chains.items():
        newest = chain.newest
        if newest is None:
            continue
        if not newest.signed:
            told.append({"code": "epoch_signer_unknown", "ring": ring, "who": newest.by})
        readers = [one for one in newest.readers if one["id"] != REPORTER]
        told += [
            {"code": "reader_unrostered", "ring": ring, "who": one["id"]}
            for one in readers
            if trust.signing_key(one) is None
        ]
    added = {who for epoch in chains["report"].epochs.values() for who, _ in epoch.added}
    return told + [
        {"code": "reader_concerned", "ring": "report", "who": who} for who in sorted(added & concerned(first["facts"]))
    ]


def concerned(facts: Mapping[str, Any]) -> set[str]:
    """The people whom the reporter's facts name: accused, or to be kept away."""
    accused = {one["person"] for one in facts.get("accused", ()) if one.get("person")}
    return accused | set(facts.get("objections", ()))


def _broken_at(case: str, ledger: Sequence[Mapping[str, Any]]) -> int | None:
    try:
        entries = [unb64u(line["entry"]) for line in ledger]
        said = verify_chain(entries, case).entries
    except BrokenChain as broken:
        return broken.index + 1
    except (CryptoError, KeyError, TypeError):
        return 1
    for at, (line, entry, body) in enumerate(zip(ledger, entries, said, strict=True), start=1):
        if line.get("hash") != entry_hash(entry) or not _is_private_right(line.get("private"), body):
            return at
    return None


def _is_private_right(told: Mapping[str, str] | None, body: Mapping[str, Any]) -> bool:
    """Whether what is told of an entry's private part is what its digest was made of; nothing may be told."""
    if told is None:
        return True
    try:
        return bool(private_digest(unb64u(told["salt"]), parse_jcs(unb64u(told["part"]))) == body["priv"])
    except (CryptoError, KeyError, TypeError):
        return False
