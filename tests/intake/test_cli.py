"""The command line, in the order in which a new installation needs it."""

from __future__ import annotations

import copy
import json
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from crypto.boxes import Box
from crypto.encoding import b64u, fingerprint, jcs, sha256hex, unb64u
from crypto.keys import member_keys
from crypto.offline import unlock_key
from crypto.signing import sign_document, sign_public
from intake import addresses
from intake.cli import cli
from intake.config import Settings, create_secrets, load_settings
from intake.demonstration.people import one_time_code
from tests.databases import Databases
from tests.world import enrolment_statement, seed
from workflow import rule_checks
from workflow.commands import members, rekeying
from workflow.commands.members import NewKeys
from workflow.models import EnrolmentLink, Record
from workflow.queries import organisation
from workflow.store import Session, Store
from workflow.times import stamp

PASSPHRASE = "mưa rào trên mái ngói cũ"
LINK = re.compile(r"(http://\S+/staff/enrol)#([A-Za-z0-9_-]{43})")


@dataclass
class Console:
    """Commands on one home, as an operator types them."""

    home: Path
    folder: Path
    database: Mapping[str, str]
    opened: list[Store] = field(default_factory=list)

    def run(self, *words: str, text: str | bytes | None = None, **environ: str) -> Result:
        env = {"NIEMPHONG_HOME": str(self.home), **self.database, **environ}
        return CliRunner().invoke(cli, list(words), input=text, env=env, catch_exceptions=False)

    def well(self, *words: str, text: str | None = None) -> str:
        result = self.run(*words, text=text)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: str, code: int = 1) -> str:
        result = self.run(*words)
        assert result.exit_code == code, result.output
        return result.output

    @property
    def settings(self) -> Settings:
        return load_settings({"NIEMPHONG_HOME": str(self.home), **self.database})

    @property
    def store(self) -> Store:
        """Opened anew, closed with the test."""
        self.opened.append(Store(self.settings.database_url))
        return self.opened[-1]

    def records(self) -> list[object]:
        """All that the tables hold."""
        with self.store.reading() as db:
            return [row for table in Record.metadata.sorted_tables for row in db.execute(table.select())]

    @contextmanager
    def without_triggers(self) -> Iterator[Session]:
        """The database in the hands of whoever owns it."""
        store = self.store
        with store.transaction() as db:
            if store.engine.dialect.name == "sqlite":
                for name in db.scalars(text("select name from sqlite_master where type = 'trigger'")).all():
                    db.execute(text(f'drop trigger "{name}"'))
            else:
                db.execute(text("alter table ledger_entry disable trigger user"))
            yield db

    @property
    def passphrase(self) -> Path:
        path = self.folder / "passphrase"
        path.write_text(PASSPHRASE + "\n", encoding="utf-8")
        return path

    def make_key(self, name: str) -> Path:
        path = self.folder / name
        self.well("roster", "key", str(path), "--passphrase-file", str(self.passphrase))
        return path

    def enrol(self, output: str, code: str) -> None:
        """What the browser does with the link that a command printed."""
        settings = self.settings
        keys, box, at = member_keys(seed(code)), Box(settings.secrets.server_key), datetime.now(UTC)
        (_, token) = LINK.search(output).groups()
        totp, wrapped, sid = seed(f"totp {code}")[:20], b"\x01" + bytes(99), f"sid-{code}"
        store = self.store
        with store.transaction() as db:
            members.begin_enrolment(db, token, sid=sid, totp=totp, pepper=seed("pepper"), box=box, at=at)
            new = NewKeys(
                kem=keys.kem_public,
                sign=keys.sign_public,
                auth=seed(f"auth {code}"),
                wrapped=wrapped,
                recovery=wrapped,
                recovery_auth=seed(f"recovery auth {code}"),
                statement=enrolment_statement(keys, code, at=stamp(at)),
                code=one_time_code(totp, at),
            )
            members.complete_enrolment(db, sid, new, box=box, auth_key=settings.secrets.auth_key, at=at)
        store.close()


