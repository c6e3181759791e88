"""What an opened envelope may ask for. Each operation parses, calls one command or query, and shapes the answer.

Refusals become errors inside the answer, in the language that was asked for: on the wire they look like anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, cast

from flask_babel import force_locale
from pydantic import ValidationError

from crypto.encoding import b64u, jcs, sha256hex
from intake import openapi, wording
from intake.doors import Who
from intake.errors import error_body
from intake.reporter import schemas
from intake.reporter.record import record_page
from intake.services import services
from intake.shapes import Given, ItemOut, epoch_json, item_json, object_json, package_json, reader_json
from workflow import categories
from workflow.commands.mailboxes import NewEpoch, report_bad_key_from_mailbox, write_from_mailbox
from workflow.commands.pairs import receive_pair
from workflow.commands.reports import Receipt, receive_report
from workflow.errors import Malformed, Refusal, Unavailable
from workflow.queries import decisions, mailboxes, organisation
from workflow.queries.cases import Item
from workflow.queries.mailboxes import Mailbox
from workflow.rostered import Rostered
from workflow.submissions import Sending
from workflow.times import local_date

# Whatever a mailbox holds, its answer is of this size. Room for it: less what the padding and the seal add.
MAILBOX_ANSWER = 131_072
ROOM = MAILBOX_ANSWER - 256
# An item longer than this is listed without its bytes and fetched alone, so that a page always gets on.
LONGEST_LISTED = 24_576
# What the first answer leaves for items before further epochs are put off to pages of their own.
ROOM_FOR_ITEMS = 36_864
LOOK_AGAIN_DAYS = 7


@dataclass(frozen=True)
class Operation:
    summary: str
    args: type[schemas.Args]
    answer: type[Given]
    act: Callable[[Any], dict[str, Any]]
    who: Who
    refuses: openapi.Refusals = field(default_factory=dict)
    size: int | None = None  # of the padded answer; None: steps of 4 KiB

    @property
    def described(self) -> openapi.Inner:
        """What the public face's document says of it."""
        code = ("wrong_code",) if self.who is Who.CODE else ()
        told = openapi.codes({0: ("malformed", "work_needed", *code)}, openapi.STORAGE, self.refuses)
        return openapi.Inner(self.summary, self.args, self.answer, self.who, told)


def perform(op: object, args: object) -> tuple[dict[str, Any], int | None]:
    """The inner answer of one operation and the size it has to have."""
    operation = OPERATIONS.get(op) if isinstance(op, str) else None
    with force_locale(_language(args)):
        try:
            if operation is None:
                raise Malformed()
            answer: dict[str, Any] = {"ok": operation.act(_parsed(operation.args, args))}
        except Refusal as refusal:
            answer = error_body(refusal.code, refusal.detail)
    return answer, operation.size if operation else None


def refused(refusal: Refusal, args: object) -> dict[str, Any]:
    """The inner answer to what is refused before it is looked at."""
    with force_locale(_language(args)):
        return error_body(refusal.code, refusal.detail)


def preview(asked: schemas.PreviewArgs) -> dict[str, Any]:
    """Who will read this, before anything is written; nothing is stored."""
    at = services().now()
    on = local_date(at)
    with services().store.reading() as db:
        signed = organisation.latest_roster(db)
        if signed is None:
            raise Unavailable("nobody_competent")
        decided = decisions.decide(db, asked.facts, at=at)
    roster = signed.rostered
    roster.require_fresh(on)
    told = _side(decided, roster, on)
    if told is None:
        nobody = {"body": None, "readers": [], "custodians": None, "pair": None}
        told = {
            "decision": decided.public | nobody,
            "body_name": wording.outside_name(decided.decision),
            "rule_text": wording.rule_text(decided.decision),
        }
        told |= {"readers": 0, "set": None, "pair": None, "guidance": wording.guidance(decided.decision)}
    else:
        told |= {"pair": _side(decided.linked, roster, on) if decided.linked else None, "guidance": None}
    return {**told, "roster": {"no": roster.no, "hash": roster.hash}, "operator_tied": decided.operator_tied}


def _side(decided: decisions.Decided, roster: Rostered, on: date) -> dict[str, Any] | None:
    """One case of the preview; None where the roster has nobody to seal it to."""
    receiving = decided.receiving
    key_set = roster.sets.get(receiving.custodians) if receiving else None
    if receiving is None or key_set is None:
        return None
    members = sorted(key_set.members)
    return {
        "decision": decided.public,
        "body_name": wording.body_name(receiving.body, on),
        "rule_text": wording.rule_text(decided.decision),
        "readers": len(receiving.readers),
        "set": {"id": key_set.id, "v": key_set.v, "k": key_set.k, "n": key_set.n, "members": members},
    }


