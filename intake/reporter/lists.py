"""What the form lets people choose from, in plain words: bodies, roles, kinds of work, posts, categories.

Posts stand for people: the public face never serves a name (sealing.md, *Roster*).
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from intake import wording
from intake.services import services
from workflow import categories
from workflow.queries import organisation
from workflow.times import local_date

WORK_KINDS = {
    "inspection": _("Party inspection"),
    "supervision": _("Party supervision"),
    "discipline": _("Party discipline"),
    "inspectorate": _("State inspection (thanh tra)"),
    "audit": _("Audit"),
}
ROLES = {
    "ordinary": _("ordinary staff"),
    "team_member": _("member of an inspection team"),
    "team_head": _("head of an inspection team"),
    "member": _("member of the body"),
    "head": _("head, deputy or secretary of the body"),
    "adviser": _("adviser or assisting staff"),
    "unit_leader": _("leader of a work unit"),
    "employee": _("employee of a work unit"),
    "operator": _("somebody who runs this portal"),
    "organisation": _("the body as a whole"),
}


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
        "work_kinds": [{"code": code, "label": str(label)} for code, label in WORK_KINDS.items()],
        "roles": [{"code": code, "label": str(label)} for code, label in ROLES.items()],
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
