"""The policy headers of both faces (architecture, *What a request may leave behind*; stack.md, *Browser*).

Nothing is loaded from elsewhere, no script or style stands in a page, nothing frames us, and nothing but versioned
static files is kept by anybody.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request

from intake.assets import KEEP

Policy = tuple[tuple[str, str], ...]

COMMON: Policy = (
    ("default-src", "'none'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data:"),
    ("connect-src", "'self'"),
    ("form-action", "'self'"),
    ("base-uri", "'none'"),
    ("frame-ancestors", "'none'"),
    ("worker-src", "'self'"),
    ("require-trusted-types-for", "'script'"),
)
# Argon2 in WebAssembly is the staff's alone; its worker is the one thing that needs a Trusted Types policy.
OWN: dict[str, Policy] = {
    "reporter": (("script-src", "'self'"), ("trusted-types", "'none'")),
    "staff": (("script-src", "'self' 'wasm-unsafe-eval'"), ("trusted-types", "niemphong")),
}
# `no-referrer` would break the staff's forms over HTTPS, where Flask-WTF compares the referrer with the host.
REFERRER = {"reporter": "no-referrer", "staff": "same-origin"}

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)


def content_policy(face: str) -> str:
    return "; ".join(f"{name} {value}" for name, value in (*COMMON, *OWN[face]))


def protect(app: Flask, face: str) -> None:
    """Put the headers on every answer of this face, errors and static files included."""
    app.after_request(_headers(app, face))


def fixed_headers(face: str) -> dict[str, str]:
    """What every answer of this face carries, whatever it is about."""
    return {
        "Content-Security-Policy": content_policy(face),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": REFERRER[face],
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
    }


def _headers(app: Flask, face: str) -> Callable[[Response], Response]:
    fixed = fixed_headers(face)

    def headers(answer: Response) -> Response:
        answer.headers.update(fixed)
        kept = request.endpoint == "static" and answer.status_code in (200, 206, 304)
        answer.headers["Cache-Control"] = KEEP if kept else "no-store"
        return answer

    return headers
