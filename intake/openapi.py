"""OpenAPI 3.1 documents of both APIs, generated from the pydantic models that the routes themselves use.

A blueprint's module says with `describe` what a route takes, gives and refuses, and who may ask. Tests compare: each
route is described and each description is a route; every answer that any test gets is one that the document knows
(tests/documented.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from intake.doors import Who

PREFIXES = {"reporter": "/api/v1", "staff": "/staff/api/v1"}
TITLES = {"reporter": "Niêm Phong: the reporter's API", "staff": "Niêm Phong: the members' API"}
JSON, SEALED = "application/json", "application/octet-stream"
REFERENCE = "#/components/schemas/{model}"
CSRF_HEADER = "X-CSRFToken"
Model = type[BaseModel]
Refusals = Mapping[int, tuple[str, ...]]

SIGNED_OUT: Refusals = {401: ("signed_out",)}
NOT_ENTITLED: Refusals = {403: ("not_entitled",)}
BUSY: Refusals = {429: ("busy", "work_needed")}
# What any signed statement may meet before anybody asks what it is about.
STATEMENT: Refusals = {
    409: ("checkpoint_unknown", "clock_off", "known_id_other_content"),
    422: ("malformed", "bad_signature", "weak_key", "wrong_binding"),
}
# What any sealed object may meet.
OBJECTS: Refusals = {
    409: ("known_id_other_content",),
    413: ("too_large",),
    422: ("unexpected_object", "unknown_version", "wrong_binding", "wrong_size"),
}
# What a proof with the passphrase may meet, which counts as an attempt to sign in.
PROVING: Refusals = {401: ("sign_in_failed",), 429: ("work_needed",)}
# What a database may say at any time: others hold it for too long, or it keeps nothing.
STORAGE: Refusals = {429: ("busy",), 503: ("storage_failed",)}
_ALWAYS: Refusals = {**STORAGE, 500: ("server_failed",)}
_WRITES: Refusals = {400: ("malformed",)}
_BODY: Refusals = {413: ("too_large",), 422: ("malformed",)}


class Refused(BaseModel):
    """What every refusal looks like."""

    class Error(BaseModel):
        code: str
        message: str
        detail: dict[str, Any] | None = None

    error: Error


class Description(BaseModel):
    """An OpenAPI document, as far as it says what it is."""

    model_config = ConfigDict(extra="allow")

    openapi: Literal["3.1.0"]
    info: dict[str, str]
    paths: dict[str, Any]


@dataclass(frozen=True)
class Route:
    rule: str
    method: str
    summary: str
    request: Model | None
    response: Model | None
    media: str
    who: Who | None
    own: Refusals = field(repr=False)
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def face(self) -> str:
        return _face_of(self.rule)

    @property
    def done(self) -> int:
        """The status of an answer that is no refusal."""
        return 200 if self.response is not None or self.media == SEALED else 204

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def refusals(self) -> dict[int, tuple[str, ...]]:
        """Every status and code with which it may refuse, those that its kind brings along included."""
        kinds = [_ALWAYS]
        if self.writes:
            kinds.append(_WRITES)
        if self.writes and self.face == "staff":
            kinds.append({400: ("stale_page",)})
        if self.request is not None:
            kinds.append(_BODY)
        if self.who not in (Who.ANYBODY, Who.PROOF, Who.CODE):
            kinds.append(SIGNED_OUT)
        if self.who not in (Who.ANYBODY, Who.PROOF, Who.CODE, Who.SIGNED_IN):
            kinds.append(NOT_ENTITLED)
        if "<" in self.rule:
            kinds.append({404: ("not_found",)})
        return together(*kinds, self.own)


@dataclass(frozen=True)
class Inner:
    """An operation inside the envelope, for its description: the outer route is the same for all."""

    summary: str
    args: Model
    answer: Model
    who: Who
    refusals: tuple[str, ...]


_routes: dict[tuple[str, str], Route] = {}


def describe(
    rule: str,
    request: Model | None = None,
    response: Model | None = None,
    *,
    method: str = "POST",
    summary: str = "",
    media: str = JSON,
    who: Who | None = None,
    refuses: Refusals | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> None:
    """Say what the route of this full path takes, gives and refuses, and who may ask.

    `media` is what travels in both directions. `refuses` holds codes by status, without those that every route of this
    kind has; where `who` is left out a test fails. `headers` and
    `query` are those that a caller may send, with what they are for.
    """
    _routes[rule, method] = Route(
        rule, method, summary, request, response, media, who, refuses or {}, headers or {}, query or {}
    )


def together(*refusals: Refusals) -> dict[int, tuple[str, ...]]:
    """Several of them as one, sorted."""
    told: dict[int, set[str]] = {}
    for some in refusals:
        for status, codes in some.items():
            told.setdefault(status, set()).update(codes)
    return {status: tuple(sorted(codes)) for status, codes in sorted(told.items())}


def codes(*refusals: Refusals) -> tuple[str, ...]:
    """Their codes alone, as they travel inside an envelope, where there is no status."""
    return tuple(sorted({code for some in refusals for codes in some.values() for code in codes}))


def routes(face: str) -> tuple[Route, ...]:
    """Everything that is described of a face, in the order of its paths."""
    return tuple(route for key, route in sorted(_routes.items()) if route.face == face)


def described(face: str) -> frozenset[tuple[str, str]]:
    """The paths and methods that a face's document holds."""
    return frozenset((route.rule, route.method) for route in routes(face))


