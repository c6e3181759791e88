"""What grows with the number of cases and what doesn't: the queue, a case, a mailbox; and the ledger's check.

The cases are copies of one that was really taken in, under other ids: a server can't tell, because it opens none of them.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.queries import cases, mailboxes
from workflow.queries.queue import queue
from workflow.store import Store

ROUNDS = 30
# What belongs to one case, with the column that says so.
OF_A_CASE = (
    (models.CaseCategory, "case_id"),
    (models.Readership, "case_id"),
    (models.Statement, "case_id"),
    (models.Epoch, "case_id"),
    (models.SealedObject, "case_id"),
)


def fill(store: Store, case_id: str, count: int) -> None:
    """Copy a case until there are so many, each an hour older than the one before."""
    with store.transaction() as db:
        have = len(list(db.scalars(select(models.Case.id))))
        case = db.get_one(models.Case, case_id)
        rows = {model: [_values(row) for row in db.scalars(_of(model, column, case_id))] for model, column in OF_A_CASE}
        for number in range(have, count):
            _copy(db, _values(case), rows, number)


def _of(model: Any, column: str, case_id: str) -> Any:
    return select(model).where(getattr(model, column) == case_id)


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def _copy(db: Session, case: dict[str, Any], rows: dict[Any, list[dict[str, Any]]], number: int) -> None:
    new, ids = str(uuid4()), {}
    older = case["updated"] - timedelta(hours=number)
    db.execute(
        insert(models.Case),
        [
            {
                **case,
                "id": new,
                "number": f"2020-{number + 1:05d}",
                "mailbox_hash": secrets.token_hex(32),
                "updated": older,
                "received": older,
            }
        ],
    )
    for model, column in OF_A_CASE:
        copied = []
        for row in rows[model]:
            kept = {**row, column: new}
            if "id" in kept:
                ids[row["id"]] = kept["id"] = str(uuid4())
            if kept.get("statement_id"):
                kept["statement_id"] = ids[kept["statement_id"]]
            copied.append(kept)
        if copied:
            db.execute(insert(model), copied)


def timed(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The middle of so many, in milliseconds."""
    act()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def at_sizes(
    store: Store, case_id: str, person: str, mailbox: str, sizes: tuple[int, ...]
) -> Iterator[dict[str, float]]:
    """How long each takes with so many cases."""
    for size in sizes:
        fill(store, case_id, size)
        at = datetime.now(UTC)

        def page(at: datetime = at) -> None:
            with store.reading() as db:
                queue(db, person, at=at)

        def case(at: datetime = at) -> None:
            with store.reading() as db:
                cases.cover(db, case_id, person, at=at)
                cases.case_file(db, case_id, person, at=at)

        def visit(at: datetime = at) -> None:
            with store.reading() as db:
                mailboxes.open_mailbox(db, mailbox, at=at)

        yield {"cases": size, "queue": timed(page), "case": timed(case), "mailbox": timed(visit)}


def ledger_speed(store: Store, entries: int, signing_seed: bytes, signing_public: bytes) -> float:
    """Entries a second that the whole check reads again, with so many more in one chain of ours."""
    at = datetime.now(UTC)
    with store.transaction() as db:
        for _ in range(entries):
            ledger.append(db, chain=ledger.ORGANISATION, kind="sign_in", pub={"factor": "totp"}, priv={}, at=at)
        ledger.checkpoint(db, signing_seed, at=at)
    with store.reading() as db:
        all_of_them = len(list(db.scalars(select(models.LedgerEntry.seq))))
        began = time.perf_counter()
        faults = ledger.verify(db, signing_public)
        took = time.perf_counter() - began
    if faults:
        raise RuntimeError(f"the ledger is not sound: {faults[0]}")
    return all_of_them / took
