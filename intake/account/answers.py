"""What several of the account's routes answer with."""

from __future__ import annotations

from base64 import b32encode
from typing import Any, TypeVar

import segno

from crypto.totp import provisioning_uri
from intake import work
from workflow.errors import Refusal, WorkNeeded

Outcome = TypeVar("Outcome")


def or_raise(outcome: Outcome | Refusal) -> Outcome:
    """What a command returned; a returned refusal may fly now, the transaction has committed its count.

    One that asks for work gets its challenge here: commands know how much, and nothing of doors.
    """
    if isinstance(outcome, WorkNeeded):
        raise work.ask(int(str(outcome.detail["bits"])))
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def totp_json(secret: bytes, username: str) -> dict[str, Any]:
    """A new TOTP secret for the app on a phone: to type, as an address, and as a picture."""
    uri = provisioning_uri(secret, username)
    return {"secret": b32encode(secret).decode().rstrip("="), "uri": uri, "rows": _picture(uri)}


def _picture(uri: str) -> list[list[int]]:
    """The QR code's modules row by row, without a quiet zone: the page draws it, nothing is fetched."""
    return [[int(module) for module in row] for row in segno.make(uri, error="m", micro=False).matrix]
