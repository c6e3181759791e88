"""The page of one's relations; scripts fetch its content from the API."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.sessions import current_member

bp = Blueprint("relations", __name__)


@bp.get("/staff/relations")
def relations() -> ResponseReturnValue:
    current_member()
    return render_template("relations/relations.html")
