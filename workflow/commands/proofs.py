"""What a member proves before anything is released or changed: a secret that is derived from what they know, and a second
factor (sealing.md, *Member key*).

A failed proof is returned, not raised: the transaction must commit, because it counts. Unknown user names are counted
and answered like known ones, after the same work, so that names can't be probed. The printed recovery key counts on the
same name: trying it gives nobody more attempts.

Nobody can lock out somebody by their user name. Strangers pay with a proof of work; only who holds one of the two factors
makes them be refused, and that doesn't show; a browser that signed in before has a small count of its own (marks.py).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crypto.backupcodes import stored_backup_code
from crypto.boxes import Box
from crypto.encoding import label, sha256hex
from crypto.errors import CryptoError
from crypto.kdf import hkdf
from crypto.layers import as_of, depths, keys_of
from crypto.passphrase import stored_auth, stored_recovery_auth
from workflow import models
from workflow.commands import marks
from workflow.commands.members import verify_step
from workflow.errors import Refusal, SignedOut, SignInFailed, WorkNeeded
from workflow.slowdown import SESSION_FAILURES, Caller, bits_after, wait_after
from workflow.store import hold

FORGET_FAILURES = timedelta(hours=24)
MOST_FAILURES = 10_000  # names that failures are kept of; names may be invented, and cost a row each
NOBODY = bytes(16)  # stands in for the member id where a name is unknown; no uuid4 is all zeros
TOTP, BACKUP_CODE = "totp", "backup_code"


@dataclass(frozen=True)
class Keys:
    """The server's keys that a proof needs: what it keeps encrypted, and the HMAC key of auth secrets."""

    box: Box
    auth_key: bytes


@dataclass(frozen=True)
class Proved:
    """Who it is, beyond doubt; `factor` is `totp` or `backup_code`, `mark` the browser's if it is known."""

    person: models.Person
    key: models.MemberKey
    factor: str
    mark: models.DeviceMark | None


@dataclass(frozen=True)
class Confirmed:
    """Who is signed in has typed the passphrase once more."""

    session: models.MemberSession
    person: models.Person
    key: models.MemberKey


@dataclass(frozen=True)
class _Factor:
    kind: str
    step: int = 0
    code_hash: str = ""


Check = Callable[[models.MemberKey | None], bool]


def passphrase_check(keys: Keys, auth: bytes) -> Check:
    """Whether this is the auth secret of a key's passphrase; the same work for no key."""

    def check(key: models.MemberKey | None) -> bool:
        kept = key.auth if key else None
        given = stored_auth(as_of(keys.auth_key, kept), _member_id(key), auth)
        return hmac.compare_digest(given, kept or bytes(len(given))) and kept is not None

    return check


def recovery_check(keys: Keys, auth: bytes) -> Check:
    """Whether this is the auth secret of a key's printed recovery key; the same work for no key."""

    def check(key: models.MemberKey | None) -> bool:
        kept = key.recovery_auth if key else None
        given = stored_recovery_auth(as_of(keys.auth_key, kept), _member_id(key), auth)
        return hmac.compare_digest(given, kept or bytes(len(given))) and kept is not None

    return check


def prove(
    db: Session, username: str, check: Check, code: str, *, caller: Caller, keys: Keys, at: datetime
) -> Proved | Refusal:
    """Both factors, each worked out whatever the other says; a right one-time or backup code is then used up.

    WorkNeeded, which counts nothing, says in `bits` what a stranger has to bring; SignInFailed says nothing more.
    """
    hashed = _name_hash(keys, username)
    hold(db, f"sign-in/{hashed}")
    # For update: the sweep may be forgetting this row, and a count can't be written to one that has gone.
    failure = _standing(db.get(models.SignInFailure, hashed, with_for_update=True), at=at)
    person = db.scalars(select(models.Person).where(models.Person.username == username)).first()
    # The further questions are asked for an unknown name too.
    person_id = person.id if person else str(UUID(bytes=NOBODY))
    mark = marks.find(db, person_id, caller.marks, auth_key=keys.auth_key)
    bits = bits_after(failure.failures if failure else 0, caller)
    if mark is None and caller.worked < bits:
        return WorkNeeded(bits=bits)
    key = _key_in_force(db, person_id)
    right = check(key)
    factor = _factor(db, keys, key, code, at=at)
    refused = mark is None and failure is not None and failure.locked_until is not None and failure.locked_until > at
    if person is None or key is None or not right or factor is None or refused:
        if mark is not None:
            marks.failed(db, mark)
        else:
            _count(db, hashed, failure, half=right is (factor is None) and not refused, at=at)
        return SignInFailed()
    if mark is None:
        db.execute(delete(models.SignInFailure).where(models.SignInFailure.name_hash == hashed))
    _use(db, key, factor)
    return Proved(person=person, key=key, factor=factor.kind, mark=mark)