@pytest.fixture
def console(tmp_path: Path, databases: Databases) -> Iterator[Console]:
    console = Console(tmp_path / "home", tmp_path, databases.environ())
    yield console
    for store in console.opened:
        store.close()


@pytest.fixture
def installed(console: Console) -> Console:
    """An installation whose organisation key is known; `to-chuc.pem` and `ke-nhiem.pem` lie beside the home."""
    key = console.make_key("to-chuc.pem")
    console.make_key("ke-nhiem.pem")
    console.well("init", "--organisation-key", f"{key}.pub")
    return console


def draft(console: Console, *words: str) -> Path:
    path = console.folder / "du-thao.json"
    console.well("roster", "draft", "--successor", str(console.folder / "ke-nhiem.pem.pub"), "--out", str(path), *words)
    return path


def sign(console: Console, path: Path, *, key: str = "to-chuc.pem") -> Result:
    words = ["--key", str(console.folder / key), "--out", str(console.folder / "danh-sach.json")]
    return console.run("roster", "sign", str(path), *words, "--passphrase-file", str(console.passphrase), "--yes")


def publish(console: Console, *words: str) -> str:
    return console.well("roster", "publish", str(console.folder / "danh-sach.json"), *words)


# init


def test_init_makes_an_installation_and_prints_the_first_link(console):
    output = console.well("init")
    address, _ = LINK.search(output).groups()
    assert address == "http://127.0.0.1:8001/staff/enrol"
    assert "P-001" in output
    with console.store.reading() as db:
        installed = organisation.installation(db)
        assert installed.kind == "production"
        assert "UBKT-S" in organisation.body_names(db, datetime.now(UTC).date())
    assert stat.S_IMODE(console.home.stat().st_mode) == 0o700
    assert len(list((console.home / "routing").glob("*.json"))) == 1
    assert "Sổ ghi nguyên vẹn" in console.well("ledger", "verify")


def test_init_refuses_where_an_installation_is(console):
    console.well("init")
    secrets = {path: path.read_bytes() for path in (console.home / "secrets").iterdir()}
    assert "already" in console.refused("init")
    assert {path: path.read_bytes() for path in (console.home / "secrets").iterdir()} == secrets


def test_init_refuses_a_folder_that_holds_something_else(console):
    console.home.mkdir(mode=0o755)
    (console.home / "thesis.odt").write_text("years of work")
    assert "thesis.odt" in console.refused("init")
    assert [path.name for path in console.home.iterdir()] == ["thesis.odt"]
    assert stat.S_IMODE(console.home.stat().st_mode) == 0o755


def test_the_root_of_a_disk_of_its_own_is_empty_enough(console):
    (console.home / "lost+found").mkdir(parents=True)
    console.well("init")


def test_init_completes_a_set_up_that_was_killed(console):
    create_secrets(console.home)
    (console.home / "demonstration").mkdir()
    (console.home / "demonstration" / "people.json").write_text("{}")
    console.well("init")
    assert not (console.home / "demonstration").exists()
    assert load_settings({"NIEMPHONG_HOME": str(console.home)}).notice_delay == (300, 3600)


def test_demo_leaves_a_production_installation_as_it_is(console):
    console.well("init")
    before = console.records()
    assert "production" in console.well("demo")
    assert console.records() == before
    assert not (console.home / "demonstration").exists()
    assert "no demonstration" in console.refused("demo", "people")


def test_the_home_can_be_named_on_the_command_line(console):
    elsewhere = console.folder / "elsewhere"
    console.well("--home", str(elsewhere), "init")
    assert (elsewhere / "niemphong.db").is_file() is (console.database["NIEMPHONG_DATABASE"] == "")
    assert (elsewhere / "secrets").is_dir()
    assert not console.home.exists()


