"""The oversight page; scripts fetch its content from the API."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.oversight.api import overseer

bp = Blueprint("oversight", __name__)


@bp.get("/staff/oversight")
def oversight() -> ResponseReturnValue:
    overseer()
    return render_template("oversight/oversight.html")
