"""The office's page; scripts fetch its content from the API."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.sessions import current_member
from workflow.errors import NotEligible

bp = Blueprint("office", __name__)


@bp.get("/staff/office")
def office() -> ResponseReturnValue:
    if "administrator" not in current_member().roles:
        raise NotEligible()
    return render_template("office/office.html")
