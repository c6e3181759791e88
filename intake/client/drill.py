"""A custodian's drill, as their browser does it (docs/sealing.md, *Drills*). Twin of static/js/client/member/drill.js."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.binding import binding
from crypto.encoding import sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from intake.client.errors import ClientFault
from intake.client.member import MemberClient
from intake.client.trust import Trust
from workflow.sealed import SHAMIR_SHARE


def pass_drill(client: MemberClient) -> str:
    """Begin, open and answer a drill; when it was passed. Raises as `answer_to`; Refused."""
    made = client.post("custody/drills", {})["drill"]
    answered = client.post(f"custody/drills/{made['id']}/answer", answer_to(client, made, client.installation()))
    return str(answered["at"])


def answer_to(client: MemberClient, made: Mapping[str, Any], trust: Trust) -> dict[str, Any]:
    """The signed answer to a drill. Raises ClientFault("not_a_custodian" | "drill_other_key" | "drill_closed")."""
    me = client.unlocked
    if not any(me.code in kept.members for kept in trust.roster.sets.values()) or me.code not in trust.roster.members:
        raise ClientFault("not_a_custodian")
    rostered = trust.roster.members[me.code]
    named = (made["reader"], made["readerkey"], rostered.readerkey, rostered.sign)
    if named != (me.code, me.readerkey, me.readerkey, me.keys.sign_public):
        raise ClientFault("drill_other_key")
    place = {"id": made["id"], "reader": made["reader"], "readerkey": made["readerkey"]}
    try:
        share = open_sealed(me.keys.kem_seed, "drill", binding("drill", **place), unb64u(made["data"]))
    except CryptoError:
        raise ClientFault("drill_closed") from None
    if len(share) != SHAMIR_SHARE:
        raise ClientFault("drill_closed")
    fields = {"drill": made["id"], "readerkey": me.readerkey, "sha256": sha256hex(share)}
    return {"statement": client.signer(trust).state("drill", at=client.now(), **fields)}
