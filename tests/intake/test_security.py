"""The policy of both faces, on every kind of answer (stack.md, *Browser*; architecture, *What may be left*)."""

from __future__ import annotations

import pytest

from intake.app import create_app
from intake.assets import STATIC, static_address
from intake.sentences import SENTENCES

POLICIES = {
    "reporter": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; worker-src 'self'; require-trusted-types-for 'script'; "
        "script-src 'self'; trusted-types 'none'"
    ),
    "staff": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; worker-src 'self'; require-trusted-types-for 'script'; "
        "script-src 'self' 'wasm-unsafe-eval'; trusted-types niemphong"
    ),
}
FACES = tuple(POLICIES)
START = {"reporter": "/", "staff": "/staff/sign-in"}


@pytest.fixture(params=FACES)
def face(request):
    return request.param


@pytest.fixture
def client(make_app, face):
    return make_app(face).test_client()


def a_static_file():
    path = next(path for path in sorted(STATIC.rglob("*.js")))
    return f"{static_address()}/{path.relative_to(STATIC).as_posix()}"


@pytest.mark.parametrize("path", ["start", "/healthz", "/nowhere", "/api/v1/nowhere", "static"])
def test_every_answer_carries_the_policy(client, face, path):
    answer = client.get({"start": START[face], "static": a_static_file()}.get(path, path), buffered=True)
    assert answer.headers["Content-Security-Policy"] == POLICIES[face]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == {"reporter": "no-referrer", "staff": "same-origin"}[face]
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_pages_are_kept_by_nobody_and_versioned_files_for_ever(client, face):
    for path in (START[face], "/healthz", "/nowhere", f"{static_address()}/nothing.js", "/static/0/niemphong.css"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    assert client.get(a_static_file(), buffered=True).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_both_faces_tell_that_they_are_well(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})


def test_a_face_without_a_database_says_so(make_app, face, an_installation):
    app = make_app(face)
    an_installation.store.close()
    broken = app.extensions["niemphong"].store
    broken.answers = lambda: False
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"ok": False, "fault": "database"})


def test_unknown_addresses_are_a_page_for_people_and_json_for_programs(client, face):
    page = client.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    api = "/api/v1/nowhere" if face == "reporter" else "/staff/api/v1/nowhere"
    answer = client.get(api + "?lang=en")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert answer.json["error"]["message"].startswith("There is nothing at this address")


def test_another_method_is_refused_in_the_same_way(make_app):
    answer = make_app("staff").test_client().put("/staff/api/v1/installation")
    assert answer.status_code in (400, 405)
    answer = make_app("reporter").test_client().put("/api/v1/installation")
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_too_large_is_refused_before_it_is_read(make_app, settings):
    client = make_app("reporter").test_client()
    answer = client.post(
        "/api/v1/envelope", data=b"x" * (settings.max_envelope + 1), content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


def test_a_fault_is_a_sentence_and_its_message_is_not_logged(make_app, face, caplog):
    app = make_app(face)
    path = "/api/v1/broken" if face == "reporter" else "/staff/api/v1/broken"

    def broken():
        raise LookupError("what a reporter wrote")

    app.add_url_rule(path, "broken", broken)
    app.add_url_rule("/broken", "broken_page", broken)
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "server_failed")
    assert app.test_client().get("/broken").status_code == 500
    assert "LookupError in broken" in caplog.text
    assert "what a reporter wrote" not in caplog.text


def test_the_public_face_knows_no_staff_pages_and_sets_no_cookie(make_app):
    client = make_app("reporter").test_client()
    assert client.get("/staff/").status_code == 404
    assert client.get("/staff/api/v1/csrf").status_code == 404
    for path in ("/", "/report", "/mailbox", "/help", "/api/v1/installation", "/nowhere", "/healthz"):
        assert "Set-Cookie" not in client.get(path).headers, path
        assert "Vary" not in client.get(path).headers or "Cookie" not in client.get(path).headers["Vary"]


def test_the_public_face_could_not_sign_a_cookie(make_app):
    assert make_app("reporter").secret_key is None


def test_the_staffs_first_page_sets_no_cookie_but_a_token_does(make_app):
    client = make_app("staff").test_client()
    assert "Set-Cookie" not in client.get("/staff/sign-in").headers
    made = client.get("/staff/api/v1/csrf").headers["Set-Cookie"]
    assert made.startswith("niemphong-staff=")
    assert "HttpOnly" in made
    assert "SameSite=Strict" in made
    assert "Expires" not in made


def test_over_https_the_cookie_is_bound_to_its_host(settings, services):
    from dataclasses import replace

    app = create_app(replace(settings, secure_cookies=True), ("staff",), services)
    made = app.test_client().get("/staff/api/v1/csrf", base_url="https://staff.example").headers["Set-Cookie"]
    assert made.startswith("__Host-niemphong-staff=")
    assert "Secure" in made
    assert "Path=/" in made
    assert "Domain" not in made


def test_one_application_serves_one_face(settings, services):
    for faces in ((), ("reporter", "staff"), ("other",)):
        with pytest.raises(ValueError, match="one face"):
            create_app(settings, faces, services)


def test_vietnamese_comes_first_and_english_when_asked(client, face):
    assert b'lang="vi"' in client.get(START[face]).data
    assert b'lang="en"' in client.get(START[face] + "?lang=en").data
    assert b'lang="vi"' in client.get(START[face] + "?lang=fr", headers={"Accept-Language": "en"}).data


def test_every_refusal_has_a_sentence_in_both_languages(make_app):
    from flask_babel import force_locale

    with make_app("staff").test_request_context("/"):
        for code, sentence in SENTENCES.items():
            with force_locale("en"):
                english = str(sentence)
            with force_locale("vi"):
                vietnamese = str(sentence)
            assert english.endswith("."), code
            assert vietnamese != english, f"{code} has no Vietnamese sentence"
