"""Declaring and ending relations, as a member's browser does it. Twin of static/js/client/member/relations.js."""

from __future__ import annotations

from typing import Any

from intake.client.member import MemberClient
from intake.client.trust import Trust


def declaration(
    client: MemberClient, trust: Trust, tie: str, what: str, code: str, *, since: str, until: str | None = None
) -> dict[str, Any]:
    """The signed statement of a relation of one's own; days as `2026-11-24`."""
    fields = {"tie": tie, "with": what, "code": code, "since": since} | ({"until": until} if until else {})
    return {"statement": client.signer(trust).state("relation", at=client.now(), **fields)}


def ending(client: MemberClient, trust: Trust, relation: str, until: str) -> dict[str, Any]:
    """The signed statement that a declared relation counts until this day."""
    return {"statement": client.signer(trust).state("relation_end", at=client.now(), relation=relation, until=until)}


def declare(client: MemberClient, tie: str, what: str, code: str, *, since: str, until: str | None = None) -> str:
    """Sign and send a relation; its id. Raises Refused."""
    given = declaration(client, client.installation(), tie, what, code, since=since, until=until)
    return str(client.post("relations", given)["id"])


def end(client: MemberClient, relation: str, until: str) -> None:
    """Sign and send the end of a relation. Raises Refused."""
    client.post(f"relations/{relation}/end", ending(client, client.installation(), relation, until))
