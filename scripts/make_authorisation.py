"""Writes docs/authorisation.md from what every route says of who may ask (intake/doors.py); `--check` only compares.

The same table is played against running applications by tests/intake/test_authorisation.py. A new route says `who=` in its
`openapi.describe` (a page in `doors.PAGES`); a role that is new gets a line in `MAY` here, and a way to be it in that test.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from intake import openapi
from intake.account import api as account_api
from intake.account import recovery, upkeep
from intake.custody import api as custody_api
from intake.desk import api as desk_api
from intake.desk import packages as desk_packages
from intake.desk.granting import INNER
from intake.doors import PAGES, Who
from intake.office import api as office_api
from intake.office import changes as office_changes
from intake.oversight import api as oversight_api
from intake.relations import api as relations_api
from intake.reporter import api as reporter_api
from intake.reporter.operations import OPERATIONS

# Imported so that their routes are described.
DOORS = (
    *(account_api, recovery, upkeep, custody_api, desk_api, desk_packages, office_api, office_changes),
    *(oversight_api, relations_api, reporter_api),
)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "authorisation.md"
OPEN = frozenset({Who.ANYBODY, Who.PROOF})
SIGNED = OPEN | {Who.SIGNED_IN}
HANDLER = SIGNED | {Who.HANDLER}
HEADS = frozenset({Who.HEAD, Who.OVERSEER})  # two of those below are the heads of their bodies
# What each may, whose relation to the case that a route is about is named with them. All others are refused.
MAY: Mapping[str, frozenset[Who]] = {
    "nobody signed in": OPEN,
    "session ended": OPEN,
    "custodian": SIGNED | {Who.CUSTODIAN},
    "supervisor": SIGNED | {Who.OVERSEER},
    "administrator": SIGNED | {Who.ADMINISTRATOR},
    "handler of another body": HANDLER | HEADS,
    "reader, not declared": HANDLER | {Who.ENTITLED, Who.UNDECLARED},
    "reader, declared clear": HANDLER | HEADS | {Who.ENTITLED, Who.UNDECLARED, Who.CLEARED},
    "declared a conflict": HANDLER,
    "withdrew": HANDLER,
    "seat ended": SIGNED,
    "in no roster": HANDLER,
}
# What the public face answers to whom.
TOLD = {Who.ANYBODY: "anybody", Who.CODE: "who holds the receipt code, of their own report"}
UNKNOWN = frozenset({"nobody signed in", "session ended"})
HEAD = """# Who may ask for what

Written by `scripts/make_authorisation.py` from what each route says of itself (`intake/doors.py`); a test compares, and
`tests/intake/test_authorisation.py` makes every request of both tables as each of these people and looks at the answer. A route
that says nothing fails it. *In no roster* is somebody with a handling seat and a key that no roster has been signed for.

*yes*: answered, or refused for another reason than who asks. **401**: not signed in; a page leads to sign-in instead (303).
**403**: not entitled, in the same words for
a case that there is and one that there isn't. The *handler of another body* and the *reader, declared clear* are heads of
their bodies. A reader who has declared may ask to declare again and is told that it is done.
"""
READING = """
A *removed* reader (seat or key ended) and one who withdrew see no more than somebody of another body.
The public face knows nobody: its routes and pages are the same for every visitor,
and what belongs to a report is answered to its receipt code alone.
"""


def allowed(role: str, who: Who) -> bool:
    return who in MAY[role]


def page() -> str:
    return "\n".join([HEAD, *_staff(), READING, *_public()])


def _staff() -> list[str]:
    roles = list(MAY)
    lines = [f"| the staff's face | {' | '.join(roles)} |", f"| --- |{' --- |' * len(roles)}"]
    asked = [(f"`{route.method} {route.rule}`", route.who) for route in openapi.routes("staff")]
    asked += [(f"in the desk's envelope: `{name}`", one.who) for name, one in INNER.items()]
    lines += [_line(name, who, "**401**") for name, who in asked]
    return lines + [_line(f"page `{rule}`", who, "sign-in") for rule, who in PAGES["staff"].items()]


def _line(name: str, who: Who | None, unknown: str) -> str:
    if who is None:
        raise ValueError(f"{name} doesn't say who may ask")
    refused = {role: unknown if role in UNKNOWN else "**403**" for role in MAY}
    return f"| {name} | {' | '.join('yes' if allowed(role, who) else refused[role] for role in MAY)} |"


def _public() -> list[str]:
    lines = ["| the public face | who is answered |", "| --- | --- |"]
    lines += [
        f"| `{route.method} {route.rule}` | {TOLD[route.who]} |" for route in openapi.routes("reporter") if route.who
    ]
    lines += [f"| page `{rule}` | {TOLD[who]} |" for rule, who in PAGES["reporter"].items()]
    lines += [f"| in the envelope: `{name}` | {TOLD[one.who]} |" for name, one in OPERATIONS.items()]
    return [*lines, ""]


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/authorisation.md is not what the routes say: run scripts/make_authorisation.py")
    else:
        PAGE.write_text(page(), encoding="utf-8")
