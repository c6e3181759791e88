"""Refusals and faults become answers here: JSON under an API path, a page elsewhere, a sentence in both.

What goes wrong unforeseen is logged by kind and place in the code. Its message is not: it may quote what was sent.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from intake.faults import kind, places
from intake.i18n import LANGUAGES, language
from intake.sentences import sentence
from workflow.errors import Refusal, SignedOut, StorageFailed

API = ("/api/", "/staff/api/")
CODES = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "malformed", 429: "busy"}
SIGN_IN = "/staff/sign-in"

log = logging.getLogger("niemphong")


def set_up(app: Flask, face: str) -> None:
    def refused(refusal: Refusal) -> ResponseReturnValue:
        if isinstance(refusal, SignedOut) and refusal.code == "signed_out" and not is_api():
            return redirect(with_language(SIGN_IN), 303)
        if isinstance(refusal, StorageFailed):
            log.error("storage failed in %s: %s", request.endpoint, type(refusal.__cause__).__name__)
        return answer(face, refusal.status, refusal.code, refusal.detail)

    def stale(error: CSRFError) -> ResponseReturnValue:
        return answer(face, 400, "stale_page")

    def damaged(error: ParseException) -> ResponseReturnValue:  # a body whose chunks are none, found while reading it
        return answer(face, 400, "malformed")

    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()  # type: ignore[return-value]  # a redirect
        made = answer(face, error.code, CODES.get(error.code, "malformed" if error.code < 500 else "server_failed"))
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            made.headers["Allow"] = ", ".join(allowed)
        return made

    def unforeseen(error: Exception) -> ResponseReturnValue:
        log.error("%s in %s: %s", kind(error), request.endpoint, places(error))
        return answer(face, 500, "server_failed")

    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(ParseException, damaged)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unforeseen)


def is_api() -> bool:
    return request.path.startswith(API)


def error_body(code: str, detail: dict[str, object] | None = None) -> dict[str, object]:
    """`{"error": {"code", "message", "detail"?}}` in the present language, for a wire or inside an envelope."""
    body: dict[str, object] = {"code": code, "message": sentence(code)}
    if detail:
        body["detail"] = detail
    return {"error": body}


def answer(face: str, status: int, code: str, detail: dict[str, object] | None = None) -> Response:
    if is_api():
        made = jsonify(error_body(code, detail))
    else:
        try:
            made = make_response(render_template(f"{face}/error.html", status=status, message=sentence(code)))
        except Exception as again:  # the page itself fails, say because the database is gone
            log.error("%s while answering: %s", kind(again), places(again))
            made = Response(sentence(code), content_type="text/plain; charset=utf-8")
    made.status_code = status
    return made


def with_language(address: str) -> str:
    """An address of ours that keeps the language; Vietnamese needs no mark."""
    return address if language() == LANGUAGES[0] else f"{address}?lang={language()}"
