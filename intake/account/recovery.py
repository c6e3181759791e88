"""The recovery key's part of the staff's API: proof, then the new wrappings. Neither key nor passphrase arrives here."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from crypto.encoding import b64u
from crypto.passphrase import member_salt
from intake import openapi, work
from intake.account import door, given, schemas
from intake.account.answers import or_raise
from intake.account.schemas import posted
from intake.doors import Who
from intake.services import services
from workflow.commands.credentials import Rewrapped, begin_recovery, complete_recovery

bp = Blueprint("recovery_api", __name__, url_prefix="/staff/api/v1/recovery")


@bp.before_request
def room() -> None:
    """Open to anybody, like sign-in, and each attempt is counted."""
    door.enter()


@bp.post("/begin")
def begin() -> ResponseReturnValue:
    asked = posted(schemas.RecoveryBegin)
    with services().store.transaction() as db:
        outcome = begin_recovery(
            db,
            username=asked.username,
            recovery_auth=asked.recovery_auth,
            code=asked.totp,
            caller=door.caller(),
            keys=services().sign_in_keys,
            at=services().now(),
        )
    begun = or_raise(outcome)
    return {
        "member": {"id": begun.person_id, "code": begun.code, "username": begun.username, "name": begun.name},
        "salt": b64u(member_salt(services().settings.secrets.salt_key, begun.username)),
        "pepper": b64u(begun.pepper),
        "recovery": b64u(begun.recovery),
        "ticket": b64u(begun.ticket),
    }


@bp.post("")
def complete() -> ResponseReturnValue:
    asked = posted(schemas.RecoveryComplete)
    new = Rewrapped(auth=asked.auth, wrapped=asked.wrapped, recovery_auth=asked.recovery_auth, recovery=asked.recovery)
    with services().store.transaction() as db:
        complete_recovery(db, asked.ticket, new, keys=services().sign_in_keys, at=services().now())
    return "", 204


_API = "/staff/api/v1/recovery"
openapi.describe(
    f"{_API}/begin",
    schemas.RecoveryBegin,
    given.RecoveryBegun,
    who=Who.PROOF,
    refuses=openapi.together(openapi.BUSY, openapi.PROVING),
    summary="Prove recovery key and second factor",
    headers={work.HEADER: work.DESCRIPTION},
)
openapi.describe(
    _API,
    schemas.RecoveryComplete,
    who=Who.PROOF,
    refuses=openapi.together(openapi.BUSY, {410: ("recovery_ended",)}),
    summary="Put a new passphrase and recovery key in force",
)
