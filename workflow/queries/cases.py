"""A case as a member may see it: a header before the declaration, the case after it.

Whoever isn't entitled gets no row: the entitlement is part of every statement's `where`. Identity items and shares
are in none of these answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs
from workflow import ledger, models
from workflow.access import Declared
from workflow.errors import NotEligible
from workflow.ledger import Private
from workflow.queries import readers
from workflow.queries.granting import granted, newcomers
from workflow.queries.moving import moves_of
from workflow.queries.packages import Left, left_in
from workflow.queries.readers import Reader
from workflow.queries.remaining import Remaining, remaining
from workflow.sealed import PLACE_FIELDS, REPORTER, Part
from workflow.statements import is_uuid
from workflow.times import local_date

SERVED = ("first", "summary", "narrative", "supplement", "message", "note")
# Of these entries a reader of the case is told the private part: who opened it, who left, who made which key for whom.
TOLD = (
    "report_received",
    "opened",
    "conflict_declared",
    "withdrawn",
    "removed",
    "epoch_opened",
    "reporter_wrote",
    "report_supplemented",
    "bad_key_reported",
    "granted",
    "case_moved",
    "package_made",
)
INTERNAL = "internal"
Statement = dict[str, str]


@dataclass(frozen=True)
class Item:
    """A sealed object as it is served, with who made it and the statement that came with it."""

    part: Part
    by: str
    at: datetime
    statement: Statement | None


@dataclass(frozen=True)
class EpochRow:
    ring: str
    epoch: int
    state: str
    statement: Statement | None
    added: tuple[Statement, ...] = ()  # with which readers gave its key to somebody later


@dataclass(frozen=True)
class CaseCover:
    """All of a case that is served before the declaration."""

    id: str
    number: str
    state: str
    received: date
    body: str
    categories: tuple[str, ...]
    sealed_at: str
    declared: str | None
    header: Item | None
    head: Reader | None
    without_me: Remaining


@dataclass(frozen=True)
class ReporterKeys:
    kem: bytes
    sign: bytes


@dataclass(frozen=True)
class CaseFile:
    """What is served besides the cover once its reader has declared no conflict."""

    grants: tuple[Part, ...]
    epochs: tuple[EpochRow, ...]
    departures: tuple[Statement, ...]
    items: tuple[Item, ...]
    direct: tuple[Item, ...]
    submission: Statement
    reporter: ReporterKeys
    readers: tuple[Reader, ...]
    newcomers: tuple[str, ...]  # codes of those who hold a seat of its body and were never given it, or lost it since
    packages: tuple[Left, ...]
    ledger: tuple[ledger.Entry, ...]
    private: Mapping[int, Private]  # by the entry's number


def cover(db: Session, case_id: str, person: str, *, at: datetime) -> CaseCover:
    """The case before its declaration; NotEligible for everybody else's case and for no case alike."""
    case, reading, code = _mine(db, case_id, person, at=at)
    headers = _items(db, case_id, models.SealedObject.kind == "header", models.SealedObject.reader == code)
    return CaseCover(
        id=case.id,
        number=case.number,
        state=case.state,
        received=local_date(case.received),
        body=case.body,
        categories=categories_of(db, case_id),
        sealed_at=case.sealed_at,
        declared=reading.declared,
        header=headers[-1] if headers else None,
        head=readers.head(db, case_id, besides=code, on=local_date(at)),
        without_me=remaining(db, case, on=local_date(at), besides=code),
    )


def case_file(db: Session, case_id: str, person: str, *, at: datetime) -> CaseFile:
    """The case after a clear declaration; NotEligible before it and for everybody else."""
    case, reading, code = _mine(db, case_id, person, at=at)
    if reading.declared != Declared.CLEAR:
        raise NotEligible()
    stored = models.SealedObject
    return CaseFile(
        grants=_own_grants(db, case_id, code),
        epochs=epochs_of(db, case_id),
        departures=departures_of(db, case_id),
        items=_items(db, case_id, stored.kind.in_(SERVED), ~_left_behind(db, case_id)),
        direct=_items(db, case_id, stored.kind == "direct", stored.reader == code),
        submission=submission_of(db, case_id),
        reporter=ReporterKeys(kem=case.reporter_kem, sign=case.reporter_sign),
        readers=readers.present(db, case_id, on=local_date(at)),
        newcomers=newcomers(db, case, on=local_date(at)),
        packages=left_in(db, case_id),
        ledger=ledger.entries(db, case_id),
        private=ledger.private_parts(db, case_id, TOLD),
    )


def categories_of(db: Session, case_id: str) -> tuple[str, ...]:
    query = select(models.CaseCategory.code).where(models.CaseCategory.case_id == case_id)
    return tuple(db.scalars(query.order_by(models.CaseCategory.code)))


