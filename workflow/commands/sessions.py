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
from workflow.commands import marks, proofs
from workflow.commands.proofs import Keys
from workflow.errors import NotFound, Refusal, SignedOut
from workflow.queries.account import HANDLE
from workflow.slowdown import Caller

TOUCH_EVERY = timedelta(seconds=20)
STRANGER = Caller()


@dataclass(frozen=True)
class Unlocked:
    """Both factors were right: the pepper and the wrapped seed may leave the server."""

    person_id: str
    pepper: bytes
    wrapped: bytes
    marked: bool = False  # the new mark was kept: this browser had none of this member


def sign_in(
    db: Session,
    *,
    username: str,
    auth: bytes,
    code: str,
    sid: str,
    tab_key: bytes,
    mark: str,
    keys: Keys,
    at: datetime,
    ends: datetime,
    caller: Caller = STRANGER,
) -> Unlocked | Refusal:
    """Open a session after passphrase and one-time or backup code; `mark` is kept for a browser that has none."""
    check = proofs.passphrase_check(keys, auth)
    proved = proofs.prove(db, username, check, code, caller=caller, keys=keys, at=at)
    if isinstance(proved, Refusal):
        return proved
    if proved.mark is None:
        mark_hash = marks.make(db, proved.person.id, mark, auth_key=keys.auth_key, at=at)
    else:
        marks.succeeded(db, proved.mark, at=at)
        mark_hash = proved.mark.mark_hash
    db.add(
        models.MemberSession(
            sid_hash=sha256hex(sid.encode()),
            person_id=proved.person.id,
            key=keys.box.seal(f"session/{sha256hex(sid.encode())}", tab_key),
            created=at,
            seen=at,
            ends=ends,
            mark_hash=mark_hash,
        )
    )
    pub = {"person": proved.person.code, "factor": proved.factor}
    ledger.append(db, chain=ledger.ORGANISATION, kind="sign_in", pub=pub, priv={}, at=at)
    return _unlocked(keys, proved.key, marked=proved.mark is None)


def unlock(db: Session, *, sid: str, auth: bytes, keys: Keys, at: datetime) -> Unlocked | Refusal:
    """Release pepper and wrapped seed once more, to a new tab of a session; the fifth wrong passphrase ends it."""
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
    """End all of one's sessions but this one, and know no other browser again; how many sessions there were."""
    mine = _session(db, sid)
    count = drop_others(db, mine.person_id, but=mine)
    _ended(db, mine, count, at=at)
    return count


def drop_others(db: Session, person_id: str, *, but: models.MemberSession | None = None) -> int:
    """Destroy somebody's sessions with their keys and forget their browsers, but for this one: part of a command."""
    marks.drop(db, person_id, but=but.mark_hash if but else None)
    others = [row for row in _of(db, person_id) if but is None or row.sid_hash != but.sid_hash]
    for row in others:
        db.delete(row)
    return len(others)


def sweep(db: Session, *, idle: timedelta, at: datetime) -> None:
    """Destroy what has run out: idle sessions with their keys, enrolments half done, old links, marks and failures.

    The clock calls this every minute. Nothing a person did, so no ledger entry.
    """
    ended = or_(models.MemberSession.seen <= at - idle, models.MemberSession.ends <= at)
    db.execute(delete(models.MemberSession).where(ended))
    db.execute(delete(models.EnrolmentSession).where(models.EnrolmentSession.expires <= at))
    db.execute(delete(models.EnrolmentLink).where(models.EnrolmentLink.expires <= at - timedelta(days=30)))
    proofs.sweep_failures(db, at=at)
    marks.sweep(db, at=at)


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


def _unlocked(keys: Keys, key: models.MemberKey, *, marked: bool = False) -> Unlocked:
    pepper = keys.box.open(f"pepper/{key.person_id}", key.pepper)
    return Unlocked(person_id=key.person_id, pepper=pepper, wrapped=key.wrapped, marked=marked)
