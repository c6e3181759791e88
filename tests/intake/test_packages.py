"""A case leaves: who may make a package and for whom, what the server keeps, what whoever opens it elsewhere is told."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crypto import packages as sealed
from crypto.codes import new_package_code
from crypto.encoding import b64u, fingerprint, jcs, parse_jcs, sha256hex, unb64u
from crypto.hpke import kem_public
from crypto.offline import lock_key
from crypto.signing import sign_statement
from intake.cli import cli
from intake.client import Supplement
from intake.client.opening import ever_read
from intake.client.packages import Made, build_package, left_in, make_package, outside_bodies, verify_package
from intake.config import create_secrets
from tests.casework import FACTS, REPORT, code_of, ledger_kinds, office_rows, refused
from tests.world import seed
from workflow.commands.outside import add_outside, remove_outside
from workflow.commands.packages import MOST_PACKAGES, take_receipt
from workflow.errors import Refusal
from workflow.ledger import checkpoint, verify
from workflow.outside import Outside, sign_outside

SEED = sealed.body_seed(seed("an outside body"))
KEYED, CODED = "CA-TP", "UBKT-TW"
ANSWER = "Chúng tôi chuyển hồ sơ này đi."


def outside(office, code, kem=None, *, by="organisation", days=30, ago=0):
    since = office.at.date() - timedelta(days=ago)
    body = Outside(code, f"Cơ quan {code}", f"Body {code}", since, since + timedelta(days=days), kem)
    document = sign_outside(seed(by), body)
    with office.world.store.transaction() as db:
        add_outside(db, document, at=office.at)
    return document


@pytest.fixture
def bodies(office):
    outside(office, KEYED, kem_public(SEED))
    outside(office, CODED)


@pytest.fixture
def case(reporter, filed, signed_in, bodies):
    """P-001 has opened the case and answered; the reporter has added to it."""
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    signed_in("P-001").renew(line["id"])
    signed_in("P-001").write(line["id"], ANSWER)
    signed_in("P-001").note(line["id"], "Việc nội bộ, ở lại đây.")
    mailbox = reporter.open_mailbox(filed)
    reporter.supplement(mailbox, Supplement("Còn một người nữa.", whom="Ông Mẫu"))
    return line["id"]


def opened(made: Made) -> bytes:
    """The contents, as who has the key or the code reads them."""
    return sealed.open_with_code(made.code, made.file) if made.code else sealed.open_with_key(SEED, made.file)


def run(*words: object, text: str | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=text, env=env or {}, catch_exceptions=False)


@pytest.mark.parametrize("to", [KEYED, CODED])
def test_whoever_opens_a_package_reads_and_verifies_what_the_reporter_signed(signed_in, case, to):
    made = make_package(signed_in("P-001"), case, to)
    assert (made.code is None) == (to == KEYED)
    found = verify_package(made.file, opened(made))
    assert (found.summary, found.narrative["text"]) == (REPORT.summary, REPORT.text)
    assert [(one.kind, one.text, one.fault) for one in found.talk] == [
        ("message", ANSWER, None),
        ("supplement", "Còn một người nữa.", None),
    ]
    assert found.first["facts"] == FACTS
    assert found.header["decision"]["body"] == "UBKT-S"
    assert found.warnings == ()
    assert found.org == fingerprint(signed_in("P-001").unlocked.org_key)


def test_neither_identity_nor_internal_notes_leave(signed_in, case):
    made = make_package(signed_in("P-001"), case, CODED)
    parts = sealed.unpack(opened(made)).parts
    kinds = {entry["object"]["kind"] for entry in parse_jcs(parts["items"])}
    assert kinds == {"first", "summary", "narrative", "message", "supplement"}
    held = {one["epoch"]: unb64u(one["key"]) for one in parse_jcs(parts["keys"])}
    assert held == {made.epoch: made.key for made in signed_in("P-001").open_case(case).rings["report"].epochs.values()}
    internal = signed_in("P-001").open_case(case).rings["internal"].newest.key
    assert internal not in opened(made)
    assert b64u(internal).encode() not in opened(made)
    assert "share" not in str(parts["items"])


def test_the_server_keeps_that_it_left_and_nothing_of_the_package(office, signed_in, case):
    made = make_package(signed_in("P-001"), case, CODED)
    assert ledger_kinds(office, case)[-1] == "package_made"
    kept = office_rows(office)
    number = verify_package(made.file, opened(made)).receipt
    assert made.code not in kept
    assert number not in kept
    assert number.replace(" ", "") not in kept
    assert made.file.decode("latin-1")[200:260] not in kept
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_the_reporter_is_told_to_whom_and_when_and_the_record_agrees(office, reporter, filed, signed_in, case, clock):
    make_package(signed_in("P-001"), case, KEYED)
    mailbox = reporter.open_mailbox(filed)
    (left,) = left_in(mailbox.case, mailbox.answer["packages"], ever_read(mailbox.report), reporter.trust)
    assert (left["to"], left["to_name"], left["received"], left["by"], left["signed"]) == (
        KEYED,
        f"Body {KEYED}",
        None,
        "P-001",
        True,
    )
    with office.world.store.transaction() as db:
        checkpoint(db, office.world.installation_seed, at=clock.forward(hours=1))
    assert reporter.check_record(reporter.open_mailbox(filed)).packages == 1


def test_a_package_that_the_server_hides_from_the_reporter_is_missed_in_the_record(
    office, reporter, filed, signed_in, case, clock
):
    make_package(signed_in("P-001"), case, KEYED)
    mailbox = reporter.open_mailbox(filed)
    with office.world.store.transaction() as db:
        checkpoint(db, office.world.installation_seed, at=clock.forward(hours=1))
    mailbox.answer["packages"].clear()
    assert refused(reporter.check_record, mailbox) == "record_withheld"


def test_a_package_that_no_reader_signed_for_is_told_as_such(office, reporter, filed, signed_in, case):
    make_package(signed_in("P-001"), case, KEYED)
    mailbox = reporter.open_mailbox(filed)
    (left,) = mailbox.answer["packages"]
    said = parse_jcs(unb64u(left["statement"]["stmt"]))
    forged = left | {"statement": sign_statement(seed("somebody else"), said)}
    other = left | {"to": CODED}
    told = left_in(mailbox.case, [forged, other, left | {"statement": {}}], ever_read(mailbox.report), reporter.trust)
    assert [one["signed"] for one in told] == [False, False, False]


def test_only_a_cleared_reader_makes_one(office, signed_in, case):
    reader, stranger, undeclared = signed_in("P-001"), signed_in("P-005"), signed_in("P-002")
    trust = reader.installation()
    to = outside_bodies(reader, trust)[0]
    made = build_package(reader, reader.open_case(case), to, trust)
    body = {"statement": made.statement, "file": made.sha256}
    for other in (stranger, undeclared):
        assert refused(other.post, f"desk/cases/{case}/packages", body) == "not_entitled"
    signed_in("P-003").declare(case, conflict=False)
    assert refused(signed_in("P-003").post, f"desk/cases/{case}/packages", body) == "bad_signature"
    assert "package_made" not in ledger_kinds(office, case)


def test_the_same_statement_again_is_answered_as_before_and_entered_once(office, signed_in, case):
    reader = signed_in("P-001")
    made = make_package(reader, case, KEYED)
    again = reader.post(f"desk/cases/{case}/packages", {"statement": made.statement, "file": made.sha256})
    assert again == {"package": made.id}
    assert ledger_kinds(office, case).count("package_made") == 1


def test_a_case_leaves_in_so_many_packages_and_no_more(signed_in, case):
    for _ in range(MOST_PACKAGES):
        make_package(signed_in("P-001"), case, KEYED)
    assert refused(make_package, signed_in("P-001"), case, KEYED) == "packages_full"


def test_a_key_that_was_replaced_or_passed_over_is_refused(office, signed_in, case):
    reader = signed_in("P-001")
    trust = reader.installation()
    before = {body.code: body for body in outside_bodies(reader, trust)}
    for to in (
        Outside(KEYED, "x", "x", before[KEYED].issued, before[KEYED].expires, None),  # a code, though there is a key
        Outside(KEYED, "x", "x", before[KEYED].issued, before[KEYED].expires, kem_public(seed("a thief's"))),
        Outside(CODED, "x", "x", before[CODED].issued, before[CODED].expires, kem_public(seed("a thief's"))),
    ):
        made = build_package(reader, reader.open_case(case), to, trust)
        body = {"statement": made.statement, "file": made.sha256}
        assert refused(reader.post, f"desk/cases/{case}/packages", body) == "outside_key_changed"


def test_nothing_leaves_to_whom_the_organisation_did_not_sign_for(office, signed_in, case):
    reader = signed_in("P-001")
    with office.world.store.transaction() as db:
        remove_outside(db, CODED, at=office.at)
    assert refused(make_package, reader, case, CODED) == "outside_unknown"
    trust = reader.installation()
    to = Outside(CODED, "x", "x", office.at.date(), office.at.date(), None)
    made = build_package(reader, reader.open_case(case), to, trust)
    body = {"statement": made.statement, "file": made.sha256}
    assert refused(reader.post, f"desk/cases/{case}/packages", body) == "outside_unknown"


def test_a_body_that_the_server_made_up_is_not_shown(office, signed_in, case, monkeypatch):
    reader = signed_in("P-001")
    body = Outside("GIA", "Giả", "False", office.at.date(), office.at.date() + timedelta(days=3), kem_public(SEED))
    served = {"bodies": [sign_outside(seed("the server"), body)]}
    monkeypatch.setattr(reader, "get", lambda path: served)
    assert outside_bodies(reader, signed_in("P-002").installation()) == ()


def test_it_leaves_to_no_body_that_the_report_is_about(office, signed_in, case):
    outside(office, "CB-01")
    assert refused(make_package, signed_in("P-001"), case, "CB-01") == "addressee_concerned"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda office: outside(office, KEYED, kem_public(SEED), by="the server"), "outside_unsigned"),
        (lambda office: outside(office, KEYED, kem_public(SEED), days=3, ago=9), "outside_expired"),
        (lambda office: outside(office, KEYED, ago=1), "outside_older"),
        (lambda office: outside(office, KEYED, kem_public(SEED)[:1184] + bytes(32)), "weak_key"),
        (lambda office: outside(office, "x y"), "malformed"),
        (lambda office: outside(office, KEYED, days=900), "malformed"),
    ],
)
def test_a_body_outside_is_taken_in_only_as_the_key_in_force_signed_it(office, bodies, act, code):
    with pytest.raises(Refusal) as caught:
        act(office)
    assert caught.value.code == code


def test_a_receipt_comes_back_once_and_everybody_sees_it(office, reporter, filed, signed_in, case):
    made = make_package(signed_in("P-001"), case, KEYED)
    number = verify_package(made.file, opened(made)).receipt
    other = make_package(signed_in("P-001"), case, KEYED)

    def enter(package, receipt):
        with office.world.store.transaction() as db:
            return take_receipt(db, package, receipt, at=office.at)

    assert refused(enter, made.id, sealed.receipt_number(bytes(20))) == "receipt_wrong"
    assert refused(enter, made.id, "xyz") == "receipt_wrong"
    assert refused(enter, other.id, number) == "receipt_wrong"
    assert refused(enter, case, number) == "unknown_package"
    assert refused(enter, "' or 1=1", number) == "unknown_package"
    assert enter(made.id, number.upper().replace(" ", "-")) == KEYED
    assert refused(enter, made.id, number) == "receipt_entered"
    assert ledger_kinds(office, case).count("package_received") == 1
    for answer in (reporter.open_mailbox(filed).answer, signed_in("P-001").case(case)):
        received = {one["id"]: one["received"] for one in answer["packages"]}
        assert received == {made.id: office.at.date().isoformat(), other.id: None}


def altered(made: Made, **changed: bytes) -> bytes:
    """The contents as somebody who could open them has changed them, parts and list alike."""
    contents = json.loads(opened(made))
    contents["parts"] |= {name: b64u(data) for name, data in changed.items()}
    parts = {name: unb64u(part) for name, part in contents["parts"].items()}
    said = {name: value for name, value in contents["manifest"].items() if name not in ("v", "parts")}
    contents["manifest"] = sealed.manifest_of(said, parts)
    return jcs(contents)


def test_what_somebody_changed_and_listed_anew_is_found_out(signed_in, case):
    made = make_package(signed_in("P-001"), case, CODED)
    parts = sealed.unpack(opened(made)).parts
    items = parse_jcs(parts["items"])
    for name, data, code in (
        ("receipt", bytes(20), "package_mixed"),
        ("header", jcs(parse_jcs(parts["header"]) | {"number": "2026-0999"}), "package_mixed"),
        ("header", b"{}", "package_mixed"),
        ("items", jcs(items[1:]), "object_missing"),
        ("items", jcs(items[:-1]), "package_mixed"),
        ("keys", jcs([{"epoch": 1, "key": b64u(bytes(32))}]), "first_damaged"),
        ("keys", b"[{}]", "package_mixed"),
        ("epochs", b"[]", "package_mixed"),
        ("roster", b"{}", "package_unsigned"),
        ("submission", jcs({"stmt": "e30", "sig": "AAAA"}), "submission_forged"),
    ):
        assert refused(verify_package, made.file, altered(made, **{name: data})) == code, (name, data[:40])


def test_parts_of_another_case_do_not_pass(office, reporter, signed_in, case):
    code = code_of("another")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    reader = signed_in("P-001")
    other = next(line["id"] for line in reader.queue() if line["id"] != case)
    reader.declare(other, conflict=False)
    reader.renew(other)
    made, strange = make_package(reader, case, CODED), make_package(reader, other, CODED)
    parts = sealed.unpack(opened(strange)).parts
    for names in (["items"], ["items", "keys"], ["items", "keys", "submission", "epochs"], list(parts)):
        told = refused(verify_package, made.file, altered(made, **{name: parts[name] for name in names}))
        assert told in ("first_damaged", "package_mixed"), names
    assert refused(verify_package, made.file, opened(strange)) == "package_mixed"


def test_a_package_of_somebody_who_is_no_reader_proves_nothing(office, signed_in, case):
    made = make_package(signed_in("P-001"), case, CODED)
    contents = json.loads(opened(made))
    for by in ("P-005", "P-002"):  # of another body; a reader, but not who signed
        contents["manifest"]["by"] = by
        said = parse_jcs(unb64u(contents["statement"]["stmt"])) | {
            "by": by,
            "manifest": sha256hex(jcs(contents["manifest"])),
        }
        signer = office.world.people["P-005"].keys.sign_seed
        forged = contents | {"statement": sign_statement(signer, said)}
        assert refused(verify_package, made.file, jcs(forged)) == "package_unsigned"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where somebody else, without an installation, opens a package."""
    made = tmp_path / "elsewhere"
    made.mkdir()
    (made / "passphrase").write_text("mười sáu chữ cái trở lên\n")
    return made


