"""A matter to be routed: facts in an organisation, and what follows from them before any body is weighed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from workflow.facts import Accused, Facts, roles
from workflow.organisation import Inspection, Organisation, Seat
from workflow.rotation import Over, load_rotation
from workflow.routes import Route, Rules


@dataclass(frozen=True)
class Charge:
    """One accused with the route that is theirs, the role it reads, its column, and the body it names first."""

    accused: Accused | None
    role: str
    route: Route
    column: str
    target: str | None

    @property
    def staff(self) -> bool:
        """Whether the receiving body may be the accused's own, because they don't decide there."""
        return self.route.staff


@dataclass(frozen=True)
class Matter:
    """What is to be decided, with what follows from the facts before any body is weighed."""

    facts: Facts
    organisation: Organisation
    table: Rules
    party_side: bool = False  # the second case of a pair: the charges that the Party column names a body for
    away: frozenset[str] = frozenset()  # who keeps no share, for they read the other case of a pair
    led_by: Charge | None = None  # the charge that decides, where another's way ends higher than the first's

    @cached_property
    def charges(self) -> tuple[Charge, ...]:
        return tuple(self._charge(accused) for accused in self.facts.accused) or (self._charge(None),)

    @cached_property
    def leading(self) -> Charge:
        """The charge that decides: by the level of the body it names, then by rank; the order given doesn't count."""
        if self.led_by is not None:
            return self.led_by
        return max(self.counted, key=lambda one: (self._height(one), one.route.rank, one.target or ""))

    @cached_property
    def counted(self) -> tuple[Charge, ...]:
        """The charges that can decide."""
        return tuple(one for one in self.charges if one.column == "party") if self.party_side else self.charges

    @cached_property
    def others(self) -> tuple[Charge, ...]:
        """The charges beside the leading one that name another body or another way on, in an order of their own."""
        unlike = {
            (one.route.rank, one.route.rule, one.target or "", one.staff): one
            for one in self.counted
            if one != self.leading
        }
        return tuple(charge for _, charge in sorted(unlike.items(), key=lambda item: item[0]))

    @cached_property
    def divided(self) -> bool:
        """Whether accused of one rank have committees of their own, so that none of these is competent for all."""
        height, rank = self._height(self.leading), self.leading.route.rank
        equal = [one for one in self.charges if one.route.rank == rank and self._height(one) == height]
        return len({one.target for one in equal}) > 1

    @cached_property
    def accused(self) -> frozenset[str]:
        return frozenset(one.person for one in self.facts.accused if one.person is not None)

    @cached_property
    def concerned(self) -> frozenset[str]:
        """Bodies in which an accused sits: by the role that was given, or by the seats of a person who was named."""
        found = set()
        for charge in self.charges:
            accused = charge.accused
            if accused is None:
                continue
            if roles()[charge.role] and not charge.staff:
                found.add(accused.body)
            found |= {
                seat.body
                for seat in self.organisation.held.get(accused.person or "", ())
                if not (charge.staff and seat.body == accused.body and _serves(seat))
            }
        return frozenset(found)

    @cached_property
    def inspection(self) -> Inspection | None:
        """The inspection at issue; None where none was named, or one that isn't in the registry."""
        return self.organisation.inspection(self.facts.inspection)

    @cached_property
    def inspecting(self) -> frozenset[str]:
        """Bodies that a person who directed or joined the inspection at issue sits in (rules.md 5, principle 2)."""
        if self.inspection is None:
            return frozenset()
        held = (seat for person in self.inspection.people for seat in self.organisation.held.get(person, ()))
        staff = self.leading.staff
        return frozenset(
            seat.body for seat in held if not (staff and seat.body == self.leading.target and _serves(seat))
        )

    @cached_property
    def barred(self) -> frozenset[str]:
        """Who may have nothing of the case, neither to read nor to keep, wherever they sit."""
        chain = self.inspection.people if self.inspection else frozenset()
        return self.accused | self.facts.objections | chain | self.related.keys()

    @cached_property
    def at_issue(self) -> frozenset[tuple[str, str]]:
        """What the case is about, as relations name it: the accused and the inspection, with people and bodies of both.

        The Plan wants nobody at work who is tied to the subject (KH84-II.2.2-UBKT-3), or by family to a team's people
        (KH84-II.5.3-TV-1). The bodies that an inspection looks at are its subject.
        """
        people, bodies = set(self.accused), {one.body for one in self.facts.accused}
        if self.inspection is not None:
            people |= self.inspection.people
            bodies |= set(self.inspection.units)
        named = {("inspection", self.facts.inspection)} if self.facts.inspection else set()
        return frozenset({("person", one) for one in people} | {("body", one) for one in bodies} | named)

    @cached_property
    def related(self) -> Mapping[str, frozenset[str]]:
        """Who is tied to what is at issue, and the reasons that this gives."""
        found: dict[str, set[str]] = {}
        for about in self.at_issue:
            for person, relation in self.organisation.tied.get(about, ()):
                found.setdefault(person, set()).add(relation.reason)
        return {person: frozenset(reasons) for person, reasons in found.items()}

    @cached_property
    def overs(self) -> frozenset[Over]:
        """The fields and areas that the matter falls under, as far as anybody has been in charge of one for too long."""
        due = self.organisation.due_in
        if not due:
            return frozenset()
        bodies = {one.body for one in self.facts.accused} | set(self.inspection.units if self.inspection else ())
        return load_rotation().overs(self.facts.work_kind, bodies, self.organisation.parents) & due.keys()

    def rotated(self, person: str) -> bool:
        """Whether somebody has reached the limit of rotation in such a matter (KH84-II.2.2-UBKT-4, KH84-II.3-TTr-5)."""
        return any(person in self.organisation.due_in[over] for over in self.overs)

    @cached_property
    def own(self) -> frozenset[str]:
        """The reporter's own unit, and the committee of that unit alone."""
        unit = self.organisation.by_code.get(self.facts.reporter_unit or "")
        if unit is None:
            return frozenset()
        committee = self.organisation.committee_of(unit.code) if unit.kind == "party_committee" else None
        return frozenset({unit.code, committee or unit.code})

    def reasons(self, seat: Seat) -> list[str]:
        """Why somebody may not read, apart from the keys they don't have."""
        seats = {held.body for held in self.organisation.held.get(seat.person, ())}
        inspection = self.inspection
        grounds = {
            "same_inspection": inspection is not None and seat.person in inspection.joined,
            "directed_inspection": inspection is not None and seat.person in inspection.directing,
            "accused": seat.person in self.accused,
            "objection": seat.person in self.facts.objections,
            "rotation": self.rotated(seat.person),
            "own_unit": bool(seats & self.own),
            "same_body_as_accused": seat.person not in self.accused and bool(seats & self.concerned),
        }
        return [reason for reason, given in grounds.items() if given] + sorted(self.related.get(seat.person, ()))

    def handlers(self, body: str) -> tuple[Seat, ...]:
        """The seats of a body that read such a case, exclusions aside."""
        needed = self.leading.route.readers_with
        seats = self.organisation.seated.get(body, ())
        return tuple(seat for seat in seats if seat.handles and (needed is None or needed in seat.roles))

    def _charge(self, accused: Accused | None) -> Charge:
        found = self.table.route_of(accused, self.organisation, self.facts.on) if accused else None
        # A body that no row knows is as good as not known (rules.md 5: "wrong or missing answer: row 29").
        route, role = found or (self.table.unknown(self.facts.on), accused.role if accused else "ordinary")
        column = route.column(None if self.party_side else self.facts.work_kind)
        return Charge(accused, role, route, column, self._target(route.targets[column], accused))

    def _target(self, targets: Iterable[str], accused: Accused | None) -> str | None:
        """The first of a list that exists on the day, else the last: then it is outside."""
        about = accused.body if accused else None
        named = [self.table.resolve(target, about, self.organisation) for target in targets]
        codes = [code for code in named if code is not None]
        return next((code for code in codes if code in self.organisation.by_code), codes[-1] if codes else None)

    def _height(self, charge: Charge) -> int:
        """The level of the body named; above all bodies here for one outside, and where nobody may receive."""
        body = self.organisation.by_code.get(charge.target or "")
        return body.level if body else self.organisation.top + 1


def _serves(seat: Seat) -> bool:
    """Whether somebody works for a body without being among those who decide there."""
    return seat.function not in ("head", "deputy") and "decide" not in seat.roles
