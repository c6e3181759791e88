"""Bodies outside: taking in what the organisation's key signed, and taking one out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from crypto.encoding import parse_jcs, sha256hex, unb64u
from workflow import ledger, models
from workflow.errors import Conflict, NotFound, Unavailable
from workflow.outside import Outside, read_outside
from workflow.queries import organisation
from workflow.store import hold
from workflow.times import local_date


def add_outside(db: Session, document: Mapping[str, str], *, at: datetime) -> Outside:
    """Enter a signed body outside, in place of an older document of its own.

    Raises Unavailable("organisation_key_missing"), Malformed("outside_unsigned" | "weak_key"),
    Conflict("outside_expired" | "outside_older").
    """
    hold(db, "outside")
    signed = organisation.latest_roster(db)
    if signed is None:
        raise Unavailable("organisation_key_missing")
    key, on = unb64u(signed.body["org"]), local_date(at)
    found = read_outside(document, key, on=on)
    row = db.get(models.OutsideBody, found.code)
    if row is None:
        row = models.OutsideBody(code=found.code)
        db.add(row)
    elif (known := _issued(row)) > found.issued.isoformat():
        raise Conflict("outside_older", body=found.code, issued=known)
    row.doc, row.signature, row.added = unb64u(document["doc"]), unb64u(document["sig"]), at
    pub = {"body": found.code, "hash": sha256hex(row.doc), "readerkey": found.readerkey or ""}
    ledger.append(db, chain=ledger.ORGANISATION, kind="outside_added", pub=pub, priv={}, at=at)
    return found


def remove_outside(db: Session, code: str, *, at: datetime) -> None:
    """Take a body outside off the list: nothing leaves to it any more. Raises NotFound("unknown_body")."""
    hold(db, "outside")
    row = db.get(models.OutsideBody, code)
    if row is None:
        raise NotFound("unknown_body", body=code)
    pub = {"body": code, "hash": sha256hex(row.doc)}
    db.delete(row)
    ledger.append(db, chain=ledger.ORGANISATION, kind="outside_removed", pub=pub, priv={}, at=at)


def _issued(row: models.OutsideBody) -> str:
    return str(parse_jcs(row.doc)["issued"])
