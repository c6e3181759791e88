"""The public pages. What is protected and how; the form; the mailbox; help. None of them sets a cookie."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.reporter.lists import Lists, lists

bp = Blueprint("reporter", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    return render_template("reporter/home.html")


@bp.get("/report")
def report() -> ResponseReturnValue:
    return report_page(lists())


@bp.get("/mailbox")
def mailbox() -> ResponseReturnValue:
    return mailbox_page(lists())


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    return render_template("reporter/help.html")


def report_page(offered: Lists) -> str:
    """The form, with what it lets people choose from."""
    return render_template("reporter/report.html", lists=offered)


def mailbox_page(offered: Lists) -> str:
    """The mailbox, with the names that it needs."""
    names = {key: words for key, words in offered.items() if key in ("bodies", "roles", "categories")}
    return render_template("reporter/mailbox.html", lists=names)
