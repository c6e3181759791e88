"""Why colleagues declared a conflict of interest: sealed to the head of the receiving body and to nobody else.

Who declared, and that they gave this reason, is signed; its wording is not (docs/sealing.md, *Objects*). Twin of
static/js/client/member/reasons.js.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crypto.binding import object_binding
from crypto.encoding import parse_jcs, unb64u
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.padding import unpad
from intake.client.departures import Departure
from intake.client.sealing import Object


@dataclass(frozen=True)
class Reason:
    """Who declared a conflict, when, and why; with a `fault` other than "signer_unknown" there is no text."""

    who: str
    at: str | None
    text: str | None
    fault: str | None = None


def open_reasons(
    case: str, direct: Iterable[Mapping[str, Any]], departures: Sequence[Departure], kem_seed: bytes
) -> tuple[Reason, ...]:
    """The reasons that were sealed to this reader; one that no signed declaration names is nobody's."""
    return tuple(_reason(case, entry, departures, kem_seed) for entry in direct)


def _reason(case: str, entry: Mapping[str, Any], departures: Sequence[Departure], kem_seed: bytes) -> Reason:
    made, by = entry["object"], entry["by"]
    declared = next((one for one in departures if (one.who, one.reason) == (by, made["id"])), None)
    if declared is None:
        return Reason(by, None, None, "reason_unsigned")
    text = _wording(case, made, kem_seed)
    if text is None:
        return Reason(by, declared.at, None, "item_damaged")
    return Reason(by, declared.at, text, None if declared.checked else "signer_unknown")


def _wording(case: str, made: Object, kem_seed: bytes) -> str | None:
    try:
        said = parse_jcs(unpad(open_sealed(kem_seed, "direct", object_binding(case, made), unb64u(made["data"]))))
    except CryptoError:
        return None
    text = said.get("text") if isinstance(said, dict) else None
    return text if isinstance(text, str) else None
