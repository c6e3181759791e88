"""Only what is the same for everybody is sent compressed."""

from __future__ import annotations

import gzip

import pytest

from intake.assets import STATIC, static_address

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
BUNDLE = f"{static_address()}/vendor/sealing.js"
PUBLIC = ("/", "/report?lang=en", "/mailbox", "/help", "/api/v1/installation", "/api/v1/lists", BUNDLE)


@pytest.fixture
def public(reporter_app):
    return reporter_app.test_client()


@pytest.mark.parametrize("path", PUBLIC)
def test_what_everybody_gets_alike_is_compressed_and_unpacks_to_the_same(public, path):
    plain, packed = public.get(path, buffered=True), public.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert gzip.decompress(packed.data) == plain.data
    for name in ("Content-Security-Policy", "Cache-Control", "Content-Type"):
        assert packed.headers[name] == plain.headers[name]


def test_a_sealed_answer_and_a_refusal_are_never_compressed(public):
    for answer in (
        public.post("/api/v1/envelope", data=b"x" * 4096, headers=GZIP),
        public.get("/nowhere", headers=GZIP),
        public.get("/api/v1/nowhere", headers=GZIP),
    ):
        assert "Content-Encoding" not in answer.headers


def test_of_the_staffs_face_only_files_are_compressed(staff_app):
    staff = staff_app.test_client()
    assert staff.get(BUNDLE, headers=GZIP).headers["Content-Encoding"] == "gzip"
    for path in ("/staff/sign-in", "/staff/help", "/staff/account", "/staff/api/v1/session"):
        assert "Content-Encoding" not in staff.get(path, headers=GZIP).headers, path


def test_who_refuses_gzip_or_asks_for_a_part_gets_the_file_as_it_is(public):
    whole = (STATIC / "vendor" / "sealing.js").read_bytes()
    assert public.get(BUNDLE, headers={"Accept-Encoding": "gzip;q=0, identity"}, buffered=True).data == whole
    part = public.get(BUNDLE, headers=GZIP | {"Range": "bytes=0-9"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole[:10])


@pytest.mark.parametrize("name", ["nothing.js", "../intake/app.py", "%2e%2e/intake/app.js", "vendor", ""])
def test_nothing_outside_the_folder_is_packed(public, name):
    assert public.get(f"{static_address()}/{name}", headers=GZIP).status_code == 404
