"""What a file would make of an organisation: the days before `day` stay as they are, faults are told all at once.

Pure: it takes what is on record as timelines and returns other timelines; `workflow.commands.imports` writes the difference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from workflow.marked_yaml import Fault, Spot
from workflow.organisation_file import SECTIONS, Key, Line, OrganisationFile, Section
from workflow.organisation_sense import faults_of_sense
from workflow.timelines import DAY, Span, Step, Timeline, ended, in_force, overlaps, stated, steps

Timelines = Mapping[Key, Timeline]
# Stands in for a field that can't be read, so that the rest of its row is judged; such a file is never written.
GUESSED = {"function": "clerk", "kind": "cell", "k": 2}
QUORUM = 2  # contracts, *Quorum for routing*: 1 for a body of one person


@dataclass(frozen=True)
class Held:
    """All that is on record, by section.

    `enrolled`: people whose user name is part of their passphrase by now; `versions`: the newest number of each custodian
    set, also of one that never came to be in force.
    """

    sections: Mapping[str, Timelines]
    enrolled: frozenset[str]
    versions: Mapping[str, int]


@dataclass(frozen=True)
class Change:
    """A difference that a reader of the file's effect has to know."""

    section: Section
    key: Key
    step: Step

    @property
    def id(self) -> str:
        return "/".join(self.key)


@dataclass(frozen=True)
class Plan:
    """`after` is what is to be on record; `unfilled` are custodian sets of the file that nobody sits in yet."""

    after: Mapping[str, Timelines]
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    unfilled: tuple[str, ...]


def plan(held: Held, file: OrganisationFile, *, day: date, today: date, whole: bool) -> Plan:
    """What importing a file means from `day` on. `whole`: what it doesn't name ends with the day before."""
    work = _Work(file, held, day, {name: dict(there) for name, there in held.sections.items()})
    if whole:
        work.faults += [Fault(Spot(), "missing_section", one.name) for one in SECTIONS if one.name not in file.named]
    for section in SECTIONS:
        work.section(section)
        if whole and section.name in file.named:
            work.end_unnamed(section, today)
    changes = tuple(
        Change(section, key, step)
        for section in SECTIONS
        for key, timeline in sorted(work.after[section.name].items())
        for step in steps(held.sections[section.name].get(key, ()), timeline)
    )
    for change in changes:
        if change.step.kind == "dropped" and change.step.day < today:
            work.faults.append(work.gone(change))
    touched = {(change.section.name, change.key) for change in changes}
    sense = faults_of_sense(work.after, held.sections, file, touched, day=day)
    return Plan(work.after, changes, tuple(sorted({*work.faults, *sense})), tuple(sorted(work.unfilled)))


def as_file(there: Held, *, on: date) -> dict[str, list[dict[str, Any]]]:
    """What is so on a day, and what is on record for later, in the shape of a file (docs/organisation-file.md)."""
    return {
        section.name: [
            _row(section, key, span)
            for key, timeline in sorted(there.sections[section.name].items())
            for span in timeline
            if span.reaches(on)
        ]
        for section in SECTIONS
    }


def _row(section: Section, key: Key, span: Span) -> dict[str, Any]:
    row: dict[str, Any] = {**dict(zip(section.key, key, strict=True)), **span.facts}
    if section.name == "sets":
        row["n"] = len(row["members"])
    if section.since is not None and section.until is not None:
        row[section.since] = span.since.isoformat()
        row[section.until] = span.until.isoformat() if span.until else None
    return row