def test_nothing_is_said_of_an_installation_that_is_not_there(console):
    for words in (("org", "show"), ("ledger", "verify"), ("doctor",), ("member", "link", "P-001"), ("serve",)):
        told = console.refused(*words)
        assert "niemphong init" in told
        assert str(console.home) in told.replace("\n", "")
        assert "--home" in told
    assert not console.home.exists()


# roster key


def test_an_organisation_key_is_locked_and_its_public_half_beside_it(console):
    path = console.make_key("to-chuc.pem")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    public = unb64u(Path(f"{path}.pub").read_text().strip())
    assert sign_public(unlock_key(path.read_bytes(), PASSPHRASE)) == public


def test_a_key_is_never_overwritten(console):
    path = console.make_key("to-chuc.pem")
    before = path.read_bytes()
    console.refused("roster", "key", str(path), "--passphrase-file", str(console.passphrase))
    Path(f"{path}.pub").unlink()
    console.refused("roster", "key", str(path), "--passphrase-file", str(console.passphrase))
    assert path.read_bytes() == before


def test_a_short_passphrase_makes_no_key(console):
    short = console.folder / "short"
    short.write_text("ngắn")
    path = console.folder / "to-chuc.pem"
    assert "16" in console.refused("roster", "key", str(path), "--passphrase-file", str(short))
    assert not path.exists()


# member, org


def test_a_person_is_entered_with_a_seat_and_a_link(installed):
    output = installed.well(
        "member", "add", "P-002", "chu-nhiem", "Trần Thị B", "--seat", "UBKT-S:head:classify,decide", "--link"
    )
    assert LINK.search(output)
    shown = installed.well("org", "show")
    assert re.search(r"P-002 Trần Thị B – người đứng đầu, phân loại, quyết định +· chưa đăng ký", shown)
    assert "No roster" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("P-002", "x", "Tên", "--seat", "UBKT-S"),
        ("P-002", "x", "Tên", "--seat", "UBKT-S:head:intake:more"),
        ("P-002", "x", "Tên", "--seat", ":head"),
    ],
)
def test_a_seat_that_cannot_be_read_is_refused(installed, words):
    installed.refused("member", "add", *words, code=2)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("P-001", "hai-ba", "Tên"), "taken"),
        (("P-2", "hai-ba", "Tên"), "P-001"),
        (("P-002", "Hai Ba", "Tên"), "chữ thường"),
        (("P-002", "hai-ba", "Tên", "--seat", "KHONG-CO:head"), "KHONG-CO"),
        (("P-002", "hai-ba", "Tên", "--seat", "UBKT-S:boss"), "member"),
    ],
)
def test_what_cannot_be_entered_is_refused_whole(installed, words, why):
    assert why in installed.refused("member", "add", *words)
    assert "hai-ba" not in installed.well("org", "show")
    assert "Sổ ghi nguyên vẹn" in installed.well("ledger", "verify")


def test_a_new_link_ends_the_one_before(installed):
    first = LINK.search(installed.well("member", "link", "P-001")).group(2)
    second = LINK.search(installed.well("member", "link", "P-001", "--hours", "1")).group(2)
    assert first != second
    with installed.store.reading() as db:
        unused = {row.token_hash for row in db.query(EnrolmentLink).filter_by(used=None)}
    assert unused == {sha256hex(second.encode())}


def test_where_there_is_no_demonstration_the_folder_that_was_looked_at_is_named(console):
    for words in (("demo", "people"), ("demo", "codes"), ("demo", "roster")):
        told = console.refused(*words)
        assert str(console.home) in told.replace("\n", "")
        assert "--home" in told


def link_address(console: Console, **environ: str) -> str:
    return LINK.search(console.run("member", "link", "P-001", **environ).output).group(1)


