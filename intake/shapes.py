"""JSON shapes that both APIs share: sealed objects, signed statements, signed documents (docs/sealing.md, *Objects*).

Strict: exact fields, base64url decoded, lengths checked before anything is looked up. Nothing that was sent is quoted.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crypto.encoding import b64u
from intake.account.schemas import Asked, base64url
from workflow.queries.cases import EpochRow, Item
from workflow.queries.packages import Left
from workflow.queries.readers import Reader
from workflow.sealed import Part
from workflow.statements import HEX, UUID4

# One sealed item may have 512 KiB; what is longer is refused as too large by the rules, not here as unreadable.
LONGEST_OBJECT = 2 * 1024 * 1024
Uuid = Annotated[str, StringConstraints(pattern=f"^{UUID4.pattern}$")]
Hex = Annotated[str, StringConstraints(pattern=f"^{HEX.pattern}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Number = Annotated[int, Field(ge=0, lt=2**31)]
Signature = Annotated[str, StringConstraints(max_length=128)]


class Sealed(Asked):
    """A sealed object with its place; which fields a kind has is the rules' business."""

    kind: Short
    id: Uuid
    ring: Short | None = None
    epoch: Number | None = None
    scope: Short | None = None
    reader: Code | None = None
    readerkey: Hex | None = None
    set: Code | None = None
    setv: Number | None = None
    k: Number | None = None
    n: Number | None = None
    x: Number | None = None
    data: base64url(0, LONGEST_OBJECT)

    def part(self) -> Part:
        return Part(**self.model_dump())


class Signed(Asked):
    """A statement of codes, ids and hashes, with its signature."""

    stmt: Annotated[str, StringConstraints(max_length=16_384)]
    sig: Signature


class SignedManifest(Asked):
    """A submission's statement, which lists every object."""

    stmt: Annotated[str, StringConstraints(max_length=65_536)]
    sig: Signature


class Given(BaseModel):
    """The base of answers, for their description only: answers are built from the queries' dataclasses."""

    model_config = ConfigDict(extra="forbid")


class SealedOut(Given):
    kind: str
    id: str
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
    data: str | None = None


class SignedOut(Given):
    stmt: str
    sig: str


class EpochOut(Given):
    ring: str
    epoch: int
    state: str
    statement: SignedOut | None
    added: list[SignedOut]


class ItemOut(Given):
    object: SealedOut
    by: str
    at: str
    statement: SignedOut | None
    large: bool = False


class ReaderOut(Given):
    id: str
    readerkey: str


class PackageOut(Given):
    """A package that the case has left in."""

    id: str
    to: str
    to_name: str
    made: str
    received: str | None
    statement: SignedOut


class KeysOut(Given):
    kem: str
    sign: str


class Document(Given):
    """A signed document: canonical JSON and its signature."""

    doc: str
    sig: str


class TakeoverAnswer(Given):
    """The last roster by a key of the organisation's, and the first by the successor that it names."""

    last: Document
    first: Document


class InstallationAnswer(Given):
    v: Literal[1]
    demo: bool
    salt: str
    roster: Document | None
    routing: Document
    checkpoint: Document | None
    takeovers: list[int]
    fingerprint: str | None
    now: str


def object_json(part: Part) -> dict[str, Any]:
    """A sealed object as it travels: its place and its bytes."""
    return {**part.place, "data": b64u(part.data)}


def item_json(item: Item, at: str) -> dict[str, Any]:
    return {"object": object_json(item.part), "by": item.by, "at": at, "statement": item.statement}


def epoch_json(row: EpochRow) -> dict[str, Any]:
    return {
        "ring": row.ring,
        "epoch": row.epoch,
        "state": row.state,
        "statement": row.statement,
        "added": list(row.added),
    }


def reader_json(reader: Reader) -> dict[str, str]:
    return {"id": reader.id, "readerkey": reader.readerkey}


def package_json(left: Left, name: str) -> dict[str, Any]:
    """A package that a case has left in; `name` is the addressee's in the present language."""
    return {
        "id": left.id,
        "to": left.addressee,
        "to_name": name,
        "made": left.made.isoformat(),
        "received": left.received.isoformat() if left.received else None,
        "statement": dict(left.statement),
    }