def confirm(db: Session, sid: str, auth: bytes, *, keys: Keys, at: datetime) -> Confirmed | Refusal:
    """The passphrase once more, inside a session that lives; the fifth wrong one in a row ends it. Raises SignedOut."""
    session = db.get(models.MemberSession, sha256hex(sid.encode()), with_for_update=True)
    if session is None:
        raise SignedOut()
    person = db.get_one(models.Person, session.person_id)
    key = _key_in_force(db, person.id)
    if passphrase_check(keys, auth)(key) and key is not None:
        session.failures = 0
        return Confirmed(session=session, person=person, key=key)
    session.failures += 1
    if session.failures < SESSION_FAILURES:
        return SignInFailed()
    db.delete(session)
    return SignedOut()


def sweep_failures(db: Session, *, at: datetime) -> None:
    """Forget old failures, and names beyond the bound, those first that lose least: no factor right, few, long ago.

    Whether a name is known plays no part. Going by age alone, invented names would wash out the count of a real one.
    """
    failure = models.SignInFailure
    db.execute(delete(failure).where(failure.last <= at - FORGET_FAILURES))
    surplus = (db.scalar(select(func.count()).select_from(failure)) or 0) - MOST_FAILURES
    if surplus > 0:
        least = select(failure.name_hash).order_by(failure.halves, failure.failures, failure.last).limit(surplus)
        db.execute(delete(failure).where(failure.name_hash.in_(least)))


def _name_hash(keys: Keys, username: str) -> str:
    # Kept for a day at most: a new key begins new counts.
    return hkdf(keys_of(keys.auth_key)[-1], label("failures") + b"\x00" + username.encode()).hex()


def _member_id(key: models.MemberKey | None) -> bytes:
    return UUID(key.person_id).bytes if key else NOBODY


def _key_in_force(db: Session, person_id: str) -> models.MemberKey | None:
    query = (
        select(models.MemberKey)
        .where(models.MemberKey.person_id == person_id, models.MemberKey.ended.is_(None))
        .order_by(models.MemberKey.created.desc())
        .limit(1)
        .with_for_update()
    )
    return db.scalars(query).first()


def _factor(db: Session, keys: Keys, key: models.MemberKey | None, code: str, *, at: datetime) -> _Factor | None:
    """The one-time or backup code, if it is right and unused. What is typed says which one is meant, not whose it is."""
    return _one_time(keys, key, code, at=at) if code.isdigit() else _backup(db, keys, key, code)


def _one_time(keys: Keys, key: models.MemberKey | None, code: str, *, at: datetime) -> _Factor | None:
    """For an unknown name the same work is done with a secret of zeros."""
    if key is None:
        keys.box.seal("totp/nobody", bytes(20))
        secret, last = bytes(20), 0
    else:
        secret, last = keys.box.open(f"totp/{key.person_id}", key.totp), key.totp_step
    try:
        step = verify_step(secret, code, at=at, last_step=last)
    except Refusal:
        return None
    return _Factor(TOTP, step=step) if key else None


def _backup(db: Session, keys: Keys, key: models.MemberKey | None, code: str) -> _Factor | None:
    try:
        hashes = [stored_backup_code(then, _member_id(key), code) for then in depths(keys.auth_key)]
    except CryptoError:
        return None
    mine = models.BackupCode.key_id == (key.id if key else str(UUID(bytes=NOBODY)))
    found = db.scalars(select(models.BackupCode.code_hash).where(mine, models.BackupCode.code_hash.in_(hashes))).first()
    return _Factor(BACKUP_CODE, code_hash=found) if found is not None else None


def _use(db: Session, key: models.MemberKey, factor: _Factor) -> None:
    if factor.kind == TOTP:
        key.totp_step = factor.step
        return
    spent = models.BackupCode.key_id == key.id, models.BackupCode.code_hash == factor.code_hash
    db.execute(delete(models.BackupCode).where(*spent))


def _standing(failure: models.SignInFailure | None, *, at: datetime) -> models.SignInFailure | None:
    """The count as it stands: one that is old starts again."""
    if failure is not None and failure.last <= at - FORGET_FAILURES:
        failure.failures, failure.halves, failure.locked_until = 0, 0, None
    return failure


def _count(db: Session, name_hash: str, failure: models.SignInFailure | None, *, half: bool, at: datetime) -> None:
    """One more failure of a stranger; with one factor right it may close the door to strangers for a while."""
    if failure is None:
        failure = models.SignInFailure(name_hash=name_hash, failures=0, halves=0, last=at, locked_until=None)
        db.add(failure)
    failure.failures += 1
    failure.last = at
    if half:
        failure.halves += 1
        wait = wait_after(failure.halves)
        failure.locked_until = at + wait if wait else None
