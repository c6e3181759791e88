"""The demonstration: built once for this file, with real keys, in a home of its own."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crypto.encoding import unb64u
from crypto.passphrase import member_salt, stretch, unwrap_seed, wrapping_key
from crypto.signing import verify_document
from intake.cli import cli
from intake.config import Settings, create_secrets, load_settings
from intake.demonstration import building
from intake.demonstration.people import code_of, one_time_code, read_people, seconds_left, sign_in_table
from tests.databases import Databases
from workflow import ledger, models
from workflow.commands import organisation as commands
from workflow.commands.proofs import Keys
from workflow.commands.sessions import Unlocked, sign_in
from workflow.errors import Conflict, NotFound
from workflow.migrate import migrate
from workflow.queries import organisation
from workflow.store import Store

AT = datetime(2026, 11, 24, 9, 5, 7, tzinfo=UTC)
HANDLING = {"intake", "classify", "decide", "secretary"}

pytestmark = pytest.mark.timeout(180)


def a_home(folder: Path, database: Mapping[str, str]) -> tuple[Settings, Store]:
    create_secrets(folder)
    settings = load_settings({"NIEMPHONG_HOME": str(folder), **database})
    store = Store(settings.database_url)
    migrate(store)
    return settings, store


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Settings:
    settings, store = a_home(tmp_path_factory.mktemp("demonstration") / "home", databases.environ())
    assert building.build(settings, store, at=AT)
    store.close()
    return settings


@pytest.fixture
def demonstration(built: Settings, new_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Settings and store of a copy of the demonstration."""
    home = tmp_path / "home"
    shutil.copytree(built.home, home, ignore=shutil.ignore_patterns("run"))
    database = new_database(like=built.database_url, folder=home)
    monkeypatch.setenv("NIEMPHONG_DATABASE", database)
    settings = load_settings({"NIEMPHONG_HOME": str(home), "NIEMPHONG_DATABASE": database})
    store = Store(settings.database_url)
    yield settings, store
    store.close()


def content(store: Store) -> dict:
    with store.reading() as db:
        return dict(organisation.latest_roster(db).body)


def test_everybody_has_a_key_that_is_marked(demonstration):
    settings, store = demonstration
    said = content(store)
    people = read_people(settings.demonstration_folder)
    assert {member["id"] for member in said["members"]} == {person.code for person in people}
    assert all(member["demo"] is True for member in said["members"])


def test_the_roster_is_signed_and_valid_for_three_months(demonstration):
    _, store = demonstration
    with store.reading() as db:
        key = organisation.installation(db).organisation_key
        roster = organisation.latest_roster(db)
    assert verify_document(key, "roster", roster.document)["no"] == 1
    assert (roster.issued, roster.expires - roster.issued) == (AT.date(), timedelta(days=92))


def test_there_are_custodian_sets_of_two_of_four_at_each_level_and_a_second_at_the_top(demonstration):
    _, store = demonstration
    sets = content(store)["sets"]
    assert {row["id"] for row in sets} == {"KS-TT", "KS-S", "KS-TU", "KS-TU-2"}
    assert {(row["k"], row["n"]) for row in sets} == {(2, 4)}
    assert {row["level"] for row in sets} == {2, 3, 4}
    people = [person for row in sets for person in row["members"]]
    assert len(people) == len(set(people)), "nobody keeps shares in two sets"


def test_every_body_that_handles_is_at_quorum(demonstration):
    _, store = demonstration
    said = content(store)
    bodies = {body["id"]: body for body in said["bodies"]}
    handling: dict[str, list[dict]] = {}
    for seat in said["seats"]:
        if HANDLING & set(seat["roles"]):
            handling.setdefault(seat["body"], []).append(seat)
    assert {"UBKT-S", "UBKT-TU", "BTV-TU"} <= handling.keys()
    for code, seats in handling.items():
        assert len(seats) >= bodies[code]["quorum"]
        assert bodies[code].get("single") or {"head", "deputy"} & {seat["function"] for seat in seats}


def test_one_of_each_kind_can_sign_in_and_open_their_seed(demonstration):
    settings, store = demonstration
    shown = [person for person in read_people(settings.demonstration_folder) if person.shown_as]
    assert len(shown) == 6
    keys = Keys(box=building.Box(settings.secrets.server_key), auth_key=settings.secrets.auth_key)
    for number, person in enumerate(shown):
        stretched = stretch(person.passphrase, member_salt(settings.secrets.salt_key, person.username))
        with store.transaction() as db:
            opened = sign_in(
                db,
                username=person.username,
                auth=building.stretching.auth_secret(stretched),
                code=code_of(person, AT),
                sid=f"sid-{number}",
                tab_key=bytes(32),
                mark=f"mark-{number}",
                keys=keys,
                at=AT,
                ends=AT + timedelta(hours=1),
            )
        assert isinstance(opened, Unlocked), person.shown_as
        member = building.UUID(opened.person_id).bytes
        seed, pins = unwrap_seed(wrapping_key(stretched, opened.pepper), member, opened.wrapped)
        with store.reading() as db:
            assert unb64u(pins["org"]) == organisation.installation(db).organisation_key
        listed = {row["id"]: row for row in content(store)["members"]}[person.code]
        assert unb64u(listed["sign"]) == building.member_keys(seed).sign_public


