"""What the form lets people choose from, in plain words: bodies, roles, kinds of work, posts, categories.

Posts stand for people: the public face never serves a name (sealing.md, *Roster*).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intake import wording
from intake.services import services
from workflow import categories, choices
from workflow.queries import inspections, organisation
from workflow.queries.inspections import Registered
from workflow.times import local_date

Lists = dict[str, Any]


def lists() -> Lists:
    """All lists in the present language, for the form and for `GET /api/v1/lists`; the same for all visitors."""
    on = local_date(services().now())
    with services().store.reading() as db:
        names = organisation.body_names(db, on)
        seats = organisation.roster_content(db, on)["seats"]
        people = organisation.names(db, on)
        offered = inspections.offered(db, on)
    posts = [
        {"person": seat["person"], "body": seat["body"], "post": wording.in_language(people[seat["person"]]["post"])}
        for seat in seats
    ]
    kinds = {kind.code: wording.in_language(kind.label) for kind in choices.work_kinds()}
    return {
        "bodies": [{"code": code, "name": wording.in_language(words)} for code, words in sorted(names.items())],
        "posts": posts,
        "inspections": [_inspection(one, names, kinds) for one in offered],
        **of_the_release(),
    }


def of_the_release() -> Lists:
    """The lists that are the same in every installation."""
    return {
        "work_kinds": [_choice(kind) for kind in choices.work_kinds() if kind.offered],
        "roles": [_choice(role) for role in choices.roles()],
        "categories": [
            {
                "code": group.code,
                "label": wording.in_language(group.label),
                "items": [
                    {"code": one.code, "label": wording.in_language(one.label), "hint": wording.in_language(one.hint)}
                    for one in group.categories
                ],
            }
            for group in categories.groups()
        ],
    }


def _inspection(one: Registered, names: Mapping[str, Mapping[str, str]], kinds: Mapping[str, str]) -> dict[str, Any]:
    """What is public of an inspection: kind of work, period, body and decision, who is inspected; nobody's name or code."""
    team = one.inspection
    until = team.until.strftime("%d/%m/%Y") if team.until else "…"
    body = wording.in_language(names.get(team.body, {})) or team.body
    label = f"{kinds[team.work_kind]}, {team.since:%d/%m/%Y} – {until}, {body} ({one.decision})"
    return {"code": team.code, "units": list(team.units), "label": label}


def _choice(choice: choices.Choice) -> dict[str, str]:
    return {"code": choice.code, "label": wording.in_language(choice.label)}
