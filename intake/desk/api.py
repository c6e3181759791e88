"""The desk's part of the staff's API: the queue, a case, and what a handler does with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from crypto.encoding import b64u, unb64u
from crypto.errors import CryptoError
from intake import openapi, wording
from intake.account.schemas import posted
from intake.desk import schemas
from intake.desk.granting import INNER
from intake.doors import Who
from intake.services import services
from intake.sessions import current_member
from intake.shapes import epoch_json, item_json, object_json, package_json, reader_json
from workflow.access import Declared
from workflow.commands import cases as commands
from workflow.errors import Malformed, NotEligible
from workflow.ledger import Entry, Private
from workflow.queries import cases
from workflow.queries import queue as queues
from workflow.queries.cases import CaseCover, CaseFile, Item
from workflow.queries.queue import CaseLine
from workflow.sealed import REPORTER, SERVER
from workflow.times import local_date, stamp

bp = Blueprint("desk_api", __name__, url_prefix="/staff/api/v1")


@bp.get("/desk/cases")
def queue() -> ResponseReturnValue:
    member = current_member()
    if not member.handler:
        raise NotEligible()
    after = _opened_place(member.id, request.args.get("after"))
    with services().store.reading() as db:
        page = queues.queue(db, member.id, at=services().now(), after=after, size=queues.PAGE)
    return {"cases": [_line(line) for line in page.lines], "next": _sealed_place(member.id, page.next)}


@bp.get("/desk/cases/<case_id>")
def case(case_id: str) -> ResponseReturnValue:
    member = current_member()
    at = services().now()
    with services().store.reading() as db:
        cover = cases.cover(db, case_id, member.id, at=at)
        opened = cases.case_file(db, case_id, member.id, at=at) if cover.declared == Declared.CLEAR else None
    return _cover(cover) | (_file(opened) if opened else {})


@bp.post("/desk/cases/<case_id>/declaration")
def declaration(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.DeclarationAsked)
    reason = asked.reason.part() if asked.reason else None
    with services().store.transaction() as db:
        declared = commands.declare(db, case_id, member.id, asked.statement.model_dump(), reason, at=services().now())
    return {"declared": declared.value}


@bp.post("/desk/cases/<case_id>/items")
def add_item(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.ItemAsked)
    with services().store.transaction() as db:
        stored = commands.add_item(
            db, case_id, member.id, asked.object.part(), asked.statement.model_dump(), at=services().now()
        )
    return {"at": stamp(stored)}


@bp.post("/desk/cases/<case_id>/epochs")
def open_epoch(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.EpochAsked)
    grants = [grant.part() for grant in asked.grants]
    with services().store.transaction() as db:
        commands.open_epoch(db, case_id, member.id, asked.statement.model_dump(), grants, at=services().now())
    return "", 204


@bp.post("/desk/cases/<case_id>/bad-keys")
def bad_key(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.BadKeyAsked)
    with services().store.transaction() as db:
        commands.report_bad_key(db, case_id, member.id, asked.statement.model_dump(), at=services().now())
    return "", 204


@bp.post("/desk/cases/<case_id>/withdrawal")
def withdrawal(case_id: str) -> ResponseReturnValue:
    member = current_member()
    asked = posted(schemas.WithdrawalAsked)
    with services().store.transaction() as db:
        commands.withdraw(db, case_id, member.id, asked.statement.model_dump(), at=services().now())
    return "", 204


@bp.get("/openapi.json")
def description() -> ResponseReturnValue:
    return openapi.document("staff", inner=INNER, cookie=current_app.config["SESSION_COOKIE_NAME"])


def _sealed_place(person: str, place: str | None) -> str | None:
    """A place in somebody's queue as it may stand in an address: it holds a case number and times."""
    return None if place is None else b64u(services().box.seal(f"queue/{person}", place.encode()))


def _opened_place(person: str, sealed: str | None) -> str | None:
    try:
        return None if sealed is None else services().box.open(f"queue/{person}", unb64u(sealed)).decode()
    except CryptoError:
        raise Malformed() from None


def _line(line: CaseLine) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": line.id,
        "number": line.number,
        "state": line.state,
        "state_text": wording.state_text(line.state),
        "received": line.received.isoformat(),
        "updated": line.updated.isoformat(),
        "body": line.body,
        "body_name": wording.body_name(line.body, line.received),
        "categories": [wording.category_json(code) for code in line.categories],
        "declared": line.declared,
        "pending": list(line.pending),
        "new": line.new,
    }
    if line.summary is not None:
        told |= {"messages": line.messages, "supplements": line.supplements}
        told |= {"summary": object_json(line.summary), "grants": [object_json(grant) for grant in line.grants]}
    return told


