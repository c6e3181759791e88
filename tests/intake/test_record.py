"""The reporter checks the record over the public face; a server that keeps another one is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.encoding import b64u, jcs, parse_jcs, sha256, sha256hex, unb64u
from crypto.envelopes import open_answer
from crypto.ledgers import entry_bytes, entry_hash
from crypto.signing import sign_document
from intake.client.errors import ClientFault
from intake.client.record import mark_of
from intake.reporter import schemas
from intake.reporter.operations import MAILBOX_ANSWER
from tests.casework import FACTS, REPORT, code_of
from tests.intake.test_refusals import refusal
from tests.world import seed
from workflow import ledger


@pytest.fixture
def sign_checkpoint(an_installation, clock):
    """What the clock does on the hour."""

    def sign(**forward):
        clock.forward(**forward)
        with an_installation.store.transaction() as db:
            return ledger.checkpoint(db, an_installation.installation_seed, at=clock())

    return sign


@pytest.fixture
def filed(reporter):
    code = code_of("reporter")
    return code, reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))


@pytest.fixture
def handled(reporter, filed, signed_in, sign_checkpoint):
    """Opened and answered, one who left, a renewed key; a checkpoint in between and one after; the code."""
    code, _ = filed
    member = signed_in("P-001")
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    sign_checkpoint()
    member.write(line["id"], "Xin cho biết thêm.")
    leaving = signed_in("P-002")
    leaving.withdraw(line["id"])
    reporter.installation()
    reporter.write(reporter.open_mailbox(code), "Tôi bổ sung.")
    sign_checkpoint(hours=1)
    reporter.installation()
    return code


def checked(reporter, code):
    return reporter.check_record(reporter.open_mailbox(code))


def cheated(reporter, monkeypatch, change):
    """A server that answers `mailbox.record` otherwise."""
    honest = reporter.call

    def call(op, **args):
        answer = honest(op, **args)
        return change(answer) if op == "mailbox.record" else answer

    monkeypatch.setattr(reporter, "call", call)


def fault(reporter, code):
    with pytest.raises(ClientFault) as caught:
        checked(reporter, code)
    return caught.value.code


def test_a_sound_record_is_told_in_numbers(reporter, filed, handled):
    told = checked(reporter, handled)
    assert (told.opened, told.answers, told.written, told.left, told.renewed) == (1, 1, 1, 1, 1)
    assert (told.covered, told.waiting, told.late) == (told.entries, 0, False)
    assert told.witnesses == 1
    assert told.first_opened[:10] == told.since[:10] == "2026-11-24"
    assert told.mark == mark_of(filed[1]["ledger"]["hash"])
    assert told.checkpoints == told.checkpoint.no == 3


def test_what_is_newer_than_the_last_checkpoint_waits_for_the_next(reporter, filed, clock):
    code, _ = filed
    told = checked(reporter, code)
    assert (told.entries, told.covered, told.waiting, told.late) == (1, 0, 1, False)
    clock.forward(hours=3)
    assert checked(reporter, code).late is True


def test_the_answer_has_one_size_whatever_it_holds_and_whoever_asks(reporter, handled):
    sizes = set()
    for secret in (reporter.keys(handled).mailbox, bytes(32)):
        for args in ({"entry": 1, "checkpoint": 1}, {"entry": 900, "checkpoint": 900}, {"entry": 0}):
            wire, key = reporter.seal("mailbox.record", secret=b64u(secret), **args)
            sealed = reporter.send(wire)
            sizes.add(len(sealed))
            open_answer(key, sha256(wire), sealed)
    assert len(sizes) == 1
    assert sizes.pop() >= MAILBOX_ANSWER


def test_the_answer_is_what_the_description_says(reporter, handled):
    answer = reporter.call("mailbox.record", secret=b64u(reporter.keys(handled).mailbox))
    assert answer.keys() == schemas.RecordAnswer.model_fields.keys()
    schemas.RecordAnswer.model_validate(answer)
    assert refusal(reporter.call, "mailbox.record", secret=b64u(bytes(32))).code == "wrong_code"


def test_a_long_record_comes_in_pages_and_is_checked_as_a_whole(reporter, filed, an_installation, clock):
    code, _ = filed
    case = reporter.open_mailbox(code).case
    with an_installation.store.transaction() as db:
        for number in range(700):
            ledger.append(db, chain=case, kind="item_added", pub={"ring": "internal"}, priv={"no": number}, at=clock())
    for hour in range(1, 300):
        clock.forward(hours=1)
        with an_installation.store.transaction() as db:
            ledger.append(db, chain="org", kind="test", pub={"hour": hour}, priv={}, at=clock())
            ledger.checkpoint(db, an_installation.installation_seed, at=clock())
    asked = []
    call = reporter.call
    reporter.call = lambda op, **args: asked.append(op) or call(op, **args)
    clock.forward(hours=-299)  # back to where the routing key is valid
    reporter.installation()
    told = checked(reporter, code)
    assert (told.entries, told.notes, told.checkpoint.no) == (701, 700, 300)
    assert asked.count("mailbox.record") > 2


def test_an_altered_entry_is_found(reporter, handled, monkeypatch):
    def alter(answer):
        entries = [unb64u(entry) for entry in answer["entries"]]
        entries[1] = jcs(parse_jcs(entries[1]) | {"at": "2026-11-24T01:00:00Z"})
        return answer | {"entries": [b64u(entry) for entry in entries]}

    cheated(reporter, monkeypatch, alter)
    assert fault(reporter, handled) == "record_broken"


def rechained(answer, change):
    """The chain written anew, as a server can that owns its database: all links hold."""
    entries, prev = [], "0" * 64
    for number, entry in enumerate((parse_jcs(unb64u(entry)) for entry in answer["entries"]), start=1):
        said = {name: value for name, value in change(entry).items() if name != "v"} | {"seq": number, "prev": prev}
        entries.append(entry_bytes(**said))
        prev = entry_hash(entries[-1])
    return entries, prev


def test_a_history_that_was_written_anew_is_found_by_the_mailbox_and_by_the_checkpoint(reporter, handled, monkeypatch):
    def rewrite(answer):
        entries, _ = rechained(answer, lambda entry: entry | {"priv": "0" * 64})
        return answer | {"entries": [b64u(entry) for entry in entries]}

    cheated(reporter, monkeypatch, rewrite)
    assert fault(reporter, handled) == "record_differs"
    mailbox = reporter.open_mailbox(handled)
    head = rechained(
        reporter.__class__.call(reporter, "mailbox.record", secret=b64u(mailbox.keys.mailbox)),
        lambda entry: entry | {"priv": "0" * 64},
    )[1]
    mailbox.answer["ledger"]["head"] = head  # the server lies alike about the head
    with pytest.raises(ClientFault, match="record_excluded"):
        reporter.check_record(mailbox)


def test_a_case_that_was_left_out_of_the_checkpoints_is_found(reporter, handled, monkeypatch):
    cheated(reporter, monkeypatch, lambda answer: answer | {"proof": None})
    assert fault(reporter, handled) == "record_excluded"


def test_an_older_state_of_the_ledger_is_found(reporter, handled, monkeypatch):
    cheated(reporter, monkeypatch, lambda answer: answer | {"checkpoints": answer["checkpoints"][:-1]})
    assert fault(reporter, handled) == "record_older"


def test_two_histories_of_checkpoints_are_found_by_what_the_handlers_signed(
    reporter, handled, monkeypatch, an_installation
):
    """The server shows this reporter other checkpoints than the handlers, each properly signed and linked."""
    seed_ = an_installation.installation_seed

    def fork(answer):
        first, second, third = (parse_jcs(unb64u(one["doc"])) for one in answer["checkpoints"])
        second = sign_document(seed_, "checkpoint", second | {"root": "ab" * 32})
        third = sign_document(seed_, "checkpoint", third | {"prev": sha256hex(unb64u(second["doc"]))})
        return answer | {"checkpoints": [sign_document(seed_, "checkpoint", first), second, third]}

    answer = reporter.call("mailbox.record", secret=b64u(reporter.keys(handled).mailbox))
    shown = fork(answer)["checkpoints"][-1]
    seen = replace(reporter.trust.checkpoint, hash=sha256hex(unb64u(shown["doc"])))
    reporter._trust = replace(reporter.trust, checkpoint=seen)  # it was shown that one on entering, too
    cheated(reporter, monkeypatch, fork)
    assert fault(reporter, handled) == "record_forked"


def test_a_checkpoint_by_another_key_is_found(reporter, handled, monkeypatch):
    def forge(answer):
        said = parse_jcs(unb64u(answer["checkpoints"][1]["doc"]))
        other = sign_document(seed("somebody else"), "checkpoint", said)
        return answer | {"checkpoints": [answer["checkpoints"][0], other, answer["checkpoints"][2]]}

    cheated(reporter, monkeypatch, forge)
    assert fault(reporter, handled) == "checkpoint_bad"


def test_a_message_kept_back_and_one_that_nothing_records_are_found(reporter, handled):
    mailbox = reporter.open_mailbox(handled)
    items = mailbox.answer["items"]
    (answered,) = [entry for entry in items if entry["by"] == "P-001"]
    hidden = [entry for entry in items if entry is not answered]
    with pytest.raises(ClientFault, match="record_withheld"):
        reporter.check_record(replace(mailbox, answer=mailbox.answer | {"items": hidden}))
    other = answered | {"object": answered["object"] | {"id": mailbox.case}}
    with pytest.raises(ClientFault, match="record_missing"):
        reporter.check_record(replace(mailbox, answer=mailbox.answer | {"items": [*items, other]}))


def test_the_wait_for_a_checkpoint_is_measured_from_the_hour(reporter, filed, sign_checkpoint, clock):
    """A report of 09:06 is recorded at 09:00, so a checkpoint at 10:00 has to hold it."""
    code, _ = filed
    sign_checkpoint(minutes=54)
    clock.forward(minutes=1)
    reporter.installation()
    told = checked(reporter, code)
    assert (told.covered, told.waiting) == (1, 0)
    assert told.checkpoint.at.startswith("2026-11-24T10:00")
