"""What a browser makes: items, grants, shares, epochs, statements (docs/sealing.md, *Objects* and *Statements*)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from crypto.binding import object_binding
from crypto.encoding import b64u, jcs, sha256hex, unb64u
from crypto.hpke import seal
from crypto.items import seal_item
from crypto.padding import LENGTH, fill
from crypto.rings import ring_commitment
from crypto.signing import sign_statement
from intake.client.errors import ClientFault
from intake.client.memory import Pointer
from workflow.sealed import REPORTER, SUPPLEMENT_FRAMES
from workflow.times import stamp, to_hour

ZEROS = "0" * 64
SUPPLEMENT_SIZES = [frame - LENGTH for frame in SUPPLEMENT_FRAMES]
Object = dict[str, Any]
Statement = dict[str, str]


@dataclass(frozen=True)
class Supplement:
    """What a reporter adds to a report: the text has to be there, the rest may be empty."""

    text: str
    when: str = ""
    where: str = ""
    whom: str = ""


SUPPLEMENT_LIMITS = {"text": 10_000, "when": 200, "where": 200, "whom": 500}  # characters of a supplement's fields


@dataclass(frozen=True)
class Signer:
    """Who acts, with the key they sign with and the checkpoint they verified last."""

    code: str
    sign_seed: bytes
    checkpoint: Pointer

    def state(self, kind: str, *, at: datetime, **fields: object) -> Statement:
        """A signed statement; of a reporter's act only the hour is written down."""
        moment = to_hour(at) if self.code == REPORTER else at
        said = {
            "v": 1,
            "kind": kind,
            "id": str(uuid4()),
            "at": stamp(moment),
            "by": self.code,
            "checkpoint": self.checkpoint.json,
            **fields,
        }
        return dict(sign_statement(self.sign_seed, said))


@dataclass(frozen=True)
class Recipient:
    """Somebody whom a grant is made for."""

    id: str
    kem: bytes

    @property
    def readerkey(self) -> str:
        return str(sha256hex(self.kem))


@dataclass(frozen=True)
class Ring:
    """One epoch of a ring with its key."""

    name: str
    epoch: int
    key: bytes


def new_key() -> bytes:
    return secrets.token_bytes(32)


def sealed_item(case: str, ring: Ring, kind: str, content: Mapping[str, Any]) -> Object:
    return _sealed_item(case, ring, kind, jcs(dict(content)))


def sealed_supplement(case: str, ring: Ring, written: Supplement) -> Object:
    """What is added to a report, filled so that its size says nothing. ClientFault: text_empty, text_too_long."""
    said = {field: text.strip() for field, text in asdict(written).items()}
    if not said["text"]:
        raise ClientFault("text_empty")
    for field, limit in SUPPLEMENT_LIMITS.items():
        if len(said[field]) > limit:
            raise ClientFault("text_too_long", field=field, limit=limit)
    return _sealed_item(case, ring, "supplement", fill(jcs({"v": 1, **said}), SUPPLEMENT_SIZES))


def _sealed_item(case: str, ring: Ring, kind: str, content: bytes) -> Object:
    place: Object = {"kind": kind, "id": str(uuid4()), "ring": ring.name, "epoch": ring.epoch}
    return {**place, "data": b64u(seal_item(ring.key, object_binding(case, place), content))}


def sealed_to(case: str, recipient: Recipient, kind: str, content: bytes, **place: Any) -> Object:
    """An HPKE copy for one reader: a grant, a share, a reason."""
    whole: Object = {
        "kind": kind,
        "id": str(uuid4()),
        **place,
        "reader": recipient.id,
        "readerkey": recipient.readerkey,
    }
    return {**whole, "data": b64u(seal(recipient.kem, kind, object_binding(case, whole), content))}


def ring_grant(case: str, ring: Ring, recipient: Recipient) -> Object:
    return sealed_to(case, recipient, "grant", ring.key, ring=ring.name, epoch=ring.epoch)


def manifest_line(made: Object) -> Object:
    """An object's line in the manifest: its place and the hash of its bytes."""
    place = {name: value for name, value in made.items() if name != "data"}
    return {**place, "sha256": sha256hex(unb64u(made["data"]))}


def epoch_statement(
    signer: Signer,
    case: str,
    ring: Ring,
    recipients: Sequence[Recipient],
    *,
    prev: str = ZEROS,
    removed: Sequence[str] = (),
    at: datetime,
) -> Statement:
    """A new epoch: the commitment to its key, and who reads it with which key."""
    readers = sorted(({"id": one.id, "key": one.readerkey} for one in recipients), key=lambda one: one["id"])
    return signer.state(
        "epoch",
        at=at,
        case=case,
        ring=ring.name,
        epoch=ring.epoch,
        prev=prev,
        commitment=ring_commitment(case, ring.name, ring.epoch, ring.key),
        readers=readers,
        removed=sorted(removed),
    )


def bad_key_statement(signer: Signer, case: str, ring: str, epoch: int, hashed: str, *, at: datetime) -> Statement:
    """The newest key of a ring, made by the epoch statement of this hash, opens nothing for the signer."""
    return signer.state("badkey", at=at, case=case, ring=ring, epoch=epoch, statement=hashed)


def item_statement(signer: Signer, case: str, made: Object, *, at: datetime) -> Statement:
    line = manifest_line(made)
    return signer.state(
        "item",
        at=at,
        case=case,
        ring=line["ring"],
        epoch=line["epoch"],
        item=line["id"],
        item_kind=line["kind"],
        sha256=line["sha256"],
    )