def _cover(cover: CaseCover) -> dict[str, Any]:
    header = cover.header
    return {
        "id": cover.id,
        "number": cover.number,
        "state": cover.state,
        "state_text": wording.state_text(cover.state),
        "received": cover.received.isoformat(),
        "body": cover.body,
        "body_name": wording.body_name(cover.body, cover.received),
        "categories": [wording.category_json(code) for code in cover.categories],
        "sealed_at": cover.sealed_at,
        "header": {"object": object_json(header.part), "by": header.by} if header else None,
        "declared": cover.declared,
        "head": reader_json(cover.head) if cover.head else None,
        "without_me": cover.without_me.value,
    }


def _file(opened: CaseFile) -> dict[str, Any]:
    readers = [{**reader_json(reader), "since": local_date(reader.since).isoformat()} for reader in opened.readers]
    return {
        "grants": [object_json(grant) for grant in opened.grants],
        "epochs": [epoch_json(row) for row in opened.epochs],
        "departures": list(opened.departures),
        "items": [item_json(item, _shown(item)) for item in opened.items],
        "direct": [item_json(item, _shown(item)) for item in opened.direct],
        "submission": opened.submission,
        "reporter": {"kem": b64u(opened.reporter.kem), "sign": b64u(opened.reporter.sign)},
        "readers": readers,
        "newcomers": list(opened.newcomers),
        "packages": [package_json(left, wording.in_language(left.names)) for left in opened.packages],
        "ledger": [_ledger_line(entry, opened.private.get(entry.seq)) for entry in opened.ledger],
    }


def _ledger_line(entry: Entry, private: Private | None) -> dict[str, Any]:
    told = {"salt": b64u(private.salt), "part": b64u(private.part)} if private else None
    return {"entry": b64u(entry.entry), "hash": entry.hash, "private": told}


def _shown(item: Item) -> str:
    """To the second for members, who sign it anyway; of a reporter's act the day."""
    return local_date(item.at).isoformat() if item.by in (REPORTER, SERVER) else stamp(item.at)


_CASE = "/staff/api/v1/desk/cases/<case_id>"
_EPOCHS: openapi.Refusals = {409: ("epoch_closed", "epoch_pending")}
_ROSTERED: openapi.Refusals = {409: ("roster_expired",)}
openapi.describe(
    "/staff/api/v1/desk/cases",
    None,
    schemas.Queue,
    method="GET",
    who=Who.HANDLER,
    refuses={422: ("malformed",)},
    summary="The queue, page by page",
    query={"after": "The `next` of the page before"},
)
openapi.describe(_CASE, None, schemas.CaseOut, method="GET", who=Who.ENTITLED, summary="A case")
openapi.describe(
    f"{_CASE}/declaration",
    schemas.DeclarationAsked,
    schemas.Declared,
    who=Who.UNDECLARED,
    refuses=openapi.together(
        openapi.STATEMENT,
        openapi.OBJECTS,
        _ROSTERED,
        {409: ("already_declared",), 422: ("missing_object", "swapped_object", "unknown_reader")},
    ),
    summary="Declare conflict or none",
)
openapi.describe(
    f"{_CASE}/items",
    schemas.ItemAsked,
    schemas.Stored,
    who=Who.CLEARED,
    refuses=openapi.together(openapi.STATEMENT, openapi.OBJECTS, _EPOCHS, _ROSTERED, {422: ("swapped_object",)}),
    summary="Add a message or a note",
)
openapi.describe(
    f"{_CASE}/epochs",
    schemas.EpochAsked,
    who=Who.CLEARED,
    refuses=openapi.together(
        openapi.STATEMENT, openapi.OBJECTS, _EPOCHS, _ROSTERED, {422: ("missing_object", "unknown_reader")}
    ),
    summary="Make a ring's next key",
)
openapi.describe(
    f"{_CASE}/bad-keys",
    schemas.BadKeyAsked,
    who=Who.CLEARED,
    refuses=openapi.together(openapi.STATEMENT, {409: ("epoch_closed",)}),
    summary="Say that a ring's newest key opens nothing",
)
openapi.describe(
    f"{_CASE}/withdrawal",
    schemas.WithdrawalAsked,
    who=Who.ENTITLED,
    refuses=openapi.together(openapi.STATEMENT, {409: ("last_reader",)}),
    summary="Withdraw from the case",
)
openapi.describe(
    "/staff/api/v1/openapi.json", None, openapi.Description, method="GET", who=Who.ANYBODY, summary="This document"
)