def submit(asked: schemas.SubmitArgs) -> dict[str, Any]:
    """Take in a report; the answer is what *accepted* means."""
    if not all(categories.is_known(code) for code in asked.categories):
        raise Malformed()
    sending = _sending(asked, asked.categories)
    said: dict[str, Any] = {
        "facts": asked.facts,
        "notice_delay": services().settings.notice_delay,
        "at": services().now(),
    }
    with services().store.transaction() as db:
        if asked.pair is None:
            receipt, linked = receive_report(db, sending, shown=asked.decision, **said), None
        else:
            sendings = sending, _sending(asked.pair, asked.categories)
            receipt, linked = receive_pair(db, sendings, shown=(asked.decision, asked.pair.decision), **said)
    return _receipt(receipt) | {"pair": _receipt(linked) if linked else None}


def _sending(asked: schemas.PairArgs, codes: Iterable[str]) -> Sending:
    return Sending(
        case=asked.case,
        parts=tuple(sealed.part() for sealed in asked.objects),
        submission=asked.submission.model_dump(),
        epoch=asked.epoch.model_dump(),
        categories=tuple(codes),
        mailbox=asked.mailbox,
    )


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "number": receipt.number,
        "received": receipt.received.isoformat(),
        "state": receipt.state,
        "state_text": wording.state_told(receipt.state),
        "body": receipt.body,
        "body_name": wording.body_name(receipt.body, receipt.received),
        "ledger": {"seq": receipt.ledger_seq, "hash": receipt.ledger_hash},
    }


def open_mailbox(asked: schemas.MailboxArgs) -> dict[str, Any]:
    """Number, state, own keys and grants, and as many of the newest items as fit; `found` says which it was.

    The rest of the epochs, in a case with very many, and of the items is fetched page by page.
    """
    secret = _mailbox(asked)
    with services().store.reading() as db:
        try:
            found = mailboxes.open_mailbox(db, secret, at=services().now())
        except Malformed:
            return {"found": False}
        told = _mailbox_json(found)
        page = _epochs(found, after=0, room=ROOM - len(jcs(told)) - ROOM_FOR_ITEMS)
        told |= page | {"grants": told["grants"] + page["grants"]}
        return told | _filled(mailboxes.items_before(db, secret), room=ROOM - len(jcs(told)))


def later_epochs(asked: schemas.EpochsArgs) -> dict[str, Any]:
    with services().store.reading() as db:
        found = mailboxes.open_mailbox(db, _mailbox(asked), at=services().now())
    return _epochs(found, after=asked.after, room=ROOM)


def older_items(asked: schemas.ItemsArgs) -> dict[str, Any]:
    with services().store.reading() as db:
        return _filled(mailboxes.items_before(db, _mailbox(asked), asked.before), room=ROOM)


def one_item(asked: schemas.ItemArgs) -> dict[str, Any]:
    with services().store.reading() as db:
        return _item(mailboxes.one_item(db, _mailbox(asked), asked.id))


def write(asked: schemas.WriteArgs) -> dict[str, Any]:
    """A message or a supplement from the reporter, with the next epoch where one was pending."""
    epoch = None
    if asked.epoch is not None:
        grants = tuple(grant.part() for grant in asked.epoch.grants)
        epoch = NewEpoch(statement=asked.epoch.statement.model_dump(), grants=grants)
    with services().store.transaction() as db:
        stored = write_from_mailbox(
            db,
            _mailbox(asked),
            asked.object.part(),
            asked.statement.model_dump(),
            epoch,
            notice_delay=services().settings.notice_delay,
            at=services().now(),
        )
    return {"at": local_date(stored).isoformat()}


def report_bad_key(asked: schemas.BadKeyArgs) -> dict[str, Any]:
    """The mailbox's newest key opens nothing; the epoch that waits for the next one."""
    with services().store.transaction() as db:
        pending = report_bad_key_from_mailbox(db, _mailbox(asked), asked.statement.model_dump(), at=services().now())
    return {"pending": pending}


