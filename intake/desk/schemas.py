"""What the desk's API takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from intake.account.schemas import Asked
from intake.reporter.schemas import MOST_READERS
from intake.shapes import EpochOut, Given, ItemOut, KeysOut, ReaderOut, Sealed, SealedOut, Signed, SignedOut


class DeclarationAsked(Asked):
    statement: Signed
    reason: Sealed | None = None


class ItemAsked(Asked):
    object: Sealed
    statement: Signed


class EpochAsked(Asked):
    statement: Signed
    grants: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_READERS)]


class BadKeyAsked(Asked):
    statement: Signed


class WithdrawalAsked(Asked):
    statement: Signed


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
    summary: SealedOut | None = None
    grants: list[SealedOut] | None = None


class Queue(Given):
    cases: list[CaseLineOut]


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
    ledger: list[LedgerLine] | None = None


class Declared(Given):
    declared: str


class Stored(Given):
    at: str