@dataclass
class _Work:
    file: OrganisationFile
    held: Held
    day: date
    after: dict[str, dict[Key, Timeline]]
    faults: list[Fault] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)

    def section(self, section: Section) -> None:
        """All rows of a section, each key's in the order of their first days."""
        rows: dict[Key, list[Line]] = {}
        for line in self.file.lines[section.name]:
            rows.setdefault(line.key, []).append(line)
        apply = self._set if section.name == "sets" else self._person if section.since is None else self._dated
        for lines in rows.values():
            if section.name == "sets":
                lines.sort(key=lambda line: line.given.get("version", sys.maxsize))
            else:
                lines.sort(key=self._from)
            self.faults += self._twice(section, lines)
            for line in lines:
                apply(line)

    def end_unnamed(self, section: Section, today: date) -> None:
        """What a whole file doesn't name ends; people stay known, and lose their duties unless that lies ahead."""
        named = {line.key for line in self.file.lines[section.name]} | self.file.doubtful[section.name]
        for key, timeline in self.held.sections[section.name].items():
            if key in named:
                continue
            if section.since is not None:
                self.after[section.name][key] = ended(timeline, self.day - DAY)
            elif self.day <= today:
                facts = dict(timeline[0].facts) | {"supervisor": False, "administrator": False}
                self.after[section.name][key] = (Span(date.min, None, facts),)

    def gone(self, change: Change) -> Fault:
        """What has been so is never taken out of the record: it ends."""
        lines = [line for line in self.file.lines[change.section.name] if line.key == change.key]
        about = f"{change.id}: {change.step.day}"
        return lines[0].fault("held_already", about) if lines else Fault(Spot(), "held_already", about)

    def _from(self, line: Line) -> date:
        return line.since or self.file.valid_from or self.day

    def _twice(self, section: Section, lines: list[Line]) -> Iterator[Fault]:
        """Rows of one key that say two things of one day."""
        for line, then in pairwise(lines):
            if section.name == "sets":
                twice = line.given.get("version") == then.given.get("version")
            else:
                twice = section.since is None or line.until is None or line.until >= self._from(then)
            if twice:
                yield then.fault("said_twice", f"{'/'.join(then.key)}: {line.node.spot.line}")

    def _dated(self, line: Line) -> None:
        """A row of bodies, units or seats."""
        known = self.after[line.section.name]
        timeline, given = known.get(line.key, ()), line.given
        since, until = self._from(line), line.until
        if line.since is None and until is not None and timeline:
            since = min(since, until)  # the row only says when what is there ends
        if until is not None and until < since:
            self.faults.append(line.fault("ends_before_it_begins", until, at=line.section.until))
        elif until is not None and until < self.day:
            self._past(line, timeline, since, until)
        else:
            start = self.day if since < self.day and overlaps(timeline, since, until) else since
            base = in_force(timeline, start)
            facts = self._facts(line, base, given)
            last = until if line.says_until or base is None else base.until
            if facts is not None:
                known[line.key] = stated(timeline, start, last, facts)

    def _past(self, line: Line, timeline: Timeline, since: date, until: date) -> None:
        """A row that was over before the day: history that is on record so, that isn't yet, or that ends just now."""
        known, given = self.after[line.section.name], line.given
        there = in_force(timeline, until)
        same = there is not None and all(there.facts.get(name) == value for name, value in given.items())
        if same and there is not None and there.until == until:
            return
        if same and until == self.day - DAY:
            known[line.key] = ended(timeline, until)
        elif not overlaps(timeline, since, until):
            facts = self._facts(line, None, given)
            if facts is not None:
                known[line.key] = tuple(sorted((*timeline, Span(since, until, facts)), key=lambda span: span.since))
        else:
            self.faults.append(line.fault("before_the_day", until + DAY, at=line.section.until))

    def _person(self, line: Line) -> None:
        known = self.after["people"]
        base = next(iter(known.get(line.key, ())), None)
        given = line.given
        called = base.facts["username"] if base is not None else None
        if line.key[0] in self.held.enrolled and given.get("username", called) != called:
            self.faults.append(line.fault("username_fixed", called, at="username"))
        facts = self._facts(line, base, given)
        if facts is not None:
            known[line.key] = (Span(date.min, None, facts),)

    def _set(self, line: Line) -> None:
        """A row of custodian sets: another version where anything differs, since a version never changes."""
        known, given = self.after["sets"], line.given
        timeline = known.get(line.key, ())
        versions = {span.facts["version"]: span for span in timeline}
        number = given.pop("version", None)
        if "members" not in given and not versions:
            self.unfilled.append(line.key[0])
            return
        stated_n = getattr(line.row, "n", None)
        if stated_n is not None and "members" in given and stated_n != len(given["members"]):
            self.faults.append(line.fault("not_so_many", len(given["members"]), at="n"))
        base = versions.get(number) if number in versions else (timeline[-1] if timeline else None)
        newest = max([*versions, self.held.versions.get(line.key[0], 0)])
        facts = self._facts(line, base, given)
        if facts is None:
            return
        old = base.facts["version"] if base else 0
        same = base is not None and facts | {"version": old} == base.facts
        if line.until is not None and line.until < (base.since if base is not None and same else self._from(line)):
            self.faults.append(line.fault("ends_before_it_begins", line.until, at="valid_to"))
        elif base is not None and same and self._lasts(line, base):
            self._set_ends(line, timeline, base)
        elif number in versions:
            self.faults.append(line.fault("version_fixed", newest + 1, at="version"))
        elif number is not None and number <= newest:
            self.faults.append(line.fault("version_passed", newest + 1, at="version"))
        elif base is not None and self._from(line) < base.since and self.day < base.since:
            self.faults.append(line.fault("before_its_version", base.since, at="valid_from"))
        else:
            start = max(self._from(line), self.day) if timeline else self._from(line)
            span = Span(start, line.until, facts | {"version": number or newest + 1})
            known[line.key] = (*ended(timeline, start - DAY), span)

    def _lasts(self, line: Line, base: Span) -> bool:
        """Whether a row that repeats a version is about that version: not where it would begin once more."""
        number = getattr(line.row, "version", None)
        again = line.says_until and line.until != base.until and not base.reaches(self.day - DAY)
        return number in (None, base.facts["version"]) and not again

    def _set_ends(self, line: Line, timeline: Timeline, base: Span) -> None:
        later = [span for span in timeline if span.since > base.since]
        if not line.says_until or line.until == base.until:
            return
        if later and (line.until is None or line.until >= later[0].since):
            return  # the later version takes its place anyway
        if line.until is not None and line.until < self.day - DAY:
            self.faults.append(line.fault("before_the_day", line.until + DAY, at="valid_to"))
            return
        self.after["sets"][line.key] = tuple(
            Span(span.since, line.until, span.facts) if span == base else span for span in timeline
        )

    def _facts(self, line: Line, base: Span | None, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the row says, the rest as it was; of what is new, as is usual. None where something is missing."""
        if base is not None:
            return {**base.facts, **given}
        missing = [name for name in line.section.required if name not in given]
        self.faults += [line.fault("missing_field", name) for name in missing if name not in line.node.keys]
        if not all(name in GUESSED and name in line.node.keys for name in missing):
            return None
        return {**_usual(line.section.name, given), **given, **{name: GUESSED[name] for name in missing}}


def _usual(section: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a new row means where it says nothing."""
    single = bool(given.get("single", False))
    usual: dict[str, dict[str, Any]] = {
        "bodies": {"parent": None, "single": single, "quorum": 1 if single else QUORUM},
        "units": {"body": None},
        "people": {"mail": None, "supervisor": False, "administrator": False},
        "seats": {"roles": []},
        "sets": {"purpose": "identity"},
    }
    return usual[section]