def test_a_link_names_the_address_that_was_served_last_unless_this_shell_says_otherwise(installed):
    served = load_settings({"NIEMPHONG_HOME": str(installed.home), "PORT": "9010", "STAFF_PORT": "9020"})
    addresses.remember(served)
    assert stat.S_IMODE((installed.home / addresses.FILE).stat().st_mode) == 0o600
    assert link_address(installed) == "http://127.0.0.1:9020/staff/enrol"
    assert link_address(installed, PORT="9100") == "http://127.0.0.1:9101/staff/enrol"
    assert link_address(installed, STAFF_URL="http://can-bo.example.vn") == "http://can-bo.example.vn/staff/enrol"
    (installed.home / addresses.FILE).write_text("{")
    assert link_address(installed) == "http://127.0.0.1:8001/staff/enrol"


def test_an_unknown_person_gets_no_link(installed):
    assert "P-999" in installed.refused("member", "link", "P-999")


# The whole walk: enrol, draft, sign, publish


def test_from_a_link_to_a_signed_roster(installed):
    added = installed.well(
        "member", "add", "P-002", "chu-nhiem", "Trần Thị B", "--seat", "UBKT-S:head:classify,decide", "--link"
    )
    installed.enrol(added, "P-002")
    assert "chưa được ký" in installed.well("org", "show")
    signed = sign(installed, draft(installed))
    assert signed.exit_code == 0, signed.output
    assert f"P-002 Trần Thị B (key): {fingerprint(member_keys(seed('P-002')).sign_public)}" in signed.output
    assert (
        "+ vị trí UBKT-S – P-002 Trần Thị B (seat): người đứng đầu, phân loại, quyết định (head, classifying, deciding)"
        in signed.output
    )
    assert "số 1" in publish(installed)
    shown = installed.well("org", "show")
    assert "chưa" not in shown
    assert "Danh sách số 1" in shown
    checked = installed.well("doctor")
    assert "92" in checked
    assert "open cases that nobody can read: 0; with too few readers: 0" in checked


def test_the_next_roster_shows_only_what_changes(installed):
    installed.enrol(
        installed.well("member", "add", "P-002", "hai", "Trần Thị B", "--seat", "UBKT-S:head:decide", "--link"), "P-002"
    )
    sign(installed, draft(installed))
    publish(installed)
    installed.enrol(installed.well("member", "link", "P-001"), "P-001")
    path = installed.folder / "du-thao.json"
    installed.well("roster", "draft", "--out", str(path))  # the successor is the one named before
    signed = sign(installed, path)
    changed = [line for line in signed.output.splitlines() if re.match(r"  [+!-] ", line)]
    assert len(changed) == 1
    assert changed[0].startswith("  + khóa của P-001")
    assert "số 2" in publish(installed)


def test_a_changed_key_is_shown_loudly(installed, monkeypatch):
    installed.enrol(installed.well("member", "link", "P-001"), "P-001")
    sign(installed, draft(installed))
    publish(installed)
    real = seed
    monkeypatch.setitem(globals(), "seed", lambda name: real(f"{name} anew"))
    installed.enrol(installed.well("member", "link", "P-001"), "P-001")
    signed = sign(installed, draft(installed))
    assert signed.exit_code == 0, signed.output
    assert "KHÓA ĐÃ ĐỔI" in signed.output


def test_a_key_that_its_owner_did_not_confirm_is_not_signed(installed):
    installed.enrol(installed.well("member", "link", "P-001"), "P-001")
    path = draft(installed)
    package = json.loads(path.read_text())
    package["roster"]["members"][0]["kem"] = b64u(member_keys(seed("somebody else")).kem_public)
    path.write_text(json.dumps(package))
    signed = sign(installed, path)
    assert signed.exit_code == 1
    assert "P-001" in signed.output
    assert not (installed.folder / "danh-sach.json").exists()


def test_another_key_signs_nothing(installed):
    signed = sign(installed, draft(installed), key="ke-nhiem.pem")
    assert signed.exit_code == 1
    assert not (installed.folder / "danh-sach.json").exists()


