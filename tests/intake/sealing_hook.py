"""A hook between a searching test and the public face: it seals what is generated, and opens what comes back.

To the search each operation inside the envelope is a path of its own, in a document made of the public one's `x-sealed`: what is
refused inside comes out as 422, whatever the wire says keeps its status. Most times some values are this world's own: a form's
token, a real code's secret, a real item, facts that can be routed. Else nothing would ever get past the first look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from pydantic import ValidationError

from crypto.encoding import sha256
from crypto.envelopes import open_answer, seal_envelope
from crypto.errors import CryptoError
from intake import openapi
from intake.client import ReporterClient
from intake.reporter.operations import OPERATIONS

PREFIX = "/inside"
REFUSED, UNSEALABLE = 422, 400


def described() -> dict[str, Any]:
    """A document in which each operation is a path, with its arguments for a body."""
    whole = openapi.document("reporter", inner={op: one.described for op, one in OPERATIONS.items()})
    return {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "servers": [{"url": PREFIX}],
        "paths": {f"/{op}": {"post": _operation(told)} for op, told in whole["x-sealed"].items()},
        "components": {"schemas": whole["components"]["schemas"]},
    }


def _operation(told: Mapping[str, Any]) -> dict[str, Any]:
    done = {"type": "object", "required": ["ok"], "additionalProperties": False, "properties": {"ok": told["answer"]}}
    codes = {"properties": {"error": {"properties": {"code": {"enum": told["refusals"]}}}}}
    refused = {"allOf": [{"$ref": openapi.REFERENCE.format(model="Refused")}, codes]}
    return {
        "requestBody": {"required": True, "content": {openapi.JSON: {"schema": told["args"]}}},
        "responses": {
            "200": {"description": "Done", "content": {openapi.JSON: {"schema": done}}},
            str(REFUSED): {"description": "Refused inside", "content": {openapi.JSON: {"schema": refused}}},
            str(UNSEALABLE): {"description": "What no JSON that can be sealed holds: floats, lone surrogates"},
        },
    }


def hook(reporter: ReporterClient, own: Mapping[str, Any]) -> Flask:
    """The application that the search asks; `own` are values of this world by the name of the argument they are for."""
    app = Flask("sealing hook")
    own = {**own, "form": reporter.http.send("GET", "/api/v1/form").json["token"]}
    asked = iter(range(10**9))

    @app.post(f"{PREFIX}/<op>")
    def sealed(op: str) -> tuple[Response, int] | Response:
        args = request.get_json(silent=True)
        turn = next(asked)
        if isinstance(args, dict) and turn % 4:
            known = own if turn % 2 else {"form": own["form"]}
            args |= {name: known[name] for name in _fitting(op, args) & known.keys()}
        try:
            trust = reporter.trust
            wire, answer_key = seal_envelope(trust.routing_id, trust.routing_public, {"op": op, "args": args})
        except CryptoError:
            return jsonify(), UNSEALABLE
        answer = reporter.http.send("POST", "/api/v1/envelope", body=wire, headers={"Content-Type": openapi.SEALED})
        if answer.status != 200:
            return jsonify(answer.json), answer.status
        said = open_answer(answer_key, sha256(wire), answer.body)
        return jsonify(said), REFUSED if "error" in said else 200

    return app


def _fitting(op: str, args: Mapping[str, Any]) -> set[str]:
    """The arguments that may be as they are: what was generated to be wrong stays wrong."""
    try:
        OPERATIONS[op].args.model_validate(args)
    except ValidationError as error:
        return {"form", *args} - {str(fault["loc"][0]) for fault in error.errors()}
    return {"form", *args}
