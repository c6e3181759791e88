"""The custodians' page; scripts fetch its content from the API."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.custody.api import custodian

bp = Blueprint("custody", __name__)


@bp.get("/staff/custody")
def custody() -> ResponseReturnValue:
    custodian()
    return render_template("custody/custody.html")
