"""The office's part of the staff's API, for administrators alone. It makes nobody a reader: the signed roster does."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.doors import Who
from intake.office import schemas, telling
from intake.services import services
from intake.sessions import current_member
from intake.wording import in_language
from workflow.commands import members as commands
from workflow.errors import Malformed, NotEligible
from workflow.lacking import Lack
from workflow.organisation import Body
from workflow.queries import office, organisation
from workflow.queries.account import Enrolment
from workflow.queries.members import Member
from workflow.times import local_date, stamp

LINK_HOURS = 72
MOST = 200  # lines of one kind in the overview
WARN_DAYS = 21
LONGEST_SEARCH = 100

bp = Blueprint("office_api", __name__, url_prefix="/staff/api/v1/office")


def administrator() -> Member:
    """Who is signed in, if they are an administrator; SignedOut, NotEligible."""
    member = current_member()
    if "administrator" not in member.roles:
        raise NotEligible()
    return member


def today() -> date:
    return local_date(services().now())


@bp.get("/overview")
def overview() -> ResponseReturnValue:
    administrator()
    on = today()
    with services().store.reading() as db:
        found = office.overview(db, on)
        bodies = organisation.body_names(db, on)
        shown = found.waiting[:MOST]
        names = office.names_of(db, filter(None, map(telling.people_of, shown)))
    return {
        "missing": [telling.lack_json(lack, bodies) for lack in found.lacks[:MOST]],
        "more_missing": max(0, len(found.lacks) - MOST),
        "waiting": [telling.waiting_json(change, names) for change in shown],
        "more_waiting": max(0, len(found.waiting) - MOST),
        "roster": _roster(found.roster, on) if found.roster else None,
        "bodies": found.bodies,
        "people": found.people,
        "enrolled": found.enrolled,
    }


@bp.get("/bodies")
def bodies() -> ResponseReturnValue:
    administrator()
    on, state = today(), request.args.get("state", "now")
    if state not in ("now", "ended", "coming"):
        raise Malformed()
    with services().store.reading() as db:
        if state != "now":
            others = office.other_bodies(db, on, state=state, search=_search(), after=after())
            return {
                "lines": [],
                "spans": [_span(span) for span in others.spans],
                "next": others.next,
                "found": others.found,
            }
        found = office.bodies(db, on, search=_search(), after=after())
    lines = [
        {
            **_body(line.body),
            "name": _name(line.body),
            "depth": line.depth,
            "seats": line.seats,
            "enrolled": line.enrolled,
            "signed": line.signed,
            "lacks": _lacks(line.lacks),
        }
        for line in found.lines
    ]
    return {"lines": lines, "spans": [], "next": found.next, "found": found.found}


@bp.get("/bodies/<code>")
def body(code: str) -> ResponseReturnValue:
    administrator()
    with services().store.reading() as db:
        found = office.body_file(db, code, today())
    seats = [
        {
            "person": seat.person,
            "name": seat.name,
            "function": seat.function,
            "roles": list(seat.roles),
            "since": seat.since.isoformat(),
            "until": _iso(seat.until),
            "state": seat.state,
            "enrolled": seat.enrolled,
            "signed": seat.signed,
        }
        for seat in found.seats
    ]
    successor = found.successor
    return {
        "code": found.code,
        "spans": [_span(span) for span in found.spans],
        "seats": seats,
        "below": [{"code": one.code, "name": _name(one)} for one in found.below],
        "lacks": _lacks(found.lacks),
        "successor": {"body": successor[0], "since": successor[1].isoformat()} if successor else None,
    }


@bp.get("/people")
def people() -> ResponseReturnValue:
    administrator()
    at, state = services().now(), request.args.get("state", "all")
    if state not in ("all", "unenrolled"):
        raise Malformed()
    with services().store.reading() as db:
        found = office.people(
            db, local_date(at), at=at, search=_search(), unenrolled=state == "unenrolled", after=after()
        )
        named = {body for one in found.people for body, _ in one.posts}
        known = names_of_bodies(organisation.body_names(db, local_date(at)), named)
    return {
        "people": [_enrolment(one) for one in found.people],
        "bodies": known,
        "next": found.next,
        "found": found.found,
        "all": found.all,
        "enrolled": found.enrolled,
        "free": found.free,
    }


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


def names_of_bodies(names: Mapping[str, Mapping[str, str]], codes: Collection[str]) -> dict[str, Mapping[str, str]]:
    """The names of these bodies alone."""
    return {code: names[code] for code in sorted(codes) if code in names}


def _search() -> str:
    text = request.args.get("search", "")
    if len(text) > LONGEST_SEARCH:
        raise Malformed()
    return text


def after() -> str | None:
    return request.args.get("after") or None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _name(body: Body) -> str:
    return in_language(body.name)


def _body(body: Body) -> dict[str, Any]:
    return {
        "code": body.code,
        "kind": body.kind,
        "level": body.level,
        "parent": body.parent,
        "quorum": body.quorum,
        "single": body.single,
    }


def _span(span: office.BodySpan) -> dict[str, Any]:
    days = {"since": span.since.isoformat(), "until": _iso(span.until), "state": span.state}
    return {**_body(span.body), "name": span.body.name, **days}


def _lacks(lacks: Collection[Lack]) -> list[dict[str, str]]:
    return [telling.lack_json(lack, {}) for lack in lacks]


def _roster(last: organisation.SignedRoster, on: date) -> dict[str, Any]:
    days = (last.expires - on).days
    return {
        "no": last.no,
        "issued": last.issued.isoformat(),
        "expires": last.expires.isoformat(),
        "days": days,
        "soon": days < WARN_DAYS,
    }


def _enrolment(one: Enrolment) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "username": one.username,
        "posts": [{"body": body, "function": function} for body, function in one.posts],
        "duties": list(one.duties),
        "enrolled": stamp(one.enrolled) if one.enrolled else None,
        "fingerprint": one.fingerprint,
        "signed": one.signed,
        "link_until": stamp(one.link_until) if one.link_until else None,
    }


_API = "/staff/api/v1/office"
LIST = {"search": "A part of a code or name; case and Vietnamese marks don't count", "after": "The `next` of a page"}
openapi.describe(
    f"{_API}/overview",
    None,
    schemas.OverviewOut,
    method="GET",
    who=Who.ADMINISTRATOR,
    summary="What is missing, and what waits for the roster's signature",
)
openapi.describe(
    f"{_API}/bodies",
    None,
    schemas.BodiesOut,
    method="GET",
    who=Who.ADMINISTRATOR,
    refuses={422: ("malformed",)},
    query={**LIST, "state": "now (as a tree), ended, or coming"},
    summary="The bodies, a page at a time",
)
openapi.describe(
    f"{_API}/bodies/<code>",
    None,
    schemas.BodyOut,
    method="GET",
    who=Who.ADMINISTRATOR,
    refuses={404: ("unknown_body",)},
    summary="Everything on record of one body",
)
openapi.describe(
    f"{_API}/people",
    None,
    schemas.EnrolmentsOut,
    method="GET",
    who=Who.ADMINISTRATOR,
    refuses={422: ("malformed",)},
    query={**LIST, "state": "all, or unenrolled"},
    summary="Who is enrolled, a page at a time",
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
