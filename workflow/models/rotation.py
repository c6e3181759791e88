"""Who is in charge of which field or area, and what was said about their rotation."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Record, UtcTime, Uuid


class Charge(Record):
    """Somebody in charge ("phụ trách") of a field or an area for a time."""

    __tablename__ = "charge"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(8))  # field | area
    code: Mapped[str] = mapped_column(Code)  # of the field, or of the area's body
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "code", "since"),
        CheckConstraint("kind in ('field', 'area')", name="kind"),
        CheckConstraint("until is null or until >= since", name="period"),
    )


class RotationAct(Record):
    """An exception or a requirement; rows are only added, and the newest of a charge counts."""

    __tablename__ = "rotation_act"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(Code)
    act: Mapped[str] = mapped_column(String(16))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)  # the last day of an exception
    reason: Mapped[str] = mapped_column(Code)
    note: Mapped[str] = mapped_column(String(400))  # the reason in words: the organisation's data, in no statement
    said_by: Mapped[str | None] = mapped_column(Code)  # the head who signed; None for what was entered at the server
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    said_at: Mapped[datetime] = mapped_column(UtcTime)
    __table_args__ = (
        CheckConstraint("kind in ('field', 'area')", name="kind"),
        CheckConstraint("act in ('exception', 'requirement')", name="act"),
        CheckConstraint("(act = 'exception') = (until is not null)", name="lasts"),
        CheckConstraint("act = 'requirement' or statement_id is not null", name="signed"),
    )
