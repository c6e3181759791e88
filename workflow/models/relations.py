"""Relations that keep somebody from a case: declared by the person, or recorded by an administrator."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Record, UtcTime, Uuid


class Relation(Record):
    """One relation; nothing of it changes but the day on which it ends."""

    __tablename__ = "relation"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(Code)
    what: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(Code)  # of the person, unit, body or inspection that it is with
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    basis: Mapped[str | None] = mapped_column(String(80))  # the paper that an official one rests on
    recorded: Mapped[datetime] = mapped_column(UtcTime)
    recorded_by: Mapped[str | None] = mapped_column(Code)  # an administrator; None at the server's console
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))  # of who declared it
    ended_statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    __table_args__ = (
        CheckConstraint("what in ('person', 'unit', 'body', 'inspection')", name="what"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="period"),
        CheckConstraint("(basis is null) <> (statement_id is null)", name="source"),
        Index("ix_relation_person_id", "person_id"),
        Index("ix_relation_code", "what", "code"),
    )
