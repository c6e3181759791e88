"""Sealed objects from outside: their place, their sizes, and nothing of what they hold (sealing.md, *Objects*).

The server can't open any of these, but it can refuse what can't be one: an unknown version, a size that no padded
plaintext gives, a place that this kind doesn't have. A later reader's browser then fails on fewer things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from crypto.encoding import sha256hex
from crypto.padding import padme
from workflow.errors import Malformed, TooLarge

VERSION = 1
MOST_READERS = 60  # of a case, the reporter aside: then whatever was taken in fits into a mailbox answer
SCOPES = ("address", "contact", "name", "originals", "signature")
REPORTER = "reporter"
SERVER = "server"

ITEM_OVERHEAD = 1 + 32 + 32 + 16  # version, salt, commitment, tag
HPKE_OVERHEAD = 1 + 1120 + 16  # version, enc of X-Wing, tag
KEY = 32
SHAMIR_SHARE = 33
IDENTITY_FRAME = 2048  # 2,044 bytes of JSON filled with spaces, so that sizes say nothing
FRAME, HEADER_FRAME = 512, 4096
# What a reporter adds later is filled to the first, or to the second where it is very long (docs/decisions/0023).
SUPPLEMENT_FRAMES = (16_384, 65_536)

# What a kind's place consists of, besides kind and id (sealing.md, *Bytes*: binding).
RING = frozenset({"ring", "epoch"})
RECIPIENT = frozenset({"reader", "readerkey"})
PLACES: Mapping[str, tuple[frozenset[str], ...]] = {
    "first": (RING,),
    "summary": (RING,),
    "narrative": (RING,),
    "message": (RING,),
    "supplement": (RING,),
    "note": (RING,),
    "identity": (frozenset({"scope"}),),
    "grant": (RING | RECIPIENT, frozenset({"scope"}) | RECIPIENT),
    "share": (frozenset({"scope", "set", "setv", "k", "n", "x"}) | RECIPIENT,),
    "direct": (RECIPIENT,),
}
# The largest frame a kind may have. The longest narrative (30,000 characters) needs about a third of its own.
LARGEST: Mapping[str, int] = {
    "first": 65_536,
    "summary": 4_096,
    "narrative": 512 * 1024 - ITEM_OVERHEAD,
    "message": 131_072,
    "supplement": SUPPLEMENT_FRAMES[-1],
    "note": 131_072,
    "direct": 16_384,
}
LARGEST_HEADER = 65_536


@dataclass(frozen=True)
class Part:
    """One sealed object: its place, which is its binding, and its bytes."""

    kind: str
    id: str
    data: bytes
    ring: str | None = None
    epoch: int | None = None
    scope: str | None = None
    reader: str | None = None
    readerkey: str | None = None
    set: str | None = None
    setv: int | None = None
    k: int | None = None
    n: int | None = None
    x: int | None = None

    @cached_property
    def sha256(self) -> str:
        return sha256hex(self.data)

    @property
    def place(self) -> dict[str, Any]:
        """The binding's fields without version and case, as the manifest lists them; absent ones are left out."""
        named = {name: getattr(self, name) for name in PLACE_FIELDS}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def listed(self) -> dict[str, Any]:
        """This object's line in a manifest."""
        return {**self.place, "sha256": self.sha256}


PLACE_FIELDS = tuple(field.name for field in fields(Part) if field.name != "data")


def check_part(part: Part) -> None:
    """Refuse what can't be a sealed object of its kind, before any key is looked up.

    Raises Malformed with `unexpected_object`, `wrong_binding`, `unknown_version` or `wrong_size`; TooLarge.
    """
    if part.kind not in PLACES:  # rescue, release and file are reserved names
        raise Malformed("unexpected_object", kind=part.kind[:16])
    if frozenset(part.place) - {"kind", "id"} not in PLACES[part.kind]:
        raise Malformed("wrong_binding", kind=part.kind)
    if not part.data or part.data[0] != VERSION:
        raise Malformed("unknown_version", kind=part.kind)
    _check_size(part)


def check_header(part: Part) -> None:
    """A header that a reader made for somebody who is given the case: its place and its size (sealing.md, *Header*).

    Raises Malformed with `unexpected_object`, `wrong_binding`, `unknown_version` or `wrong_size`; TooLarge.
    """
    if part.kind != "header":
        raise Malformed("unexpected_object", kind=part.kind[:16])
    if frozenset(part.place) - {"kind", "id"} != RECIPIENT:
        raise Malformed("wrong_binding", kind=part.kind)
    if not part.data or part.data[0] != VERSION:
        raise Malformed("unknown_version", kind=part.kind)
    frame = len(part.data) - HPKE_OVERHEAD
    if frame > LARGEST_HEADER:
        raise TooLarge(kind=part.kind)
    if frame < HEADER_FRAME or padme(frame) != frame:
        raise Malformed("wrong_size", kind=part.kind)


def _check_size(part: Part) -> None:
    size = len(part.data)
    if part.kind in LARGEST:
        frame = size - (HPKE_OVERHEAD if part.kind == "direct" else ITEM_OVERHEAD)
        if frame > LARGEST[part.kind]:
            raise TooLarge(kind=part.kind)
        fits = frame in SUPPLEMENT_FRAMES if part.kind == "supplement" else frame >= FRAME and padme(frame) == frame
    else:
        fits = size == {
            "identity": ITEM_OVERHEAD + IDENTITY_FRAME,
            "grant": HPKE_OVERHEAD + KEY,
            "share": HPKE_OVERHEAD + SHAMIR_SHARE,
        }.get(part.kind)
    if not fits:
        raise Malformed("wrong_size", kind=part.kind)
