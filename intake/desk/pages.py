"""The desk's pages. They hold nothing of any case: scripts fetch it from the API, which refuses who isn't entitled."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake import wording
from intake.sessions import current_member

bp = Blueprint("desk", __name__, url_prefix="/staff/desk")


@bp.get("")
def queue() -> ResponseReturnValue:
    current_member()
    return render_template("desk/queue.html")


@bp.get("/<uuid:case_id>")
def case(case_id: UUID) -> ResponseReturnValue:
    """The same page for every id, known or not: whether a case exists is not told here."""
    current_member()
    return render_template("desk/case.html", case_id=str(case_id), of_facts=wording.of_facts())
