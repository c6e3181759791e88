"""The account's part of the staff's API: enrolment, session, installation."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from crypto.encoding import b64u
from crypto.passphrase import member_salt
from crypto.totp import new_secret
from intake import openapi, sessions
from intake.account import door, given, schemas
from intake.account.answers import or_raise, totp_json
from intake.account.schemas import posted
from intake.doors import Who
from intake.installation import installation_answer, takeover_answer
from intake.services import services
from intake.shapes import TakeoverAnswer
from workflow import routing
from workflow.commands.members import NewKeys, begin_enrolment, complete_enrolment
from workflow.commands.sessions import Unlocked, sign_in, unlock
from workflow.errors import Gone, Unavailable
from workflow.queries import members, organisation
from workflow.queries.members import Member

bp = Blueprint("account_api", __name__, url_prefix="/staff/api/v1")

ENROLMENT = "enrolment"  # the cookie's field for a running enrolment's id


@bp.before_request
def room() -> None:
    """Enrolment and sign-in are open to anybody, and each attempt is counted or recorded."""
    if request.method == "POST":
        door.enter()


@bp.get("/csrf")
def csrf() -> ResponseReturnValue:
    return {"token": generate_csrf()}


@bp.get("/installation")
def installation() -> ResponseReturnValue:
    """As on the public face; members also learn who and what is behind a code."""
    answer = installation_answer()
    if sessions.member_or_none() is not None:
        with services().store.reading() as db:
            on = services().now().date()
            answer |= {"names": organisation.names(db, on), "bodies": organisation.body_names(db, on)}
        answer |= {"rules": routing.row_texts(), "citations": routing.citation_texts()}
    return answer


@bp.get("/takeovers/<int:no>")
def takeover(no: int) -> ResponseReturnValue:
    return takeover_answer(no)


@bp.post("/enrolment/begin")
def enrolment_begin() -> ResponseReturnValue:
    asked = posted(schemas.EnrolmentBegin)
    sid, secret, pepper = secrets.token_urlsafe(32), new_secret(), secrets.token_bytes(32)
    with services().store.transaction() as db:
        org = organisation.installation(db).organisation_key
        if org is None:  # the browser pins it in its blob, so there is nothing to begin with
            raise Unavailable("organisation_key_missing")
        begun = begin_enrolment(
            db, asked.token, sid=sid, totp=secret, pepper=pepper, box=services().box, at=services().now()
        )
    session[ENROLMENT] = sid
    return {
        "member": {"id": begun.person_id, "code": begun.code, "username": begun.username, "name": begun.name},
        "salt": b64u(member_salt(services().settings.secrets.salt_key, begun.username)),
        "pepper": b64u(pepper),
        "org": b64u(org),
        "totp": totp_json(secret, begun.username),
    }


@bp.post("/enrolment/complete")
def enrolment_complete() -> ResponseReturnValue:
    asked = posted(schemas.EnrolmentComplete)
    sid = session.get(ENROLMENT)
    if not isinstance(sid, str):
        raise Gone("enrolment_ended")
    keys = NewKeys(
        kem=asked.kem,
        sign=asked.sign,
        auth=asked.auth,
        wrapped=asked.wrapped,
        recovery=asked.recovery,
        recovery_auth=asked.recovery_auth,
        statement=asked.statement.model_dump(),
        code=asked.totp,
    )
    with services().store.transaction() as db:
        fingerprint = complete_enrolment(
            db, sid, keys, box=services().box, auth_key=services().auth_key, at=services().now()
        )
    session.pop(ENROLMENT)
    return {"fingerprint": fingerprint}


@bp.post("/session/salt")
def session_salt() -> ResponseReturnValue:
    """Computed from the name, known or not: nothing is looked up."""
    asked = posted(schemas.SaltAsked)
    return {"salt": b64u(member_salt(services().settings.secrets.salt_key, asked.username))}


@bp.post("/session")
def session_begin() -> ResponseReturnValue:
    asked = posted(schemas.SignIn)
    at = services().now()
    sid, tab_key, mark = secrets.token_urlsafe(32), secrets.token_bytes(32), door.new_mark()
    with services().store.transaction() as db:
        outcome = sign_in(
            db,
            username=asked.username,
            auth=asked.auth,
            code=asked.totp,
            sid=sid,
            tab_key=tab_key,
            mark=mark,
            caller=door.caller(),
            keys=services().sign_in_keys,
            at=at,
            ends=at + timedelta(hours=services().settings.session_hours),
        )
    unlocked = or_raise(outcome)
    door.keep(mark if unlocked.marked else None)
    with services().store.reading() as db:
        opened = members.session(db, sid, box=services().box, idle=services().idle, at=at)
    sessions.begin(sid, opened)
    return {"member": _member(opened.member), "key": b64u(opened.key), **_released(unlocked)}


@bp.post("/session/unlock")
def session_unlock() -> ResponseReturnValue:
    """For a new tab: the passphrase once more, without a one-time code, inside a session that lives."""
    sid, asked = sessions.signed_in().sid, posted(schemas.Unlock)
    with services().store.transaction() as db:
        outcome = unlock(db, sid=sid, auth=asked.auth, keys=services().sign_in_keys, at=services().now())
    return _released(or_raise(outcome))


@bp.get("/session")
def session_now() -> ResponseReturnValue:
    now = sessions.signed_in()
    idle = int(services().idle.total_seconds())
    return {"member": _member(now.member), "key": b64u(now.key), "idle_seconds": idle}


@bp.delete("/session")
def session_end() -> ResponseReturnValue:
    sessions.end(services().now())
    return "", 204


def _released(unlocked: Unlocked) -> dict[str, Any]:
    return {"pepper": b64u(unlocked.pepper), "wrapped": b64u(unlocked.wrapped)}


def _member(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "code": member.code,
        "username": member.username,
        "name": member.name,
        "roles": list(member.roles),
        "seats": [{"body": held.body, "function": held.function, "roles": list(held.roles)} for held in member.seats],
    }


_API = "/staff/api/v1"
_ENROLLED: openapi.Refusals = {
    409: ("clock_off", "known_id_other_content"),
    410: ("enrolment_ended",),
    422: ("bad_signature", "weak_key", "wrong_code"),
}
openapi.describe(
    f"{_API}/csrf", None, given.CsrfToken, method="GET", who=Who.ANYBODY, summary="The token for whatever writes"
)
openapi.describe(
    f"{_API}/installation", None, given.MembersInstallation, method="GET", who=Who.ANYBODY, summary="Signed documents"
)
openapi.describe(
    f"{_API}/takeovers/<int:no>",
    None,
    TakeoverAnswer,
    method="GET",
    who=Who.ANYBODY,
    summary="The two rosters between which the organisation's key passed to its successor",
)
openapi.describe(
    f"{_API}/enrolment/begin",
    schemas.EnrolmentBegin,
    given.EnrolmentBegun,
    who=Who.PROOF,
    refuses=openapi.together(openapi.BUSY, {409: ("organisation_key_missing",), 410: ("link_expired",)}),
    summary="Exchange a one-time link for half an hour in which to enrol",
)
openapi.describe(
    f"{_API}/enrolment/complete",
    schemas.EnrolmentComplete,
    given.EnrolmentDone,
    who=Who.PROOF,
    refuses=openapi.together(openapi.BUSY, _ENROLLED),
    summary="Put a member's new keys in force",
)
openapi.describe(
    f"{_API}/session/salt",
    schemas.SaltAsked,
    given.Salt,
    who=Who.ANYBODY,
    refuses=openapi.BUSY,
    summary="The salt of a user name, known or not",
)
openapi.describe(
    f"{_API}/session",
    schemas.SignIn,
    given.SignedInOut,
    who=Who.PROOF,
    refuses=openapi.together(openapi.BUSY, openapi.PROVING),
    summary="Sign in",
)
openapi.describe(f"{_API}/session", None, given.SessionNow, method="GET", who=Who.SIGNED_IN, summary="Who is signed in")
openapi.describe(f"{_API}/session", method="DELETE", who=Who.SIGNED_IN, summary="Sign out")
openapi.describe(
    f"{_API}/session/unlock",
    schemas.Unlock,
    given.Released,
    who=Who.SIGNED_IN,
    refuses=openapi.together(openapi.BUSY, openapi.PROVING),
    summary="The wrapped seed once more, for a new tab",
)
