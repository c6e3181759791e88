"""Giving a case to somebody who may read it now, routing it again, moving it to another body.

The facts of the case travel in sealed envelopes, and are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from crypto.envelopes import seal_answer
from intake import envelopes, openapi, wording
from intake.desk import schemas
from intake.doors import Who
from intake.errors import error_body
from intake.services import services
from intake.sessions import current_member
from workflow.commands.grants import grant_case
from workflow.commands.moves import move_case
from workflow.errors import Malformed, Refusal
from workflow.queries.granting import eligible_for
from workflow.queries.moving import rerouted_for

Model = TypeVar("Model", bound=schemas.Asked)

bp = Blueprint("desk_granting", __name__, url_prefix="/staff/api/v1")


@bp.post("/desk/cases/<case_id>/envelope")
def envelope(case_id: str) -> ResponseReturnValue:
    """Who could be given this case (`eligible`), giving it (`grant`), where it belongs today (`route`), moving it there (`move`).

    Refusals are inside, as at the reporter's face.
    """
    member = current_member()
    payload, answer_key, digest = envelopes.opened()
    envelopes.remember(digest)
    try:
        operation = OPERATIONS.get(payload["op"])
        if operation is None:
            raise Malformed()
        answer: dict[str, Any] = {"ok": operation(case_id, member.id, payload["args"])}
    except Refusal as refusal:
        answer = error_body(refusal.code, refusal.detail)
    return Response(seal_answer(answer_key, digest, answer), content_type=openapi.SEALED)


def _eligible(case_id: str, person: str, args: object) -> dict[str, Any]:
    asked = _parsed(schemas.EligibleArgs, args)
    with services().store.reading() as db:
        found = eligible_for(db, case_id, person, asked.facts, at=services().now())
    excluded = [{"person": who, "reasons": list(reasons)} for who, reasons in found.excluded]
    return {"readers": list(found.readers), "excluded": excluded}


def _grant(case_id: str, person: str, args: object) -> dict[str, Any]:
    asked = _parsed(schemas.GrantArgs, args)
    header, grants = asked.header.part(), [grant.part() for grant in asked.grants]
    with services().store.transaction() as db:
        reader = grant_case(
            db,
            case_id,
            person,
            facts=asked.facts,
            statement=asked.statement.model_dump(),
            header=header,
            grants=grants,
            notice_delay=services().settings.notice_delay,
            at=services().now(),
        )
    return {"granted": reader}


def _route(case_id: str, person: str, args: object) -> dict[str, Any]:
    asked = _parsed(schemas.RouteArgs, args)
    with services().store.reading() as db:
        found = rerouted_for(db, case_id, person, asked.facts, leaving=asked.leaving, at=services().now())
    decision = dict(found.decision)
    nobody = not found.stays and not found.receivable
    told = wording.guidance(decision) if nobody else None
    return {"decision": decision, "stays": found.stays, "why": found.why, "guidance": told}


def _move(case_id: str, person: str, args: object) -> dict[str, Any]:
    asked = _parsed(schemas.MoveArgs, args)
    headers, grants = [[made.part() for made in parts] for parts in (asked.headers, asked.grants)]
    with services().store.transaction() as db:
        body = move_case(
            db,
            case_id,
            person,
            facts=asked.facts,
            leaving=asked.leaving,
            statement=asked.statement.model_dump(),
            headers=headers,
            grants=grants,
            notice_delay=services().settings.notice_delay,
            at=services().now(),
        )
    return {"moved": body}


OPERATIONS: Mapping[str, Callable[[str, str, object], dict[str, Any]]] = {
    "eligible": _eligible,
    "grant": _grant,
    "route": _route,
    "move": _move,
}
INNER: Mapping[str, openapi.Inner] = {
    "eligible": openapi.Inner(
        "Who may be given this case today",
        schemas.EligibleArgs,
        schemas.EligibleAnswer,
        Who.CLEARED,
        openapi.codes(openapi.STORAGE, {0: ("malformed", "not_entitled")}),
    ),
    "grant": openapi.Inner(
        "Give this case to one more reader",
        schemas.GrantArgs,
        schemas.GrantAnswer,
        Who.CLEARED,
        openapi.codes(
            openapi.STORAGE,
            openapi.STATEMENT,
            openapi.OBJECTS,
            {
                0: ("already_reader", "epoch_closed", "epoch_pending", "missing_object", "not_entitled"),
                1: ("reader_not_eligible", "readers_full", "roster_expired", "swapped_object", "unknown_reader"),
            },
        ),
    ),
    "route": openapi.Inner(
        "Where this case belongs by its facts today",
        schemas.RouteArgs,
        schemas.RouteAnswer,
        Who.CLEARED,
        openapi.codes(openapi.STORAGE, {0: ("malformed", "not_entitled")}),
    ),
    "move": openapi.Inner(
        "Move this case to the body that is competent today",
        schemas.MoveArgs,
        schemas.MoveAnswer,
        Who.CLEARED,
        openapi.codes(
            openapi.STORAGE,
            openapi.STATEMENT,
            openapi.OBJECTS,
            {
                0: ("case_stays", "decision_changed", "epoch_closed", "epoch_pending", "missing_object"),
                1: ("nobody_competent", "not_entitled", "readers_full", "roster_expired", "swapped_object"),
                2: ("unknown_reader",),
            },
        ),
    ),
}


def _parsed(model: type[Model], args: object) -> Model:
    try:
        return model.model_validate(args)
    except ValidationError:
        raise Malformed() from None


openapi.describe(
    "/staff/api/v1/desk/cases/<case_id>/envelope",
    media=openapi.SEALED,
    who=Who.SIGNED_IN,
    refuses={400: ("malformed",), 409: ("replayed",), 410: ("routing_key_gone",), 413: ("too_large",)},
    summary="A sealed envelope; `x-sealed` says what it may hold",
)
