"""What the reporter does later: write to the readers, add to the report, renew the key where somebody left or made a bad one.

See sealing.md, *Rules*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto.encoding import sha256hex
from workflow import ledger, models
from workflow.commands import casefile, epochs
from workflow.commands.cases import check_item, item_record, stored_before
from workflow.errors import Malformed, TooMany, Unavailable
from workflow.sealed import REPORTER, Part
from workflow.statements import read_statement
from workflow.store import hold
from workflow.times import local_date, local_midnight, to_hour

RING_OF = {"message": epochs.REPORT, "supplement": epochs.REPORT}
# What the ledger calls it: a supplement belongs to the report itself.
ENTRY_OF = {"message": "reporter_wrote", "supplement": "report_supplemented"}
# Of both together, in one case on one day, of Viet Nam: more than anybody writes who has something to say, and no flood.
MOST_WRITTEN = 50


@dataclass(frozen=True)
class NewEpoch:
    """The next epoch of the report ring, as the reporter's browser made it."""

    statement: Mapping[str, str]
    grants: Sequence[Part]


def write_from_mailbox(
    db: Session,
    mailbox: str,
    part: Part,
    statement: Mapping[str, str],
    epoch: NewEpoch | None = None,
    *,
    notice_delay: tuple[float, float],
    at: datetime,
    chance: Random | None = None,
) -> datetime:
    """Store a message or a supplement from the reporter, under a new epoch that comes with it if one was pending.

    `mailbox` is the SHA-256 of the mailbox secret. Of the time the hour is kept, which is what is returned; the same
    object again gets the same answer. Raises Malformed("wrong_code") where no mailbox has this secret, else as
    `add_item`; TooMany beyond the day's measure; Unavailable when nobody who may read it is left.
    """
    case = _held_case(db, mailbox)
    case_id, hour = case.id, to_hour(at)
    signed = read_statement(statement, "item", key=case.reporter_sign, by=REPORTER, case=case_id)
    check_item(part, signed, RING_OF)
    stored = stored_before(db, case_id, part, author=REPORTER)
    if stored is not None:
        return stored
    _require_measure(db, case_id, at=at)
    renewed = _renew(db, case, epoch, at=at)
    row = epochs.require_open(db, case_id, epochs.REPORT, int(part.epoch or 0))
    if {reader["id"] for reader in epochs.readers_of(db, row)} == {REPORTER}:
        raise Unavailable("nobody_competent")
    statement_id = casefile.store_statement(db, signed, case_id=case_id, at=hour)
    casefile.store_parts(db, case_id, [part], author=REPORTER, at=hour, statement=statement_id)
    case.updated = hour
    casefile.tell_readers(db, case_id, delay=notice_delay, chance=chance or SystemRandom(), at=at)
    pub, priv = item_record(part, by=REPORTER)
    if renewed:
        pub, priv = pub | {"epoch": dict(renewed.pub)}, priv | {"epoch": dict(renewed.priv)}
    ledger.append(db, chain=case_id, kind=ENTRY_OF[part.kind], pub=pub, priv=priv, at=hour)
    return hour


def _require_measure(db: Session, case_id: str, *, at: datetime) -> None:
    item = models.SealedObject
    today = item.stored >= local_midnight(at), item.stored < local_midnight(at) + timedelta(days=1)
    written = select(func.count()).where(
        item.case_id == case_id, item.kind.in_(RING_OF), item.author == REPORTER, *today
    )
    if (db.scalar(written) or 0) >= MOST_WRITTEN:
        raise TooMany(most=MOST_WRITTEN)


def report_bad_key_from_mailbox(db: Session, mailbox: str, statement: Mapping[str, str], *, at: datetime) -> int:
    """The reporter says that the report ring's newest key opens nothing; the number of the epoch that now waits for one.

    Said again it gets the same answer. Raises Malformed("wrong_code"), else as `epochs.mark_bad`.
    """
    case = _held_case(db, mailbox)
    hour = to_hour(at)
    signed = read_statement(statement, "badkey", key=case.reporter_sign, by=REPORTER, case=case.id)
    readerkey = sha256hex(case.reporter_kem)
    if not casefile.is_repeated(db, signed):
        done = epochs.mark_bad(db, case, signed, readerkey=readerkey, at=at, stored=hour)
        if done is not None:
            ledger.append(db, chain=case.id, kind="bad_key_reported", pub=done.pub, priv=done.priv, at=hour)
    return int(signed.body["epoch"]) + 1


def _held_case(db: Session, mailbox: str) -> models.Case:
    """The case behind a mailbox, held until this transaction ends."""
    case_id = db.scalars(select(models.Case.id).where(models.Case.mailbox_hash == mailbox)).first()
    if case_id is None:
        raise Malformed("wrong_code")
    hold(db, f"case/{case_id}")
    return db.get_one(models.Case, case_id)


def _renew(db: Session, case: models.Case, epoch: NewEpoch | None, *, at: datetime) -> epochs.Recorded | None:
    if epoch is None:
        return None
    signed = read_statement(epoch.statement, "epoch", key=case.reporter_sign, by=REPORTER, case=case.id)
    if signed.body["ring"] != epochs.REPORT:
        raise Malformed("wrong_binding", kind="epoch")
    if casefile.is_repeated(db, signed):
        return None
    roster = casefile.newest_roster(db)
    roster.require_fresh(local_date(at))
    return epochs.open_next(db, case, signed, epoch.grants, roster=roster, at=at, stored=to_hour(at))