_SUBMITTED: openapi.Refusals = {
    403: ("not_entitled",),
    409: ("decision_changed", "nobody_competent", "roster_expired", "roster_stale"),
    422: ("missing_object", "swapped_object", "unknown_reader"),
}
_WRITTEN: openapi.Refusals = {
    403: ("not_entitled",),
    409: ("epoch_closed", "epoch_pending", "nobody_competent", "roster_expired"),
    422: ("missing_object", "swapped_object", "unknown_reader"),
    429: ("too_many",),
}
OPERATIONS: Mapping[str, Operation] = {
    "preview": Operation(
        "Who would read this",
        schemas.PreviewArgs,
        schemas.PreviewAnswer,
        preview,
        Who.ANYBODY,
        {409: ("decision_changed", "nobody_competent", "roster_expired")},
    ),
    "submit": Operation(
        "Send a report",
        schemas.SubmitArgs,
        schemas.SubmitAnswer,
        submit,
        Who.ANYBODY,
        openapi.together(openapi.STATEMENT, openapi.OBJECTS, _SUBMITTED),
    ),
    "mailbox.open": Operation(
        "Open the mailbox", schemas.MailboxArgs, schemas.MailboxAnswer, open_mailbox, Who.CODE, size=MAILBOX_ANSWER
    ),
    "mailbox.epochs": Operation(
        "Further epochs", schemas.EpochsArgs, schemas.EpochsAnswer, later_epochs, Who.CODE, size=MAILBOX_ANSWER
    ),
    "mailbox.items": Operation(
        "Older items",
        schemas.ItemsArgs,
        schemas.ItemsAnswer,
        older_items,
        Who.CODE,
        {404: ("not_found",)},
        MAILBOX_ANSWER,
    ),
    "mailbox.item": Operation(
        "One item, whatever its size", schemas.ItemArgs, ItemOut, one_item, Who.CODE, {404: ("not_found",)}
    ),
    "mailbox.record": Operation(
        "A page of the case's record",
        schemas.RecordArgs,
        schemas.RecordAnswer,
        partial(record_page, room=ROOM),
        Who.CODE,
        size=MAILBOX_ANSWER,
    ),
    "mailbox.write": Operation(
        "Write to the readers, or add to the report",
        schemas.WriteArgs,
        schemas.WriteAnswer,
        write,
        Who.CODE,
        openapi.together(openapi.STATEMENT, openapi.OBJECTS, _WRITTEN),
    ),
    "mailbox.badkey": Operation(
        "Say that the newest key opens nothing",
        schemas.BadKeyArgs,
        schemas.BadKeyAnswer,
        report_bad_key,
        Who.CODE,
        openapi.together(openapi.STATEMENT, {403: ("not_entitled",), 409: ("epoch_closed",)}),
    ),
}


def _parsed(model: type[schemas.Args], args: object) -> schemas.Args:
    try:
        return model.model_validate(args)
    except ValidationError:
        raise Malformed() from None


def _language(args: object) -> str:
    asked = cast(dict[str, object], args).get("lang") if isinstance(args, dict) else None
    return "en" if asked == "en" else "vi"


def _mailbox(asked: schemas.MailboxArgs) -> str:
    """What the mailbox is stored under: the secret itself is never looked for."""
    return sha256hex(asked.secret)


def _mailbox_json(found: Mailbox) -> dict[str, Any]:
    return {
        "found": True,
        "case": found.case,
        "number": found.number,
        "state": found.state,
        "state_text": wording.state_told(found.state),
        "body": found.body,
        "body_name": wording.body_name(found.body, found.received),
        "body_names": {code: wording.body_name(code, found.received) for code in found.moved_to},
        "received": found.received.isoformat(),
        "updated": found.updated.isoformat(),
        "look_again_days": LOOK_AGAIN_DAYS,
        "reporter": {"kem": b64u(found.reporter.kem), "sign": b64u(found.reporter.sign)},
        "grants": [object_json(grant) for grant in found.grants if grant.ring is None],
        "departures": list(found.departures),
        "submission": found.submission,
        "kept": {
            "gone": list(found.gone),
            "hash": sha256hex(jcs([{"id": id_, "sha256": sha256} for id_, sha256 in found.objects])),
        },
        "ledger": {"head": found.ledger_head, "seq": found.ledger_seq},
        "readers": [reader_json(reader) for reader in found.readers],
        "packages": [package_json(left, wording.in_language(left.names)) for left in found.packages],
    }


def _item(item: Item) -> dict[str, Any]:
    return item_json(item, local_date(item.at).isoformat())


def _epochs(found: Mailbox, *, after: int, room: int) -> dict[str, Any]:
    """The epochs behind `after`, with the reporter's own grants of them: one at least, and as many as fit."""
    epochs: list[dict[str, Any]] = []
    grants: list[dict[str, Any]] = []
    for row in (row for row in found.epochs if row.epoch > after):
        told = epoch_json(row)
        own = [object_json(grant) for grant in found.grants if grant.ring == row.ring and grant.epoch == row.epoch]
        room -= len(jcs([told, *own]))
        if room < 0 and epochs:
            return {"epochs": epochs, "grants": grants, "more_epochs": True}
        epochs.append(told)
        grants += own
    return {"epochs": epochs, "grants": grants, "more_epochs": False}


def _filled(items: Iterable[Item], *, room: int) -> dict[str, Any]:
    """As many items as fit, the newest first, and whether older ones are left; one at least, be it without its bytes."""
    listed: list[dict[str, Any]] = []
    for item in items:
        told = _item(item)
        if len(item.part.data) > LONGEST_LISTED or (not listed and len(jcs(told)) >= room):
            told = told | {"object": dict(item.part.place), "large": True}
        room -= len(jcs(told)) + 1
        if room < 0:
            return {"items": listed, "more": True}
        listed.append(told)
    return {"items": listed, "more": False}
