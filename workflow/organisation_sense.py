"""Whether an organisation as a file would make it holds together: parents, seats, people, sets that fit each other.

Only what the file touches is judged, so that what stands on record can always be stated again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from workflow.marked_yaml import Fault, Spot
from workflow.organisation import HANDLING
from workflow.organisation_file import Key, Line, OrganisationFile
from workflow.timelines import DAY, Span, Timeline, in_force

Touched = Set[tuple[str, Key]]
SMALLEST_SET = 4  # sealing.md, *Rules*: 2 of 4 or larger


def faults_of_sense(
    after: Mapping[str, Mapping[Key, Timeline]],
    before: Mapping[str, Mapping[Key, Timeline]],
    file: OrganisationFile,
    touched: Touched,
    *,
    day: date,
) -> list[Fault]:
    """Every fault on `day` or later that the file brings about; `touched` are the rows that it changes."""
    look = _Look(after, before, file, touched, day)
    return [*look.parents(), *look.names(), *look.units(), *look.seats(), *look.people(), *look.sets(), *look.duties()]


@dataclass(frozen=True)
class _Look:
    after: Mapping[str, Mapping[Key, Timeline]]
    before: Mapping[str, Mapping[Key, Timeline]]
    file: OrganisationFile
    touched: Touched
    day: date

    @cached_property
    def _lines(self) -> Mapping[tuple[str, Key], Line]:
        return {(name, line.key): line for name, lines in self.file.lines.items() for line in lines}

    def _fault(self, section: str, key: Key, why: str, about: object, at: str | None = None) -> Fault:
        """At the row that names the key; at the top where the file says it by leaving a row out."""
        line = self._lines.get((section, key))
        return line.fault(why, about, at=at) if line else Fault(Spot(), why, str(about))

    def _changed(self, section: str) -> Iterator[tuple[Key, Span]]:
        """What a touched row says from the day on."""
        for name, key in sorted(self.touched):
            if name == section:
                yield from ((key, span) for span in self.after[name].get(key, ()) if span.reaches(self.day))

    def _known(self, section: str, key: Key, day: date) -> bool:
        """Whether there is such a thing on a day; what can't be read has a fault of its own already."""
        there = in_force(self.after[section].get(key, ()), day)
        return there is not None or key in self.file.doubtful[section]

    # Bodies

    def parents(self) -> Iterator[Fault]:
        circles: set[frozenset[str]] = set()
        orphans: dict[tuple[str, date], list[str]] = defaultdict(list)
        for key in self._near():
            for span in self.after["bodies"].get(key, ()):
                for on in self._days(span):
                    yield from self._parent(key, span, on, circles, orphans)
        for (above, on), below in orphans.items():
            yield self._fault("bodies", (above,), "others_below", f"{above} ({on}) ← {', '.join(below)}")

    def _near(self) -> list[Key]:
        """The touched bodies, and those whose parent is touched."""
        changed = {key for name, key in self.touched if name == "bodies"}
        below = {
            key
            for key, timeline in self.after["bodies"].items()
            if any((str(span.facts["parent"]),) in changed for span in timeline)
        }
        return sorted(changed | below)

    def _days(self, span: Span) -> list[date]:
        """One day of every time in which body and parent are the same, from the day on."""
        if not span.reaches(self.day):
            return []
        start = max(span.since, self.day)
        turns = {start}
        for parent in self.after["bodies"].get((str(span.facts["parent"]),), ()):
            turns |= {parent.since} | ({parent.until + DAY} if parent.until else set())
        return sorted(turn for turn in turns if turn >= start and span.covers(turn))

    def _parent(
        self,
        key: Key,
        span: Span,
        on: date,
        circles: set[frozenset[str]],
        orphans: dict[tuple[str, date], list[str]],
    ) -> Iterator[Fault]:
        above = span.facts["parent"]
        if above is None:
            return
        if not self._known("bodies", (above,), on):
            if ("bodies", key) in self.touched or ("bodies", (above,)) not in self._lines:
                yield self._fault("bodies", key, "unknown_parent", f"{key[0]} → {above} ({on})", "parent")
            else:
                orphans[above, on].append(key[0])
            return
        parent = in_force(self.after["bodies"].get((above,), ()), on)
        if parent is not None and parent.facts["level"] < span.facts["level"]:
            yield self._fault("bodies", key, "parent_below", f"{key[0]} → {above}", "parent")
        seen = [key[0]]
        up: str | None = above
        while up is not None and up not in seen:
            seen.append(up)
            then = in_force(self.after["bodies"].get((up,), ()), on)
            up = then.facts["parent"] if then else None
        if up == key[0] and frozenset(seen) not in circles:
            circles.add(frozenset(seen))
            yield self._fault("bodies", key, "circle", " → ".join([*seen, key[0]]), "parent")

    def names(self) -> Iterator[Fault]:
        for section in ("bodies", "units"):
            for key, span in self._changed(section):
                if not all(str(word).strip() for word in span.facts["name"].values()):
                    yield self._fault(section, key, "no_name", key[0], "name")
        for key, span in self._changed("bodies"):
            if span.facts["single"] and span.facts["quorum"] != 1:
                yield self._fault("bodies", key, "single_quorum", span.facts["quorum"], "quorum")

    # What refers to bodies and people

    def units(self) -> Iterator[Fault]:
        for key, span in self._changed("units"):
            body, on = span.facts["body"], max(span.since, self.day)
            if body is not None and not self._known("bodies", (body,), on):
                yield self._fault("units", key, "unknown_body", f"{body} ({on})", "body")

    def seats(self) -> Iterator[Fault]:
        for key, span in self._changed("seats"):
            body, person = key
            if not self._known("bodies", (body,), span.since):
                yield self._fault("seats", key, "unknown_body", f"{body} ({span.since})", "body")
            if not self._known("people", (person,), span.since):
                yield self._fault("seats", key, "unknown_person", person, "person")

    def people(self) -> Iterator[Fault]:
        owners: dict[str, set[str]] = defaultdict(set)
        for there in (self.before["people"], self.after["people"]):
            for key, timeline in there.items():
                owners[timeline[0].facts["username"]].add(key[0])
        for key, span in self._changed("people"):
            username = span.facts["username"]
            others = sorted(owners[username] - {key[0]})
            if others:
                yield self._fault("people", key, "username_taken", f"{username} ({', '.join(others)})", "username")
        doubtful = self.file.doubtful["people"]
        if not doubtful and self._administrators(self.before) and not self._administrators(self.after):
            yield Fault(Spot(), "no_administrator")

    def _administrators(self, sections: Mapping[str, Mapping[Key, Timeline]]) -> bool:
        return any(timeline[0].facts["administrator"] for timeline in sections["people"].values())

    def sets(self) -> Iterator[Fault]:
        for key, span in self._changed("sets"):
            members, k = span.facts["members"], span.facts["k"]
            if len(members) < SMALLEST_SET:
                yield self._fault("sets", key, "few_custodians", len(members), "members")
            if not 2 <= k < len(members):
                yield self._fault("sets", key, "bad_threshold", f"{k}/{len(members)}", "k")
            for person in members:
                if not self._known("people", (person,), span.since):
                    yield self._fault("sets", key, "unknown_person", person, "members")

    # Who keeps keys or people's access handles nothing

    def duties(self) -> Iterator[Fault]:
        """Custodians and administrators are outside the handling chain."""
        handling: dict[str, list[tuple[Key, Span]]] = defaultdict(list)
        for key, timeline in self.after["seats"].items():
            for span in timeline:
                if span.reaches(self.day) and not HANDLING.isdisjoint(span.facts["roles"]):
                    handling[key[1]].append((key, span))
        for key, timeline in self.after["people"].items():
            if timeline[0].facts["administrator"]:
                for seat, _ in handling.get(key[0], ()):
                    yield from self._both("administrator_handles", key[0], ("people", key), seat)
        for key, timeline in self.after["sets"].items():
            for span in (span for span in timeline if span.reaches(self.day)):
                for person in span.facts["members"]:
                    for seat, held in handling.get(person, ()):
                        if held.reaches(span.since) and span.reaches(held.since):
                            yield from self._both("custodian_handles", person, ("sets", key), seat)

    def _both(self, why: str, person: str, other: tuple[str, Key], seat: Key) -> Iterator[Fault]:
        """At whichever of the two rows the file changes."""
        for section, key in (("seats", seat), other):
            if (section, key) in self.touched:
                yield self._fault(section, key, why, f"{person} ({'/'.join(seat)}; {'/'.join(other[1])})")
                return