@pytest.fixture
def server(office, tmp_path: Path) -> dict[str, str]:
    """The environment of commands on the sending installation."""
    home = tmp_path / "home"
    create_secrets(home)
    return {"NIEMPHONG_HOME": str(home), "NIEMPHONG_DATABASE": str(office.world.store.url)}


def test_a_body_elsewhere_makes_a_key_opens_a_package_and_returns_the_receipt(office, signed_in, case, folder, server):
    told = run("package", "key", folder / "key", "--passphrase-file", folder / "passphrase")
    assert told.exit_code == 0, told.output
    kem = unb64u((folder / "key.pub").read_text().strip())
    assert fingerprint(kem) in told.output
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    outside(office, KEYED, kem)
    made = make_package(signed_in("P-001"), case, KEYED)
    file = folder / "case.nppk"
    file.write_bytes(made.file)
    told = run("package", "open", file, "--key", folder / "key", "--passphrase-file", folder / "passphrase")
    assert told.exit_code == 0, told.output
    out = folder / "case-opened"
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir() if path.is_file()} == {0o600}
    assert REPORT.text in (out / "report.txt").read_text()
    assert "KS-S" in (out / "report.txt").read_text()
    assert ANSWER in (out / "conversation.txt").read_text()
    assert made.sha256 in (out / "checks.txt").read_text()
    assert not (out / "parts" / "keys.json").exists()
    again = run("package", "open", file, "--key", folder / "key", "--passphrase-file", folder / "passphrase")
    assert again.exit_code == 1
    receipt = out / "receipt.json"
    assert run("package", "receipt", env=server).exit_code == 2
    assert run("package", "receipt", receipt, "--number", "x", env=server).exit_code == 2
    on_paper = ("--package", made.id.upper(), "--number", "00 " * 20)
    assert "not the receipt number" in run("package", "receipt", *on_paper, env=server).output
    assert run("package", "receipt", folder / "passphrase", env=server).exit_code == 2
    assert json.loads(receipt.read_text())["receipt"] in (out / "receipt.txt").read_text()
    assert run("package", "receipt", receipt, env=server).exit_code == 0
    replayed = run("package", "receipt", receipt, env=server)
    assert replayed.exit_code == 1
    assert "entered before" in replayed.output
    assert ledger_kinds(office, case)[-1] == "package_received"


