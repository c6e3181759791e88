"""Effective-dated facts: what is so from one day until another, and what a statement about it changes.

The days of a timeline never overlap. `until` is the last day, None without an end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    since: date
    until: date | None
    facts: Mapping[str, Any]

    def covers(self, day: date) -> bool:
        return self.since <= day and self.reaches(day)

    def reaches(self, day: date) -> bool:
        """Whether it is still so on this day, or will be later."""
        return self.until is None or self.until >= day


Timeline = tuple[Span, ...]


@dataclass(frozen=True)
class Step:
    """One difference between two timelines: what begins to be so on a day, or is so no longer after it."""

    kind: str  # added | changed | ended | prolonged | dropped
    day: date  # the first day; of `ended` the last
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    until: date | None


def in_force(timeline: Timeline, day: date) -> Span | None:
    return next((span for span in timeline if span.covers(day)), None)


def overlaps(timeline: Timeline, since: date, until: date | None) -> bool:
    return any((until is None or span.since <= until) and span.reaches(since) for span in timeline)


def stated(timeline: Timeline, since: date, until: date | None, facts: Mapping[str, Any]) -> Timeline:
    """From `since` until `until` it is thus; what was before stays, and what begins after `until`."""
    base = in_force(timeline, since)
    start = base.since if base is not None and base.facts == facts else since
    later = [span for span in timeline if until is not None and span.since > until]
    return (*_until(timeline, start - DAY if start > date.min else None), Span(start, until, facts), *later)


def ended(timeline: Timeline, last: date) -> Timeline:
    """Nothing is so any more after its `last` day."""
    return _until(timeline, last)


def _until(timeline: Timeline, last: date | None) -> Timeline:
    if last is None:
        return ()
    kept = (span for span in timeline if span.since <= last)
    return tuple(replace(span, until=last) if span.reaches(last + DAY) else span for span in kept)


def steps(before: Timeline, after: Timeline) -> Iterator[Step]:
    """What a reader of both has to know, in the order of the days."""
    for span in after:
        if span in before:
            continue
        old = in_force(before, span.since)
        if old is None:
            yield Step("added", span.since, {}, span.facts, span.until)
        elif old.facts != span.facts:
            yield Step("changed", span.since, old.facts, span.facts, span.until)
        elif span.until is None or (old.until is not None and old.until < span.until):
            yield Step("prolonged", span.since, old.facts, span.facts, span.until)
        elif in_force(after, span.until + DAY) is None:
            yield Step("ended", span.until, old.facts, {}, span.until)
    begins = {span.since for span in after}
    for span in before:
        if span.since not in begins:
            yield Step("dropped", span.since, span.facts, {}, span.until)
