"""Times as statements and the ledger write them: UTC, to the second, and coarser where that protects somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

FORM = "%Y-%m-%dT%H:%M:%SZ"
VIETNAM = timezone(timedelta(hours=7))  # no summer time since 1975, and none is planned


def stamp(at: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ` of an aware time."""
    if at.tzinfo is None:
        raise ValueError("a time to be recorded is aware")
    return at.astimezone(UTC).strftime(FORM)


def read_stamp(text: str) -> datetime:
    """The time of a stamp; ValueError for anything else than the one form."""
    at = datetime.strptime(text, FORM).replace(tzinfo=UTC)
    if at.strftime(FORM) != text:  # strptime is lenient about leading zeros
        raise ValueError("not a stamp")
    return at


def to_hour(at: datetime) -> datetime:
    """The hour an act of the reporter's fell in: all that is kept of its time (architecture, *What may be left*)."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def local_date(at: datetime) -> date:
    """The day it is in Viet Nam: what people are shown, and what a year's case numbers count by."""
    return at.astimezone(VIETNAM).date()


def local_midnight(at: datetime) -> datetime:
    """When that day began; a whole hour in UTC too."""
    return at.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
