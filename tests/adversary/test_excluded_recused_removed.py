"""Handlers who may not read: excluded from the start, recused, withdrawn, or removed from their seat.

Row: a handler who was excluded, has left, or whose seat or key has ended
Holds: a session of their own, every key they ever had, every grant that was made to them, and a copy of the database
    as it is later.
Shown: no request that their session can make tells anything of the case, not even that it exists; their old keys open
    nothing that was written after they left, and nothing at all if they were excluded from the start.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from intake.client import Refused
from intake.client.sealing import Ring
from tests.adversary.holdings import ADDED, betrayed, every_request, learns_nothing, opened_by_keys, opened_by_seed
from tests.casework import rows
from workflow import models
from workflow.commands import removals

LEAVING = ("conflict", "withdrawal", "removal")


def leave(job, office, member, how) -> None:
    """P-003 goes, in one of the ways there are."""
    if how == "conflict":
        member.declare(job.case, conflict=True)
        return
    member.declare(job.case, conflict=False)
    if how == "withdrawal":
        member.withdraw(job.case)
        return
    with office.world.store.transaction() as db:
        yesterday = office.at.date() - timedelta(days=1)
        ended = update(models.Seat).where(models.Seat.person_id == office.person("P-003"))
        db.execute(ended.values(term_to=yesterday))


def lose_the_keys(job, office, member, how) -> None:
    """P-003 goes, and where it was by losing the seat, the clock has seen to the keys too."""
    leave(job, office, member, how)
    if how == "removal":
        with office.world.store.transaction() as db:
            assert removals.remove_former_readers(db, at=job.member.now()) == 1


def later_words(job) -> dict[str, object]:
    """What is written after somebody left, under whatever keys are made for it: by id."""
    before = {entry["object"]["id"] for entry in job.member.case(job.case)["items"]}
    job.member.renew(job.case)
    job.member.write(job.case, "Sau đó.")
    job.member.note(job.case, "Cũng sau đó.")
    job.reporter.write(job.reporter.open_mailbox(job.code), "Và sau nữa.")
    job.reporter.supplement(job.reporter.open_mailbox(job.code), ADDED)
    return {
        entry["object"]["id"]: entry
        for entry in job.member.case(job.case)["items"]
        if entry["object"]["id"] not in before
    }


def held_keys(opened) -> list[bytes]:
    return [epoch.key for chain in opened.rings.values() for epoch in chain.epochs.values() if epoch.key]


def test_the_walk_finds_what_an_eligible_handler_is_served(job, staff_app, office):
    told = every_request(staff_app, job.member, office, job.case)
    assert {name.split()[0] for _, _, name in betrayed(office, told)} >= {
        "number",
        "id",
        "bytes",
        "ledger",
        "commitment",
    }


def test_who_was_excluded_from_the_start_is_told_nothing_and_opens_nothing(job, staff_app, signed_in, office):
    learns_nothing(staff_app, signed_in("P-004"), office)
    assert opened_by_seed(office, office.world.people["P-004"].keys.kem_seed) == []
    assert all(row.person_id != office.person("P-004") for row in rows(office, models.Readership))


def test_another_committees_head_is_told_nothing(job, staff_app, signed_in, office):
    learns_nothing(staff_app, signed_in("P-005"), office)


@pytest.mark.parametrize("how", LEAVING)
def test_who_has_left_is_told_nothing_any_more(job, staff_app, signed_in, office, how):
    member = signed_in("P-003")
    leave(job, office, member, how)
    learns_nothing(staff_app, member, office, Ring("report", 1, job.ring_keys["key of report 1"]))


@pytest.mark.parametrize("how", LEAVING)
def test_old_keys_open_nothing_that_was_written_later(job, signed_in, office, how):
    member = signed_in("P-003")
    # The most that P-003 can have kept: everything P-001 has by then.
    kept = list(job.ring_keys.values())
    lose_the_keys(job, office, member, how)
    later = later_words(job)
    assert len(later) == 4
    opened = {part.id for part in opened_by_keys(office, kept)}
    assert opened
    assert opened.isdisjoint(later)
    assert {part.kind for part in opened_by_seed(office, office.world.people["P-003"].keys.kem_seed)} == {"header"}
    assert set(later) <= {part.id for part in opened_by_keys(office, job.ring_keys.values())}


@pytest.mark.parametrize("how", LEAVING)
def test_nothing_can_be_written_under_the_old_key_meanwhile(job, signed_in, office, how):
    lose_the_keys(job, office, signed_in("P-003"), how)
    opened = job.member.open_case(job.case)
    before = len(rows(office, models.SealedObject))
    for kind in ("message", "note"):
        with pytest.raises(Refused, match=r"^409 epoch_(pending|closed)$"):
            job.member.post(f"desk/cases/{job.case}/items", job.member.build_item(opened, kind, "Dưới khóa cũ"))
    assert len(rows(office, models.SealedObject)) == before
