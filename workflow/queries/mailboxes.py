"""A case as its reporter may see it, found by the hash of the mailbox secret and by nothing else.

The reporter is served the report ring and their own grants: no note, no header, no share, no ballot. Dates are those
of days; which readers there are is said by code, as in the roster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import parse_jcs, unb64u
from workflow import ledger, models
from workflow.errors import Malformed, NotFound
from workflow.queries import readers
from workflow.queries.cases import (
    EpochRow,
    Item,
    ReporterKeys,
    Statement,
    departures_of,
    epochs_of,
    item_of,
    items_query,
    part_of,
    submission_of,
)
from workflow.queries.moving import moves_of
from workflow.queries.packages import Left, left_in
from workflow.queries.readers import Reader
from workflow.sealed import REPORTER, Part
from workflow.times import local_date

RING = "report"
LISTED = ("first", "summary", "narrative", "supplement", "message")


@dataclass(frozen=True)
class Mailbox:
    """What the reporter's page shows and checks, but for the items."""

    case: str
    number: str
    state: str
    body: str
    moved_to: tuple[str, ...]  # the bodies that it has moved to, in order
    received: date
    updated: date
    reporter: ReporterKeys
    grants: tuple[Part, ...]
    epochs: tuple[EpochRow, ...]
    departures: tuple[Statement, ...]
    submission: Statement
    objects: tuple[tuple[str, str], ...]  # id and SHA-256 of what was submitted and is still kept, sorted by id
    gone: tuple[str, ...]  # ids of what was submitted and isn't
    ledger_head: str
    ledger_seq: int
    readers: tuple[Reader, ...]
    packages: tuple[Left, ...]


def open_mailbox(db: Session, mailbox: str, *, at: datetime) -> Mailbox:
    """The case behind a mailbox; Malformed("wrong_code") when no case has it."""
    case = _case(db, mailbox)
    head = ledger.head(db, case.id)
    if head is None:
        raise LookupError("a stored case has a chain")
    own = models.SealedObject.kind == "grant", models.SealedObject.reader == REPORTER
    submission = submission_of(db, case.id)
    objects = _submitted(db, case.id)
    listed = {line["id"] for line in parse_jcs(unb64u(submission["stmt"]))["objects"]}
    return Mailbox(
        case=case.id,
        number=case.number,
        state=case.state,
        body=case.body,
        moved_to=tuple(parse_jcs(move.doc)["body"] for move in moves_of(db, case.id)),
        received=local_date(case.received),
        updated=local_date(case.updated),
        reporter=ReporterKeys(kem=case.reporter_kem, sign=case.reporter_sign),
        grants=tuple(
            part_of(row) for row, _ in db.execute(items_query(case.id, *own).order_by(models.SealedObject.position))
        ),
        epochs=epochs_of(db, case.id, rings=(RING,)),
        departures=departures_of(db, case.id),
        submission=submission,
        objects=objects,
        gone=tuple(sorted(listed - {id_ for id_, _ in objects})),
        ledger_head=head.hash,
        ledger_seq=head.seq,
        readers=readers.present(db, case.id, on=local_date(at)),
        packages=left_in(db, case.id),
    )


def items_before(db: Session, mailbox: str, before: str | None = None) -> Iterator[Item]:
    """The items of the report ring, newest first, older than `before`; taken one by one until the answer is full."""
    case = _case(db, mailbox)
    query = items_query(case.id, models.SealedObject.ring == RING, models.SealedObject.kind.in_(LISTED))
    if before is not None:
        known = _listed(db, case.id, before)
        query = query.where(models.SealedObject.position < known.position)
    for row, statement in db.execute(query.order_by(models.SealedObject.position.desc())):
        yield item_of(row, statement)


def one_item(db: Session, mailbox: str, item: str) -> Item:
    """One item of the reporter's own case, whatever its size."""
    case = _case(db, mailbox)
    row = _listed(db, case.id, item)
    statement = db.get(models.Statement, row.statement_id) if row.statement_id else None
    return item_of(row, statement if statement is not None and statement.kind == "item" else None)


def _case(db: Session, mailbox: str) -> models.Case:
    case = db.scalars(select(models.Case).where(models.Case.mailbox_hash == mailbox)).first()
    if case is None:
        raise Malformed("wrong_code")
    return case


def _listed(db: Session, case_id: str, item: str) -> models.SealedObject:
    row = db.get(models.SealedObject, item)
    if row is None or row.case_id != case_id or row.ring != RING or row.kind not in LISTED:
        raise NotFound()
    return row


def _submitted(db: Session, case_id: str) -> tuple[tuple[str, str], ...]:
    manifest = select(models.Statement.id).where(
        models.Statement.case_id == case_id, models.Statement.kind == "submission"
    )
    query = select(models.SealedObject.id, models.SealedObject.sha256).where(
        models.SealedObject.case_id == case_id, models.SealedObject.statement_id.in_(manifest)
    )
    return tuple(sorted((id_, sha256) for id_, sha256 in db.execute(query)))