def test_passphrases_are_only_the_owners_and_of_a_demonstration_alone(demonstration):
    settings, _ = demonstration
    for path in settings.demonstration_folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.demonstration_folder.stat().st_mode) == 0o700
    people = read_people(settings.demonstration_folder)
    assert len({person.passphrase for person in people}) == len(people)


def test_the_table_shows_every_kind_of_person_in_vietnamese(demonstration):
    settings, _ = demonstration
    table = "\n".join(sign_in_table(settings.demonstration_folder))
    for word in ("TRÌNH DIỄN", "Chủ nhiệm", "tiếp nhận", "Thành ủy", "giữ mảnh", "giám sát", "Quản trị"):
        assert word in table
    assert f"--home {settings.home} demo codes" in table


def test_where_there_is_no_demonstration_there_is_no_table(tmp_path):
    assert sign_in_table(tmp_path) == []


def test_building_again_keeps_everything(demonstration):
    settings, store = demonstration
    before = (settings.demonstration_folder / "people.json").read_bytes()
    assert building.build(settings, store, at=AT) is False
    assert building.renew_roster(settings, store, at=AT + timedelta(days=70)) is False
    assert (settings.demonstration_folder / "people.json").read_bytes() == before
    assert content(store)["no"] == 1


def test_the_roster_is_renewed_before_it_runs_out(demonstration):
    settings, store = demonstration
    later = AT + timedelta(days=72)
    assert building.renew_roster(settings, store, at=later)
    assert content(store)["no"] == 2
    assert not building.renew_roster(settings, store, at=later)
    after_the_end = AT + timedelta(days=400)
    assert building.renew_roster(settings, store, at=after_the_end)
    assert content(store)["expires"] == (after_the_end + timedelta(days=92)).date().isoformat()


def test_a_newcomer_becomes_a_reader_with_one_command(demonstration):
    settings, store = demonstration
    at = datetime.now(UTC)
    with store.transaction() as db:
        commands.add_person(db, code="P-901", username="moi.den", name="Người Mới", at=at)
        commands.add_seat(
            db, body="UBKT-S", person="P-901", function="member", roles=["intake"], term_from=at.date(), at=at
        )
    told = CliRunner().invoke(cli, ["--home", str(settings.home), "demo", "roster"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    (line,) = [line for line in told.output.splitlines() if "P-901 Người Mới" in line]
    assert line.startswith("  + ")
    said = content(store)
    assert said["no"] == 2
    assert "UBKT-S/P-901" in {seat["id"] for seat in said["seats"]}


def test_the_ledger_is_whole_and_checkpointed(demonstration):
    _, store = demonstration
    with store.reading() as db:
        assert ledger.verify(db, organisation.installation(db).signing_public) == []
        assert ledger.latest_checkpoint(db).no == 1


def test_its_keys_are_refused_in_a_production_installation(demonstration):
    _, store = demonstration
    with store.transaction() as db:
        db.get_one(models.Installation, 1).kind = "production"
    with store.reading() as db, pytest.raises(Conflict) as refused:
        building.rosters.draft_roster(db, issued=AT.date(), expires=AT.date() + timedelta(days=1), successor="x")
    assert refused.value.code == "demonstration_key"


class Killed(BaseException):
    """Stands in for SIGKILL."""


@pytest.mark.parametrize("where", ["write_organisation_key", "write_people", "_enrol", "_publish"])
def test_killed_in_the_middle_the_next_run_makes_all_of_it(tmp_path, databases, monkeypatch, where):
    settings, store = a_home(tmp_path / "home", databases.environ())
    # Fewer people and quick stretching: this is about order, not about keys.
    monkeypatch.setattr(building.stretching, "stretch", lambda words, salt: (words.encode() + salt)[:32].ljust(32))

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(building, where, die)
        with pytest.raises(Killed):
            building.build(settings, store, at=AT)
    with store.reading() as db, pytest.raises(NotFound):
        organisation.installation(db)
    assert building.build(settings, store, at=AT)
    people = json.loads((settings.demonstration_folder / "people.json").read_text())["people"]
    assert {row["id"] for row in content(store)["members"]} == {person["code"] for person in people}
    store.close()


# RFC 6238, appendix B (SHA-1), cut to six figures
@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_one_time_codes_are_those_of_the_standard(seconds, code):
    assert one_time_code(b"12345678901234567890", datetime.fromtimestamp(seconds, UTC)) == code


def test_a_codes_time_left_counts_down():
    assert seconds_left(datetime.fromtimestamp(59, UTC)) == 1
    assert seconds_left(datetime.fromtimestamp(60, UTC)) == 30
