"""What may stand inside a sealed envelope: one model for each operation, exact fields, bounded lengths."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from intake.account.schemas import Asked, base64url
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
    SignedManifest,
    SignedOut,
    Uuid,
)
from workflow.sealed import MOST_READERS

Language = Literal["vi", "en"]
Facts = Annotated[dict[str, JsonValue], Field(max_length=16)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=40)]
# 3 items, 5 identities, 5 + readers + 1 grants, 5 shares a custodian: a body of sixty readers and a set of fifteen, whose
# manifest, with the first epoch, fits into one mailbox answer (docs/sealing.md, *A submission*).
MOST_OBJECTS = 149
MOST_COPIES = MOST_READERS + 1  # of a ring's key: one for each reader, and the reporter's


class Args(Asked):
    """`form` is the page's token, by which budgets are counted; without one, each envelope costs work."""

    lang: Language = "vi"
    form: Annotated[str, StringConstraints(max_length=128)] | None = None


class PreviewArgs(Args):
    facts: Facts


class PairArgs(Asked):
    """The second case of a linked pair: what it has for itself."""

    case: Uuid
    decision: Annotated[dict[str, JsonValue], Field(max_length=16)]
    objects: Annotated[list[Sealed], Field(max_length=MOST_OBJECTS)]
    submission: SignedManifest
    epoch: Signed
    mailbox: Hex


class SubmitArgs(PairArgs, Args):
    """`pair` is sent with the leading case and stored with it, or neither is."""

    facts: Facts
    categories: Annotated[list[Category], Field(min_length=1, max_length=12)]
    pair: PairArgs | None = None


class MailboxArgs(Args):
    secret: base64url(32, 32)


class ItemsArgs(MailboxArgs):
    before: Uuid


class EpochsArgs(MailboxArgs):
    after: Annotated[int, Field(ge=1, lt=2**31)]


class ItemArgs(MailboxArgs):
    id: Uuid


class RecordArgs(MailboxArgs):
    """What is still wanted of the record: entries of the case's chain and checkpoints, each from this number on."""

    entry: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] = 1
    checkpoint: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] = 1


class EpochArgs(Asked):
    statement: Signed
    grants: Annotated[list[Sealed], Field(min_length=1, max_length=MOST_COPIES)]


class WriteArgs(MailboxArgs):
    object: Sealed
    statement: Signed
    epoch: EpochArgs | None = None


class BadKeyArgs(MailboxArgs):
    statement: Signed


class FormAnswer(Given):
    token: str
    seconds: int


class Choice(Given):
    code: str
    label: str


class NamedBody(Given):
    code: str
    name: str


class Post(Given):
    person: str
    body: str
    post: str


class ListedCategory(Choice):
    hint: str


class CategoryGroup(Choice):
    items: list[ListedCategory]


class ListedInspection(Given):
    """What is public of an inspection."""

    code: str
    units: list[str]
    label: str


class Lists(Given):
    bodies: list[NamedBody]
    posts: list[Post]
    inspections: list[ListedInspection]
    work_kinds: list[Choice]
    roles: list[Choice]
    categories: list[CategoryGroup]


class SetAnswer(Given):
    id: str
    v: int
    k: int
    n: int
    members: list[str]


class Pointer(Given):
    no: int
    hash: str


class LinkedDecision(Given):
    """`leads`: whether this is the case that leads."""

    body: str
    rule: str
    readers: list[str]
    leads: bool


class PublicDecision(Given):
    body: str | None
    external: bool
    rule: str
    readers: list[str]
    custodians: str | None
    ruleset: str
    citations: list[str]
    pair: LinkedDecision | None


class PairShown(Given):
    """The second case of a linked pair, as the reporter sees and seals it."""

    decision: PublicDecision
    body_name: str
    rule_text: str
    readers: int
    set: SetAnswer


class PreviewAnswer(Given):
    decision: PublicDecision
    body_name: str | None
    rule_text: str
    readers: int
    set: SetAnswer | None
    roster: Pointer
    guidance: str | None
    pair: PairShown | None
    operator_tied: bool


class LedgerPoint(Given):
    seq: int
    hash: str


class ReceiptAnswer(Given):
    number: str
    received: str
    state: str
    state_text: str
    body: str
    body_name: str
    ledger: LedgerPoint


class SubmitAnswer(ReceiptAnswer):
    pair: ReceiptAnswer | None


class LedgerHead(Given):
    head: str
    seq: int


class Kept(Given):
    """Of what was submitted: which ids are gone, and the hash over the lines that are kept."""

    gone: list[str]
    hash: str


class MailboxAnswer(Given):
    found: bool
    case: str | None = None
    number: str | None = None
    state: str | None = None
    state_text: str | None = None
    body: str | None = None
    body_name: str | None = None
    body_names: dict[str, str] | None = None
    received: str | None = None
    updated: str | None = None
    look_again_days: int | None = None
    reporter: KeysOut | None = None
    grants: list[SealedOut] | None = None
    epochs: list[EpochOut] | None = None
    more_epochs: bool | None = None
    departures: list[SignedOut] | None = None
    submission: SignedOut | None = None
    kept: Kept | None = None
    ledger: LedgerHead | None = None
    readers: list[ReaderOut] | None = None
    packages: list[PackageOut] | None = None
    items: list[ItemOut] | None = None
    more: bool | None = None


class EpochsAnswer(Given):
    epochs: list[EpochOut]
    grants: list[SealedOut]
    more_epochs: bool


class ItemsAnswer(Given):
    items: list[ItemOut]
    more: bool


class Leaf(Given):
    chain: str
    head: str
    seq: int


class Proof(Given):
    """That the case's chain stands in checkpoint `no`: its leaf, the leaf's place from 0, the path to the root."""

    no: int
    leaf: Leaf
    index: int
    path: list[str]


class RecordAnswer(Given):
    """Entries as canonical bytes, checkpoints; the proof comes with the last page, unless no checkpoint holds the case."""

    entries: list[str]
    checkpoints: list[Document]
    proof: Proof | None
    more: bool


class WriteAnswer(Given):
    at: str


class BadKeyAnswer(Given):
    pending: int