def epochs_of(db: Session, case_id: str, rings: Iterable[str] | None = None) -> tuple[EpochRow, ...]:
    """The epochs of a case, of some rings or of all, with the statements that made them."""
    query = (
        select(models.Epoch, models.Statement)
        .outerjoin(models.Statement, models.Statement.id == models.Epoch.statement_id)
        .where(models.Epoch.case_id == case_id)
        .order_by(models.Epoch.ring, models.Epoch.epoch)
    )
    if rings is not None:
        query = query.where(models.Epoch.ring.in_(list(rings)))
    added: dict[tuple[str, int], list[Statement]] = {}
    for grant in granted(db, case_id):
        for place in parse_jcs(grant.doc)["rings"]:
            added.setdefault((place["ring"], place["epoch"]), []).append(_signed_json(grant))
    return tuple(
        EpochRow(
            ring=row.ring,
            epoch=row.epoch,
            state=row.state,
            statement=statement_json(statement),
            added=tuple(added.get((row.ring, row.epoch), ())),
        )
        for row, statement in db.execute(query)
    )


def departures_of(db: Session, case_id: str) -> tuple[Statement, ...]:
    """The statements with which readers left a case themselves: declared conflicts, then withdrawals."""
    query = (
        select(models.Statement)
        .where(models.Statement.case_id == case_id, models.Statement.kind.in_(("conflict", "withdrawal")))
        .order_by(models.Statement.kind, models.Statement.stored, models.Statement.id)
    )
    left = (row for row in db.scalars(query) if row.kind == "withdrawal" or parse_jcs(row.doc)["conflict"] is True)
    return tuple(_signed_json(row) for row in left)


def submission_of(db: Session, case_id: str) -> Statement:
    query = select(models.Statement).where(models.Statement.case_id == case_id, models.Statement.kind == "submission")
    return _signed_json(db.scalars(query).one())


def statement_json(row: models.Statement | None) -> Statement | None:
    return None if row is None else _signed_json(row)


def _signed_json(row: models.Statement) -> Statement:
    return {"stmt": b64u(row.doc), "sig": b64u(row.signature)}


def part_of(row: models.SealedObject) -> Part:
    return Part(data=row.data, **{field: getattr(row, field) for field in PLACE_FIELDS})


def items_query(case_id: str, *conditions: ColumnElement[bool]) -> Select[models.SealedObject, models.Statement]:
    """Sealed objects with the statements that came with them; a reporter's first objects share the manifest."""
    return (
        select(models.SealedObject, models.Statement)
        .outerjoin(
            models.Statement,
            and_(models.Statement.id == models.SealedObject.statement_id, models.Statement.kind == "item"),
        )
        .where(models.SealedObject.case_id == case_id, *conditions)
    )


def item_of(row: models.SealedObject, statement: models.Statement | None) -> Item:
    return Item(part=part_of(row), by=row.author, at=row.stored, statement=statement_json(statement))


def _mine(db: Session, case_id: str, person: str, *, at: datetime) -> tuple[models.Case, models.Readership, str]:
    query = (
        select(models.Case, models.Readership, models.Person.code)
        .join(models.Readership, models.Readership.case_id == models.Case.id)
        .join(models.Person, models.Person.id == models.Readership.person_id)
        .where(
            models.Case.id == case_id,
            models.Readership.person_id == person,
            readers.entitled_now(local_date(at)),
        )
    )
    row = db.execute(query).first() if is_uuid(case_id) else None
    if row is None:
        raise NotEligible()
    case, reading, code = row
    return case, reading, code


def _left_behind(db: Session, case_id: str) -> ColumnElement[bool]:
    """What handlers of a body that had the case wrote among themselves: nobody holds a key to it since it moved."""
    moved = [place for move in moves_of(db, case_id) for place in parse_jcs(move.doc)["rings"]]
    last = max((place["epoch"] for place in moved if place["ring"] == INTERNAL), default=0)
    return and_(models.SealedObject.kind == "note", models.SealedObject.epoch <= last)


def _own_grants(db: Session, case_id: str, code: str) -> tuple[Part, ...]:
    if code == REPORTER:  # no person has this code; the reporter's own are served by the mailbox alone
        raise NotEligible()
    found = _items(db, case_id, models.SealedObject.kind == "grant", models.SealedObject.reader == code)
    return tuple(item.part for item in found)


def _items(db: Session, case_id: str, *conditions: ColumnElement[bool]) -> tuple[Item, ...]:
    query = items_query(case_id, *conditions)
    return tuple(item_of(row, statement) for row, statement in db.execute(query.order_by(models.SealedObject.position)))
