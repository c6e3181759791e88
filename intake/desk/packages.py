"""A case leaves: to whom it may, and that a reader made the package. The package itself never comes here."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake import openapi
from intake.account.schemas import posted
from intake.desk import schemas
from intake.doors import Who
from intake.services import services
from intake.sessions import current_member
from workflow.commands.packages import make_package
from workflow.errors import NotEligible
from workflow.queries.packages import outside_documents
from workflow.times import local_date

bp = Blueprint("desk_packages", __name__, url_prefix="/staff/api/v1")


@bp.get("/desk/outside")
def outside() -> ResponseReturnValue:
    if not current_member().handler:
        raise NotEligible()
    with services().store.reading() as db:
        found = outside_documents(db, on=local_date(services().now()))
    return {"bodies": [dict(document) for _, document in found]}


@bp.post("/desk/cases/<case_id>/packages")
def package(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.PackageAsked)
    with services().store.transaction() as db:
        made = make_package(db, case_id, member.id, asked.statement.model_dump(), asked.file, at=services().now())
    return {"package": made}


openapi.describe(
    "/staff/api/v1/desk/outside",
    None,
    schemas.OutsideAnswer,
    method="GET",
    who=Who.HANDLER,
    summary="Bodies outside to which a case may leave",
)
openapi.describe(
    "/staff/api/v1/desk/cases/<case_id>/packages",
    schemas.PackageAsked,
    schemas.PackageMade,
    who=Who.CLEARED,
    refuses=openapi.together(
        openapi.STATEMENT,
        {409: ("outside_key_changed", "outside_unknown", "packages_full", "roster_expired")},
    ),
    summary="Say that a package of the case was made",
)
