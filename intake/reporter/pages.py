"""The public pages. What is protected and how; the form; the mailbox; help. None of them sets a cookie."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.reporter.lists import lists

bp = Blueprint("reporter", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    return render_template("reporter/home.html")


@bp.get("/report")
def report() -> ResponseReturnValue:
    return render_template("reporter/report.html", lists=lists())


@bp.get("/mailbox")
def mailbox() -> ResponseReturnValue:
    names = {key: words for key, words in lists().items() if key in ("bodies", "roles", "categories")}
    return render_template("reporter/mailbox.html", lists=names)


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    return render_template("reporter/help.html")
