"""What the desk's API takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from intake.account.schemas import Asked
from intake.reporter.schemas import MOST_COPIES, Facts
from intake.shapes import (
    Document,
    EpochOut,
    Given,
    Hex,
    ItemOut,
    KeysOut,
    PackageOut,
    ReaderOut,
    Sealed,
    SealedOut,
    Signed,
    SignedOut,
)
from workflow.sealed import MOST_READERS

# Copies of keys for one new reader: every epoch of two rings. A case that changed its keys more often can't be given.
MOST_GRANTS = 400
MOST_MOVED = 2_000  # of the report ring alone, for all new readers together


class DeclarationAsked(Asked):
    statement: Signed
    reason: Sealed | None = None


class ItemAsked(Asked):
    object: Sealed
    statement: Signed


class EpochAsked(Asked):
    statement: Signed
    grants: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_COPIES)]


class BadKeyAsked(Asked):
    statement: Signed


class WithdrawalAsked(Asked):
    statement: Signed


class PackageAsked(Asked):
    """That a package was made: the statement in it, and the SHA-256 of the sealed file, which stays with its maker."""

    statement: Signed
    file: Hex


class PackageMade(Given):
    package: str


class OutsideAnswer(Given):
    """The bodies outside to which a case may leave, each as the organisation's key signed it."""

    bodies: list[Document]


class EligibleArgs(Asked):
    """Inside an envelope: the facts of a case's header, to weigh its newcomers by."""

    facts: Facts


class GrantArgs(Asked):
    """Inside an envelope: a case given to one more reader."""

    facts: Facts
    statement: Signed
    header: Sealed
    grants: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_GRANTS)]


class RouteArgs(Asked):
    """Inside an envelope: the facts of a case, corrected in codes, to be routed again; `leaving` doesn't count the asker."""

    facts: Facts
    leaving: bool = False


class MoveArgs(RouteArgs):
    """Inside an envelope: a case moved to the body that these facts decide on."""

    statement: Signed
    headers: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_READERS)]
    grants: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_MOVED)]


class Excluded(Given):
    person: str
    reasons: list[str]


class EligibleAnswer(Given):
    readers: list[str]
    excluded: list[Excluded]


class GrantAnswer(Given):
    granted: str


class Escalated(Given):
    """A body that was passed over, and why."""

    from_: str = Field(alias="from")
    why: str


class RouteDecision(Given):
    """The whole decision: for readers of the case alone."""

    body: str | None
    external: bool
    rule: str
    readers: list[str]
    excluded: list[Excluded]
    escalated: list[Escalated]
    pair: None
    copies: list[str]
    custodians: str | None
    ruleset: str
    citations: list[str]


class RouteAnswer(Given):
    """Where the case belongs: `why` is what a move would say in the clear, `guidance` the paper way where nobody can receive it."""

    decision: RouteDecision
    stays: bool
    why: Literal["quorum", "competence"]
    guidance: str | None


class MoveAnswer(Given):
    moved: str


class Category(Given):
    code: str
    label: str


class CaseLineOut(Given):
    id: str
    number: str
    state: str
    state_text: str
    received: str
    updated: str
    body: str
    body_name: str
    categories: list[Category]
    declared: str | None
    pending: list[str]
    new: bool
    messages: int | None = None
    supplements: int | None = None
    summary: SealedOut | None = None
    grants: list[SealedOut] | None = None


class Queue(Given):
    """A page of cases, those changed last first; `next` is what the next page is asked with, null on the last."""

    cases: list[CaseLineOut]
    next: str | None


class Header(Given):
    object: SealedOut
    by: str


class Access(ReaderOut):
    since: str


class PrivatePart(Given):
    """What the entry's digest was made of; told of some kinds."""

    salt: str
    part: str


class LedgerLine(Given):
    entry: str
    hash: str
    private: PrivatePart | None


class CaseOut(Given):
    """A case; everything from `grants` on only after a clear declaration.

    `without_me` says what would be left of its readers if this one left; `departures` are the statements of those who did.
    """

    id: str
    number: str
    state: str
    state_text: str
    received: str
    body: str
    body_name: str
    categories: list[Category]
    sealed_at: str
    header: Header | None
    declared: str | None
    head: ReaderOut | None
    without_me: Literal["enough", "below_quorum", "nobody"]
    grants: list[SealedOut] | None = None
    epochs: list[EpochOut] | None = None
    departures: list[SignedOut] | None = None
    items: list[ItemOut] | None = None
    direct: list[ItemOut] | None = None
    submission: SignedOut | None = None
    reporter: KeysOut | None = None
    readers: list[Access] | None = None
    newcomers: list[str] | None = None
    packages: list[PackageOut] | None = None
    ledger: list[LedgerLine] | None = None


class Declared(Given):
    declared: str


class Stored(Given):
    at: str