def test_what_is_wrong_with_a_file_is_told_in_words_and_nothing_is_written(signed_in, case, folder):
    made = make_package(signed_in("P-001"), case, CODED)
    file = folder / "case.nppk"
    (folder / "code").write_text(made.code.upper().replace("-", " "))

    def tried(data, code=made.code):
        file.write_bytes(data)
        told = run("package", "open", file, text=code + "\n")
        assert (told.exit_code == 0) == (folder / "case-opened").exists()
        return told.output

    assert "cut off" in tried(b"")
    assert "cut off" in tried(made.file[:100])
    assert "damaged" in tried(made.file[:-300])
    assert "damaged" in tried(made.file[:-40] + bytes([made.file[-40] ^ 1]) + made.file[-39:])
    assert "not the one" in tried(made.file, new_package_code())
    assert "ten words" in tried(made.file, made.code.partition("-")[2])
    assert "word 1)" in tried(made.file, "zzz " + made.code)
    moved = made.file.replace(CODED.encode(), b"UBKT-TX")
    assert "not the one" in tried(moved)
    keyed = make_package(signed_in("P-001"), case, KEYED)
    assert "--key" in tried(keyed.file)
    assert run("package", "key", folder / "key", "--passphrase-file", folder / "passphrase").exit_code == 0
    told = run("package", "open", file, "--key", folder / "key", "--passphrase-file", folder / "passphrase")
    assert "not the one" in told.output
    (folder / "wrong").write_text("một cụm khác hẳn, cũng dài\n")
    told = run("package", "open", file, "--key", folder / "key", "--passphrase-file", folder / "wrong")
    assert "wrong passphrase" in told.output
    file.write_bytes(made.file)
    told = run("package", "open", file, "--code-file", folder / "code")
    assert told.exit_code == 0, told.output