def test_a_wrong_passphrase_signs_nothing(installed):
    path = draft(installed)
    wrong = installed.folder / "wrong"
    wrong.write_text("một cụm mật khẩu khác hẳn")
    out = installed.folder / "danh-sach.json"
    words = (
        "--key",
        str(installed.folder / "to-chuc.pem"),
        "--out",
        str(out),
        "--passphrase-file",
        str(wrong),
        "--yes",
    )
    installed.refused("roster", "sign", str(path), *words)
    assert not out.exists()


def test_who_does_not_agree_signs_nothing(installed):
    path, out = draft(installed), installed.folder / "danh-sach.json"
    words = ("--key", str(installed.folder / "to-chuc.pem"), "--out", str(out))
    result = installed.run(
        "roster", "sign", str(path), *words, "--passphrase-file", str(installed.passphrase), text="n\n"
    )
    assert result.exit_code == 1
    assert not out.exists()


def test_a_draft_out_of_turn_is_not_signed(installed):
    path = draft(installed)
    package = json.loads(path.read_text())
    package["roster"]["no"] = 2
    path.write_text(json.dumps(package))
    assert sign(installed, path).exit_code == 2


def test_what_the_database_does_not_hold_is_not_published(installed):
    path = draft(installed)
    said = json.loads(path.read_text())["roster"]
    said["bodies"] = said["bodies"][1:]
    organisation_seed = unlock_key((installed.folder / "to-chuc.pem").read_bytes(), PASSPHRASE)
    forged = installed.folder / "danh-sach.json"
    forged.write_text(json.dumps(sign_document(organisation_seed, "roster", said)))
    assert "bodies" in installed.refused("roster", "publish", str(forged))


def test_a_roster_signed_by_somebody_else_is_not_published(installed):
    said = json.loads(draft(installed).read_text())["roster"]
    forged = installed.folder / "danh-sach.json"
    forged.write_text(json.dumps(sign_document(seed("somebody"), "roster", said)))
    installed.refused("roster", "publish", str(forged))
    forged.write_text("not a roster")
    installed.refused("roster", "publish", str(forged), code=2)


def test_the_first_roster_may_pin_the_key_and_only_then_can_anybody_enrol(console):
    key = console.make_key("to-chuc.pem")
    console.make_key("ke-nhiem.pem")
    console.well("init")
    sign(console, draft(console, "--org-key", f"{key}.pub"))
    publish(console, "--org-key", f"{key}.pub")
    with console.store.reading() as db:
        assert organisation.installation(db).organisation_key == unb64u(Path(f"{key}.pub").read_text().strip())


def test_the_successor_key_alone_may_follow(installed):
    sign(installed, draft(installed))
    publish(installed)
    installed.make_key("thu-ba.pem")
    path = installed.folder / "du-thao.json"
    words = (
        "--org-key",
        str(installed.folder / "ke-nhiem.pem.pub"),
        "--successor",
        str(installed.folder / "thu-ba.pem.pub"),
    )
    installed.well("roster", "draft", *words, "--out", str(path))
    signed = sign(installed, path, key="ke-nhiem.pem")
    assert signed.exit_code == 0, signed.output
    assert "! khóa tổ chức (organisation key): " in signed.output
    assert "THAY KHÓA TỔ CHỨC" in signed.output
    assert "số 2" in publish(installed)


# keys


def secret_files(console: Console) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (console.home / "secrets").iterdir() if path.name[0] != "."}


def test_the_keys_are_listed_without_showing_any(installed):
    shown = installed.well("keys", "list")
    for name in ("server", "authentication", "session", "installation", "routing", "salt"):
        assert re.search(rf"^{name} ", shown, re.MULTILINE)
    assert not any(held.decode().strip() in shown for held in secret_files(installed).values())
    assert "environment" in installed.run("keys", "list", SERVER_KEY=b64u(seed("elsewhere"))).output


