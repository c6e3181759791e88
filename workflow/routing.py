"""Who receives a report: facts in, decision with reasons out (contracts, *Facts and decision*; rules.md, section 5).

The highest-ranked accused decides the row; a body that may not or cannot receive is passed over, along the row's own
next body and then the escalation list, until somebody competent can be sealed to or nobody is left. Never back down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from workflow import pairing, rules
from workflow.facts import Accused, BadFacts, Facts, parse_facts, roles
from workflow.organisation import Inspection, Organisation, Seat, at_quorum
from workflow.rotation import Over, load_rotation
from workflow.routes import Route, Rules, load_rules
from workflow.succession import carried, standing

__all__ = [
    "BadFacts",
    "Decision",
    "Facts",
    "guidance",
    "load_rules",
    "parse_facts",
    "route",
    "row_texts",
    "rule_text",
    "unknown_bodies",
    "weigh",
]

NO_CLAUSES: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What the contract calls a decision; all lists are sorted. `body` is None where nobody may receive."""

    body: str | None
    external: bool
    rule: str
    readers: tuple[str, ...]
    excluded: tuple[tuple[str, tuple[str, ...]], ...]  # (person, reasons)
    escalated: tuple[tuple[str, str], ...]  # (from, why)
    copies: tuple[str, ...]
    custodians: str | None
    ruleset: str
    citations: tuple[str, ...]
    pair: Decision | None = None  # of the linked case; its own is None
    leads: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "external": self.external,
            "rule": self.rule,
            "readers": list(self.readers),
            "excluded": [{"person": person, "reasons": list(reasons)} for person, reasons in self.excluded],
            "escalated": [{"from": code, "why": why} for code, why in self.escalated],
            "pair": self.pair.as_linked() if self.pair else None,
            "copies": list(self.copies),
            "custodians": self.custodians,
            "ruleset": self.ruleset,
            "citations": list(self.citations),
        }

    def as_linked(self) -> dict[str, Any]:
        """What the decision of the other case of a pair says of this one."""
        return {"body": self.body, "rule": self.rule, "readers": list(self.readers), "leads": self.leads}


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


def route(facts: Facts, organisation: Organisation, table: Rules) -> Decision:
    """Decide. Total: any facts get an answer, if only that nobody here may receive."""
    facts = carried(facts, organisation)
    matter, decision = _foremost(Matter(facts, organisation, table))
    if not decision.readers or not pairing.is_dual(matter.leading, facts):
        return decision
    party = Matter(facts, organisation, table, party_side=True, away=frozenset(decision.readers))
    other = replace(_foremost(party)[1], leads=False)
    return replace(decision, pair=other) if pairing.may_be_paired(decision, other, organisation) else decision


def _foremost(matter: Matter) -> tuple[Matter, Decision]:
    """The matter led by whose own way ends highest, with its decision: an accused more never lowers the level."""
    first = matter, _decided(matter)
    led = [replace(matter, led_by=charge) for charge in matter.others]
    return max([first, *((one, _decided(one)) for one in led)], key=lambda pair: _reach(pair[1], matter.organisation))


def _reach(decision: Decision, organisation: Organisation) -> int:
    """The level of who receives; above all bodies here for one outside, and highest where nobody may."""
    if decision.body is None:
        return organisation.top + 2
    return organisation.top + 1 if decision.external else organisation.by_code[decision.body].level


def _decided(matter: Matter) -> Decision:
    organisation = matter.organisation
    passed: list[tuple[str, str]] = []
    citations = set(matter.leading.route.citations)
    for code, cited in _candidates(matter):
        citations |= set(cited)
        if code not in organisation.by_code:
            return _decision(matter, passed, citations, body=code, external=True)
        why = _obstacle(matter, code, first=not passed)
        if why is None:
            return _decision(
                matter,
                passed,
                citations,
                body=code,
                readers=_readers(matter, code),
                custodians=_custodians(matter, code),
            )
        passed.append((code, why))
    return _decision(matter, passed, citations)


def weigh(
    facts: Facts, organisation: Organisation, table: Rules, body: str
) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Who of one body could be sealed such a case today, and who may not for which reasons, as a decision names them.

    For a case that is there already: whether the body would receive it again, and has its quorum, is not asked.
    """
    if body not in organisation.by_code:
        return (), ()
    matter = Matter(carried(facts, organisation), organisation, table)
    return _readers(matter, body), _excluded(matter, [body])


def unknown_bodies(facts: Facts, organisation: Organisation) -> tuple[str, ...]:
    """Faults of facts that name bodies which don't exist here: one line each, as `BadFacts` has them."""
    known, accused = organisation.by_code, carried(facts, organisation).accused
    faults = [f"accused[{i}].body: no such body here" for i, one in enumerate(accused) if one.body not in known]
    return tuple(faults)


