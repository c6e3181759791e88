"""Who is signed in at the staff's face: Flask-Login over the session table, which alone decides.

The cookie holds a random session id under a signature and nothing else; the row holds the key of the tabs' copies of
the seed, encrypted under the server's key, and dies after fifteen idle minutes (sealing.md, *Between pages*).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import cast

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer

from intake.keyring import Keyring
from intake.services import services
from workflow.commands import sessions
from workflow.errors import Busy, SignedOut, StorageFailed
from workflow.queries import members
from workflow.queries.members import Member, OpenSession


class SignedIn(UserMixin):
    """Flask-Login's user: one session of one member."""

    def __init__(self, sid: str, opened: OpenSession) -> None:
        self.sid = sid
        self.member = opened.member
        self.key = opened.key

    def get_id(self) -> str:
        return self.sid


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie, under the secrets as they are now: one that has been replaced is taken for a while."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        newest, *former = self._keyring.session_secrets
        app.secret_key = newest
        app.config["SECRET_KEY_FALLBACKS"] = former
        app.config["WTF_CSRF_SECRET_KEY"] = [*former, newest]  # itsdangerous signs with the last
        return super().get_signing_serializer(app)


def set_up(app: Flask) -> None:
    # Flask-Login's own "session protection" would put a hash of address and user agent into the cookie.
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)


def signed_in() -> SignedIn:
    """Who is signed in; SignedOut, which is the sign-in page or a 401, when nobody is."""
    if not current_user.is_authenticated:
        raise SignedOut()
    return cast(SignedIn, current_user._get_current_object())


def current_member() -> Member:
    """The member who acts in this request; SignedOut when nobody is signed in."""
    return signed_in().member


def member_or_none() -> Member | None:
    """For the pages' frame, which both kinds of visitor see."""
    return cast(SignedIn, current_user._get_current_object()).member if current_user.is_authenticated else None


def begin(sid: str, opened: OpenSession) -> None:
    """Bind this browser to a new session; whatever its cookie held before is dropped."""
    session.clear()
    login_user(SignedIn(sid, opened))
    session.pop("_id", None)  # hash of address and user agent, which nothing here uses


def end(at: datetime) -> None:
    """Sign out: destroy the session's key, then the cookie's content."""
    sid = signed_in().sid
    with services().store.transaction() as db:
        sessions.sign_out(db, sid=sid, at=at)
    logout_user()
    session.clear()


def _load(sid: str) -> SignedIn | None:
    at = services().now()
    try:
        with services().store.reading() as db:
            opened = members.session(db, sid, box=services().box, idle=services().idle, at=at)
    except SignedOut:
        return None
    if at - opened.seen >= sessions.TOUCH_EVERY:
        # Whoever reads goes on reading while nothing can be written.
        with suppress(Busy, StorageFailed), services().store.transaction() as db:
            sessions.touch(db, sid=sid, at=at)
    return SignedIn(sid, opened)
