"""A head's signed word about somebody's rotation, as their browser says it. Twin of static/js/client/member/rotation.js."""

from __future__ import annotations

from datetime import date
from typing import Any

from crypto.encoding import sha256hex
from intake.client.errors import ClientFault
from intake.client.member import MemberClient

LONGEST_NOTE = 400  # characters


def sign_rotation(
    client: MemberClient, act: str, person: str, over: str, *, reason: str, note: str, until: date | None = None
) -> str:
    """Sign an `exception` until a day, or a `requirement`; which it was. ClientFault("text_empty" | "text_too_long"); Refused."""
    said = rotation_statement(client, act, person, over, reason=reason, note=note, until=until)
    return str(client.post("oversight/rotation", said)["act"])


def rotation_statement(
    client: MemberClient, act: str, person: str, over: str, *, reason: str, note: str, until: date | None = None
) -> dict[str, Any]:
    """What is posted: the statement, and the reason in words whose hash it holds."""
    words = " ".join(note.split())
    if not words:
        raise ClientFault("text_empty")
    if len(words) > LONGEST_NOTE:
        raise ClientFault("text_too_long")
    fields: dict[str, object] = {"act": act, "person": person, "over": over, "reason": reason}
    fields["note"] = sha256hex(words.encode())
    if until is not None:
        fields["until"] = until.isoformat()
    signer = client.signer(client.installation())
    return {"statement": signer.state("rotation", at=client.now(), **fields), "note": words}
