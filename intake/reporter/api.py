"""The reporter's API: one public document, and one place for sealed envelopes (sealing.md, *Routing keys*)."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from crypto.envelopes import envelope_key_id, open_envelope, seal_answer
from crypto.errors import CryptoError
from intake import openapi, rate, work
from intake.installation import installation_answer
from intake.reporter import schemas
from intake.reporter.forms import Forms
from intake.reporter.lists import lists
from intake.reporter.operations import perform, refused
from intake.services import services
from workflow.commands.envelopes import remember_envelope
from workflow.errors import Gone, Refusal

bp = Blueprint("reporter_api", __name__, url_prefix="/api/v1")

MAILBOX = "mailbox."
FORMS = "niemphong-forms"


class Unreadable(Refusal):
    """The envelope itself can't be opened: said outside, because there is no key to answer under."""

    status = 400
    code = "malformed"


@bp.get("/installation")
def installation() -> ResponseReturnValue:
    return installation_answer()


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
    if request.mimetype != openapi.SEALED:
        raise Unreadable()
    worked = work.admit(request.get_data)
    payload, answer_key, digest = _opened(request.get_data())
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
    return openapi.document("reporter", extra=schemas.SEALED_MODELS)


def _forms() -> Forms:
    made: Forms = current_app.extensions[FORMS]
    return made


def _opened(wire: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """What the envelope holds, with the key to answer under and the digest that it is known by."""
    try:
        key_id = envelope_key_id(wire)
        seed = services().routing.seed(key_id, services().now())
        if seed is None:
            raise Gone("routing_key_gone")
        return open_envelope(seed, wire)
    except CryptoError:
        raise Unreadable() from None


def _answered(payload: dict[str, Any], answer_key: bytes, digest: bytes) -> bytes:
    """The sealed answer to an envelope that nobody has sent before."""
    with services().store.transaction() as db:
        remember_envelope(db, digest.hex(), at=services().now())
    answer, size = perform(payload.get("op"), payload.get("args"))
    return seal_answer(answer_key, digest, answer, size=size)


def _wait_until(moment: float) -> None:
    """The floor is measured from the beginning of the request, so that nothing of the work shows in the time."""
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


openapi.describe("/api/v1/installation", None, schemas.InstallationAnswer, method="GET", summary="Signed documents")
openapi.describe("/api/v1/form", None, schemas.FormAnswer, method="GET", summary="A token that budgets are counted by")
openapi.describe("/api/v1/lists", None, schemas.Lists, method="GET", summary="What the form lets people choose from")
openapi.describe(
    "/api/v1/envelope",
    media=openapi.SEALED,
    summary="A sealed envelope; `x-sealed` says what it may hold",
    headers={work.HEADER: work.DESCRIPTION},
)
openapi.describe("/api/v1/openapi.json", method="GET", summary="This document")
