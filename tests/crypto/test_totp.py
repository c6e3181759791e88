from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from crypto.totp import new_secret, provisioning_uri, verify_totp

SECRET = b"12345678901234567890"
# RFC 6238 appendix B, SHA-1; its eight figures end with our six.
PUBLISHED = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED)
def test_the_published_codes_are_right(seconds, code):
    assert verify_totp(SECRET, code[-6:], _at(seconds), 0) == seconds // 30


@pytest.mark.parametrize(
    ("late", "holds"), [(-31, False), (-30, True), (0, True), (29, True), (30, True), (59, True), (60, False)]
)
def test_a_code_holds_for_its_step_and_its_neighbours(late, holds):
    start = 1234567890 // 30 * 30
    assert verify_totp(SECRET, "005924", _at(start + late), 0) == (start // 30 if holds else None)


def test_a_code_is_taken_once_and_none_older_after_it():
    at = 1234567890
    assert verify_totp(SECRET, "005924", _at(at), at // 30 - 1) == at // 30
    assert verify_totp(SECRET, "005924", _at(at), at // 30) is None
    assert verify_totp(SECRET, "005924", _at(at), at // 30 + 1) is None


@pytest.mark.parametrize("code", ["", "5924", "0005924", "89005924", "005925", " 005924", "００５９２４"])
def test_anything_else_is_no_code(code):
    assert verify_totp(SECRET, code, _at(1234567890), 0) is None


def test_another_secret_has_other_codes():
    assert verify_totp(SECRET[::-1], "005924", _at(1234567890), 0) is None
    assert new_secret() != new_secret()
    assert len(new_secret()) == 20


def test_an_app_gets_the_secret_and_whose_it_is():
    parts = urlsplit(provisioning_uri(SECRET, "an.nguyen"))
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Niêm Phong:an.nguyen")
    assert asked["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]  # base32 of the published secret
    assert (asked["issuer"], asked["digits"], asked["period"]) == (["Niêm Phong"], ["6"], ["30"])
