"""Enrolment: from a one-time link to a member's keys (sealing.md, *Member key*).

The browser makes the seed; what arrives here is the public halves, the seed wrapped twice, a branch of the stretched
passphrase that opens nothing, and a statement which proves that its sender holds the signing key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from crypto.boxes import Box
from crypto.encoding import b64u, fingerprint, sha256hex, unb64u
from crypto.errors import CryptoError, WeakKey
from crypto.hpke import check_kem_public
from crypto.passphrase import stored_auth, stored_recovery_auth
from crypto.signing import verify_statement
from crypto.totp import verify_totp
from workflow import ledger, models
from workflow.commands import marks
from workflow.errors import Conflict, Gone, Malformed, NotEligible, NotFound
from workflow.statements import require_timely
from workflow.store import hold

ENROLMENT_MINUTES = 30
# 01 | nonce 12 | AES-GCM(seed 32 | pins): pins hold the organisation key and leave room for what may come.
WRAPPED = range(1 + 12 + 32 + 16, 1025)


@dataclass(frozen=True)
class Begun:
    """An enrolment session has begun for this person."""

    person_id: str
    code: str
    username: str
    name: str


@dataclass(frozen=True)
class NewKeys:
    """What a browser sends to finish: see the module's docstring. `code` is the first one-time code.

    `auth` and `recovery_auth`, 32 bytes each, prove the passphrase and the printed recovery key.
    """

    kem: bytes
    sign: bytes
    auth: bytes
    wrapped: bytes
    recovery: bytes
    recovery_auth: bytes
    statement: Mapping[str, str]
    code: str


def make_link(
    db: Session, person_code: str, *, token: str, at: datetime, hours: int = 72, by: str | None = None
) -> datetime:
    """Give somebody a one-time link, which ends every unused one they had; returns when it expires.

    `by` is the administrator who is signed in, nobody at the server's own console. NotEligible for anybody who isn't one,
    and NotEligible("own_link") for themselves: a second person stands between an administrator and a new key of theirs.
    """
    person = _linked(db, person_code, by)
    expires = at + timedelta(hours=hours)
    _end_links(db, person, at=at)
    hashed = sha256hex(token.encode())
    db.add(models.EnrolmentLink(token_hash=hashed, person_id=person.id, created=at, expires=expires, used=None))
    pub = {"person": person_code} | ({"by": by} if by else {})
    ledger.append(db, chain=ledger.ORGANISATION, kind="link_made", pub=pub, priv={}, at=at)
    return expires


def end_link(db: Session, person_code: str, *, by: str, at: datetime) -> None:
    """Take back somebody's unused link. NotEligible as for `make_link`, Gone("link_expired") where there is none."""
    person = _linked(db, person_code, by)
    if _end_links(db, person, at=at) == 0:
        raise Gone("link_expired")
    ledger.append(
        db, chain=ledger.ORGANISATION, kind="link_ended", pub={"person": person_code, "by": by}, priv={}, at=at
    )


def begin_enrolment(db: Session, token: str, *, sid: str, totp: bytes, pepper: bytes, box: Box, at: datetime) -> Begun:
    """Exchange a link for a short enrolment session; of two who come with one token, one wins.

    Raises Gone("link_expired") for a used, expired or unknown token alike.
    """
    hashed = sha256hex(token.encode())
    # One conditional write decides the race, on every database.
    taken = db.execute(
        update(models.EnrolmentLink)
        .where(
            models.EnrolmentLink.token_hash == hashed,
            models.EnrolmentLink.used.is_(None),
            models.EnrolmentLink.expires > at,
        )
        .values(used=at)
    )
    if _rows(taken) != 1:
        raise Gone("link_expired")
    link = db.get_one(models.EnrolmentLink, hashed)
    person = db.get_one(models.Person, link.person_id)
    db.execute(delete(models.EnrolmentSession).where(models.EnrolmentSession.person_id == person.id))
    db.add(
        models.EnrolmentSession(
            sid_hash=sha256hex(sid.encode()),
            person_id=person.id,
            totp=box.seal(f"totp/{person.id}", totp),
            pepper=box.seal(f"pepper/{person.id}", pepper),
            expires=at + timedelta(minutes=ENROLMENT_MINUTES),
        )
    )
    ledger.append(db, chain=ledger.ORGANISATION, kind="enrolment_begun", pub={"person": person.code}, priv={}, at=at)
    return Begun(person_id=person.id, code=person.code, username=person.username, name=person.name)


