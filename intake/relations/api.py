"""Relations in the staff's API: everybody declares and ends their own, signed; nobody sees more than theirs, but a head."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi, wording
from intake.account.schemas import posted
from intake.doors import Who
from intake.relations import schemas
from intake.services import services
from intake.sessions import current_member
from workflow.commands import relations as commands
from workflow.queries import inspections, organisation, relations
from workflow.queries.inspections import Registered
from workflow.queries.relations import Recorded
from workflow.relations import Kind, kinds_on
from workflow.times import local_date, stamp

bp = Blueprint("relations_api", __name__, url_prefix="/staff/api/v1/relations")


@bp.get("")
def overview() -> ResponseReturnValue:
    member, on = current_member(), local_date(services().now())
    with services().store.reading() as db:
        mine, headed = relations.concerning(db, member.code), relations.of_headed(db, member.code, on)
        units, offered = organisation.unit_names(db, on), inspections.offered(db, on)
    return {
        "mine": [recorded_json(one) for one in mine],
        "members": [recorded_json(one) for one in headed],
        "kinds": [_kind(one) for one in kinds_on(on).values()],
        "units": {code: wording.in_language(name) for code, name in units.items()},
        "inspections": {one.inspection.code: _inspection(one) for one in offered},
    }


@bp.post("")
def declare() -> ResponseReturnValue:
    member, asked = current_member(), posted(schemas.RelationSigned)
    with services().store.transaction() as db:
        made = commands.declare_relation(db, member.id, asked.statement.model_dump(), at=services().now())
    return {"id": made}


@bp.post("/<relation_id>/end")
def end(relation_id: str) -> ResponseReturnValue:
    member, asked = current_member(), posted(schemas.RelationSigned)
    with services().store.transaction() as db:
        commands.end_own_relation(db, member.id, relation_id, asked.statement.model_dump(), at=services().now())
    return "", 204


def recorded_json(one: Recorded) -> dict[str, object]:
    return {
        "id": one.id,
        "person": one.person,
        "tie": one.kind,
        "what": one.what,
        "code": one.code,
        "since": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "recorded": stamp(one.recorded),
        "declared": one.declared,
        "basis": one.basis,
        "by": one.by,
    }


def _kind(one: Kind) -> dict[str, object]:
    return {
        "code": one.code,
        "label": wording.in_language(one.label),
        "hint": wording.in_language(one.hint),
        "ties": [wording.in_language(tie) for tie in one.ties],
        "within": sorted(one.within),
    }


def _inspection(one: Registered) -> str:
    return f"{one.decision}, {_day(one.inspection.since)} – {_day(one.inspection.until)}"


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "…"


_API = "/staff/api/v1/relations"
openapi.describe(
    _API,
    None,
    schemas.RelationsOut,
    method="GET",
    who=Who.SIGNED_IN,
    summary="One's own relations, those of the members of a body that one heads, and what can be declared",
)
openapi.describe(
    _API,
    schemas.RelationSigned,
    schemas.RelationMade,
    who=Who.SIGNED_IN,
    refuses=openapi.together(
        openapi.STATEMENT,
        {
            403: ("not_entitled",),
            404: ("unknown_person", "unknown_body", "unknown_unit", "unknown_inspection"),
            409: ("nobody_competent", "relation_known", "relations_full"),
            422: ("relation_with_self",),
        },
    ),
    summary="Declare a relation of one's own",
)
openapi.describe(
    f"{_API}/<relation_id>/end",
    schemas.RelationSigned,
    who=Who.SIGNED_IN,
    refuses=openapi.together(
        openapi.STATEMENT,
        {403: ("not_entitled",), 404: ("unknown_relation",), 409: ("nobody_competent", "relation_ended")},
    ),
    summary="End a relation that one has declared",
)
