"""The OpenAPI documents of both faces: valid, whole, and exact about who may ask and what is refused."""

from __future__ import annotations

import re

import pytest
from flask import Response, json
from openapi_spec_validator import OpenAPIV31SpecValidator

from intake import openapi
from intake.doors import PAGES, Who
from intake.reporter.operations import OPERATIONS
from intake.sentences import SENTENCES
from tests import documented

FACES = ("reporter", "staff")


@pytest.fixture(params=FACES)
def face(request, make_app):
    """Each face, made once: its routes describe themselves when they are loaded."""
    make_app(request.param)
    return request.param


@pytest.fixture
def document(make_app, face):
    return make_app(face).test_client().get(f"{openapi.PREFIXES[face]}/openapi.json").json


def routes_of(app):
    return {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_described_or_is_a_page_and_every_description_is_a_route(make_app, face):
    served = routes_of(make_app(face))
    pages = {(page, "GET") for page in PAGES[face]}
    assert served == openapi.described(face) | pages


def test_the_document_holds_what_is_described(document, face):
    told = {(path, method.upper()) for path, method, _ in operations(document)}
    described = openapi.described(face)
    assert len(told) == len(described)
    assert ("/openapi.json", "GET") in told
    if face == "staff":
        assert ("/desk/cases/{case_id}/items", "POST") in told


def test_every_operation_inside_the_envelope_is_described(reporter_app):
    told = reporter_app.test_client().get("/api/v1/openapi.json").json["x-sealed"]
    assert told.keys() == OPERATIONS.keys()
    for op, operation in OPERATIONS.items():
        assert told[op]["args"]["$ref"].endswith(operation.args.__name__)
        assert told[op]["answer"]["$ref"].endswith(operation.answer.__name__)
        assert "malformed" in told[op]["refusals"]
        assert ("wrong_code" in told[op]["refusals"]) == (operation.who is Who.CODE)


def test_every_description_says_who_may_ask_and_what_it_is(face):
    for route in openapi.routes(face):
        assert route.who is not None, f"{route.method} {route.rule}: say who= in describe (intake/doors.py)"
        assert route.summary, route.rule


def test_every_documented_code_has_a_sentence(face):
    named = {code for route in openapi.routes(face) for codes in route.refusals.values() for code in codes}
    named |= {code for operation in OPERATIONS.values() for code in operation.described.refusals}
    assert named <= SENTENCES.keys()


def test_no_answer_is_left_to_a_default(document):
    for path, method, operation in operations(document):
        assert operation["responses"].keys() - {"200", "204"}, (path, method)
        assert all(status.isdigit() for status in operation["responses"]), (path, method)
        assert "500" in operation["responses"]


def test_what_writes_for_a_member_needs_cookie_and_token(make_app):
    document = make_app("staff").test_client().get("/staff/api/v1/openapi.json").json
    schemes = document["components"]["securitySchemes"]
    assert (schemes["session"]["name"], schemes["token"]["name"]) == ("niemphong-staff", "X-CSRFToken")
    for path, method, operation in operations(document):
        needs = set(operation.get("security", [{}])[0])
        assert ("token" in needs) == (method != "get"), path
        assert ("session" in needs) == (method != "get" or operation["x-who"] != Who.ANYBODY), path
        assert ("401" in operation["responses"]) == (operation["x-who"] not in ("anybody", "proof")) or path in (
            "/session",
            "/recovery/begin",
        )


def test_bytes_are_described_as_the_text_that_travels(document, face):
    schemas = document["components"]["schemas"]
    if face == "staff":
        assert schemas["Unlock"]["properties"]["auth"] == {
            "title": "Auth",
            "type": "string",
            "contentEncoding": "base64url",
            "pattern": "^[A-Za-z0-9_-]*$",
            "minLength": 43,
            "maxLength": 43,
        }
    else:
        assert schemas["MailboxArgs"]["properties"]["secret"]["maxLength"] == 43


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def test_another_method_is_refused_with_a_sentence_and_the_methods_that_there_are(make_app, face):
    client = make_app(face).test_client()
    known = openapi.described(face)
    for rule in sorted({rule for rule, _ in known}):
        path = re.sub(r"<.*?>", "1", rule)
        for method in METHODS:
            if (rule, method) in known:
                continue
            answer = client.open(path, method=method, query_string={"lang": "en"})
            assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed"), (method, rule)
            assert answer.json["error"]["message"].endswith(".")
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == {one for path, one in known if path == rule}


@pytest.mark.parametrize("path", ["nowhere", "", "csrf/", "/csrf", "desk//cases", "openapi.json/x", "%2e%2e/help"])
def test_an_address_that_is_none_is_refused_and_redirected_nowhere(make_app, face, path):
    answer = make_app(face).test_client().get(f"{openapi.PREFIXES[face]}/{path}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


BODIES = {
    "no token": ({}, b"{}", 400, "stale_page"),
    "a form": ({"token": True, "Content-Type": "application/x-www-form-urlencoded"}, b"username=x", 422, "malformed"),
    "text": ({"token": True, "Content-Type": "text/plain"}, b"{}", 422, "malformed"),
    "no type": ({"token": True}, b"{}", 422, "malformed"),
    "no json": ({"token": True, "Content-Type": "application/json"}, b"{", 422, "malformed"),
    "no utf-8": ({"token": True, "Content-Type": "application/json"}, b'{"username": "\xff"}', 422, "malformed"),
    "half a character": (
        {"token": True, "Content-Type": "application/json"},
        b'{"username": "\\ud800"}',
        422,
        "malformed",
    ),
    "deep": ({"token": True, "Content-Type": "application/json"}, b"[" * 100_000, 422, "malformed"),
    "too large": ({"token": True, "Content-Type": "application/json"}, bytes(4 * 1024 * 1024 + 1), 413, "too_large"),
    "a large form": (
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"a=" + b"x" * (4 * 1024 * 1024),
        413,
        "too_large",
    ),
    "broken parts": ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nbroken", 400, "stale_page"),
    "a strange charset": ({"token": True, "Content-Type": "application/json; charset=rot13"}, b"{}", 422, "malformed"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_are_none_are_refused_with_a_sentence(staff_app, kind):
    client = staff_app.test_client()
    headers, body, status, code = BODIES[kind]
    headers = dict(headers)
    if headers.pop("token", False):
        headers[openapi.CSRF_HEADER] = client.get("/staff/api/v1/csrf").json["token"]
    answer = client.post("/staff/api/v1/session/salt?lang=en", data=body, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["error"]["message"].endswith(".")


@pytest.fixture
def salt(staff_app):
    return next(route for route in openapi.routes("staff") if route.rule == "/staff/api/v1/session/salt")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, {"salt": "x", "more": 1}),
        (200, {}),
        (404, {"error": {"code": "not_found", "message": "x"}}),
        (422, {"error": {"code": "epoch_closed", "message": "x"}}),
        (422, {"code": "malformed"}),
    ],
)
def test_an_answer_that_no_document_knows_is_found(salt, status, said):
    answer = Response(json.dumps(said), status, content_type="application/json")
    assert documented.faults(salt, answer)


def test_answers_as_documented_are_no_fault(salt):
    for status, said in ((200, {"salt": "x"}), (422, {"error": {"code": "malformed", "message": "x"}})):
        answer = Response(json.dumps(said), status, content_type="application/json")
        assert documented.faults(salt, answer) == []
    assert documented.inner_faults("mailbox.open", {"ok": {"found": False}}) == []
    assert documented.inner_faults("mailbox.open", {"ok": {"found": "no"}})
    assert documented.inner_faults("mailbox.open", {"error": {"code": "too_large", "message": "x"}})