def test_the_installations_key_changes_with_the_roster_that_names_it(installed):
    assert "No roster" in installed.refused("keys", "rotate", "installation")
    sign(installed, draft(installed))
    publish(installed)
    before = secret_files(installed)
    told = installed.well("keys", "rotate", "installation")
    shown = re.search(r"(?:[0-9a-f]{4} ){9}[0-9a-f]{4}", told).group()
    assert shown in installed.well("keys", "rotate", "installation")  # said again, and nothing else is made
    assert shown in installed.well("keys", "list")
    assert "✗" not in installed.well("doctor")
    assert "Sổ ghi nguyên vẹn" in installed.well("ledger", "verify")
    signed = sign(installed, draft(installed))
    assert f"! khóa của bản cài đặt (installation key): {shown}   ← KHÓA ĐÃ ĐỔI" in signed.output
    assert shown in publish(installed)
    after = secret_files(installed)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"installation-key"}
    with installed.store.reading() as db:
        assert fingerprint(organisation.installation(db).signing_public) == shown
    assert "✗" not in installed.well("doctor")
    assert "Sổ ghi nguyên vẹn" in installed.well("ledger", "verify")
    for name, held in before.items():
        (installed.home / "secrets" / name).write_bytes(held)  # a server with a copy of before
    assert "does not hold the installation key" in installed.refused("migrate")  # as `serve` does first
    assert "another installation key" in installed.refused("ledger", "verify")


def test_server_session_and_authentication_keys_change_by_one_command_each(installed, monkeypatch):
    monkeypatch.setattr("intake.rotating.LONGEST_READING", 0)
    installed.enrol(installed.well("member", "link", "P-001"), "P-001")
    before = secret_files(installed)
    assert "1 rows" in installed.well("keys", "rotate", "server")
    assert "1 rows" in installed.well("keys", "rotate", "authentication")
    assert "2 lớp (layers)" in installed.well("keys", "list")
    assert "destroyed" in installed.well("keys", "rotate", "session")
    installed.well("keys", "rotate", "routing")
    after = secret_files(installed)
    assert after.keys() == before.keys()
    changed = {"server-key", "auth-key", "session-secret"}
    assert {name for name in after if after[name] != before[name]} == changed
    assert "Sổ ghi nguyên vẹn" in installed.well("ledger", "verify")


def test_a_key_that_cannot_be_changed_is_refused_in_words(installed):
    before = secret_files(installed)
    assert "salt" in installed.refused("keys", "rotate", "salt")
    installed.refused("keys", "rotate", "no-such-key", code=2)
    installed.refused("keys", "rotate", "server", "--at-once", code=2)
    given = installed.run("keys", "rotate", "server", SERVER_KEY=b64u(seed("elsewhere")))
    assert given.exit_code == 1
    assert "given by the environment" in given.output
    with installed.store.transaction() as db:
        before_rows = rekeying.sealed_rows(db)
    assert (secret_files(installed), before_rows) == (before, 0)


# ledger verify


def test_a_changed_entry_is_named(installed):
    with installed.without_triggers() as db:
        entry = db.scalar(text("select entry from ledger_entry where chain = 'org' and seq = 2"))
        changed = jcs(json.loads(entry) | {"at": "2020-01-01T00:00:00Z"})
        db.execute(
            text("update ledger_entry set entry = :changed where chain = 'org' and seq = 2"), {"changed": changed}
        )
    output = installed.refused("ledger", "verify")
    assert "org entry 2" in output
    assert "org entry 1:" not in output


def test_an_entry_cut_off_after_its_checkpoint_is_noticed(installed):
    with installed.without_triggers() as db:
        db.execute(text("delete from ledger_entry where seq = (select max(seq) from ledger_entry)"))
    assert "checkpoint entry 1" in installed.refused("ledger", "verify")


# route


FACTS = {"on": "2026-11-24", "accused": [{"body": "DU-CQ", "role": "ordinary"}]}


def test_route_answers_without_an_installation(console):
    result = console.run("route", "--json", text=json.dumps(FACTS))
    assert result.exit_code == 0, result.output
    decision = json.loads(result.output)
    assert decision["body"]
    assert decision["readers"] == sorted(decision["readers"])
    assert not console.home.exists()


