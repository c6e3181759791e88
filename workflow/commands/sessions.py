"""Sign-in, unlocking, the list of one's sessions, sign-out (sealing.md, *Member key* and *Between pages*).

A refused sign-in is returned, not raised: the transaction must commit, because it counts (proofs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from crypto.encoding import sha256hex
from workflow import ledger, models
from workflow.commands import proofs
from workflow.commands.proofs import Keys
from workflow.errors import NotFound, Refusal, SignedOut
from workflow.queries.account import HANDLE

TOUCH_EVERY = timedelta(seconds=20)


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
    """Open a session after passphrase and one-time or backup code; ten failures in a row lock the name for 15 minutes."""
    proved = proofs.prove(db, username, proofs.passphrase_check(keys, auth), code, keys=keys, at=at)
    if isinstance(proved, Refusal):
        return proved
    db.add(
        models.MemberSession(
            sid_hash=sha256hex(sid.encode()),
            person_id=proved.person.id,
            key=keys.box.seal(f"session/{sha256hex(sid.encode())}", tab_key),
            created=at,
            seen=at,
            ends=ends,
        )
    )
    pub = {"person": proved.person.code, "factor": proved.factor}
    ledger.append(db, chain=ledger.ORGANISATION, kind="sign_in", pub=pub, priv={}, at=at)
    return _unlocked(keys, proved.key)


def unlock(db: Session, *, sid: str, auth: bytes, keys: Keys, at: datetime) -> Unlocked | Refusal:
    """Release pepper and wrapped seed once more, to a new tab of a session that lives; failures count as at sign-in."""
    confirmed = proofs.confirm(db, sid, auth, keys=keys, at=at)
    if isinstance(confirmed, Refusal):
        return confirmed
    pub = {"person": confirmed.person.code}
    ledger.append(db, chain=ledger.ORGANISATION, kind="unlock", pub=pub, priv={}, at=at)
    return _unlocked(keys, confirmed.key)


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


def end_session(db: Session, *, sid: str, handle: str, at: datetime) -> None:
    """End one of one's own sessions from another; NotFound("session_gone") where there is none of this handle."""
    mine = _session(db, sid)
    found = [row for row in _of(db, mine.person_id) if row.sid_hash[:HANDLE] == handle]
    if not found:
        raise NotFound("session_gone")
    for row in found:
        db.delete(row)
    _ended(db, mine, len(found), at=at)


def end_other_sessions(db: Session, *, sid: str, at: datetime) -> int:
    """End all of one's sessions but this one; how many there were."""
    mine = _session(db, sid)
    count = drop_others(db, mine.person_id, but=mine.sid_hash)
    _ended(db, mine, count, at=at)
    return count


def drop_others(db: Session, person_id: str, *, but: str | None = None) -> int:
    """Destroy somebody's sessions with their keys, but for the one of this hash: part of a command, with no entry."""
    others = [row for row in _of(db, person_id) if row.sid_hash != but]
    for row in others:
        db.delete(row)
    return len(others)


def sweep(db: Session, *, idle: timedelta, at: datetime) -> None:
    """Destroy what has run out: idle sessions with their keys, enrolments half done, old links, old failures.

    The clock calls this every minute. Nothing a person did, so no ledger entry.
    """
    ended = or_(models.MemberSession.seen <= at - idle, models.MemberSession.ends <= at)
    db.execute(delete(models.MemberSession).where(ended))
    db.execute(delete(models.EnrolmentSession).where(models.EnrolmentSession.expires <= at))
    db.execute(delete(models.EnrolmentLink).where(models.EnrolmentLink.expires <= at - timedelta(days=30)))
    proofs.sweep_failures(db, at=at)


def _session(db: Session, sid: str) -> models.MemberSession:
    session = db.get(models.MemberSession, sha256hex(sid.encode()))
    if session is None:
        raise SignedOut()
    return session


def _of(db: Session, person_id: str) -> list[models.MemberSession]:
    return list(db.scalars(select(models.MemberSession).where(models.MemberSession.person_id == person_id)))


def _ended(db: Session, mine: models.MemberSession, count: int, *, at: datetime) -> None:
    pub = {"person": db.get_one(models.Person, mine.person_id).code, "count": count}
    ledger.append(db, chain=ledger.ORGANISATION, kind="sessions_ended", pub=pub, priv={}, at=at)


def _unlocked(keys: Keys, key: models.MemberKey) -> Unlocked:
    pepper = keys.box.open(f"pepper/{key.person_id}", key.pepper)
    return Unlocked(person_id=key.person_id, pepper=pepper, wrapped=key.wrapped)
