"""Who receives a report: facts in, decision with reasons out (contracts, *Facts and decision*; rules.md, section 5).

The highest-ranked accused decides the row; a body that may not or cannot receive is passed over, along the row's own
next body and then the escalation list, until somebody competent can be sealed to or nobody is left. Never back down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from workflow import pairing, rules
from workflow.facts import BadFacts, Facts, parse_facts
from workflow.matters import Matter
from workflow.organisation import Organisation, Seat, at_quorum
from workflow.routes import Rules, load_rules
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
