"""What a member keeps in order from the account page: passphrase, second factor, backup codes, sessions."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from crypto.backupcodes import new_backup_codes
from crypto.encoding import b64u
from crypto.totp import new_secret
from intake import openapi, sessions
from intake.account import door, given, schemas
from intake.account.answers import or_raise, totp_json
from intake.account.schemas import posted
from intake.doors import Who
from intake.services import services
from workflow.commands import credentials
from workflow.commands import sessions as commands
from workflow.queries import account
from workflow.times import stamp

bp = Blueprint("upkeep_api", __name__, url_prefix="/staff/api/v1/account")


@bp.before_request
def room() -> None:
    if request.method == "POST":
        door.enter()


@bp.get("")
def overview() -> ResponseReturnValue:
    now, at = sessions.signed_in(), services().now()
    with services().store.reading() as db:
        mine = account.sessions_of(db, now.sid, idle=services().idle, at=at)
        left = account.backup_codes_left(db, now.member.id)
    listed = [
        {"id": one.handle, "begun": stamp(one.begun), "seen": stamp(one.seen), "current": one.current} for one in mine
    ]
    return {"backup_codes": left, "sessions": listed}


@bp.post("/passphrase")
def passphrase() -> ResponseReturnValue:
    sid, asked = sessions.signed_in().sid, posted(schemas.PassphraseChange)
    with services().store.transaction() as db:
        outcome = credentials.change_passphrase(
            db,
            sid=sid,
            auth=asked.auth,
            new_auth=asked.new_auth,
            wrapped=asked.wrapped,
            keys=services().sign_in_keys,
            at=services().now(),
        )
    or_raise(outcome)
    return "", 204


@bp.post("/pins")
def pins() -> ResponseReturnValue:
    """The seed wrapped anew, under the same passphrase, with what its owner's browser has verified since."""
    sid, asked = sessions.signed_in().sid, posted(schemas.PinsRenewal)
    with services().store.transaction() as db:
        outcome = credentials.renew_pins(
            db, sid=sid, auth=asked.auth, wrapped=asked.wrapped, keys=services().sign_in_keys, at=services().now()
        )
    or_raise(outcome)
    return "", 204


@bp.post("/second-factor/offer")
def second_factor_offer() -> ResponseReturnValue:
    """A new secret to try; nothing changes before its first code and the passphrase have come back."""
    now, _ = sessions.signed_in(), posted(schemas.Nothing)
    secret = new_secret()
    ticket = credentials.offer_second_factor(secret, sid=now.sid, keys=services().sign_in_keys, at=services().now())
    return {"totp": totp_json(secret, now.member.username), "ticket": b64u(ticket)}


@bp.post("/second-factor")
def second_factor() -> ResponseReturnValue:
    sid, asked = sessions.signed_in().sid, posted(schemas.SecondFactorChange)
    with services().store.transaction() as db:
        outcome = credentials.change_second_factor(
            db,
            sid=sid,
            auth=asked.auth,
            ticket=asked.ticket,
            code=asked.totp,
            keys=services().sign_in_keys,
            at=services().now(),
        )
    or_raise(outcome)
    return "", 204


@bp.post("/backup-codes")
def backup_codes() -> ResponseReturnValue:
    """Shown in this answer and never again: only hashes are kept."""
    sid, asked = sessions.signed_in().sid, posted(schemas.Unlock)
    codes = new_backup_codes()
    with services().store.transaction() as db:
        outcome = credentials.make_backup_codes(
            db, sid=sid, auth=asked.auth, codes=codes, keys=services().sign_in_keys, at=services().now()
        )
    or_raise(outcome)
    return {"codes": list(codes)}


@bp.delete("/sessions")
def end_others() -> ResponseReturnValue:
    sid = sessions.signed_in().sid
    with services().store.transaction() as db:
        ended = commands.end_other_sessions(db, sid=sid, at=services().now())
    return {"ended": ended}


@bp.delete("/sessions/<handle>")
def end_one(handle: str) -> ResponseReturnValue:
    sid = sessions.signed_in().sid
    with services().store.transaction() as db:
        commands.end_session(db, sid=sid, handle=handle, at=services().now())
    return "", 204


_API = "/staff/api/v1/account"
_CONFIRMED = openapi.together(openapi.BUSY, openapi.PROVING)
openapi.describe(
    _API, None, given.AccountOut, method="GET", who=Who.SIGNED_IN, summary="Backup codes left, and one's sessions"
)
openapi.describe(
    f"{_API}/passphrase",
    schemas.PassphraseChange,
    who=Who.SIGNED_IN,
    refuses=_CONFIRMED,
    summary="Change the passphrase",
)
openapi.describe(
    f"{_API}/pins",
    schemas.PinsRenewal,
    who=Who.SIGNED_IN,
    refuses=_CONFIRMED,
    summary="Keep the wrapped seed with a newer pinned key and roster",
)
openapi.describe(
    f"{_API}/second-factor/offer",
    schemas.Nothing,
    given.SecondFactorOffer,
    who=Who.SIGNED_IN,
    refuses=openapi.BUSY,
    summary="A new TOTP secret to try",
)
openapi.describe(
    f"{_API}/second-factor",
    schemas.SecondFactorChange,
    who=Who.SIGNED_IN,
    refuses=openapi.together(_CONFIRMED, {410: ("second_factor_ended",), 422: ("wrong_code",)}),
    summary="Put the new TOTP secret in force",
)
openapi.describe(
    f"{_API}/backup-codes",
    schemas.Unlock,
    given.BackupCodes,
    who=Who.SIGNED_IN,
    refuses=_CONFIRMED,
    summary="Make backup codes anew",
)
openapi.describe(
    f"{_API}/sessions",
    None,
    given.SessionsEnded,
    method="DELETE",
    who=Who.SIGNED_IN,
    summary="End all of one's other sessions",
)
openapi.describe(
    f"{_API}/sessions/<handle>",
    method="DELETE",
    who=Who.SIGNED_IN,
    refuses={404: ("session_gone",)},
    summary="End one of one's sessions",
)
