"""Who may come through which door: said once of each route.

A route of an API says it in its description (`openapi.describe(..., who=...)`), an operation inside the envelope in
`reporter.operations.OPERATIONS`, a page in `PAGES`. The commands and queries decide; this is what they are held to.
"""

from __future__ import annotations

from enum import StrEnum


class Who(StrEnum):
    """In the order of the stairs: each needs what the one before needs, as far as the last six, which stand alone."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"
    HANDLER = "handler"  # holds a seat that handles, in whatever body
    ENTITLED = "entitled"  # may know of this case: reads it, holds a seat of its body, has declared no conflict
    UNDECLARED = "undeclared"  # entitled, and has not declared yet
    CLEARED = "cleared"  # entitled, and has declared that there is no conflict
    ADMINISTRATOR = "administrator"
    CUSTODIAN = "custodian"  # sits in a custodian set today
    HEAD = "head"  # heads some body today
    OVERSEER = "overseer"  # supervises, or heads some body
    PROOF = "proof"  # whoever proves, in the request itself, what it asks for: a link, a passphrase, a ticket
    CODE = "code"  # holds the receipt code of the one case that the answer is about


# Pages hold nothing of anybody's work: scripts fetch it from the APIs (tests/intake/test_desk_api.py).
PAGES: dict[str, dict[str, Who]] = {
    "reporter": {
        "/": Who.ANYBODY,
        "/report": Who.ANYBODY,
        "/mailbox": Who.ANYBODY,
        "/help": Who.ANYBODY,
        "/healthz": Who.ANYBODY,
    },
    "staff": {
        "/": Who.ANYBODY,
        "/healthz": Who.ANYBODY,
        "/staff/": Who.ANYBODY,
        "/staff/sign-in": Who.ANYBODY,
        "/staff/enrol": Who.ANYBODY,
        "/staff/recover": Who.ANYBODY,
        "/staff/help": Who.ANYBODY,
        "/staff/account": Who.SIGNED_IN,
        "/staff/desk": Who.SIGNED_IN,
        "/staff/desk/<uuid:case_id>": Who.SIGNED_IN,
        "/staff/office": Who.ADMINISTRATOR,
        "/staff/office/bodies": Who.ADMINISTRATOR,
        "/staff/office/people": Who.ADMINISTRATOR,
        "/staff/office/inspections": Who.ADMINISTRATOR,
        "/staff/office/import": Who.ADMINISTRATOR,
        "/staff/custody": Who.CUSTODIAN,
        "/staff/oversight": Who.OVERSEER,
        "/staff/relations": Who.SIGNED_IN,
    },
}
