"""OpenAPI 3.1 documents of both APIs, generated from the pydantic models that the routes themselves use.

A blueprint's module says what a route takes and gives with `describe`; what is not described is not documented, and a
test compares the two lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

PREFIXES = {"reporter": "/api/v1", "staff": "/staff/api/v1"}
TITLES = {"reporter": "Niêm Phong: the reporter's API", "staff": "Niêm Phong: the members' API"}
JSON, SEALED = "application/json", "application/octet-stream"
REFERENCE = "#/components/schemas/{model}"
Model = type[BaseModel]


class Refused(BaseModel):
    """What every refusal looks like."""

    class Error(BaseModel):
        code: str
        message: str
        detail: dict[str, Any] | None = None

    error: Error


@dataclass(frozen=True)
class Route:
    rule: str
    method: str
    summary: str
    request: Model | None
    response: Model | None
    media: str
    headers: Mapping[str, str]


_routes: dict[tuple[str, str], Route] = {}


def describe(
    rule: str,
    request: Model | None = None,
    response: Model | None = None,
    *,
    method: str = "POST",
    summary: str = "",
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Say what the route of this full path takes and gives; `media` is what travels in both directions.

    `headers` are those that a caller may send, with what they are for.
    """
    _routes[rule, method] = Route(rule, method, summary, request, response, media, headers or {})


def described(face: str) -> frozenset[tuple[str, str]]:
    """The paths and methods that a face's document holds."""
    return frozenset(key for key in _routes if _face_of(key[0]) == face)


def document(face: str, *, extra: Mapping[str, Model] | None = None) -> dict[str, Any]:
    """The document of one face; `extra` are models that travel inside a sealed envelope, by their names."""
    routes = [route for key, route in sorted(_routes.items()) if _face_of(key[0]) == face]
    used = {model for route in routes for model in (route.request, route.response) if model is not None}
    used |= {Refused, *(extra or {}).values()}
    keys, schema = models_json_schema(
        [(model, "validation") for model in sorted(used, key=lambda model: model.__qualname__)],
        ref_template=REFERENCE,
    )
    references = {model: keys[model, "validation"] for model in used}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        address, parameters = _address(route.rule, PREFIXES[face])
        operation = _operation(route, references)
        parameters += [_header(name, told) for name, told in route.headers.items()]
        paths.setdefault(address, {})[route.method.lower()] = operation | (
            {"parameters": parameters} if parameters else {}
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLES[face], "version": "1"},
        "servers": [{"url": PREFIXES[face]}],
        "paths": paths,
        "components": {"schemas": schema["$defs"]},
        **({"x-sealed": {name: references[model] for name, model in extra.items()}} if extra else {}),
    }


def _operation(route: Route, references: Mapping[Model, Any]) -> dict[str, Any]:
    refused = {"description": "A refusal with its code", "content": {JSON: {"schema": references[Refused]}}}
    if route.media == SEALED:
        answer: dict[str, Any] = {"content": {SEALED: {"schema": {"type": "string", "format": "binary"}}}}
    elif route.response is not None:
        answer = {"content": {JSON: {"schema": references[route.response]}}}
    else:
        answer = {}
    done = "200" if answer else "204"
    told: dict[str, Any] = {
        "summary": route.summary,
        "responses": {done: {"description": "Done", **answer}, "default": refused},
    }
    if route.media == SEALED:
        told["requestBody"] = {"required": True, "content": answer["content"]}
    elif route.request is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": references[route.request]}}}
    return told


def _address(rule: str, prefix: str) -> tuple[str, list[dict[str, Any]]]:
    """Flask's `<case_id>` as OpenAPI's `{case_id}`, below the server's address."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.removeprefix(prefix))
    return address, [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _header(name: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": told, "required": False, "schema": {"type": "string"}}


def _face_of(rule: str) -> str:
    return "staff" if rule.startswith(PREFIXES["staff"]) else "reporter"
