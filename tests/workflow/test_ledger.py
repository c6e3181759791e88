"""Chains that can't be altered unnoticed, and checkpoints over them (sealing.md, *Bytes*)."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import text

from crypto.encoding import parse_jcs
from crypto.signing import sign_public, verify_document
from tests.world import AT, seed
from workflow import ledger
from workflow.errors import Conflict
from workflow.ledger import Fault
from workflow.store import Store

SEED = seed("installation")
PUBLIC = sign_public(SEED)
CASE = "6f0e3a52-7d0c-4b6c-9d5e-0c7c3f1b2a90"


def append(store: Store, chain: str = "org", kind: str = "test", **pub: object) -> ledger.Entry:
    with store.transaction() as db:
        return ledger.append(db, chain=chain, kind=kind, pub=pub, priv={"secret": 1}, at=AT)


def check(store: Store) -> ledger.Checkpoint | None:
    with store.transaction() as db:
        return ledger.checkpoint(db, SEED, at=AT)


def faults(store: Store) -> list[Fault]:
    with store.reading() as db:
        return ledger.verify(db, PUBLIC)


def tamper(store: Store, statement: str, **values: object) -> None:
    """What somebody with the database's own rights could do: take the triggers off first."""
    with store.transaction() as db:
        for table in ("ledger_entry", "checkpoint"):
            if store.engine.dialect.name == "sqlite":
                for name in ("keeps_rows", "loses_none", "replaces_none"):
                    db.execute(text(f"drop trigger if exists {table}_{name}"))
            else:
                db.execute(text(f"alter table {table} disable trigger user"))
        db.execute(text(statement), values)


@pytest.fixture
def written(store):
    """Two chains, a checkpoint, one more entry."""
    append(store)
    append(store)
    append(store, chain=CASE)
    check(store)
    append(store, chain=CASE)
    yield store
    if store.engine.dialect.name == "postgresql":
        with store.transaction() as db:
            for table in ("ledger_entry", "checkpoint"):
                db.execute(text(f"alter table {table} enable trigger user"))


def test_the_first_entry_follows_nothing_and_the_next_follows_it(store):
    first, second = append(store, number=1), append(store, number=2)
    assert (first.seq, second.seq) == (1, 2)
    assert parse_jcs(first.entry)["prev"] == "0" * 64
    assert parse_jcs(second.entry)["prev"] == first.hash
    assert parse_jcs(second.entry)["at"] == "2026-11-24T09:05:07Z"


def test_each_chain_counts_for_itself(store):
    assert append(store).seq == append(store, chain=CASE).seq == 1


def test_the_private_part_shows_only_as_a_digest(store):
    entry = append(store)
    assert b"secret" not in entry.entry
    assert append(store).entry != entry.entry


def test_a_ledger_as_it_was_written_has_no_fault(written):
    assert faults(written) == []


def test_threads_that_append_to_one_chain_make_one_chain(store):
    def many() -> None:
        for _ in range(8):
            append(store)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as db:
        assert [entry.seq for entry in ledger.entries(db, "org")] == list(range(1, 33))
    assert faults(store) == []


def test_nothing_new_makes_no_checkpoint(written):
    assert check(written).no == 2
    assert check(written) is None


def test_a_checkpoint_is_signed_and_follows_the_one_before(written):
    with written.reading() as db:
        first = ledger.latest_checkpoint(db)
    second = check(written)
    body = verify_document(PUBLIC, "checkpoint", second.document)
    assert (body["no"], body["prev"], body["size"]) == (2, first.hash, 2)
    assert faults(written) == []


def test_a_statement_names_a_checkpoint_that_was_signed_here(written):
    with written.reading() as db:
        made = ledger.latest_checkpoint(db)
        ledger.require_checkpoint(db, {"no": made.no, "hash": made.hash})
        for other in ({"no": 1, "hash": "1" * 64}, {"no": 9, "hash": made.hash}, {"no": True, "hash": made.hash}, {}):
            with pytest.raises(Conflict) as caught:
                ledger.require_checkpoint(db, other)
            assert caught.value.code == "checkpoint_unknown"


