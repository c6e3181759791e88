"""The office's API where it writes: the organisation as a file or in parts, mergers, inspections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.doors import Who
from intake.office import schemas, telling
from intake.office.api import LIST, administrator, after, names_of_bodies, today
from intake.office.changing import changed
from intake.services import services
from workflow.commands import inspections as teams
from workflow.commands.imports import import_organisation
from workflow.commands.mergers import Merger, merge_body
from workflow.errors import NotFound
from workflow.facts import CODE
from workflow.marked_yaml import NotPlain
from workflow.organisation import Inspection
from workflow.organisation_file import read_file
from workflow.queries import office, organisation
from workflow.queries.inspections import Registered
from workflow.relations import Clash

bp = Blueprint("office_changes", __name__, url_prefix="/staff/api/v1/office")


@bp.post("/changes")
def change() -> ResponseReturnValue:
    """A whole file or a row of one: told first, done when what was told is confirmed."""
    member, asked = administrator(), posted(schemas.ChangeAsked)
    try:
        file, faults = read_file(asked.file.encode())
    except NotPlain as unreadable:
        return unread(unreadable)
    day = date.fromisoformat(asked.since) if asked.since else today()
    at = services().now()
    return changed(
        lambda db: import_organisation(db, file, day=day, whole=asked.whole, at=at, by=member.code),
        day=day,
        confirmed=asked.confirmed,
        faults=faults,
    )


@bp.post("/mergers")
def merge() -> ResponseReturnValue:
    member, asked = administrator(), posted(schemas.MergerAsked)
    merger = Merger(asked.body, asked.into, date.fromisoformat(asked.since))
    return changed(
        lambda db: merge_body(db, merger, at=services().now(), by=member.code),
        day=merger.since,
        confirmed=asked.confirmed,
        also=merger.into,
    )


@bp.get("/inspections")
def inspections() -> ResponseReturnValue:
    administrator()
    with services().store.reading() as db:
        found = office.inspections(db, after=after())
        told = [one.inspection for one in found.teams]
        names = office.names_of(db, (code for one in told for code in one.people))
        bodies = organisation.body_names(db, today())
    named = {code for one in told for code in (one.body, *one.units)}
    return {
        "inspections": [_team(one) for one in found.teams],
        "names": dict(names),
        "bodies": names_of_bodies(bodies, named),
        "next": found.next,
    }


@bp.post("/inspections")
def add_inspection() -> ResponseReturnValue:
    member, asked = administrator(), posted(schemas.InspectionAsked)
    team = Inspection(
        code=asked.code,
        body=asked.body,
        work_kind=asked.work_kind,
        directing=tuple(asked.directing),
        heads=tuple(asked.heads),
        members=tuple(asked.members),
        units=tuple(asked.units),
        since=date.fromisoformat(asked.since),
        until=date.fromisoformat(asked.until) if asked.until else None,
    )
    with services().store.transaction() as db:
        found = teams.add_inspection(db, team, decision=asked.decision, at=services().now(), by=member.code)
    return clashes_json(found)


@bp.post("/inspections/<code>/people")
def join_inspection(code: str) -> ResponseReturnValue:
    member, asked = administrator(), posted(schemas.JoinAsked)
    known(code)
    people = dict(zip(teams.PARTS, (asked.directing, asked.heads, asked.members), strict=True))
    with services().store.transaction() as db:
        found = teams.join_inspection(db, code, people, at=services().now(), by=member.code)
    return clashes_json(found)


@bp.post("/inspections/<code>/end")
def end_inspection(code: str) -> ResponseReturnValue:
    member, asked = administrator(), posted(schemas.EndAsked)
    known(code)
    with services().store.transaction() as db:
        teams.end_inspection(db, code, until=date.fromisoformat(asked.until), at=services().now(), by=member.code)
    return "", 204


def clashes_json(found: Iterable[Clash]) -> dict[str, Any]:
    """Who of a team that is over should not have been in it."""
    return {"clashes": [{"person": one.person, "other": one.other, "kind": one.kind} for one in found]}


def known(code: str) -> None:
    """NotFound for what can't be the code of an inspection; whether there is one the command says."""
    if not CODE.fullmatch(code):
        raise NotFound("unknown_inspection")


def unread(unreadable: NotPlain) -> dict[str, Any]:
    """The answer to what is no file of ours at all."""
    nothing = {"more_faults": 0, "changes": [], "more_changes": 0, "cases": 0, "nobody": 0, "below_quorum": 0}
    fault = telling.fault_json(unreadable.fault)
    return {"faults": [fault], **nothing, "unfilled": [], "plan": "0" * 64, "applied": False}


def _team(one: Registered) -> dict[str, Any]:
    team = one.inspection
    return {
        "code": team.code,
        "decision": one.decision,
        "work_kind": team.work_kind,
        "body": team.body,
        "directing": list(team.directing),
        "heads": list(team.heads),
        "members": list(team.members),
        "units": list(team.units),
        "since": team.since.isoformat(),
        "until": team.until.isoformat() if team.until else None,
    }


_API = "/staff/api/v1/office"
_UNFIT = ("relatives_in_team", "rotation_due", "tied_to_inspected")
_TEAM: openapi.Refusals = {404: ("unknown_inspection", "unknown_person"), 409: _UNFIT}
openapi.describe(
    f"{_API}/changes",
    schemas.ChangeAsked,
    schemas.ChangedOut,
    who=Who.ADMINISTRATOR,
    refuses={409: ("plan_changed",)},
    summary="Show what a file or a row would change, or do it once that is confirmed",
)
openapi.describe(
    f"{_API}/mergers",
    schemas.MergerAsked,
    schemas.ChangedOut,
    who=Who.ADMINISTRATOR,
    refuses={404: ("unknown_body",), 409: ("bad_merger", "plan_changed")},
    summary="Show what merging a body into another would change, or do it once that is confirmed",
)
openapi.describe(
    f"{_API}/inspections",
    None,
    schemas.TeamsOut,
    method="GET",
    who=Who.ADMINISTRATOR,
    query={"after": LIST["after"]},
    summary="The registry of inspections, the newest first",
)
openapi.describe(
    f"{_API}/inspections",
    schemas.InspectionAsked,
    schemas.ClashesOut,
    who=Who.ADMINISTRATOR,
    refuses=openapi.together(
        {404: ("unknown_body", "unknown_person"), 409: ("known_code", *_UNFIT)},
        {422: ("inspection_without_head", "inspection_without_unit")},
    ),
    summary="Enter an inspection",
)
openapi.describe(
    f"{_API}/inspections/<code>/people",
    schemas.JoinAsked,
    schemas.ClashesOut,
    who=Who.ADMINISTRATOR,
    refuses=_TEAM,
    summary="Add people to an inspection; nobody is removed",
)
openapi.describe(
    f"{_API}/inspections/<code>/end",
    schemas.EndAsked,
    who=Who.ADMINISTRATOR,
    refuses={404: ("unknown_inspection",)},
    summary="Say on which day an inspection ended",
)
