"""Every answer that a test gets from an API is one that its OpenAPI document knows: status, code and shape.

`watch` looks at each answer of an application; what it finds makes the test fail at its end (tests/conftest.py).
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError

from intake import openapi
from intake.errors import is_api
from intake.reporter.operations import OPERATIONS


def watch(app: Flask, face: str, found: list[str]) -> None:
    """Note in `found` what this application answers that its document doesn't know."""
    known = {(route.rule, route.method): route for route in openapi.routes(face)}

    def look(answer: Response) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        rule = request.url_rule.rule if request.url_rule else ""
        if is_api() and (rule, method) in known and request.method != "HEAD":
            found.extend(f"{method} {rule}: {fault}" for fault in faults(known[rule, method], answer))
        return answer

    app.after_request(look)


def faults(route: openapi.Route, answer: Response) -> list[str]:
    """What is not as documented of this answer."""
    if answer.status_code == route.done:
        if route.media == openapi.SEALED:
            return [] if answer.mimetype == openapi.SEALED else [f"a sealed answer as {answer.mimetype}"]
        return _shape(route.response, answer)
    if answer.status_code not in route.refusals:
        return [f"the status {answer.status_code}, {answer.get_data(as_text=True)[:200]}"]
    said = _shape(openapi.Refused, answer)
    code = "" if said else answer.get_json()["error"]["code"]
    return said or ([] if code in route.refusals[answer.status_code] else [f"{answer.status_code} {code}"])


def inner_faults(op: object, answer: dict[str, Any]) -> list[str]:
    """The same of what an operation answers inside the envelope."""
    if not isinstance(op, str) or op not in OPERATIONS:
        return [] if answer.get("error", {}).get("code") == "malformed" else [f"an unknown operation: {answer}"]
    described = OPERATIONS[op].described
    if answer.keys() == {"error"}:
        code = answer["error"]["code"]
        return [] if code in described.refusals else [f"{op}: {code}"]
    try:
        described.answer.model_validate(answer["ok"], strict=True)
    except ValidationError as error:
        return [f"{op}: {error}"]
    return []


def _shape(model: openapi.Model | None, answer: Response) -> list[str]:
    if model is None:
        return [] if not answer.get_data() else ["a body where there is none"]
    if answer.mimetype != openapi.JSON:
        return [f"{answer.mimetype} instead of JSON"]
    try:
        model.model_validate_json(answer.get_data(), strict=True)
    except ValidationError as error:
        return [str(error)]
    return []