def test_no_checkpoint_may_be_named_only_where_that_is_allowed(store):
    nothing = {"no": 0, "hash": "0" * 64}
    with store.reading() as db:
        ledger.require_checkpoint(db, nothing, or_none=True)
        with pytest.raises(Conflict):
            ledger.require_checkpoint(db, nothing)


def test_an_altered_entry_is_named(written):
    tamper(written, "update ledger_entry set entry = :entry where chain = 'org' and seq = 1", entry=b"{} ")
    assert Fault("org", 1, "unreadable") in faults(written)


def test_an_altered_hash_is_named_and_breaks_the_link(written):
    tamper(written, "update ledger_entry set hash = :hash where chain = 'org' and seq = 1", hash="f" * 64)
    assert {Fault("org", 1, "hash"), Fault("org", 2, "link")} <= set(faults(written))


def test_a_removed_entry_is_named(written):
    tamper(written, "delete from ledger_entry where chain = 'org' and seq = 1")
    assert Fault("org", 1, "missing") in faults(written)


def test_a_chain_that_was_cut_off_contradicts_its_checkpoint(written):
    tamper(written, "delete from ledger_entry where chain = 'org' and seq = 2")
    assert faults(written) == [Fault("checkpoint", 1, "head")]


def test_a_moved_entry_is_named(written):
    tamper(written, "update ledger_entry set chain = :other where chain = 'org' and seq = 2", other="a" * 36)
    assert Fault("a" * 36, 2, "place") in faults(written)


def test_an_altered_private_part_is_named(written):
    tamper(written, "update ledger_entry set private = :other where chain = 'org' and seq = 2", other=b"{}")
    assert faults(written) == [Fault("org", 2, "private")]


def test_an_altered_checkpoint_is_named(written):
    tamper(written, "update checkpoint set doc = :doc", doc=b"{}")
    assert faults(written) == [Fault("checkpoint", 1, "signature")]


def test_a_checkpoint_signed_by_another_key_is_named(written):
    with written.transaction() as db:
        ledger.checkpoint(db, seed("somebody else"), at=AT + timedelta(hours=1))
    assert faults(written) == [Fault("checkpoint", 2, "signature")]


def test_a_forgotten_leaf_contradicts_the_root(written):
    tamper(written, "update checkpoint set changed = :none", none=b"[]")
    assert faults(written) == [Fault("checkpoint", 1, "root")]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_heads_that_are_looked_up_by_parts_are_all_compared(written, monkeypatch, size):
    monkeypatch.setattr("workflow.ledger.audit.PAGE", size)
    monkeypatch.setattr("workflow.ledger.audit.LOOKED_UP", size)
    for number in range(4):
        append(written, chain=f"{number}" * 36)
        append(written)
        assert check(written).no == 2 + number
    assert faults(written) == []
    tamper(written, "delete from ledger_entry where chain = :last", last="3" * 36)
    assert faults(written) == [Fault("checkpoint", 5, "head")]


def test_a_leaf_that_cannot_be_read_is_named(written):
    tamper(written, "update checkpoint set changed = :other", other=b'[{"chain":"org"}]')
    assert faults(written) == [Fault("checkpoint", 1, "signature")]


def test_a_long_ledger_takes_no_more_memory_than_a_short_one(store):
    def peak(entries: int) -> int:
        with store.transaction() as db:
            for _ in range(entries):
                ledger.append(db, chain="org", kind="test", pub={}, priv={}, at=AT)
            ledger.checkpoint(db, SEED, at=AT)
        tracemalloc.start()
        try:
            assert faults(store) == []
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1300)  # what is kept in caches from the first time on is no part of it
    assert peak(1) * 1.2 > peak(4000)
