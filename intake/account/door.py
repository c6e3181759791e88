"""Who comes to the staff's door: how much they worked, and whether this browser has signed somebody in before.

The mark of a browser is in a cookie that no script reads, apart from the session's: it outlives sign-out and opens nothing.
"""

from __future__ import annotations

import re
import secrets

from flask import Response, after_this_request, current_app, g, request

from intake import rate, sessions, work
from workflow.slowdown import MARK_KEPT, Caller

COOKIE = "niemphong-known"
MOST_HELD = 5  # members that one browser knows: an office computer is shared
MARK = re.compile(r"[\w-]{43}", re.ASCII)


def enter() -> None:
    """Take a place: strangers work for theirs under load, who is signed in has a bucket apart from them."""
    if sessions.member_or_none() is None:
        g.worked = work.admit(request.get_data)
        return
    rate.rooms(current_app).members.take()
    g.worked = work.worked(request.get_data)


def caller() -> Caller:
    """What sign-in and recovery weigh an attempt by."""
    limits = work.limits()
    return Caller(marks=_held(), worked=g.worked, least=limits.work_least, most=limits.work_most)


def new_mark() -> str:
    return secrets.token_urlsafe(32)


def keep(mark: str | None) -> None:
    """Let this browser be known by one more mark, or go on being known by those that it has."""
    held = _held()
    marks = (held if mark is None else (mark, *held))[:MOST_HELD]
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def set_cookie(answer: Response) -> Response:
        answer.set_cookie(
            _name(), ".".join(marks), max_age=MARK_KEPT, secure=secure, httponly=True, samesite="Strict", path="/"
        )
        return answer


def _held() -> tuple[str, ...]:
    given = request.cookies.get(_name(), "").split(".")
    return tuple(mark for mark in given if MARK.fullmatch(mark))[:MOST_HELD]


def _name() -> str:
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE
