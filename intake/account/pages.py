"""The account's pages. They hold nothing of a member's work: scripts fetch it from the API."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from intake.errors import with_language
from intake.sessions import current_member, member_or_none

bp = Blueprint("account", __name__)


@bp.get("/")
def root() -> ResponseReturnValue:
    """The staff's host or port has nothing outside `/staff`; who types it bare is shown the way."""
    return redirect(with_language("/staff/"), 303)


@bp.get("/staff/")
def home() -> ResponseReturnValue:
    member = member_or_none()
    if member is None:
        return redirect(with_language("/staff/sign-in"), 303)
    if member.handler:
        return redirect(with_language("/staff/desk"), 303)
    if "custodian" in member.roles:
        return redirect(with_language("/staff/custody"), 303)
    overseer = "supervisor" in member.roles or member.head
    return redirect(with_language("/staff/oversight" if overseer else "/staff/account"), 303)


@bp.get("/staff/enrol")
def enrol() -> ResponseReturnValue:
    """The one-time token stands in the address's fragment, which no browser sends."""
    return render_template("account/enrol.html")


@bp.get("/staff/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("account/sign_in.html")


@bp.get("/staff/recover")
def recover() -> ResponseReturnValue:
    return render_template("account/recover.html")


@bp.get("/staff/account")
def account() -> ResponseReturnValue:
    current_member()
    return render_template("account/account.html")


@bp.get("/staff/help")
def help_page() -> ResponseReturnValue:
    return render_template("staff/help.html")
