"""Drills: custodians prove that their key works, without anything of a reporter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Hash, Record, UtcTime, Uuid


class Drill(Record):
    """One practice share; its value is nowhere but sealed to the custodian, and here as a hash."""

    __tablename__ = "drill"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    readerkey: Mapped[str] = mapped_column(Hash)
    value_hash: Mapped[str] = mapped_column(Hash)
    expires: Mapped[datetime] = mapped_column(UtcTime)
    answered: Mapped[datetime | None] = mapped_column(UtcTime)
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    __table_args__ = (Index("ix_drill_person_id", "person_id", "answered"),)
