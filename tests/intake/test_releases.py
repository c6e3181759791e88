"""Whoever runs it sees any byte in which a portal differs from the release."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from intake import assets, releases
from intake.cli import cli
from intake.security import fixed_headers

PUBLIC = "https://portal.test"


ANSWERS = {}  # what every portal of this release answers, asked for once


def asking(app):
    """Ask a face as it stands, without a network."""
    client = app.test_client()

    def ask(address, headers):
        asked = (address, headers["Accept-Encoding"])
        if asked not in ANSWERS:
            parts = urlsplit(address)
            answer = client.get(f"{parts.path}?{parts.query}", headers=headers, buffered=True)
            told = {name.lower(): value for name, value in answer.headers.items()}
            ANSWERS[asked] = releases.Answer(answer.status_code, told, answer.get_data())
        return ANSWERS[asked]

    return ask


@pytest.fixture
def fetch(reporter_app):
    """The public face."""
    return asking(reporter_app)


def altered(fetch, path, change, *, encoding=None):
    """The same portal, but for what it answers at one path (to who asks for one encoding)."""

    def ask(address, headers):
        answer = fetch(address, headers)
        parts = urlsplit(address)
        asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return change(answer) if asked == path and encoding in (None, headers["Accept-Encoding"]) else answer

    return ask


def found(ask):
    return [(one.address.removeprefix(PUBLIC), one.why) for one in releases.verify("reporter", PUBLIC, ask).differences]


def test_a_portal_of_this_release_differs_nowhere(fetch):
    verified = releases.verify("reporter", f"{PUBLIC}/", fetch)
    assert verified.differences == ()
    files = sum(path.is_file() for path in assets.STATIC.rglob("*"))
    assert verified.looked_at == 2 * (files + 2 * len(releases.PAGES["reporter"]))


def test_the_members_pages_before_signing_in_are_held_against_the_release_too(staff_app):
    assert releases.verify("staff", "https://staff.test", asking(staff_app)).differences == ()


@pytest.mark.parametrize("page", ["/", "/report", "/mailbox", "/help"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_script_slipped_into_one_page_in_one_language_is_seen(fetch, page, language):
    def slip(answer):
        return replace(answer, body=answer.body.replace(b"</body>", b'<script src="/x.js"></script></body>'))

    where = f"{page}?lang={language}"
    ask = altered(fetch, where, slip, encoding="identity")
    assert found(ask) == [(where, "content")]


def test_a_script_altered_for_browsers_alone_is_seen(fetch):
    where = f"{assets.static_address()}/js/client/reporter.js"

    def alter(answer):
        return replace(answer, body=gzip.compress(gzip.decompress(answer.body) + b"//"))

    assert found(altered(fetch, where, alter, encoding="gzip, deflate, br")) == [(where, "content")]


def test_bytes_behind_the_packed_ones_are_seen(fetch):
    where = f"{assets.static_address()}/js/client/reporter.js"
    ask = altered(
        fetch, where, lambda answer: replace(answer, body=answer.body + b"more"), encoding="gzip, deflate, br"
    )
    assert found(ask) == [(where, "encoding")]


def test_a_loosened_policy_is_seen(fetch):
    policy = fixed_headers("reporter")["Content-Security-Policy"].replace("script-src 'self'", "script-src *")

    def loosen(answer):
        return replace(answer, headers={**answer.headers, "content-security-policy": policy})

    assert set(found(altered(fetch, "/report?lang=vi", loosen))) == {("/report?lang=vi", "headers")}


def test_a_category_that_the_release_words_otherwise_is_seen(fetch):
    def reword(answer):
        return replace(answer, body=answer.body.replace(b'"UNSURE"', b'"SURE"'))

    assert ("/api/v1/lists?lang=vi", "lists") in found(altered(fetch, "/api/v1/lists?lang=vi", reword))


def test_lists_that_are_none_are_seen(fetch):
    broken = altered(fetch, "/api/v1/lists?lang=en", lambda answer: replace(answer, body=b"[]"))
    assert found(broken) == [("/api/v1/lists?lang=en", "lists")] * 2


def test_a_file_that_is_missing_is_seen(fetch):
    where = f"{assets.static_address()}/css/public.css"
    ask = altered(fetch, where, lambda answer: replace(answer, status=404))
    assert set(found(ask)) == {(where, "status")}


def test_a_quick_exit_that_is_no_web_address_is_seen(fetch):
    def lead_astray(address, headers):
        answer = fetch(address, headers)
        return replace(answer, body=answer.body.replace(b"https://hcm.edu.vn", b"javascript:alert(1)"))

    assert ("/", "exit") in found(lead_astray)


def test_another_release_is_named_and_not_compared_line_by_line(fetch):
    def other(answer):
        return replace(answer, body=answer.body.replace(assets.version().encode(), b"0123456789ab"))

    verified = releases.verify("reporter", PUBLIC, altered(fetch, "/", other))
    assert (verified.served, verified.looked_at, len(verified.differences)) == ("0123456789ab", 1, 1)


def test_who_runs_the_command_is_told_and_gets_exit_code_1(fetch, monkeypatch):
    monkeypatch.setattr(releases, "over_http", fetch)
    right = CliRunner().invoke(cli, ["release", "verify", PUBLIC])
    assert right.exit_code == 0 and assets.version() in right.output

    slipped = altered(fetch, "/help?lang=vi", lambda answer: replace(answer, body=b"<p>" + answer.body))
    monkeypatch.setattr(releases, "over_http", slipped)
    wrong = CliRunner().invoke(cli, ["release", "verify", PUBLIC])
    assert wrong.exit_code == 1 and "/help?lang=vi" in wrong.output and "CẢNH BÁO" in wrong.output


def test_a_portal_that_is_away_is_no_altered_one(monkeypatch):
    def away(address, headers):
        raise ConnectionRefusedError

    monkeypatch.setattr(releases, "over_http", away)
    told = CliRunner().invoke(cli, ["release", "verify", PUBLIC])
    assert told.exit_code == 1 and "CẢNH BÁO" not in told.output


@pytest.mark.parametrize("address", ["ftp://portal.test", "https://", "https://portal.test:0"])
def test_what_is_no_web_address_is_refused(address):
    assert CliRunner().invoke(cli, ["release", "verify", address]).exit_code == 2


def test_published_hashes_are_those_of_every_file_that_pages_are_made_of(tmp_path):
    printed = CliRunner().invoke(cli, ["release", "hashes"]).output
    assert "  static/js/crypto/hpke.js\n" in printed and "  templates/reporter/report.html\n" in printed
    for line in printed.splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((assets.ROOT / path).read_bytes()).hexdigest() == digest
    assert releases.unlike(printed.splitlines()) == []


@pytest.mark.parametrize("spoilt", ["altered", "missing", "strange"])
def test_a_copy_that_is_not_the_published_one_verifies_nothing(tmp_path, spoilt):
    lines = CliRunner().invoke(cli, ["release", "hashes"]).output.splitlines()
    lines = {"altered": ["0" * 64 + lines[0][64:], *lines[1:]], "missing": lines[1:], "strange": ["?"]}[spoilt]
    published = tmp_path / "published"
    published.write_text("\n".join(lines))
    told = CliRunner().invoke(cli, ["release", "verify", PUBLIC, "--hashes", str(published)])
    assert told.exit_code == 1 and assets.version() not in told.output
