"""Bodies outside, and the packages in which cases have left to them. The packages themselves are not kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Hash, Record, UtcTime, Uuid


class OutsideBody(Record):
    """To whom a case may leave: the newest document that the organisation's key signed."""

    __tablename__ = "outside_body"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    doc: Mapped[bytes]
    signature: Mapped[bytes]
    added: Mapped[datetime] = mapped_column(UtcTime)


class CasePackage(Record):
    """A case that left: who made the package is in its statement, whether its receipt came back is here."""

    __tablename__ = "case_package"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    statement_id: Mapped[str] = mapped_column(ForeignKey("statement.id"), unique=True)
    addressee: Mapped[str] = mapped_column(Code)
    readerkey: Mapped[str | None] = mapped_column(Hash)  # None: under a one-time code
    mark: Mapped[str] = mapped_column(Hash)  # of the receipt number
    name_vi: Mapped[str] = mapped_column(String(200))  # of the addressee, as it was signed then
    name_en: Mapped[str] = mapped_column(String(200))
    made: Mapped[datetime] = mapped_column(UtcTime)
    received: Mapped[datetime | None] = mapped_column(UtcTime)
    __table_args__ = (Index("ix_case_package_case_id", "case_id", "made"),)
