"""Sign-in, unlocking, sign-out (sealing.md, *Member key* and *Between pages*).

A refused sign-in is returned, not raised: the transaction must commit, because it counts. Unknown user names are
counted, locked and answered like known ones, after the same work, so that names can't be probed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from crypto.boxes import Box
from crypto.encoding import label, sha256hex
from crypto.kdf import hkdf
from crypto.passphrase import stored_auth
from workflow import ledger, models
from workflow.commands.members import verify_step
from workflow.errors import Locked, Refusal, SignedOut, SignInFailed
from workflow.store import hold
from workflow.times import stamp

ATTEMPTS = 10
LOCKED_MINUTES = 15
FORGET_FAILURES = timedelta(hours=24)
TOUCH_EVERY = timedelta(seconds=20)
NOBODY = bytes(16)  # stands in for the member id where a name is unknown; no uuid4 is all zeros


@dataclass(frozen=True)
class Keys:
    """The server's keys that a sign-in needs: what it keeps encrypted, and the HMAC key of auth secrets."""

    box: Box
    auth_key: bytes


@dataclass(frozen=True)
class Unlocked:
    """Both factors were right: the pepper and the wrapped seed may leave the server."""

    person_id: str
    pepper: bytes
    wrapped: bytes


def sign_in(
    db: Session,
    *,
    username: str,
    auth: bytes,
    code: str,
    sid: str,
    tab_key: bytes,
    keys: Keys,
    at: datetime,
    ends: datetime,
) -> Unlocked | Refusal:
    """Open a session after passphrase and one-time code; ten failures in a row lock the name for 15 minutes."""
    name_hash = _name_hash(keys, username)
    hold(db, f"sign-in/{name_hash}")
    locked = _locked(db, name_hash, at=at)
    if locked:
        return locked
    person, key = _member(db, username)
    right = _auth_is_right(keys, key, auth)
    step = _step(keys, key, code, at=at)
    if person is None or key is None or not right or step is None:
        return _count(db, name_hash, at=at)
    _forget(db, name_hash)
    key.totp_step = step
    db.add(
        models.MemberSession(
            sid_hash=sha256hex(sid.encode()),
            person_id=person.id,
            key=keys.box.seal(f"session/{sha256hex(sid.encode())}", tab_key),
            created=at,
            seen=at,
            ends=ends,
        )
    )
    ledger.append(db, chain=ledger.ORGANISATION, kind="sign_in", pub={"person": person.code}, priv={}, at=at)
    return _unlocked(keys, key)


def unlock(db: Session, *, sid: str, auth: bytes, keys: Keys, at: datetime) -> Unlocked | Refusal:
    """Release pepper and wrapped seed once more, to a new tab of a session that lives; failures count as at sign-in."""
    session = db.get(models.MemberSession, sha256hex(sid.encode()))
    if session is None:
        raise SignedOut()
    person = db.get_one(models.Person, session.person_id)
    name_hash = _name_hash(keys, person.username)
    hold(db, f"sign-in/{name_hash}")
    locked = _locked(db, name_hash, at=at)
    if locked:
        return locked
    key = _key_in_force(db, person.id)
    if not _auth_is_right(keys, key, auth) or key is None:
        return _count(db, name_hash, at=at)
    _forget(db, name_hash)
    ledger.append(db, chain=ledger.ORGANISATION, kind="unlock", pub={"person": person.code}, priv={}, at=at)
    return _unlocked(keys, key)


def touch(db: Session, *, sid: str, at: datetime) -> None:
    """Somebody is still there: at most one write every twenty seconds, and no ledger entry."""
    db.execute(
        update(models.MemberSession)
        .where(models.MemberSession.sid_hash == sha256hex(sid.encode()), models.MemberSession.seen < at - TOUCH_EVERY)
        .values(seen=at)
    )


def sign_out(db: Session, *, sid: str, at: datetime) -> None:
    """End a session and destroy the key of its tabs; one that has ended already stays ended."""
    session = db.get(models.MemberSession, sha256hex(sid.encode()))
    if session is None:
        return
    person = db.get_one(models.Person, session.person_id)
    db.delete(session)
    ledger.append(db, chain=ledger.ORGANISATION, kind="sign_out", pub={"person": person.code}, priv={}, at=at)


