"""The oversight part of the staff's API: rotation, for supervisors all of it, for heads that of their people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.doors import Who
from intake.oversight import schemas
from intake.services import services
from intake.sessions import current_member
from workflow.commands import rotation as commands
from workflow.errors import NotEligible
from workflow.posts import LANGUAGES
from workflow.queries import organisation, rotation
from workflow.queries.members import Member
from workflow.rotation import Held, Said, State, last_exception_day, load_rotation
from workflow.routing import citation_texts
from workflow.times import local_date

ORDER = (State.DUE, State.WARNING, State.FREE)

bp = Blueprint("oversight_api", __name__, url_prefix="/staff/api/v1/oversight")


def overseer() -> Member:
    """Who is signed in, if they supervise or head a body; SignedOut, NotEligible."""
    member = current_member()
    if "supervisor" not in member.roles and not member.head:
        raise NotEligible()
    return member


@bp.get("/rotation")
def standing() -> ResponseReturnValue:
    member = overseer()
    on = local_date(services().now())
    with services().store.reading() as db:
        found = rotation.standings(db, on)
        signers, labels = rotation.signers(db, on), rotation.labels(db, on)
        names = organisation.names(db, on)
    mine = {person for person, heads in signers.items() if member.code in heads}
    shown = [one for one in found if "supervisor" in member.roles or one.person in mine]
    shown.sort(key=lambda one: (ORDER.index(one.standing.state), one.person, one.over))
    told = {one.person for one in shown} | {said.by for one in shown for said in _acts(one) if said.by}
    table = load_rotation()
    return {
        "on": on.isoformat(),
        "charges": [
            _charge(one, labels.get(one.over) or dict.fromkeys(LANGUAGES, one.over.code), one.person in mine)
            for one in shown
        ],
        "names": {code: names[code] for code in sorted(told)},
        "reasons": {
            act.value: [{"code": code, "label": label} for code, label in listed.items()]
            for act, listed in table.reasons.items()
        },
        "warn_before": table.warn_before,
        "last_day": last_exception_day(table, on).isoformat(),
    }


@bp.post("/rotation")
def sign() -> ResponseReturnValue:
    member = current_member()
    if not member.head:
        raise NotEligible()
    asked = posted(schemas.RotationAsked)
    with services().store.transaction() as db:
        act = commands.sign_rotation(db, member.id, asked.statement.model_dump(), note=asked.note, at=services().now())
    return {"act": act.value}


def _acts(one: Held) -> list[Said]:
    return [said for said in (one.exception, one.requirement) if said is not None]


def _charge(one: Held, label: Any, may_sign: bool) -> dict[str, Any]:
    standing, cited = one.standing, citation_texts()
    return {
        "person": one.person,
        "over": str(one.over),
        "label": dict(label),
        "state": standing.state.value,
        "months": standing.months,
        "limit": standing.limit,
        "since": standing.since.isoformat() if standing.since else None,
        "due_on": standing.due_on.isoformat() if standing.due_on else None,
        "ongoing": one.ongoing,
        "kept_out": one.kept_out,
        "exception": _said(one.exception),
        "requirement": _said(one.requirement),
        "basis": {
            language: "; ".join(sorted({cited[code][language] for code in standing.citations}))
            for language in LANGUAGES
        },
        "may_sign": may_sign,
    }


def _said(said: Said | None) -> dict[str, Any] | None:
    if said is None:
        return None
    until = said.until.isoformat() if said.until else None
    return {"since": said.since.isoformat(), "until": until, "reason": said.reason, "note": said.note, "by": said.by}


_API = "/staff/api/v1/oversight"
openapi.describe(
    f"{_API}/rotation",
    None,
    schemas.RotationOut,
    method="GET",
    who=Who.OVERSEER,
    summary="Who is in charge of what for how long, and who has to be moved",
)
openapi.describe(
    f"{_API}/rotation",
    schemas.RotationAsked,
    schemas.ActDone,
    who=Who.HEAD,
    refuses=openapi.together(
        openapi.STATEMENT,
        {
            404: ("unknown_charge",),
            409: ("exception_too_long", "nobody_competent", "roster_expired"),
            422: ("swapped_object",),
        },
    ),
    summary="Sign an exception from rotation, or require one",
)
