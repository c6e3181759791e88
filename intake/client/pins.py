"""What travels with a wrapped seed: the organisation's key, and the roster that was verified with it last.

The server keeps the wrapped seed and may play back an old one. So of what is pinned, remembered and at hand the newest
counts, and what is wrapped anew never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.encoding import unb64u
from crypto.errors import CryptoError
from intake.client.errors import ClientFault
from intake.client.memory import Pointer

Pins = Mapping[str, Any]  # {"org", "roster"?: {"no", "hash"}}


def pinned(pins: Pins) -> tuple[bytes, Pointer | None]:
    """The key and the roster. ClientFault("seed_damaged")."""
    try:
        roster = pins.get("roster")
        return unb64u(pins["org"]), None if roster is None else Pointer(int(roster["no"]), str(roster["hash"]))
    except (CryptoError, AttributeError, KeyError, TypeError, ValueError):
        raise ClientFault("seed_damaged") from None


def newer_pins(left: Pins, right: Pins) -> Pins:
    """The one with the newer roster; of two alike the first."""
    return max(left, right, key=lambda pins: (pins.get("roster") or {}).get("no", 0))
