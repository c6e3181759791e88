"""Routing an opened case again, and moving it to the body that is competent now (docs/sealing.md, *Moving a case*).

Twin of static/js/client/member/moving.js.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.encoding import jcs
from crypto.padding import pad
from intake.client import sealing
from intake.client.comparing import concerned
from intake.client.errors import ClientFault
from intake.client.granting import call_case, digest
from intake.client.member import MemberClient
from intake.client.opening import OpenedCase
from intake.client.sealing import Recipient, Ring
from intake.client.trust import Trust
from workflow.sealed import HEADER_FRAME


def route_again(
    client: MemberClient, opened: OpenedCase, facts: Mapping[str, Any] | None = None, *, leaving: bool = False
) -> dict[str, Any]:
    """Where the case belongs today: `{decision, stays, why, guidance}`, not yet believed.

    `facts` are the header's unless a reader corrected them, in codes; `leaving` doesn't count this reader.
    """
    told = facts or client.header(opened.answer)["facts"]
    return call_case(client, opened.id, "route", {"facts": dict(told), "leaving": leaving})


def build_move(
    client: MemberClient,
    opened: OpenedCase,
    found: Mapping[str, Any],
    trust: Trust,
    facts: Mapping[str, Any] | None = None,
    *,
    leaving: bool = False,
) -> dict[str, Any]:
    """What moves this case as `found` (of `route_again`, with the same facts) says: headers, copies, signed statement.

    Raises ClientFault("reader_unrostered" | "below_quorum" | "reader_concerned" | "reader_departed" | "ring_untrusted" |
    "departures_hidden").
    """
    decision = found["decision"]
    header = client.header(opened.answer)
    facts = dict(facts or header["facts"])
    _check_readers(opened, decision, facts, trust)
    recipients = [Recipient(code, trust.keys(code).kem) for code in decision["readers"]]
    made_by = client.signer(trust).code
    told = {**header, "facts": facts, "decision": dict(decision), "made_by": made_by}
    frame = pad(jcs(told), HEADER_FRAME)
    headers = [sealing.sealed_to(opened.id, one, "header", frame) for one in recipients]
    held = [
        Ring("report", made.epoch, made.key) for made in opened.rings["report"].epochs.values() if made.key is not None
    ]
    grants = [sealing.ring_grant(opened.id, ring, one) for one in recipients for ring in held]
    statement = client.signer(trust).state(
        "move",
        at=client.now(),
        case=opened.id,
        body=decision["body"],
        why=found["why"],
        ruleset=decision["ruleset"],
        readers=[{"id": one.id, "key": one.readerkey} for one in recipients],
        rings=_rings(opened),
        headers=digest(headers),
        grants=digest(grants),
        **{"from": opened.body},
    )
    return {"facts": facts, "leaving": leaving, "statement": statement, "headers": headers, "grants": grants}


def move(client: MemberClient, case: str, facts: Mapping[str, Any] | None = None, *, leaving: bool = False) -> str:
    """Route the case again and move it to where it belongs; the body's code. Raises as `build_move`; Refused."""
    opened = client.open_case(case)
    found = route_again(client, opened, facts, leaving=leaving)
    made = build_move(client, opened, found, client.installation(), facts, leaving=leaving)
    return str(call_case(client, case, "move", made)["moved"])


def _check_readers(opened: OpenedCase, decision: Mapping[str, Any], facts: Mapping[str, Any], trust: Trust) -> None:
    """What this side can see for itself: enough people of the body named, and nobody whom the report or the case rules out."""
    if opened.departures_hidden:
        raise ClientFault("departures_hidden")
    known = {one["id"] for epoch in opened.rings["report"].epochs.values() for one in epoch.readers}
    for code in decision["readers"]:
        if code in opened.departed | known:
            raise ClientFault("reader_departed", who=code)
        if code in concerned(opened.first["facts"]) | concerned(facts):
            raise ClientFault("reader_concerned", who=code)
    trust.require_quorum(decision["body"], list(decision["readers"]))


def _rings(opened: OpenedCase) -> list[dict[str, Any]]:
    """The newest epoch of every ring, each with a key that may be written to."""
    rings = []
    for name, chain in sorted(opened.rings.items()):
        newest = chain.newest
        if newest is None or newest.key is None or not newest.trusted or chain.pending is not None:
            raise ClientFault("ring_untrusted", ring=name)
        rings.append({"ring": name, "epoch": newest.epoch, "statement": newest.hash})
    return rings
