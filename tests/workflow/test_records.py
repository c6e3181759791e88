"""The record that a reporter checks: public parts only, and proofs that hold for every chain and every checkpoint."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from crypto.encoding import parse_jcs
from crypto.ledgers import (
    SignedRoot,
    entry_hash,
    leaf_bytes,
    private_digest,
    verify_chain,
    verify_checkpoint,
    verify_inclusion,
)
from crypto.signing import sign_public
from tests.casework import refused
from tests.world import AT, seed
from workflow import ledger
from workflow.queries import records
from workflow.store import Store

SEED = seed("installation")
PUBLIC = sign_public(SEED)


def cases(count: int) -> list[str]:
    return [str(UUID(bytes=seed(f"case {number}")[:16], version=4)) for number in range(count)]


def append(store, chain):
    with store.transaction() as db:
        return ledger.append(db, chain=chain, kind="test", pub={}, priv={"by": "P-001"}, at=AT)


def check(store, hours=0):
    with store.transaction() as db:
        return ledger.checkpoint(db, SEED, at=AT + timedelta(hours=hours))


def holds(store, chain, checkpoint):
    """The entry number that a checkpoint is proved to cover; None without a proof."""
    with store.reading() as db:
        proof = ledger.prove(db, chain, checkpoint)
    if proof is None:
        return None
    signed = verify_checkpoint(PUBLIC, checkpoint.document)
    path = [bytes.fromhex(sibling) for sibling in proof.path]
    assert proof.no == checkpoint.no
    assert proof.leaf["chain"] == chain
    assert verify_inclusion(signed, leaf_bytes(**proof.leaf), proof.index, path)
    return proof.leaf["seq"]


def test_every_chain_is_proved_in_every_checkpoint_in_any_order(store):
    chains = cases(5)
    made = []
    for number, chain in enumerate(chains):
        append(store, chain)
        append(store, chains[0])
        made.append(check(store, hours=number))
    wanted = {
        (chain, one.no): (one.no + 1 if chain == chains[0] else 1) if place < one.no else None
        for one in made
        for place, chain in enumerate(chains)
    }
    for order in (made, made[::-1], [made[2], made[4], made[0]]):
        found = {(chain, one.no): holds(store, chain, one) for one in order for chain in chains}
        assert found == {key: wanted[key] for key in found}


def test_what_one_database_proved_is_nothing_to_another(migrated, new_database):
    chain = cases(1)[0]
    for count in (1, 2):
        store = Store(new_database(like=migrated))
        for _ in range(count):
            append(store, chain)
        assert holds(store, chain, check(store)) == count
        append(store, "org")
        assert holds(store, chain, check(store, hours=count)) == count
        store.close()


@pytest.fixture
def case(office):
    return office.a_case()["case"]


def record(office, *, entry=1, checkpoint=1, reporter="reporter"):
    with office.world.store.reading() as db:
        found = records.record(db, office.keys(reporter).mailbox_hash, entry=entry, checkpoint=checkpoint)
        return list(found.entries), list(found.checkpoints), records.proof(db, found)


def test_the_record_holds_the_public_parts_of_ones_own_chain_and_nothing_else(office, case):
    office.a_case(reporter="another")
    office.declare(case, "P-001")
    office.later(minutes=1).withdraw(case, "P-002")
    entries, _, _ = record(office)
    chain = verify_chain(entries, case)
    assert [entry["kind"] for entry in chain.entries] == ["report_received", "opened", "withdrawn"]
    told = b"\n".join(entries).decode()
    assert [code for code in office.world.people if code in told] == []


def test_of_opening_the_reporter_learns_that_it_happened_and_not_who_did(office, case):
    office.declare(case, "P-001")
    entries, _, _ = record(office, entry=2)
    (opened,) = [parse_jcs(entry) for entry in entries]
    assert (opened["kind"], opened["pub"]) == ("opened", {})


def test_the_record_goes_on_from_where_a_page_ended(office, case):
    office.declare(case, "P-001")
    check(office.world.store, hours=1)
    entries, checkpoints, _ = record(office, entry=2, checkpoint=2)
    assert [parse_jcs(entry)["seq"] for entry in entries] == [2]
    assert [one.no for one in checkpoints] == [2]
    assert record(office, entry=3, checkpoint=3)[:2] == ([], [])


def test_the_newest_checkpoint_is_proved_to_hold_the_case(office, case):
    assert record(office)[2] is None  # the one there is, is older than the case
    office.declare(case, "P-001")
    check(office.world.store, hours=1)
    entries, checkpoints, proof = record(office)
    root = verify_checkpoint(PUBLIC, checkpoints[-1].document)
    assert isinstance(root, SignedRoot)
    assert proof.leaf == {"chain": case, "head": entry_hash(entries[-1]), "seq": 2}
    assert holds(office.world.store, case, checkpoints[-1]) == 2


def test_another_code_finds_no_record(office, case):
    assert refused(record, office, reporter="nobody") == "wrong_code"


def told_to(office, case, code):
    """The private parts that this reader is served, by the kind of their entry; each fits the digest in the entry."""
    file = office.the_file(case, code)
    told = {}
    for entry in file.ledger:
        private = file.private.get(entry.seq)
        if private is not None:
            part = parse_jcs(private.part)
            assert private_digest(private.salt, part) == parse_jcs(entry.entry)["priv"]
            told.setdefault(entry.kind, []).append(part)
    return told


def test_a_reader_is_told_who_opened_the_case_who_left_and_for_whom_it_came(office, case):
    office.declare(case, "P-001")
    office.declare(case, "P-002", conflict=True)
    office.later(minutes=1).withdraw(case, "P-003")
    told = told_to(office, case, "P-001")
    assert told["report_received"][0]["readers"] == ["P-001", "P-002", "P-003", "P-004"]
    assert [part["person"] for part in told["opened"]] == ["P-001"]
    assert [part["person"] for part in told["conflict_declared"]] == ["P-002"]
    assert [part["person"] for part in told["withdrawn"]] == ["P-003"]


def test_the_private_part_of_a_kind_that_is_not_told_stays_back(office, case):
    office.declare(case, "P-001")
    with office.world.store.transaction() as db:
        ledger.append(db, chain=case, kind="vote_closed", pub={}, priv={"votes": ["P-001"]}, at=office.at)
    assert "vote_closed" not in told_to(office, case, "P-001")
