"""Taking in a report: everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random, SystemRandom
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crypto.binding import object_binding
from crypto.encoding import jcs, parse_jcs
from crypto.hpke import seal
from crypto.padding import LENGTH, pad
from workflow import ledger, models, states
from workflow.commands import casefile
from workflow.errors import Conflict, Unavailable
from workflow.organisation import Relation
from workflow.queries.decisions import Decided, decide
from workflow.rostered import Rostered
from workflow.sealed import HEADER_FRAME, REPORTER, SERVER, Part
from workflow.statements import is_uuid
from workflow.store import hold
from workflow.submissions import EPOCH, RING, Checked, Receiving, Sending, check_submission, content_hash
from workflow.times import local_date, stamp, to_hour


@dataclass(frozen=True)
class Receipt:
    """What the reporter gets back; a repeated sending gets the same."""

    number: str
    received: date
    state: str
    body: str
    ledger_seq: int
    ledger_hash: str


def receive_report(
    db: Session,
    sending: Sending,
    *,
    facts: Mapping[str, Any],
    shown: Mapping[str, Any],
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random | None = None,
) -> Receipt:
    """Store a sealed report for the readers whom the facts decide on, and forget the facts.

    `shown` is the decision that the reporter saw and sealed to: if routing says something else by now, nothing is
    stored. What the server knows of the route goes into a header sealed to each reader. Of the time the hour is kept.
    Raises what `check_submission` raises; Conflict("decision_changed" | "known_id_other_content"), Unavailable.
    """
    hold(db, f"case/{sending.case}")
    known = first_answer(db, sending)
    if known is not None:
        return known
    roster = casefile.newest_roster(db)
    roster.require_fresh(local_date(at))
    decided = decide(db, facts, at=at)
    checked = check_shown(sending, decided, shown, roster, at=at)
    return store_report(
        db, sending, decided, checked, roster, notice_delay=notice_delay, chance=chance or SystemRandom(), at=at
    )


def check_shown(
    sending: Sending, decided: Decided, shown: Mapping[str, Any], roster: Rostered, *, at: datetime
) -> Checked:
    """A sending against the decision of now, which has to be the one that the reporter saw. Raises as `receive_report`."""
    if dict(shown) != decided.public:
        raise Conflict("decision_changed")
    receiving = decided.receiving
    if receiving is None:
        raise Unavailable("nobody_competent")
    return check_submission(sending, receiving, roster, on=local_date(at))


def store_report(
    db: Session,
    sending: Sending,
    decided: Decided,
    checked: Checked,
    roster: Rostered,
    *,
    notice_delay: tuple[float, float],
    chance: Random,
    at: datetime,
    number: str | None = None,
    linked: Mapping[str, Any] | None = None,
) -> Receipt:
    """Everything of a checked report. `linked` is what the headers say of the other case of a pair."""
    at_hour = to_hour(at)
    receiving = decided.receiving
    if receiving is None:
        raise Unavailable("nobody_competent")
    case = _open_case(db, sending, checked, decided, number, at=at)
    submission_id = casefile.store_statement(db, checked.submission, case_id=case.id, at=at_hour)
    epoch_id = casefile.store_statement(db, checked.epoch, case_id=case.id, at=at_hour)
    casefile.store_parts(db, case.id, sending.parts, author=REPORTER, at=at_hour, statement=submission_id)
    headers = _headers(case, receiving, decided, sending.categories, roster, linked)
    casefile.store_parts(db, case.id, headers, author=SERVER, at=at_hour, statement=None)
    db.add(
        models.Epoch(
            case_id=case.id, ring=RING, epoch=EPOCH, state="open", commitment=checked.commitment, statement_id=epoch_id
        )
    )
    _seat_readers(db, case, receiving)
    casefile.tell_readers(db, case.id, delay=notice_delay, chance=chance, at=at)
    entry = ledger.append(
        db,
        chain=case.id,
        kind="report_received",
        pub={
            "state": case.state,
            "body": case.body,
            "objects": len(sending.parts),
            "manifest": checked.submission.hash,
        },
        priv={
            "headers": [{"reader": header.reader, "id": header.id, "sha256": header.sha256} for header in headers],
            "readers": sorted(receiving.readers),
        },
        at=at_hour,
    )
    return _receipt(case, entry)


def first_answer(db: Session, sending: Sending) -> Receipt | None:
    """The same report again gets the same answer; anything else under its id is refused. None for a new one."""
    content = content_hash(sending)
    known = db.get(models.Case, sending.case) if is_uuid(sending.case) else None
    if known is None:
        return None
    if known.content_hash != content:
        raise Conflict("known_id_other_content")
    return _receipt(known, ledger.entries(db, known.id)[0])


def _receipt(case: models.Case, entry: ledger.Entry) -> Receipt:
    return Receipt(
        number=case.number,
        received=local_date(case.received),
        state=states.initial(),
        body=parse_jcs(entry.entry)["pub"]["body"],  # the first, wherever the case has moved since
        ledger_seq=entry.seq,
        ledger_hash=entry.hash,
    )


def _open_case(
    db: Session, sending: Sending, checked: Checked, decided: Decided, number: str | None, *, at: datetime
) -> models.Case:
    hold(db, f"mailbox/{sending.mailbox}")
    taken = select(models.Case.id).where(models.Case.mailbox_hash == sending.mailbox)
    if db.scalars(taken).first() is not None:  # the code of another report
        raise Conflict("known_id_other_content")
    case = models.Case(
        id=sending.case,
        number=number or next_number(db, local_date(at).year),
        state=states.initial(),
        profile=decided.profile,
        ruleset=decided.decision["ruleset"],
        body=decided.decision["body"],
        work_kind=decided.facts.get("work_kind"),
        sealed_at="browser",
        received=to_hour(at),
        updated=to_hour(at),
        content_hash=content_hash(sending),
        mailbox_hash=sending.mailbox,
        reporter_kem=checked.reporter_kem,
        reporter_sign=checked.reporter_sign,
        custodian_set=checked.key_set.id,
        custodian_set_version=checked.key_set.v,
    )
    db.add(case)
    db.flush()
    categories = [{"case_id": case.id, "code": code} for code in checked.submission.body["categories"]]
    if categories:
        db.execute(insert(models.CaseCategory), categories)
    return case


def next_number(db: Session, year: int) -> str:
    """YYYY-NNNN, counted by year and never given twice."""
    hold(db, "case_number")
    counter = db.get(models.CaseCounter, year)
    if counter is None:
        counter = models.CaseCounter(year=year, last=0)
        db.add(counter)
    counter.last += 1
    db.flush()
    return f"{year}-{counter.last:04d}"


def _headers(
    case: models.Case,
    receiving: Receiving,
    decided: Decided,
    categories: Sequence[str],
    roster: Rostered,
    linked: Mapping[str, Any] | None,
) -> list[Part]:
    """All that a reader is served before declaring no conflict, sealed to each singly (sealing.md, *Header*)."""
    told: dict[str, Any] = {
        "v": 1,
        "case": case.id,
        "number": case.number,
        "at": stamp(case.received),
        "facts": dict(decided.facts),
        "decision": dict(decided.decision),
        "categories": sorted(set(categories)),
        "linked": dict(linked) if linked else None,
        "made_by": SERVER,
    }
    frames = {code: _frame(told, code, decided.relations) for code in receiving.readers}
    return [_header(case.id, code, frame, roster) for code, frame in sorted(frames.items())]


def _frame(told: Mapping[str, Any], reader: str, relations: Sequence[Relation]) -> bytes:
    """The header of one reader with the relations on record, their own first.

    Relations are in the clear, so a header's size may not tell how many touch a case: those that don't fit into the padding
    are left out, and counted.
    """
    ordered = sorted(relations, key=lambda one: reader not in (one.person, one.code))
    room = len(pad(jcs({**told, "relations": [], "relations_left": len(ordered)}), HEADER_FRAME)) - LENGTH
    kept: list[dict[str, str]] = []
    for one in ordered:
        more = {**told, "relations": [*kept, _relation(one)], "relations_left": len(ordered) - len(kept) - 1}
        if len(jcs(more)) > room:
            break
        kept.append(_relation(one))
    return pad(jcs({**told, "relations": kept, "relations_left": len(ordered) - len(kept)}), HEADER_FRAME)


def _relation(one: Relation) -> dict[str, str]:
    told = {"person": one.person, "tie": one.kind, "with": one.what, "code": one.code, "since": one.since.isoformat()}
    return told if one.until is None else {**told, "until": one.until.isoformat()}


def _header(case_id: str, code: str, frame: bytes, roster: Rostered) -> Part:
    keys = roster.members[code]
    place = Part(kind="header", id=str(uuid4()), reader=code, readerkey=keys.readerkey, data=b"")
    return replace(place, data=seal(keys.kem, "header", object_binding(case_id, place.place), frame))


def _seat_readers(db: Session, case: models.Case, receiving: Receiving) -> None:
    people = db.scalars(select(models.Person.id).where(models.Person.code.in_(receiving.readers)))
    seated = [{"id": str(uuid4()), "case_id": case.id, "person_id": one, "since": case.received} for one in people]
    db.execute(insert(models.Readership), seated)
