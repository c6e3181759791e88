"""What has been merged: whom a code of the rules, or of an older form, means on a day (decision 0031)."""

from __future__ import annotations

from dataclasses import replace

from workflow.facts import Accused, Facts
from workflow.organisation import Organisation


def standing(code: str, organisation: Organisation) -> str:
    """The body itself while it stands, else the one that goes on with its work, as far as that line leads."""
    seen = {code}
    while code not in organisation.by_code:
        following = organisation.succeeded.get(code)
        if following is None or following in seen:
            return code
        seen.add(following)
        code = following
    return code


def carried(facts: Facts, organisation: Organisation) -> Facts:
    """The same facts with the bodies that stand on the day in the place of those that have been merged into them."""
    if not organisation.succeeded:
        return facts
    return replace(
        facts,
        accused=tuple(_accused(one, organisation) for one in facts.accused),
        reporter_unit=standing(facts.reporter_unit, organisation) if facts.reporter_unit else None,
    )


def _accused(one: Accused, organisation: Organisation) -> Accused:
    return replace(one, body=standing(one.body, organisation))
