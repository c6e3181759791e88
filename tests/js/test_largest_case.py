"""The largest case that is taken in, with a key for everybody who left: its mailbox opens in both languages."""

from __future__ import annotations

from uuid import uuid4

import pytest

from crypto.encoding import b64u
from crypto.hpke import kem_public
from intake.client import ClientFault, ReporterClient, sealing
from intake.client.sealing import Ring
from intake.reporter import schemas
from intake.shapes import SignedManifest
from tests.casework import FACTS, REPORT, Office, code_of, statement_hash
from tests.js.test_reporter_browser import Browser, browser, reporter
from tests.world import CUSTODIANS, SINCE, add, publish
from workflow.commands import organisation
from workflow.commands.outside import add_outside
from workflow.commands.packages import MOST_PACKAGES, make_package
from workflow.outside import Outside, sign_outside
from workflow.sealed import MOST_READERS

__all__ = ["browser", "reporter"]

KEEPERS = 15
LONG = "ẫ" * 29_000


@pytest.fixture
def crowded(an_installation, clock) -> Office:
    """UBKT-S has as many readers, and its set as many custodians, as a submission may have."""
    world, at = an_installation, clock()
    with world.store.transaction() as db:
        for number in range(101, 101 + MOST_READERS - 4):
            add(db, world, f"P-{number}", at=at)
            seat = {"body": "UBKT-S", "person": f"P-{number}", "function": "member", "roles": ("intake",)}
            organisation.add_seat(db, **seat, term_from=SINCE, at=at)
        keepers = [*CUSTODIANS["KS-S"], *(f"P-{number}" for number in range(901, 901 + KEEPERS - 4))]
        for code in keepers[4:]:
            add(db, world, code, at=at)
        kept = {"k": 8, "level": 3, "purpose": "identity", "members": keepers, "valid_from": SINCE}
        organisation.add_custodian_set(db, code="KS-S", version=2, **kept, at=at)
        publish(db, world, at=at)
    return Office(world, at)


def renewed(office: Office, case: str, readers: list[str], first: str) -> int:
    """All but two leave, one by one, and P-001 makes the next key each time; the number of the newest epoch."""
    prev, epoch = first, 1
    for leaving in [code for code in readers if code not in ("P-001", "P-002")]:
        office.withdraw(case, leaving)
        readers = [code for code in readers if code != leaving]
        epoch += 1
        ring = Ring("report", epoch, bytes([epoch]) * 32)
        statement, grants = office.epoch(case, ring, (*readers, "reporter"), by="P-001", prev=prev, removed=(leaving,))
        office.open_epoch(case, "P-001", (statement, grants))
        prev = statement_hash(statement)
    return epoch


def left(office: Office, case: str) -> None:
    """The case leaves in as many packages as it can, to a body of the longest name."""
    day, at = office.at.date(), office.at
    body = Outside("CA-TP", "ẫ" * 200, "ẫ" * 200, day, day, kem_public(bytes(32)))
    with office.world.store.transaction() as db:
        add_outside(db, sign_outside(office.world.organisation_seed, body), at=at)
        for _ in range(MOST_PACKAGES):
            said = {"case": case, "package": str(uuid4()), "to": body.code, "readerkey": body.readerkey}
            hashes = {"manifest": "0" * 64, "receipt": "1" * 64}
            statement = office.signer("P-001").state("package", at=at, **said, **hashes)
            make_package(db, case, office.person("P-001"), statement, "2" * 64, at=at)


@pytest.mark.timeout(300)
def test_the_largest_mailbox_opens_in_both_languages(crowded: Office, browser: Browser, reporter: ReporterClient):
    code = code_of("reporter")
    shown = reporter.preview(FACTS)
    assert (shown["readers"], shown["set"]["n"]) == (MOST_READERS, KEEPERS)
    report = type(REPORT)(**{**vars(REPORT), "text": LONG})
    args = reporter.build_submission(report, FACTS, shown, code)
    assert len(args["objects"]) == schemas.MOST_OBJECTS
    (bound,) = [one.max_length for one in SignedManifest.model_fields["stmt"].metadata if hasattr(one, "max_length")]
    assert 0.8 * bound < len(args["submission"]["stmt"]) <= bound
    reporter.submit(args)
    crowded.declare(args["case"], "P-001")
    newest = renewed(crowded, args["case"], shown["decision"]["readers"], statement_hash(args["epoch"]))
    assert newest == MOST_READERS - 1
    ring = Ring("report", newest, bytes([newest]) * 32)
    for text in ("Một", "ố" * 5_000, "Hai"):
        crowded.add(args["case"], "P-001", crowded.item(args["case"], ring, "message", by="P-001", text=text))

    left(crowded, args["case"])
    mailbox = reporter.open_mailbox(code)
    assert len(mailbox.answer["packages"]) == MOST_PACKAGES
    assert (mailbox.report.newest.epoch, len(mailbox.report.epochs)) == (newest, newest)
    assert len(mailbox.answer["kept"]["gone"]) == MOST_READERS - 2
    assert [message.text for message in mailbox.messages][:1] == ["Hai"]
    reporter.write(mailbox, "Tôi đây.")

    there = browser("all", code)
    assert [message["text"] for message in there["messages"]] == ["Một", "ố" * 5_000, "Hai", "Tôi đây."]
    assert there["narrative"]["text"] == LONG


def test_pages_of_epochs_follow_each_other_and_end(crowded: Office, reporter: ReporterClient):
    code = code_of("reporter")
    args = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code)
    reporter.submit(args)
    crowded.declare(args["case"], "P-001")
    handlers = reporter.preview(FACTS)["decision"]["readers"]
    newest = renewed(crowded, args["case"], handlers, statement_hash(args["epoch"]))
    secret = b64u(reporter.keys(code).mailbox)
    answer = reporter.call("mailbox.open", secret=secret)
    assert answer["more_epochs"]
    assert answer["items"], "epochs leave room for what was written"
    seen, grants, more = [row["epoch"] for row in answer["epochs"]], answer["grants"], True
    while more:
        page = reporter.call("mailbox.epochs", secret=secret, after=seen[-1])
        assert page.keys() == schemas.EpochsAnswer.model_fields.keys()
        seen += [row["epoch"] for row in page["epochs"]]
        grants += page["grants"]
        more = page["more_epochs"]
    assert seen == list(range(1, newest + 1))
    assert sorted(grant["epoch"] for grant in grants if "ring" in grant) == seen
    assert {grant["reader"] for grant in grants} == {sealing.REPORTER}


def test_a_page_without_the_epochs_that_were_promised_is_a_fault(reporter: ReporterClient, monkeypatch):
    code, _ = reporter.report(REPORT, FACTS)
    call = reporter.call

    def cut_short(op, **args):
        if op == "mailbox.epochs":
            return {"epochs": [], "grants": [], "more_epochs": True}
        return call(op, **args) | {"more_epochs": True}

    monkeypatch.setattr(reporter, "call", cut_short)
    with pytest.raises(ClientFault, match="epoch_missing"):
        reporter.open_mailbox(code)
