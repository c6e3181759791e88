"""The custodians' part of the staff's API: drills, and for administrators who has passed one."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.custody import schemas
from intake.doors import Who
from intake.office.api import administrator
from intake.services import services
from intake.sessions import current_member
from intake.shapes import object_json
from workflow.commands import drills as commands
from workflow.errors import NotEligible
from workflow.queries import drills, organisation
from workflow.queries.members import Member
from workflow.times import local_date, stamp

bp = Blueprint("custody_api", __name__, url_prefix="/staff/api/v1/custody")


def custodian() -> Member:
    """Who is signed in, if they are a custodian today; SignedOut, NotEligible."""
    member = current_member()
    if "custodian" not in member.roles:
        raise NotEligible()
    return member


@bp.get("")
def standing() -> ResponseReturnValue:
    member, at = custodian(), services().now()
    with services().store.reading() as db:
        keeper, passed = drills.keeper(db, member.id), drills.passed(db, member.id)
    return {"due": keeper.due(at), "passed": [stamp(one) for one in passed]}


@bp.post("/drills")
def begin() -> ResponseReturnValue:
    member = custodian()
    with services().store.transaction() as db:
        made = commands.begin_drill(db, member.id, at=services().now())
    return {"drill": object_json(made)}


@bp.post("/drills/<drill_id>/answer")
def answer(drill_id: str) -> ResponseReturnValue:
    member, asked = custodian(), posted(schemas.DrillAnswered)
    with services().store.transaction() as db:
        at = commands.answer_drill(db, drill_id, member.id, asked.statement.model_dump(), at=services().now())
    return {"at": stamp(at)}


@bp.get("/sets")
def sets() -> ResponseReturnValue:
    administrator()
    at = services().now()
    with services().store.reading() as db:
        kept, names = drills.kept_sets(db, on=local_date(at)), organisation.names(db, local_date(at))
    return {"sets": [_set(one, names, at) for one in sorted(kept, key=lambda one: (one.proved(at) >= one.k, one.code))]}


def _set(kept: drills.KeptSet, names: dict[str, dict[str, object]], at: datetime) -> dict[str, object]:
    keepers = [
        {
            "code": one.code,
            "name": names[one.code]["name"],
            "last": stamp(one.last) if one.last else None,
            "due": one.due(at),
        }
        for one in kept.keepers
    ]
    return {"code": kept.code, "k": kept.k, "proved": kept.proved(at), "keepers": keepers}


_API = "/staff/api/v1/custody"
openapi.describe(_API, None, schemas.CustodyOut, method="GET", who=Who.CUSTODIAN, summary="One's own drills")
openapi.describe(
    f"{_API}/drills",
    None,
    schemas.DrillOut,
    who=Who.CUSTODIAN,
    refuses={409: ("nobody_competent", "roster_expired")},
    summary="Begin a drill: a practice share sealed to one's own key",
)
openapi.describe(
    f"{_API}/drills/<drill_id>/answer",
    schemas.DrillAnswered,
    schemas.PassedOut,
    who=Who.CUSTODIAN,
    refuses=openapi.together(openapi.STATEMENT, {409: ("drill_wrong", "nobody_competent"), 410: ("drill_ended",)}),
    summary="Answer one's own drill with a signature",
)
openapi.describe(
    f"{_API}/sets", None, schemas.KeptSetsOut, method="GET", who=Who.ADMINISTRATOR, summary="Who has proved their key"
)
