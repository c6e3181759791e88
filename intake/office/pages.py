"""The office's pages; scripts fetch their content from the API."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake import wording
from intake.sessions import current_member
from workflow import choices
from workflow.errors import NotEligible

bp = Blueprint("office", __name__)


@bp.before_request
def administrators_alone() -> None:
    """SignedOut, NotEligible."""
    if "administrator" not in current_member().roles:
        raise NotEligible()


@bp.get("/staff/office")
def office() -> ResponseReturnValue:
    return render_template("office/office.html")


@bp.get("/staff/office/bodies")
def bodies() -> ResponseReturnValue:
    return render_template("office/bodies.html")


@bp.get("/staff/office/people")
def people() -> ResponseReturnValue:
    return render_template("office/people.html")


@bp.get("/staff/office/inspections")
def inspections() -> ResponseReturnValue:
    return render_template("office/inspections.html", work_kinds=work_kinds(), team_words=wording.of_facts())


@bp.get("/staff/office/import")
def import_() -> ResponseReturnValue:
    return render_template("office/import.html")


def work_kinds() -> list[tuple[str, str]]:
    """The kinds of work that an inspection can be of, with their names."""
    return [(kind.code, wording.in_language(kind.label)) for kind in choices.work_kinds()]
