"""The reporter's API: one public document, and one place for sealed envelopes (sealing.md, *Routing keys*)."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from crypto.envelopes import seal_answer
from intake import envelopes, openapi, rate
from intake.doors import Who
from intake.installation import installation_answer
from intake.reporter import schemas
from intake.reporter.lists import lists
from intake.reporter.operations import OPERATIONS, perform
from intake.services import services
from intake.shapes import InstallationAnswer

bp = Blueprint("reporter_api", __name__, url_prefix="/api/v1")

MAILBOX = "mailbox."


@bp.get("/installation")
def installation() -> ResponseReturnValue:
    return installation_answer()


@bp.get("/lists")
def form_lists() -> ResponseReturnValue:
    """What the form lets people choose from, in the language asked for."""
    return lists()


@bp.post("/envelope")
def envelope() -> ResponseReturnValue:
    """Open an envelope once, do what it asks for, answer under the key inside.

    A wrong code, a right one without news and a right one with news take the same time and have the same size.
    """
    started = time.monotonic()
    rate.require_room(current_app)
    payload, answer_key, digest = envelopes.opened()
    op = payload.get("op")
    if isinstance(op, str) and op.startswith(MAILBOX):
        with rate.room_to_wait(current_app):
            sealed = _answered(payload, answer_key, digest)
            _wait_until(started + services().settings.mailbox_floor)
    else:
        sealed = _answered(payload, answer_key, digest)
    return Response(sealed, content_type=openapi.SEALED)


@bp.get("/openapi.json")
def description() -> ResponseReturnValue:
    return openapi.document("reporter", inner={op: one.described for op, one in OPERATIONS.items()})


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
    refuses={409: ("replayed",), 410: ("routing_key_gone",), 413: ("too_large",), 429: ("busy",)},
    summary="A sealed envelope; `x-sealed` says what it may hold",
)
openapi.describe(
    "/api/v1/openapi.json", None, openapi.Description, method="GET", who=Who.ANYBODY, summary="This document"
)
