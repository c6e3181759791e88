"""A case leaves the installation: a reader's browser makes the package, the server keeps that it did (sealing.md, *Package*).

The package never reaches the server. What is kept is the reader's statement, the addressee, the file's hash, and the mark
of a receipt number that only who opens it learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto.binding import binding
from crypto.errors import CryptoError
from crypto.packages import is_receipt
from workflow import ledger, models
from workflow.access import cleared
from workflow.commands import casefile
from workflow.errors import Conflict, Malformed, NotFound
from workflow.outside import Outside
from workflow.queries.packages import outside_documents
from workflow.statements import is_hash, is_uuid, read_statement
from workflow.store import hold
from workflow.times import local_date, to_hour

MOST_PACKAGES = 4  # of one case: they all stand in the mailbox's answer, which is of one size


def make_package(
    db: Session, case_id: str, person: str, statement: Mapping[str, str], file: str, *, at: datetime
) -> str:
    """Enter that a reader made a package; returns its id. `file` is the SHA-256 of the sealed file.

    The same statement again is answered as before. Raises NotEligible, Malformed, Conflict("outside_unknown" |
    "outside_key_changed" | "packages_full" | "roster_expired" | "known_id_other_content").
    """
    case = casefile.hold_case(db, case_id)
    me = cleared(casefile.reading_of(db, case_id, person, at=at)).person
    roster = casefile.newest_roster(db)
    signed = read_statement(statement, "package", key=roster.sign_key(me), by=me, case=case_id)
    said = signed.body
    _check_words(said, file)
    if casefile.is_repeated(db, signed):
        return str(said["package"])
    roster.require_fresh(local_date(at))
    to = _addressee(db, said, at=at)
    made = db.scalar(select(func.count()).select_from(models.CasePackage).where(models.CasePackage.case_id == case_id))
    if (made or 0) >= MOST_PACKAGES:
        raise Conflict("packages_full")
    if db.get(models.CasePackage, said["package"]) is not None:
        raise Conflict("known_id_other_content")
    statement_id = casefile.store_statement(db, signed, case_id=case_id, at=at)
    db.add(
        models.CasePackage(
            id=said["package"],
            case_id=case_id,
            statement_id=statement_id,
            addressee=to.code,
            readerkey=said.get("readerkey"),
            mark=said["receipt"],
            name_vi=to.name_vi,
            name_en=to.name_en,
            made=at,
            received=None,
        )
    )
    case.updated = to_hour(at)
    pub = {"package": said["package"], "to": to.code, "sha256": file, "statement": signed.hash}
    ledger.append(db, chain=case_id, kind="package_made", pub=pub, priv={"by": me}, at=at)
    return str(said["package"])


def take_receipt(db: Session, package: str, number: str, *, at: datetime) -> str:
    """Enter that a package's receipt has come back; returns the addressee's code.

    Raises NotFound("unknown_package"), Malformed("receipt_wrong"), Conflict("receipt_entered").
    """
    if not is_uuid(package):
        raise NotFound("unknown_package")
    hold(db, f"package/{package}")
    row = db.get(models.CasePackage, package)
    if row is None:
        raise NotFound("unknown_package")
    try:
        sound = is_receipt(place_of(row), number, row.mark)
    except CryptoError:
        sound = False
    if not sound:
        raise Malformed("receipt_wrong")
    if row.received is not None:
        raise Conflict("receipt_entered", on=local_date(row.received).isoformat())
    case = casefile.hold_case(db, row.case_id)
    row.received = at
    case.updated = to_hour(at)
    pub = {"package": row.id, "to": row.addressee}
    ledger.append(db, chain=row.case_id, kind="package_received", pub=pub, priv={}, at=at)
    return row.addressee


def place_of(row: models.CasePackage) -> bytes:
    """The binding with which the package was sealed."""
    return bytes(binding("package", row.case_id, id=row.id, reader=row.addressee, readerkey=row.readerkey))


def _check_words(said: Mapping[str, Any], file: str) -> None:
    sound = (
        is_uuid(said["package"])
        and isinstance(said["to"], str)
        and is_hash(said["manifest"])
        and is_hash(said["receipt"])
        and ("readerkey" not in said or is_hash(said["readerkey"]))
        and is_hash(file)
    )
    if not sound:
        raise Malformed(kind="package")


def _addressee(db: Session, said: Mapping[str, Any], *, at: datetime) -> Outside:
    """The body outside, which the organisation signed for; a published key has to be used, and no other one."""
    known = {body.code: body for body, _ in outside_documents(db, on=local_date(at))}
    to = known.get(said["to"])
    if to is None:
        raise Conflict("outside_unknown")
    if to.readerkey != said.get("readerkey"):
        raise Conflict("outside_key_changed")
    return to