def complete_enrolment(
    db: Session,
    sid: str,
    keys: NewKeys,
    *,
    box: Box,
    auth_key: bytes,
    at: datetime,
    demonstration: bool = False,
) -> str:
    """Put a member's new keys in force and end the former ones; returns the fingerprint to compare.

    Raises Gone("enrolment_ended") when the session is over, Malformed with the code `wrong_code`, `weak_key`,
    `bad_signature` or `malformed`, Conflict("clock_off"), Conflict("demonstration_key") for such keys in production.
    """
    session = db.get(models.EnrolmentSession, sha256hex(sid.encode()))
    if session is None or session.expires <= at:
        raise Gone("enrolment_ended")
    person = db.get_one(models.Person, session.person_id)
    hold(db, f"member/{person.id}")
    if demonstration and db.get_one(models.Installation, 1).kind != "demonstration":
        raise Conflict("demonstration_key")
    statement = _check(db, person, keys, at=at)
    step = verify_step(box.open(f"totp/{person.id}", session.totp), keys.code, at=at, last_step=0)
    if _rows(db.execute(delete(models.EnrolmentSession).where(models.EnrolmentSession.person_id == person.id))) == 0:
        raise Gone("enrolment_ended")
    _end_former(db, person.id, at=at)
    readerkey = sha256hex(keys.kem)
    db.add(
        models.MemberKey(
            id=str(uuid4()),
            person_id=person.id,
            kem=keys.kem,
            sign=keys.sign,
            readerkey=readerkey,
            wrapped=keys.wrapped,
            recovery=keys.recovery,
            recovery_auth=stored_recovery_auth(auth_key, UUID(person.id).bytes, keys.recovery_auth),
            auth=stored_auth(auth_key, UUID(person.id).bytes, keys.auth),
            pepper=session.pepper,
            totp=session.totp,
            totp_step=step,
            demonstration=demonstration,
            statement=unb64u(keys.statement["stmt"]),
            signature=unb64u(keys.statement["sig"]),
            created=at,
            ended=None,
        )
    )
    ledger.append(
        db,
        chain=ledger.ORGANISATION,
        kind="enrolment",
        pub={"person": person.code, "readerkey": readerkey, "sign": b64u(keys.sign), "statement": statement},
        priv={},
        at=at,
    )
    return fingerprint(keys.sign)


def require_secrets(*secrets: bytes) -> None:
    """Refuse an auth secret of another length."""
    if any(len(secret) != 32 for secret in secrets):
        raise Malformed()


def require_wrapped(*blobs: bytes) -> None:
    """Refuse what can't be a wrapped seed of version 1."""
    if any(len(blob) not in WRAPPED or blob[0] != 1 for blob in blobs):
        raise Malformed()


def verify_step(secret: bytes, code: str, *, at: datetime, last_step: int) -> int:
    """The step of a right one-time code that was not used yet; Malformed("wrong_code") otherwise."""
    step = verify_totp(secret, code, at, last_step)
    if step is None:
        raise Malformed("wrong_code")
    return step


def _linked(db: Session, person_code: str, by: str | None) -> models.Person:
    """The person a link is about, if whoever acts may make or end it."""
    if by is not None:
        actor = db.scalars(select(models.Person).where(models.Person.code == by)).first()
        if actor is None or not actor.administrator:
            raise NotEligible()
        if by == person_code:
            raise NotEligible("own_link")
    person = db.scalars(select(models.Person).where(models.Person.code == person_code)).first()
    if person is None:
        raise NotFound("unknown_person", person=person_code)
    return person


def _end_links(db: Session, person: models.Person, *, at: datetime) -> int:
    """End every link of theirs that could still be used; how many there were."""
    links = models.EnrolmentLink.person_id == person.id, models.EnrolmentLink.used.is_(None)
    live = select(models.EnrolmentLink.token_hash).where(*links, models.EnrolmentLink.expires > at)
    count = len(db.scalars(live).all())
    db.execute(update(models.EnrolmentLink).where(*links).values(used=at))
    return count


def _check(db: Session, person: models.Person, keys: NewKeys, *, at: datetime) -> str:
    """Refuse keys that are weak, not their sender's, or wrapped in nothing we know; the statement's id."""
    require_secrets(keys.auth, keys.recovery_auth)
    require_wrapped(keys.wrapped, keys.recovery)
    try:
        check_kem_public(keys.kem)
        said = verify_statement(keys.sign, dict(keys.statement), "enrolment")
    except WeakKey:
        raise Malformed("weak_key") from None
    except CryptoError:
        raise Malformed("bad_signature") from None
    about = {"v": 1, "kind": "enrolment", "by": person.code, "member": person.code}
    about |= {"kem": b64u(keys.kem), "sign": b64u(keys.sign)}
    if {field: said.get(field) for field in about} != about or said.keys() - about.keys() != {"id", "at", "checkpoint"}:
        raise Malformed("bad_signature")
    if not isinstance(said["checkpoint"], dict) or not isinstance(said["id"], str):
        raise Malformed("bad_signature")
    require_timely(said["at"], person.code, at=at)
    ledger.require_checkpoint(db, said["checkpoint"], or_none=True)
    taken = db.scalars(select(models.MemberKey).where(models.MemberKey.readerkey == sha256hex(keys.kem))).first()
    if taken is not None:
        raise Conflict("known_id_other_content")
    return said["id"]


def _end_former(db: Session, person_id: str, *, at: datetime) -> None:
    """A new enrolment ends the old key and every session under it."""
    former = models.MemberKey.person_id == person_id, models.MemberKey.ended.is_(None)
    db.execute(update(models.MemberKey).where(*former).values(ended=at))
    db.execute(delete(models.MemberSession).where(models.MemberSession.person_id == person_id))
    marks.drop(db, person_id)


def _rows(result: object) -> int:
    if not isinstance(result, CursorResult):
        raise TypeError("a write has a row count")
    return int(result.rowcount)
