"""Cutting off who may no longer read, without an act of theirs: what the clock does, and what a new roster brings.

Access ends by itself when a seat ends (`readers.entitled_now`). This ends the keys too, as a withdrawal does.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from workflow import ledger, models
from workflow.commands import casefile, epochs
from workflow.queries import organisation, readers
from workflow.times import local_date


def remove_former_readers(db: Session, *, at: datetime) -> int:
    """Cut off every reader of a case who holds no handling seat of its body any more, or not the key they read with.

    That key is the one of their header: it must be the one they have enrolled with, and stand in the newest roster,
    expired or not. One ledger entry a case; returns in how many somebody was cut off. Again it finds nobody.
    """
    signed = organisation.latest_roster(db)
    if signed is None:
        return 0
    keys = [member.readerkey for member in signed.rostered.members.values()]
    former = readers.former(db, on=local_date(at), rostered=keys)
    people = {case: {person for _, person in found} for case, found in groupby(former, key=lambda one: one[0])}
    # All first, in one order: whoever waits for a case holds nothing yet that others want who have one.
    cases = [casefile.hold_case(db, case_id) for case_id in sorted(people)]
    return sum(_remove(db, case, people[case.id], at=at) for case in cases)


def _remove(db: Session, case: models.Case, people: set[str], *, at: datetime) -> bool:
    # Whoever left while this waited is cut off already, and has an entry of their own.
    done = [
        epochs.cut_off(db, case, person, why="removal", at=at)
        for person in sorted(people)
        if casefile.readership(db, case.id, person).ended is None
    ]
    if not done:
        return False
    codes = sorted(str(each.priv["person"]) for each in done)
    ledger.append(db, chain=case.id, kind="removed", pub=done[-1].pub, priv={"people": codes}, at=at)
    return True