def test_route_reads_a_file_and_tells_people_in_a_few_lines(console):
    path = console.folder / "facts.json"
    path.write_text(json.dumps(FACTS))
    assert json.loads(console.well("route", "--json", str(path)))["body"] in console.well("route", str(path))


def test_route_prints_the_linked_case(console):
    facts = json.dumps(FACTS | {"accused": [{"body": "PKT", "role": "ordinary"}], "work_kind": "inspectorate"})
    decision = json.loads(console.well("route", "--json", text=facts))
    readers = ["P-013", "P-014", "P-015"]
    assert decision["pair"] == {"body": "UBKT-CQ", "rule": "row-14", "readers": readers, "leads": False}
    assert "UBKT-CQ  row-14  3" in console.well("route", text=facts)
    assert json.loads(console.well("route", "--json", text=json.dumps(FACTS)))["pair"] is None


def test_in_an_installation_route_answers_for_it(installed):
    decision = json.loads(installed.well("route", "--json", text=json.dumps(FACTS)))
    assert decision["body"] is None, "nobody has enrolled yet"


# inspection


TEAM = "--decision 107-QĐ/UBKT --work inspection --body UBKT-S --head P-101 --unit CB-01 --from 2026-03-02".split()


def test_an_inspection_is_entered_joined_ended_and_listed(installed):
    assert "niemphong inspection add" in installed.well("inspection", "list")
    for code in ("P-101", "P-102"):
        installed.well("member", "add", code, f"user.{code.lower()}", f"Người {code}")
    installed.well("inspection", "add", "KT-2026-99", *TEAM)
    installed.well("inspection", "join", "KT-2026-99", "--member", "P-102")
    installed.well("inspection", "end", "KT-2026-99", "2026-05-29")
    listed = installed.well("inspection", "list")
    assert "KT-2026-99  107-QĐ/UBKT  inspection  UBKT-S → CB-01  02/03/2026 – 29/05/2026" in listed
    assert "trưởng đoàn (head): P-101; thành viên (members): P-102" in listed
    assert "Không có cuộc" in installed.refused("inspection", "end", "KT-1999-01", "2026-05-29")
    assert "ít nhất một" in installed.run("inspection", "join", "KT-2026-99").stderr


# rules


def test_rules_check_prints_the_table_in_either_language_without_an_installation(console):
    vi, en = console.well("rules", "check"), console.well("rules", "check", "--language", "en")
    for number in range(1, 31):
        assert f"\n| {number} |" in vi
        assert f"\n| {number} |" in en
    assert "Ủy viên Ủy ban Kiểm tra Đảng ủy Sở" in vi
    assert not console.home.exists()


def test_rules_check_writes_the_page_and_the_picture(console):
    console.well("rules", "check", "--docs", str(console.folder))
    assert (console.folder / "routes.svg").read_text().startswith("<svg")
    assert "](routes.svg)" in (console.folder / "routes.md").read_text()


def test_rules_check_says_what_is_wrong_and_where(console, monkeypatch):
    data = copy.deepcopy(rule_checks.product_data())
    data["routes"]["rows"][9]["cases"][0]["party"] = "UBKT-X"
    monkeypatch.setattr(rule_checks, "product_data", lambda: data)
    result = console.run("rules", "check")
    assert result.exit_code == 1
    assert "row-10: nêu tổ chức không có: UBKT-X" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "[]",
        "{}",
        '{"on": "yesterday", "accused": []}',
        '{"on": "2026-11-24", "accused": [{"body": "NOBODY", "role": "boss"}]}',
        '{"on": "2026-11-24", "accused": [{"body": "NOBODY", "role": "head"}]}',
        "[" * 100_000,
    ],
)
def test_bad_facts_end_with_two_and_a_line_for_each_fault(console, bad):
    result = console.run("route", "--json", text=bad)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
