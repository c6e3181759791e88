"""What is sent compressed: files and answers that are the same for everybody. Nothing else ever is.

A compressed answer's length tells what in it repeats: where a secret and something that an attacker chose stand in one
answer, the secret can be read off its length (BREACH). So sealed answers, and whatever a session's cookie can change, go
as they are.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

from intake.assets import STATIC

# Nothing in these depends on who asks or on anything in the request but its language.
SAME_FOR_ALL = frozenset(
    {
        "reporter.home",
        "reporter.report",
        "reporter.mailbox",
        "reporter.help_page",
        "reporter_api.installation",
        "reporter_api.form_lists",
    }
)
PACKED_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
FAST, SMALL = 6, 9


def set_up(app: Flask) -> None:
    """Compress static files, and answers that are the same for everybody, for who takes them so."""
    send_plain = app.view_functions["static"]

    def send(filename: str) -> Response:
        packed = _packed_file(filename) if _takes_gzip() else None
        if packed is None:
            answer: Response = app.ensure_sync(send_plain)(filename=filename)
        else:
            answer = _as_gzip(Response(packed, mimetype=PACKED_TYPES[Path(filename).suffix]))
        answer.vary.add("Accept-Encoding")
        return answer

    app.view_functions["static"] = send
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if request.endpoint not in SAME_FOR_ALL:
        return answer
    answer.vary.add("Accept-Encoding")
    if answer.status_code == 200 and "Set-Cookie" not in answer.headers and _takes_gzip():
        answer.set_data(_packed(answer.get_data()))
        _as_gzip(answer)
    return answer


def _as_gzip(answer: Response) -> Response:
    answer.headers["Content-Encoding"] = "gzip"
    return answer


def _takes_gzip() -> bool:
    return "Range" not in request.headers and request.accept_encodings.quality("gzip") > 0


def _packed_file(name: str) -> bytes | None:
    """A file of the static folder; None for what isn't there or not of a packed type."""
    path = (STATIC / name).resolve()
    if path.suffix not in PACKED_TYPES or STATIC not in path.parents or not path.is_file():
        return None
    return _packed_once(path)


@cache
def _packed_once(path: Path) -> bytes:
    """Compressed once for each process. Called for files that are there only, so what is kept has an end."""
    return gzip.compress(path.read_bytes(), SMALL, mtime=0)


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, FAST, mtime=0)
