"""One-time codes as every app on a phone makes them: RFC 6238 with SHA-1, six figures, 30 seconds."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from crypto.rng import Rng, random_bytes

SECRET = 20  # bytes, as RFC 4226 section 4 recommends
FIGURES = 6
STEP = 30  # seconds
ISSUER = "Niêm Phong"


def new_secret(rng: Rng = random_bytes) -> bytes:
    """A new secret of 20 bytes."""
    return rng(SECRET)


def verify_totp(secret: bytes, code: str, at: datetime, last_step: int) -> int | None:
    """The step whose code this is: the present one, or a neighbour for a clock that is off; None for no such code.

    A step up to `last_step` has been used, so its code is refused (RFC 6238 section 5.2).
    """
    now = int(at.timestamp()) // STEP
    totp = _totp(secret)
    found = None
    for step in (now - 1, now, now + 1):  # all three, so that the time tells nothing
        try:
            totp.verify(code.encode("utf-8"), step * STEP)
        except InvalidToken:
            continue
        if step > last_step:
            found = step
    return found


def provisioning_uri(secret: bytes, username: str) -> str:
    """What the QR code holds: `otpauth://totp/...`."""
    return _totp(secret).get_provisioning_uri(username, ISSUER)


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every app supports; HMAC doesn't need it to be free of collisions.
    return TOTP(secret, FIGURES, SHA1(), STEP)  # noqa: S303
