"""Keys of the organisation that take over from one another, over the small organisation of tests/world.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from crypto.encoding import b64u, fingerprint, parse_jcs, sha256hex, unb64u
from crypto.signing import sign_document, sign_public
from tests.world import AT, World, publish, seed

FIRST, SECOND, THIRD, STRANGE = (seed(name) for name in ("organisation", "successor", "third key", "strange key"))


def printed(key: bytes) -> str:
    """The fingerprint of a key's public half."""
    return str(fingerprint(sign_public(key)))


def sign_next(world: World, key: bytes, *, then: bytes, at: datetime = AT) -> None:
    """The next roster, published: signed with this key and naming the one after it."""
    with world.store.transaction() as db:
        publish(db, replace(world, organisation_seed=key), at=at, successor=printed(then))


def following(roster: dict[str, str], key: bytes, *, then: bytes, **other: Any) -> dict[str, str]:
    """A roster that follows this one, signed and not published: as whoever has the key can make it."""
    said = parse_jcs(unb64u(roster["doc"]))
    said |= {"no": said["no"] + 1, "prev": sha256hex(unb64u(roster["doc"]))}
    return dict(
        sign_document(key, "roster", said | {"org": b64u(sign_public(key)), "successor": printed(then)} | other)
    )