def document(face: str, *, inner: Mapping[str, Inner] | None = None, cookie: str | None = None) -> dict[str, Any]:
    """The document of one face; `inner` are the operations inside a sealed envelope, `cookie` names the session's."""
    told = routes(face)
    used = {model for route in told for model in (route.request, route.response) if model is not None}
    used |= {Refused, *(model for one in (inner or {}).values() for model in (one.args, one.answer))}
    keys, schema = models_json_schema(
        [(model, "validation") for model in sorted(used, key=lambda model: (model.__qualname__, model.__module__))],
        ref_template=REFERENCE,
    )
    references = {model: keys[model, "validation"] for model in used}
    paths: dict[str, dict[str, Any]] = {}
    for route in told:
        address = _address(route.rule, PREFIXES[face])
        paths.setdefault(address, {})[route.method.lower()] = _operation(route, references)
    components: dict[str, Any] = {"schemas": schema["$defs"]}
    if cookie is not None:
        components["securitySchemes"] = _security(cookie)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLES[face], "version": "1"},
        "servers": [{"url": PREFIXES[face]}],
        "security": [],
        "paths": paths,
        "components": components,
        **({"x-sealed": {name: _inner(one, references) for name, one in inner.items()}} if inner else {}),
    }


def _operation(route: Route, references: Mapping[Model, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done"}
    if route.media == SEALED:
        answer["content"] = {SEALED: {"schema": {}}}
    elif route.response is not None:
        answer["content"] = {JSON: {"schema": references[route.response]}}
    told: dict[str, Any] = {
        "operationId": _name(route),
        "summary": route.summary,
        "x-who": route.who,
        "parameters": _parameters(route),
        "responses": {str(route.done): answer}
        | {str(status): _refusal(named, references) for status, named in route.refusals.items()},
    }
    if route.media == SEALED:
        told["requestBody"] = {"required": True, "content": {SEALED: {"schema": {}}}}
    elif route.request is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": references[route.request]}}}
    needed = _needed(route)
    if needed:
        told["security"] = [needed]
    return told


def _refusal(named: tuple[str, ...], references: Mapping[Model, Any]) -> dict[str, Any]:
    told = {"properties": {"error": {"properties": {"code": {"enum": list(named)}}}}}
    schema = {"allOf": [references[Refused], told]}
    return {"description": "Refused: " + ", ".join(named), "content": {JSON: {"schema": schema}}}


def _inner(one: Inner, references: Mapping[Model, Any]) -> dict[str, Any]:
    """What stands inside: `{"op": name, "args": ...}`, and `{"ok": ...}` or `{"error": ...}` in answer."""
    return {
        "summary": one.summary,
        "x-who": one.who,
        "args": references[one.args],
        "answer": references[one.answer],
        "refusals": list(one.refusals),
    }


def _needed(route: Route) -> dict[str, list[str]]:
    """The session's cookie for what only members may; cookie and token for whatever writes, signing in included."""
    if route.face != "staff":
        return {}
    if route.writes:
        return {"session": [], "token": []}
    return {} if route.who is Who.ANYBODY else {"session": []}


def _security(cookie: str) -> dict[str, Any]:
    cookie_told = "Begun by GET csrf; it counts as signed in after POST session"
    header_told = "From GET csrf, belongs to the same cookie; over https with a Referer of the same host"
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": cookie_told},
        "token": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": header_told},
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", route.rule)
    inside = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    language = "The language of the sentences: vi, or en; anything else is vi"
    headers = [_header(name, told) for name, told in route.headers.items()]
    asked = [
        {"name": name, "in": "query", "description": told, "schema": {"type": "string"}}
        for name, told in route.query.items()
    ]
    return [
        *inside,
        *headers,
        *asked,
        {"name": "lang", "in": "query", "description": language, "schema": {"type": "string"}},
    ]


def _name(route: Route) -> str:
    words = re.sub(r"<(?:\w+:)?(\w+)>", r"\1", route.rule.removeprefix(PREFIXES[route.face]))
    return "_".join([route.method.lower(), *re.findall(r"[a-z_]+", words)])


def _address(rule: str, prefix: str) -> str:
    """Flask's `<case_id>` as OpenAPI's `{case_id}`, below the server's address."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.removeprefix(prefix))


def _header(name: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": told, "required": False, "schema": {"type": "string"}}


def _face_of(rule: str) -> str:
    return "staff" if rule.startswith(PREFIXES["staff"]) else "reporter"