def sweep(db: Session, *, idle: timedelta, at: datetime) -> None:
    """Destroy what has run out: idle sessions with their keys, enrolments half done, old links, old failures.

    The clock calls this every minute. Nothing a person did, so no ledger entry.
    """
    ended = or_(models.MemberSession.seen <= at - idle, models.MemberSession.ends <= at)
    db.execute(delete(models.MemberSession).where(ended))
    db.execute(delete(models.EnrolmentSession).where(models.EnrolmentSession.expires <= at))
    db.execute(delete(models.EnrolmentLink).where(models.EnrolmentLink.expires <= at - timedelta(days=30)))
    db.execute(delete(models.SignInFailure).where(models.SignInFailure.last <= at - FORGET_FAILURES))


def _name_hash(keys: Keys, username: str) -> str:
    return hkdf(keys.auth_key, label("failures") + b"\x00" + username.encode()).hex()


def _member(db: Session, username: str) -> tuple[models.Person | None, models.MemberKey | None]:
    person = db.scalars(select(models.Person).where(models.Person.username == username)).first()
    # The second question is asked for an unknown name too.
    return person, _key_in_force(db, person.id if person else str(UUID(bytes=NOBODY)))


def _key_in_force(db: Session, person_id: str) -> models.MemberKey | None:
    query = (
        select(models.MemberKey)
        .where(models.MemberKey.person_id == person_id, models.MemberKey.ended.is_(None))
        .order_by(models.MemberKey.created.desc())
        .limit(1)
        .with_for_update()
    )
    return db.scalars(query).first()


def _auth_is_right(keys: Keys, key: models.MemberKey | None, auth: bytes) -> bool:
    member = UUID(key.person_id).bytes if key else NOBODY
    given = stored_auth(keys.auth_key, member, auth)
    return hmac.compare_digest(given, key.auth if key else bytes(len(given))) and key is not None


def _step(keys: Keys, key: models.MemberKey | None, code: str, *, at: datetime) -> int | None:
    """The step of a fresh, right code. For an unknown name the same work is done with a secret of zeros."""
    if key is None:
        keys.box.seal("totp/nobody", bytes(20))
        secret, last = bytes(20), 0
    else:
        secret, last = keys.box.open(f"totp/{key.person_id}", key.totp), key.totp_step
    try:
        step = verify_step(secret, code, at=at, last_step=last)
    except Refusal:
        return None
    return step if key else None


def _locked(db: Session, name_hash: str, *, at: datetime) -> Locked | None:
    failure = db.get(models.SignInFailure, name_hash)
    if failure is None or failure.locked_until is None or failure.locked_until <= at:
        return None
    return Locked(until=stamp(failure.locked_until))


def _count(db: Session, name_hash: str, *, at: datetime) -> Refusal:
    """One more failure; the tenth in a row locks, and a lock that has passed starts the count again."""
    failure = db.get(models.SignInFailure, name_hash)
    if failure is None:
        failure = models.SignInFailure(name_hash=name_hash, failures=0, last=at, locked_until=None)
        db.add(failure)
    if failure.locked_until is not None or failure.last <= at - FORGET_FAILURES:
        failure.failures, failure.locked_until = 0, None
    failure.failures += 1
    failure.last = at
    if failure.failures < ATTEMPTS:
        return SignInFailed()
    failure.locked_until = at + timedelta(minutes=LOCKED_MINUTES)
    return Locked(until=stamp(failure.locked_until))


def _forget(db: Session, name_hash: str) -> None:
    db.execute(delete(models.SignInFailure).where(models.SignInFailure.name_hash == name_hash))


def _unlocked(keys: Keys, key: models.MemberKey) -> Unlocked:
    pepper = keys.box.open(f"pepper/{key.person_id}", key.pepper)
    return Unlocked(person_id=key.person_id, pepper=pepper, wrapped=key.wrapped)
