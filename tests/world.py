"""A small organisation of fictional people with real keys, as `an_installation` gives it to tests.

UBKT-S has four seats that handle, UBKT-TU three; two custodian sets of 2 of 4; one supervisor, one administrator.
Nobody's passphrase is stretched here: Argon2id has its own tests, and a test may not take a second for it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from crypto.boxes import Box
from crypto.encoding import b64u, fingerprint, sha256hex
from crypto.keys import KeyPair, member_keys
from crypto.signing import sign_document, sign_public, sign_statement
from workflow.commands import members, organisation, rosters
from workflow.commands.members import NewKeys
from workflow.ledger import checkpoint
from workflow.organisation import Body
from workflow.store import Session, Store
from workflow.times import stamp

AT = datetime(2026, 11, 24, 9, 5, 7, tzinfo=UTC)
SINCE = date(2026, 1, 1)

BODIES = (
    Body(code="BTV-TU", kind="standing_committee", level=4, parent=None, quorum=2),
    Body(code="UBKT-TU", kind="inspection_committee", level=4, parent="BTV-TU", quorum=2),
    Body(code="BTV-S", kind="standing_committee", level=3, parent="BTV-TU", quorum=2),
    Body(code="UBKT-S", kind="inspection_committee", level=3, parent="BTV-S", quorum=2),
    Body(code="CB-01", kind="cell", level=1, parent="BTV-S", quorum=2),
)
HANDLING = ("intake", "classify", "decide")
# (code, name, body, function, roles)
SEATED = (
    ("P-001", "Trần Thị Một", "UBKT-S", "head", HANDLING),
    ("P-002", "Lê Văn Hai", "UBKT-S", "deputy", HANDLING),
    ("P-003", "Phạm Thị Ba", "UBKT-S", "member", ("intake",)),
    ("P-004", "Hoàng Văn Bốn", "UBKT-S", "member", ("secretary",)),
    ("P-005", "Đỗ Thị Năm", "UBKT-TU", "head", HANDLING),
    ("P-006", "Vũ Văn Sáu", "UBKT-TU", "deputy", HANDLING),
    ("P-007", "Bùi Thị Bảy", "UBKT-TU", "member", ("intake",)),
)
CUSTODIANS = {"KS-S": ("P-011", "P-012", "P-013", "P-014"), "KS-TU": ("P-015", "P-016", "P-017", "P-018")}
LEVELS = {"KS-S": 3, "KS-TU": 4}
SUPERVISOR, ADMINISTRATOR = "P-021", "P-022"


def seed(name: str) -> bytes:
    """A 32-byte seed that is the same in every run."""
    return hashlib.sha256(f"seed of {name}".encode()).digest()


def code_at(secret: bytes, at: datetime) -> str:
    """RFC 6238 with SHA-1 and 30 seconds, as every app on a phone has it."""
    mac = hmac.digest(secret, struct.pack(">Q", int(at.timestamp()) // 30), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass(frozen=True)
class Enrolled:
    """A member and what only their browser would know."""

    id: str
    code: str
    username: str
    keys: KeyPair
    auth: bytes
    recovery_auth: bytes
    totp: bytes
    wrapped: bytes

    @property
    def readerkey(self) -> str:
        return sha256hex(self.keys.kem_public)

    def one_time_code(self, at: datetime) -> str:
        return code_at(self.totp, at)

    def sign(self, **fields: object) -> dict[str, str]:
        """A statement of theirs."""
        return sign_statement(self.keys.sign_seed, {"v": 1, "by": self.code, **fields})


@dataclass
class World:
    store: Store
    box: Box
    auth_key: bytes
    organisation_seed: bytes
    installation_seed: bytes
    receipt_salt: bytes
    people: dict[str, Enrolled] = field(default_factory=dict)

    @property
    def installation_public(self) -> bytes:
        return sign_public(self.installation_seed)

    @property
    def organisation_public(self) -> bytes:
        return sign_public(self.organisation_seed)


def make_world(store: Store, *, kind: str = "production", at: datetime = AT) -> World:
    """Install the whole organisation in an empty database, in one transaction."""
    world = World(
        store=store,
        box=Box(seed("server")),
        auth_key=seed("auth"),
        organisation_seed=seed("organisation"),
        installation_seed=seed("installation"),
        receipt_salt=seed("salt")[:16],
    )
    with store.transaction() as db:
        organisation.install(
            db,
            kind=kind,
            receipt_salt=world.receipt_salt,
            signing_public=world.installation_public,
            organisation_key=world.organisation_public,
            at=at,
        )
        organisation.load_bodies(db, BODIES, on=SINCE, at=at)
        _people(db, world, at)
        publish(db, world, at=at)
        checkpoint(db, world.installation_seed, at=at)
    return world


def _people(db: Session, world: World, at: datetime) -> None:
    for code, name, body, function, roles in SEATED:
        add(db, world, code, name=name, at=at)
        organisation.add_seat(db, body=body, person=code, function=function, roles=roles, term_from=SINCE, at=at)
    for set_code, people in CUSTODIANS.items():
        for person in people:
            add(db, world, person, at=at)
        organisation.add_custodian_set(
            db,
            code=set_code,
            k=2,
            level=LEVELS[set_code],
            purpose="identity",
            members=people,
            valid_from=SINCE,
            at=at,
        )
    add(db, world, SUPERVISOR, supervisor=True, at=at)
    add(db, world, ADMINISTRATOR, administrator=True, at=at)


def add(
    db: Session, world: World, code: str, *, name: str | None = None, at: datetime = AT, **duties: bool
) -> Enrolled:
    """Enter a person and enrol them."""
    username = code.lower()
    organisation.add_person(db, code=code, username=username, name=name or f"Người {code}", at=at, **duties)
    world.people[code] = enrol(db, world, code, at=at)
    return world.people[code]


def enrol(
    db: Session, world: World, code: str, *, at: datetime = AT, demonstration: bool = False, variant: str = ""
) -> Enrolled:
    """The whole of an enrolment, without a browser."""
    keys = member_keys(seed(code + variant))
    totp = seed(f"totp {code}{variant}")[:20]
    token, sid = f"token-{code}{variant}-long-enough", f"sid-{code}{variant}"
    members.make_link(db, code, token=token, at=at)
    begun = members.begin_enrolment(db, token, sid=sid, totp=totp, pepper=seed("pepper"), box=world.box, at=at)
    auth, wrapped = seed(f"auth {code}{variant}"), b"\x01" + bytes(99)
    recovery_auth = seed(f"recovery auth {code}{variant}")
    new = NewKeys(
        kem=keys.kem_public,
        sign=keys.sign_public,
        auth=auth,
        wrapped=wrapped,
        recovery=wrapped,
        recovery_auth=recovery_auth,
        statement=enrolment_statement(keys, code, at=stamp(at)),
        code=code_at(totp, at - timedelta(seconds=30)),
    )
    members.complete_enrolment(db, sid, new, box=world.box, auth_key=world.auth_key, at=at, demonstration=demonstration)
    return Enrolled(
        id=begun.person_id,
        code=code,
        username=begun.username,
        keys=keys,
        auth=auth,
        recovery_auth=recovery_auth,
        totp=totp,
        wrapped=wrapped,
    )


def enrolment_statement(keys: KeyPair, code: str, **other: object) -> dict[str, str]:
    said = {
        "v": 1,
        "kind": "enrolment",
        "id": str(UUID(bytes=seed(f"statement {code}")[:16], version=4)),
        "at": "2026-11-24T09:05:07Z",
        "checkpoint": {"no": 0, "hash": "0" * 64},
        "by": code,
        "member": code,
        "kem": b64u(keys.kem_public),
        "sign": b64u(keys.sign_public),
    }
    return sign_statement(keys.sign_seed, said | other)


def publish(
    db: Session, world: World, *, at: datetime = AT, days: int = 92, successor: str | None = None
) -> Mapping[str, str]:
    """Draft, sign and publish a roster."""
    named = successor or fingerprint(sign_public(seed("successor")))
    body = rosters.draft_roster(
        db, issued=at.date(), expires=at.date() + timedelta(days=days), successor=named, org=world.organisation_public
    )
    document = sign_document(world.organisation_seed, "roster", body)
    rosters.publish_roster(db, document, at=at)
    return document