def _candidates(matter: Matter) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The bodies to weigh in turn, each once, with the clauses that lead from the one before."""
    lead = matter.leading
    code, cited = lead.target, NO_CLAUSES
    seen: set[str] = set()
    nexts = [lead.route.if_conflicted.get(lead.column)]
    if code in matter.inspecting:
        nexts.insert(0, lead.route.if_inspecting.get(lead.column))
    following = [matter.table.resolve(named, None, matter.organisation) for named in nexts if named]
    while code is not None and code not in seen:
        seen.add(code)
        yield code, cited
        following = [then for then in following if then not in seen]
        if following:
            code, cited = following.pop(0), NO_CLAUSES
        else:
            code, cited = matter.table.rise_from(code, matter.organisation)


def _obstacle(matter: Matter, code: str, *, first: bool) -> str | None:
    """Why a body is passed over; None when it can receive."""
    lead = matter.leading.route
    if first and (matter.divided or (lead.needs_inspection and matter.inspection is None)):
        return "row_conflict"
    if code in matter.concerned:
        return "accused_body"
    if code in matter.inspecting and not (first and lead.needs_inspection):  # such a row keeps out people, not the body
        return "inspection_body"
    if code in matter.own:
        return "own_unit"
    free = [seat for seat in matter.handlers(code) if not matter.reasons(seat)]
    if not _enough(matter, code, free):
        return "quorum"
    ready = [seat for seat in free if seat.signed]
    if not ready:
        return "not_sealable"
    if not _enough(matter, code, ready):
        return "quorum"
    return None if _custodians(matter, code) else "not_sealable"


def _enough(matter: Matter, code: str, seats: Iterable[Seat]) -> bool:
    body = matter.organisation.by_code[code]
    return at_quorum((seat.function for seat in seats), quorum=body.quorum, single=body.single)


def _readers(matter: Matter, code: str) -> tuple[str, ...]:
    return tuple(sorted(seat.person for seat in matter.handlers(code) if seat.signed and not matter.reasons(seat)))


def _custodians(matter: Matter, code: str) -> str | None:
    """The set of the body's level that nobody concerned sits in, else of a level above (sealing.md, *Rules*).

    A share goes to every member of a set, so one custodian who may not have it rules the whole set out.
    """
    level = matter.organisation.by_code[code].level
    barred = matter.barred | matter.away | set(_readers(matter, code))
    fit = [
        kept
        for kept in matter.organisation.sets
        if kept.level >= level and barred.isdisjoint(kept.members) and not any(map(matter.rotated, kept.members))
    ]
    return min(((kept.level, kept.code) for kept in fit), default=(0, None))[1]


def _decision(
    matter: Matter,
    passed: list[tuple[str, str]],
    citations: Iterable[str],
    *,
    body: str | None = None,
    external: bool = False,
    readers: tuple[str, ...] = (),
    custodians: str | None = None,
) -> Decision:
    route = matter.leading.route
    kept_from = matter.concerned | matter.inspecting | matter.own | {one.body for one in matter.facts.accused} | {body}
    there = matter.organisation
    copied = {standing(code, there) for code in route.copies} if readers else set()
    copies = (copied & there.by_code.keys()) - kept_from
    weighed = [code for code, why in passed if why in ("quorum", "not_sealable")] + ([body] if body else [])
    return Decision(
        body=body,
        external=external,
        rule=route.rule,
        readers=readers,
        excluded=_excluded(matter, weighed),
        escalated=tuple(sorted(passed)),
        copies=tuple(sorted(copies)),
        custodians=custodians,
        ruleset=matter.table.release,
        citations=tuple(sorted(citations)),
    )


def _excluded(matter: Matter, weighed: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who may not read: the handlers of each body that was weighed, and any handler whom the facts name or lead to."""
    found: dict[str, set[str]] = {}
    held = matter.organisation.held
    for seat in (seat for person in matter.barred for seat in held.get(person, ()) if seat.handles):
        found.setdefault(seat.person, set()).update(matter.reasons(seat))
    for seat in (seat for code in weighed for seat in matter.handlers(code)):
        reasons = matter.reasons(seat) + ([] if seat.signed else ["not_enrolled"])
        if reasons:
            found.setdefault(seat.person, set()).update(reasons)
    return tuple((person, tuple(sorted(reasons))) for person, reasons in sorted(found.items()))


def _serves(seat: Seat) -> bool:
    """Whether somebody works for a body without being among those who decide there."""
    return seat.function not in ("head", "deputy") and "decide" not in seat.roles


def rule_text(decision: Decision | Mapping[str, Any]) -> dict[str, str]:
    """The rule that decided, with its citations, in plain words by language."""
    said = _said(decision)
    text, cited = row_texts()[said["rule"]], rules.read("citations")["citations"]
    lines = {}
    for language, basis in (("vi", "Căn cứ"), ("en", "Basis")):
        words = sorted({cited[code][language] for code in said["citations"]})
        lines[language] = f"{text[language]} {basis}: {'; '.join(words)}."
    return lines


def guidance(decision: Decision | Mapping[str, Any]) -> dict[str, str]:
    """The paper way, by language, where the system can't take the case in."""
    said = _said(decision)
    told: Mapping[str, Mapping[str, str]] = rules.read("routes")["guidance"]
    if said["external"]:
        name = outside_name(said)
        return {
            language: text.format(body=name.get(language, said["body"])) for language, text in told["outside"].items()
        }
    return dict(told["above" if said["rule"] in _above() else "nobody"])


def outside_name(decision: Decision | Mapping[str, Any]) -> Mapping[str, str]:
    """The name of the competent body outside by language; empty where the decision names none that is known."""
    said = _said(decision)
    names = {row["code"]: row["name"] for row in rules.read("organisation-plan")["bodies"]}
    return dict(names.get(said["body"], {})) if said["external"] else {}


@cache
def row_texts() -> Mapping[str, Mapping[str, str]]:
    """What each row says, by the name a decision gives it (`row-10`) and language."""
    return {f"row-{row['row']}": row["text"] for row in rules.read("routes")["rows"]}


def citation_texts() -> Mapping[str, Mapping[str, str]]:
    """What each citation code stands for, by language."""
    cited = rules.read("citations")["citations"]
    return {code: {language: words[language] for language in ("vi", "en")} for code, words in cited.items()}


@cache
def _above() -> frozenset[str]:
    """The rows that name nobody in either column."""
    return frozenset(one.rule for one in load_rules().routes if not any(one.targets.values()))


def _said(decision: Decision | Mapping[str, Any]) -> Mapping[str, Any]:
    return decision.as_json() if isinstance(decision, Decision) else decision
