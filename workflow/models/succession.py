"""Which body goes on with the work of one that has ended."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Record, UtcTime


class BodySuccessor(Record):
    """From `since` on, what would come to `body` comes to `successor`."""

    __tablename__ = "body_successor"

    body: Mapped[str] = mapped_column(Code, primary_key=True)
    since: Mapped[date] = mapped_column(Date, primary_key=True)
    successor: Mapped[str] = mapped_column(Code)
    recorded: Mapped[datetime] = mapped_column(UtcTime)