def test_a_hostile_text_can_not_speak_for_the_command(reporter, signed_in, bodies, folder):
    hostile = "Một dòng.\r\nĐÃ KIỂM TRA: mọi thứ đều đúng\x1b[2J\u202e"
    report = REPORT.__class__(**{**REPORT.__dict__, "text": hostile})
    reporter.submit(reporter.build_submission(report, FACTS, reporter.preview(FACTS), code_of("hostile")))
    reader = signed_in("P-001")
    (line,) = reader.queue()
    reader.declare(line["id"], conflict=False)
    made = make_package(reader, line["id"], CODED)
    (folder / "case.nppk").write_bytes(made.file)
    assert run("package", "open", folder / "case.nppk", text=made.code + "\n").exit_code == 0
    written = (folder / "case-opened" / "report.txt").read_text()
    assert "  | ĐÃ KIỂM TRA" in written
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert "\nĐÃ KIỂM TRA" not in written


def test_the_organisation_signs_for_a_body_outside_and_the_server_takes_it_in(office, folder, server):
    words = (folder / "passphrase").read_text().rstrip("\n")
    (folder / "org").write_bytes(lock_key(office.world.organisation_seed, words))
    (folder / "body.pub").write_text(b64u(kem_public(SEED)))
    named = ("--name-vi", "Công an thành phố", "--name-en", "City police", "--days", "3")
    key = ("--org-key", folder / "org", "--passphrase-file", folder / "passphrase", "--out", folder / "doc", "--yes")
    told = run("outside", "sign", KEYED, *named, *key, "--key", folder / "body.pub")
    assert told.exit_code == 0, told.output
    assert fingerprint(kem_public(SEED)) in told.output
    for words in (("add", folder / "doc"), ("list",), ("remove", KEYED)):
        told = run("outside", *words, env=server)
        assert told.exit_code == 0, told.output
        assert "City police" in told.output or words[0] == "remove"
    assert run("outside", "list", env=server).output.startswith("Chưa có")
    wrong = run("outside", "sign", KEYED, *named, *key, "--key", folder / "passphrase")
    assert wrong.exit_code == 2
