"""Cases, rings, sealed objects, statements: what the server keeps of a report it can't read."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Hash, Record, UtcTime, Uuid


class Case(Record):
    __tablename__ = "case_file"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # YYYY-NNNN, shown to people
    state: Mapped[str] = mapped_column(String(8))
    profile: Mapped[str] = mapped_column(String(8))
    ruleset: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Code)
    work_kind: Mapped[str | None] = mapped_column(String(16))
    sealed_at: Mapped[str] = mapped_column(String(8), default="browser")  # browser | server
    received: Mapped[datetime] = mapped_column(UtcTime)  # to the hour
    updated: Mapped[datetime] = mapped_column(UtcTime)  # to the hour
    content_hash: Mapped[str] = mapped_column(Hash)  # idempotent sending; covers sealed objects only
    mailbox_hash: Mapped[str] = mapped_column(Hash, unique=True)
    reporter_kem: Mapped[bytes]
    reporter_sign: Mapped[bytes]
    custodian_set: Mapped[str] = mapped_column(Code)
    custodian_set_version: Mapped[int]
    __table_args__ = (
        CheckConstraint("profile in ('state', 'party', 'lead')", name="profile"),
        CheckConstraint("sealed_at in ('browser', 'server')", name="sealed_at"),
        Index("ix_case_file_queue", "updated", "received", "number"),
    )


class CaseCategory(Record):
    __tablename__ = "case_category"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)


class Readership(Record):
    """Who is entitled to read a case, since when, until when."""

    __tablename__ = "readership"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    since: Mapped[datetime] = mapped_column(UtcTime)
    declared: Mapped[str | None] = mapped_column(String(8))  # clear | conflict
    declared_at: Mapped[datetime | None] = mapped_column(UtcTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_why: Mapped[str | None] = mapped_column(String(16))  # withdrawal | conflict | removal | moved
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        CheckConstraint("declared in ('clear', 'conflict')", name="declared"),
    )


class Epoch(Record):
    """One epoch of one ring; `pending` has no key yet, `closed` takes no more objects."""

    __tablename__ = "epoch"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    ring: Mapped[str] = mapped_column(String(16), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))  # pending | open | closed
    commitment: Mapped[str | None] = mapped_column(Hash)
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    __table_args__ = (CheckConstraint("state in ('pending', 'open', 'closed')", name="state"),)


class SealedObject(Record):
    """Any sealed object: its place (which is its binding), its bytes, its hash."""

    __tablename__ = "sealed_object"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(16))
    ring: Mapped[str | None] = mapped_column(String(16))
    epoch: Mapped[int | None]
    scope: Mapped[str | None] = mapped_column(String(16))
    reader: Mapped[str | None] = mapped_column(Code)  # person code or `reporter`
    readerkey: Mapped[str | None] = mapped_column(Hash)
    set: Mapped[str | None] = mapped_column("set_code", Code)
    setv: Mapped[int | None]
    k: Mapped[int | None]
    n: Mapped[int | None]
    x: Mapped[int | None]
    data: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(Hash)
    author: Mapped[str] = mapped_column(Code)  # person code, `reporter` or `server`
    stored: Mapped[datetime] = mapped_column(UtcTime)  # to the hour for the reporter's
    position: Mapped[int]  # order within the case
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        Index("ix_sealed_object_place", "case_id", "kind", "reader"),
    )


class Statement(Record):
    """A signed statement, kept as received: canonical bytes and signature."""

    __tablename__ = "statement"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(20))
    signer: Mapped[str] = mapped_column(Code)
    doc: Mapped[bytes]
    signature: Mapped[bytes]
    hash: Mapped[str] = mapped_column(Hash)
    stored: Mapped[datetime] = mapped_column(UtcTime)
    __table_args__ = (Index("ix_statement_case", "case_id", "kind"),)


class CaseCounter(Record):
    """The last human case number given in a year."""

    __tablename__ = "case_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class SeenEnvelope(Record):
    """Digest of an envelope already answered; forgotten with its routing key."""

    __tablename__ = "seen_envelope"

    digest: Mapped[str] = mapped_column(Hash, primary_key=True)
    forget: Mapped[date] = mapped_column(Date)
