"""What the form lets people choose from, in plain words: bodies, roles, kinds of work, posts, categories.

Posts stand for people: the public face never serves a name (sealing.md, *Roster*).
"""

from __future__ import annotations

from typing import Any

from intake import wording
from intake.services import services
from workflow import categories, choices
from workflow.queries import organisation
from workflow.times import local_date


def lists() -> dict[str, Any]:
    """All lists in the present language, for the form and for `GET /api/v1/lists`; the same for all visitors."""
    on = local_date(services().now())
    with services().store.reading() as db:
        names = organisation.body_names(db, on)
        seats = organisation.roster_content(db, on)["seats"]
        people = organisation.names(db, on)
    posts = [
        {"person": seat["person"], "body": seat["body"], "post": wording.in_language(people[seat["person"]]["post"])}
        for seat in seats
    ]
    return {
        "bodies": [{"code": code, "name": wording.in_language(words)} for code, words in sorted(names.items())],
        "posts": posts,
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


def _choice(choice: choices.Choice) -> dict[str, str]:
    return {"code": choice.code, "label": wording.in_language(choice.label)}
