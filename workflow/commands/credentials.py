"""What a member changes of what they sign in with: passphrase, second factor, backup codes, and recovery of it all.

The seed and with it the keys stay the same: only their wrapping changes, in the browser. Every change ends all other
sessions and forgets all other browsers. As at sign-in, a failed proof is returned and not raised (proofs.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from crypto.backupcodes import stored_backup_code
from crypto.encoding import b64u, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.passphrase import stored_auth, stored_recovery_auth
from workflow import ledger, models
from workflow.commands import proofs
from workflow.commands.members import require_secrets, require_wrapped, verify_step
from workflow.commands.proofs import Keys
from workflow.commands.sessions import STRANGER, drop_others
from workflow.errors import Gone, Refusal
from workflow.slowdown import Caller
from workflow.store import hold
from workflow.times import read_stamp, stamp

TICKET_MINUTES = 30


@dataclass(frozen=True)
class Recovering:
    """Recovery key and second factor were right: what the browser needs to wrap the seed anew."""

    person_id: str
    code: str
    username: str
    name: str
    pepper: bytes
    recovery: bytes
    ticket: bytes  # gives the right to finish, once, within half an hour


@dataclass(frozen=True)
class Rewrapped:
    """The seed under a new passphrase and a new recovery key, and what proves each of the two."""

    auth: bytes
    wrapped: bytes
    recovery_auth: bytes
    recovery: bytes


def begin_recovery(
    db: Session,
    *,
    username: str,
    recovery_auth: bytes,
    code: str,
    keys: Keys,
    at: datetime,
    caller: Caller = STRANGER,
) -> Recovering | Refusal:
    """Release what the printed recovery key opens, after its own proof and a one-time or backup code."""
    check = proofs.recovery_check(keys, recovery_auth)
    proved = proofs.prove(db, username, check, code, caller=caller, keys=keys, at=at)
    if isinstance(proved, Refusal):
        return proved
    person, key = proved.person, proved.key
    # The ticket names the blob that it was given for: finished once, it fits nothing any more.
    said = {"key": key.id, "blob": sha256hex(key.recovery), "until": stamp(at + timedelta(minutes=TICKET_MINUTES))}
    pub = {"person": person.code, "factor": proved.factor}
    ledger.append(db, chain=ledger.ORGANISATION, kind="recovery_begun", pub=pub, priv={}, at=at)
    return Recovering(
        person_id=person.id,
        code=person.code,
        username=person.username,
        name=person.name,
        pepper=keys.box.open(f"pepper/{person.id}", key.pepper),
        recovery=key.recovery,
        ticket=keys.box.seal("recovery-ticket", jcs(said)),
    )


def complete_recovery(db: Session, ticket: bytes, new: Rewrapped, *, keys: Keys, at: datetime) -> None:
    """Put the new wrappings in force and end every session; Gone("recovery_ended") for a used or late ticket."""
    require_secrets(new.auth, new.recovery_auth)
    require_wrapped(new.wrapped, new.recovery)
    try:
        said = parse_jcs(keys.box.open("recovery-ticket", ticket))
    except CryptoError:
        raise Gone("recovery_ended") from None
    hold(db, f"member-key/{said['key']}")
    key = db.get(models.MemberKey, said["key"], with_for_update=True)
    if key is None or key.ended or sha256hex(key.recovery) != said["blob"] or read_stamp(said["until"]) <= at:
        raise Gone("recovery_ended")
    member = UUID(key.person_id).bytes
    key.auth, key.wrapped = stored_auth(keys.auth_key, member, new.auth), new.wrapped
    key.recovery_auth = stored_recovery_auth(keys.auth_key, member, new.recovery_auth)
    key.recovery = new.recovery
    drop_others(db, key.person_id)
    _record(db, "recovered", key.person_id, at=at)


def change_passphrase(
    db: Session, *, sid: str, auth: bytes, new_auth: bytes, wrapped: bytes, keys: Keys, at: datetime
) -> Refusal | None:
    """Put the seed's new wrapping in force after the old passphrase; the recovery key stays good."""
    require_secrets(new_auth)
    require_wrapped(wrapped)
    confirmed = proofs.confirm(db, sid, auth, keys=keys, at=at)
    if isinstance(confirmed, Refusal):
        return confirmed
    confirmed.key.auth = stored_auth(keys.auth_key, UUID(confirmed.person.id).bytes, new_auth)
    confirmed.key.wrapped = wrapped
    drop_others(db, confirmed.person.id, but=confirmed.session)
    _record(db, "passphrase_changed", confirmed.person.id, at=at)
    return None


def renew_pins(db: Session, *, sid: str, auth: bytes, wrapped: bytes, keys: Keys, at: datetime) -> Refusal | None:
    """Keep the seed wrapped with newer pins, after the passphrase; that and all sessions stay as they are."""
    require_wrapped(wrapped)
    confirmed = proofs.confirm(db, sid, auth, keys=keys, at=at)
    if isinstance(confirmed, Refusal):
        return confirmed
    confirmed.key.wrapped = wrapped
    _record(db, "pins_renewed", confirmed.person.id, at=at)
    return None


def offer_second_factor(secret: bytes, *, sid: str, keys: Keys, at: datetime) -> bytes:
    """A ticket for a new TOTP secret, good for this session and half an hour; nothing is stored until it is proved."""
    said = {"secret": b64u(secret), "until": stamp(at + timedelta(minutes=TICKET_MINUTES))}
    return keys.box.seal(f"second-factor-ticket/{sha256hex(sid.encode())}", jcs(said))


def change_second_factor(
    db: Session, *, sid: str, auth: bytes, ticket: bytes, code: str, keys: Keys, at: datetime
) -> Refusal | None:
    """Put a new TOTP secret in force after the passphrase and its first code; backup codes stay good.

    Raises Gone("second_factor_ended") for a late or foreign ticket, Malformed("wrong_code").
    """
    try:
        said = parse_jcs(keys.box.open(f"second-factor-ticket/{sha256hex(sid.encode())}", ticket))
    except CryptoError:
        raise Gone("second_factor_ended") from None
    if read_stamp(said["until"]) <= at:
        raise Gone("second_factor_ended")
    secret = unb64u(said["secret"])
    confirmed = proofs.confirm(db, sid, auth, keys=keys, at=at)
    if isinstance(confirmed, Refusal):
        return confirmed
    confirmed.key.totp_step = verify_step(secret, code, at=at, last_step=0)
    confirmed.key.totp = keys.box.seal(f"totp/{confirmed.person.id}", secret)
    drop_others(db, confirmed.person.id, but=confirmed.session)
    _record(db, "second_factor_changed", confirmed.person.id, at=at)
    return None


def make_backup_codes(
    db: Session, *, sid: str, auth: bytes, codes: Iterable[str], keys: Keys, at: datetime
) -> Refusal | None:
    """Keep the hashes of new backup codes, which end all former ones."""
    confirmed = proofs.confirm(db, sid, auth, keys=keys, at=at)
    if isinstance(confirmed, Refusal):
        return confirmed
    member, key_id = UUID(confirmed.person.id).bytes, confirmed.key.id
    db.execute(delete(models.BackupCode).where(models.BackupCode.key_id == key_id))
    hashes = {stored_backup_code(keys.auth_key, member, code) for code in codes}
    db.add_all(models.BackupCode(key_id=key_id, code_hash=hashed) for hashed in sorted(hashes))
    _record(db, "backup_codes_made", confirmed.person.id, at=at)
    return None


def _record(db: Session, kind: str, person_id: str, *, at: datetime) -> None:
    pub = {"person": db.get_one(models.Person, person_id).code}
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)
