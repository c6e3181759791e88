"""Giving an opened case to somebody who may read it now, as a reader's browser does (docs/sealing.md, *Later grants*).

Twin of static/js/client/member/granting.js.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crypto.encoding import jcs, sha256, sha256hex, unb64u
from crypto.envelopes import open_answer, seal_envelope
from crypto.errors import CryptoError
from crypto.padding import pad
from intake.client import sealing
from intake.client.comparing import concerned
from intake.client.errors import ClientFault, Refused
from intake.client.member import API, MemberClient
from intake.client.opening import OpenedCase
from intake.client.sealing import Recipient, Ring
from intake.client.trust import Trust
from workflow.sealed import HEADER_FRAME

SEALED = "application/octet-stream"


def eligible(client: MemberClient, opened: OpenedCase) -> dict[str, Any]:
    """Who may be given this case today, and whom something keeps from it: `{readers, excluded}`, not yet believed."""
    return call_case(client, opened.id, "eligible", {"facts": client.header(opened.answer)["facts"]})


def build_grant(client: MemberClient, opened: OpenedCase, code: str, trust: Trust) -> dict[str, Any]:
    """What gives this case to one more reader: header, copies of the keys held here, and the signed statement.

    Raises ClientFault("reader_unrostered" | "reader_outside_body" | "reader_concerned" | "reader_departed" |
    "ring_untrusted" | "departures_hidden").
    """
    _check_reader(opened, code, trust)
    recipient = Recipient(code, trust.keys(code).kem)
    header = client.header(opened.answer)
    told = {**header, "made_by": client.signer(trust).code}
    head = sealing.sealed_to(opened.id, recipient, "header", pad(jcs(told), HEADER_FRAME))
    rings, grants = [], []
    for name, chain in sorted(opened.rings.items()):
        newest = chain.newest
        if newest is None or newest.key is None or not newest.trusted or chain.pending is not None:
            raise ClientFault("ring_untrusted", ring=name)
        rings.append({"ring": name, "epoch": newest.epoch, "statement": newest.hash})
        held = [Ring(name, made.epoch, made.key) for made in chain.epochs.values() if made.key is not None]
        grants += [sealing.ring_grant(opened.id, ring, recipient) for ring in held]
    statement = client.signer(trust).state(
        "grant",
        at=client.now(),
        case=opened.id,
        reader=code,
        readerkey=recipient.readerkey,
        header=sha256hex(unb64u(head["data"])),
        rings=rings,
        grants=digest(grants),
    )
    return {"facts": header["facts"], "statement": statement, "header": head, "grants": grants}


def grant(client: MemberClient, opened: OpenedCase, code: str) -> None:
    """Give the case to one more reader. Raises as `build_grant`; Refused."""
    call_case(client, opened.id, "grant", build_grant(client, opened, code, client.installation()))


def _check_reader(opened: OpenedCase, code: str, trust: Trust) -> None:
    """What this side can see for itself: whom the report names or its reporter keeps away is never given it."""
    if opened.departures_hidden:
        raise ClientFault("departures_hidden")
    if code in opened.departed:
        raise ClientFault("reader_departed", who=code)
    if code in concerned(opened.first["facts"]):
        raise ClientFault("reader_concerned", who=code)
    if not trust.handles(opened.body, code):
        raise ClientFault("reader_outside_body", who=code)


def digest(grants: Sequence[sealing.Object]) -> str:
    """SHA-256 over the JCS of the ids and hashes of sealed copies, sorted by id: what a statement says of them."""
    listed = [{"id": made["id"], "sha256": sha256hex(unb64u(made["data"]))} for made in grants]
    return str(sha256hex(jcs(sorted(listed, key=lambda one: one["id"]))))


def call_case(client: MemberClient, case: str, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """One operation on this case in a sealed envelope: a proxy that records learns nothing of the facts."""
    trust = client.installation()
    wire, answer_key = seal_envelope(trust.routing_id, trust.routing_public, {"op": op, "args": dict(args)})
    headers = {"Content-Type": SEALED, "X-CSRFToken": client.get("csrf")["token"]}
    address = f"{API}desk/cases/{case}/envelope?lang={client.language}"
    answer = client.http.send("POST", address, body=wire, headers=headers).or_refuse()
    try:
        said = open_answer(answer_key, sha256(wire), answer.body)
    except CryptoError:
        raise ClientFault("answer_damaged") from None
    if "error" in said:
        raise Refused(200, said)
    return dict(said["ok"])
