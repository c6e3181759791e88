"""The office's part of the staff's API, for administrators alone. It makes nobody a reader: the signed roster does."""

from __future__ import annotations

import secrets

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.doors import Who
from intake.office import schemas
from intake.services import services
from intake.sessions import current_member
from workflow.commands import members as commands
from workflow.errors import NotEligible
from workflow.queries import account, organisation
from workflow.queries.members import Member
from workflow.times import local_date, stamp

LINK_HOURS = 72

bp = Blueprint("office_api", __name__, url_prefix="/staff/api/v1/office")


def administrator() -> Member:
    """Who is signed in, if they are an administrator; SignedOut, NotEligible."""
    member = current_member()
    if "administrator" not in member.roles:
        raise NotEligible()
    return member


@bp.get("/people")
def people() -> ResponseReturnValue:
    administrator()
    at = services().now()
    with services().store.reading() as db:
        found = account.enrolments(db, at=at, on=local_date(at))
        bodies = organisation.body_names(db, local_date(at))
    listed = [
        {
            "code": one.code,
            "name": one.name,
            "username": one.username,
            "posts": [{"body": body, "function": function} for body, function in one.posts],
            "duties": list(one.duties),
            "enrolled": stamp(one.enrolled) if one.enrolled else None,
            "fingerprint": one.fingerprint,
            "link_until": stamp(one.link_until) if one.link_until else None,
        }
        for one in found
    ]
    return {"people": listed, "bodies": bodies}


@bp.post("/links")
def make_link() -> ResponseReturnValue:
    """The token stands in this answer and nowhere else; after the `#` it reaches no server's log when it is opened."""
    member, asked = administrator(), posted(schemas.LinkAsked)
    token = secrets.token_urlsafe(32)
    with services().store.transaction() as db:
        until = commands.make_link(db, asked.person, token=token, at=services().now(), hours=LINK_HOURS, by=member.code)
    return {"address": f"{services().settings.staff_url}/staff/enrol#{token}", "until": stamp(until)}


@bp.delete("/links/<person>")
def end_link(person: str) -> ResponseReturnValue:
    member = administrator()
    with services().store.transaction() as db:
        commands.end_link(db, person, by=member.code, at=services().now())
    return "", 204


_API = "/staff/api/v1/office"
openapi.describe(
    f"{_API}/people", None, schemas.EnrolmentsOut, method="GET", who=Who.ADMINISTRATOR, summary="Who is enrolled"
)
openapi.describe(
    f"{_API}/links",
    schemas.LinkAsked,
    schemas.LinkOut,
    who=Who.ADMINISTRATOR,
    refuses={403: ("own_link",), 404: ("unknown_person",)},
    summary="Make a one-time enrolment link",
)
openapi.describe(
    f"{_API}/links/<person>",
    method="DELETE",
    who=Who.ADMINISTRATOR,
    refuses={403: ("own_link",), 404: ("unknown_person",), 410: ("link_expired",)},
    summary="End somebody's unused link",
)
