"""Sealed envelopes at either face: opened once, answered under the key inside (docs/sealing.md, *Envelopes*)."""

from __future__ import annotations

from typing import Any

from flask import request

from crypto.envelopes import envelope_key_id, open_envelope
from crypto.errors import CryptoError
from intake import openapi
from intake.services import services
from workflow.commands.envelopes import remember_envelope
from workflow.errors import Gone, Refusal


class Unreadable(Refusal):
    """The envelope itself can't be opened: said outside, because there is no key to answer under."""

    status = 400
    code = "malformed"


def require_sealed() -> None:
    """Unreadable for a request that says of itself that it is no envelope."""
    if request.mimetype != openapi.SEALED:
        raise Unreadable()


def opened() -> tuple[dict[str, Any], bytes, bytes]:
    """What this request's envelope holds, with the key to answer under and the digest that it is known by.

    Raises Unreadable, Gone("routing_key_gone").
    """
    require_sealed()
    wire = request.get_data()
    try:
        key_id = envelope_key_id(wire)
        seed = services().routing.seed(key_id, services().now())
        if seed is None:
            raise Gone("routing_key_gone")
        return open_envelope(seed, wire)
    except CryptoError:
        raise Unreadable() from None


def remember(digest: bytes) -> None:
    """Note an envelope as seen; Conflict("replayed") for the second."""
    with services().store.transaction() as db:
        remember_envelope(db, digest.hex(), at=services().now())
