"""The reporter's API: one public document, and one place for sealed envelopes (sealing.md, *Routing keys*)."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from crypto.envelopes import seal_answer
from intake import envelopes, openapi, rate, work
from intake.doors import Who
from intake.installation import installation_answer, takeover_answer
from intake.reporter import schemas
from intake.reporter.forms import Forms
from intake.reporter.lists import lists
from intake.reporter.operations import OPERATIONS, perform, refused
from intake.services import services
from intake.shapes import InstallationAnswer, TakeoverAnswer

bp = Blueprint("reporter_api", __name__, url_prefix="/api/v1")

MAILBOX = "mailbox."
FORMS = "niemphong-forms"


@bp.get("/installation")
def installation() -> ResponseReturnValue:
    return installation_answer()


@bp.get("/takeovers/<int:no>")
def takeover(no: int) -> ResponseReturnValue:
    return takeover_answer(no)


@bp.get("/lists")
def form_lists() -> ResponseReturnValue:
    """What the form lets people choose from, in the language asked for."""
    return lists()


@bp.get("/form")
def form() -> ResponseReturnValue:
    """A token for an opened page; nothing is remembered of it. Where there is none, a page works for each envelope."""
    rate.rooms(current_app).forms.take()
    return {"token": _forms().token(services().now().timestamp()), "seconds": _forms().seconds}


@bp.post("/envelope")
def envelope() -> ResponseReturnValue:
    """Open an envelope once, do what it asks for, answer under the key inside.

    A wrong code, a right one without news and a right one with news take the same time and have the same size.
    """
    started = time.monotonic()
    envelopes.require_sealed()
    worked = work.admit(request.get_data)
    payload, answer_key, digest = envelopes.opened()
    op, args = payload["op"], payload["args"]
    needed = _forms().charge(args.get("form"), op, worked, services().now().timestamp())
    if needed:  # not remembered: the same envelope comes again, with its proof
        sealed = seal_answer(answer_key, digest, refused(work.ask(needed), args))
    elif op.startswith(MAILBOX):
        with rate.rooms(current_app).waits.one():
            sealed = _answered(payload, answer_key, digest)
            _wait_until(started + services().settings.mailbox_floor)
    else:
        sealed = _answered(payload, answer_key, digest)
    return Response(sealed, content_type=openapi.SEALED)


@bp.get("/openapi.json")
def description() -> ResponseReturnValue:
    return openapi.document("reporter", inner={op: one.described for op, one in OPERATIONS.items()})


def _forms() -> Forms:
    made: Forms = current_app.extensions[FORMS]
    return made


def _answered(payload: dict[str, Any], answer_key: bytes, digest: bytes) -> bytes:
    """The sealed answer to an envelope that nobody has sent before."""
    envelopes.remember(digest)
    answer, size = perform(payload.get("op"), payload.get("args"))
    return seal_answer(answer_key, digest, answer, size=size)


def _wait_until(moment: float) -> None:
    """The floor is measured from the beginning of the request, so that nothing of the work shows in the time."""
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


openapi.describe(
    "/api/v1/installation", None, InstallationAnswer, method="GET", who=Who.ANYBODY, summary="Signed documents"
)
openapi.describe(
    "/api/v1/takeovers/<int:no>",
    None,
    TakeoverAnswer,
    method="GET",
    who=Who.ANYBODY,
    summary="The two rosters between which the organisation's key passed to its successor",
)
openapi.describe(
    "/api/v1/form",
    None,
    schemas.FormAnswer,
    method="GET",
    who=Who.ANYBODY,
    refuses={429: ("busy",)},
    summary="A token that budgets are counted by",
)
openapi.describe(
    "/api/v1/lists",
    None,
    schemas.Lists,
    method="GET",
    who=Who.ANYBODY,
    summary="What the form lets people choose from",
)
openapi.describe(
    "/api/v1/envelope",
    media=openapi.SEALED,
    who=Who.ANYBODY,
    refuses=openapi.together(openapi.BUSY, {409: ("replayed",), 410: ("routing_key_gone",), 413: ("too_large",)}),
    summary="A sealed envelope; `x-sealed` says what it may hold",
    headers={work.HEADER: work.DESCRIPTION},
)
openapi.describe(
    "/api/v1/openapi.json", None, openapi.Description, method="GET", who=Who.ANYBODY, summary="This document"
)
