"""A body is merged into another: it ends, and that one goes on with its work (decision 0031).

Its open cases stay where they are, with the seats that read them; only what comes later goes to the successor.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands.imports import Imported, import_organisation
from workflow.commands.organisation import body_on
from workflow.errors import Conflict, NotFound
from workflow.organisation_file import read_file
from workflow.store import hold
from workflow.timelines import DAY


@dataclass(frozen=True)
class Merger:
    """`body` ends the day before `since`, and `into` takes its place from then on."""

    body: str
    into: str
    since: date


def merge_body(db: Session, merger: Merger, *, at: datetime, by: str | None = None) -> Imported:
    """End a body and name its successor, below which go its parts and units; nothing at all where the plan has faults.

    Raises NotFound("unknown_body"), Conflict("bad_merger") for a successor that is the body itself or below its level.
    """
    hold(db, "organisation")
    body, into = body_on(db, merger.body, merger.since), body_on(db, merger.into, merger.since)
    for code, row in ((merger.body, body), (merger.into, into)):
        if row is None:
            raise NotFound("unknown_body", body=code)
    if body is None or into is None or merger.body == merger.into or into.level < body.level:
        raise Conflict("bad_merger")
    file, _ = read_file(json.dumps(_rows(db, merger, body)).encode())
    done = import_organisation(db, file, day=merger.since, at=at, by=by)
    if done.plan.faults:
        return done
    # Another merger from the same day on can't be there: it would have ended the body before.
    db.add(models.BodySuccessor(body=merger.body, since=merger.since, successor=merger.into, recorded=at))
    pub = {"body": merger.body, "into": merger.into, "from": merger.since.isoformat()} | ({"by": by} if by else {})
    ledger.append(db, chain=ledger.ORGANISATION, kind="body_merged", pub=pub, priv={}, at=at)
    return done


def _rows(db: Session, merger: Merger, body: models.Body) -> dict[str, list[dict[str, Any]]]:
    """What changes beside the successor's name: the end, and where what stood below the body goes."""
    since = merger.since.isoformat()
    bodies: list[dict[str, Any]] = [{"code": merger.body, "valid_to": (merger.since - DAY).isoformat()}]
    for code in _codes(db, models.Body, models.Body.parent, merger):
        parent = body.parent if code == merger.into else merger.into
        bodies.append({"code": code, "parent": parent, "valid_from": since})
    units = [
        {"code": code, "body": merger.into, "valid_from": since}
        for code in _codes(db, models.Unit, models.Unit.body, merger)
    ]
    return {"bodies": bodies, "units": units}


def _codes(db: Session, model: Any, above: Any, merger: Merger) -> list[str]:
    """Codes of bodies or units that belong to the body on the day or later."""
    lasting = model.valid_to.is_(None) | (model.valid_to >= merger.since)
    return sorted(set(db.scalars(select(model.code).where(above == merger.body, lasting))))
