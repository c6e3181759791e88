"""`org import` and `org show --json` as an administrator types them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import cli
from tests.databases import Databases
from workflow import ready

Run = Callable[..., Result]
FILE = """\
people:
  - {code: P-002, username: hai, name: Trần Thị Hai}
  - {code: P-003, username: ba, name: Lê Văn Ba}
seats:
  - {body: UBKT-S, person: P-002, function: head, roles: [decide]}
  - {body: UBKT-S, person: P-003, function: member, roles: [intake]}
"""
MISSING = "Còn thiếu (missing):"


@pytest.fixture
def run(tmp_path: Path, databases: Databases) -> Iterator[Run]:
    """A command on one home; its database is the same all through a test."""
    environ = {"NIEMPHONG_HOME": str(tmp_path / "home"), **databases.environ()}

    def run(*words: str, text: str | bytes | None = None, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, list(words), input=text, env=environ, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    yield run


@pytest.fixture
def installed(run: Run) -> Run:
    run("init")
    return run


def changes(result: Result) -> list[str]:
    told = result.stdout.partition(MISSING)[0]
    return [line for line in told.splitlines() if line.startswith(("  + ", "  - ", "  ! "))]


def test_without_apply_it_is_only_told(installed):
    before = installed("org", "show", "--json").stdout
    told = installed("org", "import", "-", text=FILE)
    assert len(changes(told)) == 4
    assert "+ vị trí UBKT-S/P-002 Trần Thị Hai (seat): thêm, từ " in told.stdout
    assert "nothing is on record yet" in told.stdout
    assert installed("org", "show", "--json").stdout == before
    assert "organisation_changed" not in installed("ledger", "verify").stdout


def test_apply_does_it_once(installed):
    assert "4 changes are on record" in installed("org", "import", "-", "--apply", text=FILE).stdout
    assert "Không có thay đổi. (No change.)" in installed("org", "import", "-", "--apply", text=FILE).stdout
    shown = json.loads(installed("org", "show", "--json").stdout)
    seats = {seat["person"]: (seat["function"], seat["roles"]) for seat in shown["seats"]}
    assert seats == {"P-002": ("head", ["decide"]), "P-003": ("member", ["intake"])}
    assert "Sổ ghi nguyên vẹn" in installed("ledger", "verify").stdout


def test_what_is_missing_afterwards_is_told(installed):
    told = installed("org", "import", "-", text=FILE).stdout.partition(MISSING)[2]
    assert "UBKT-S: chưa ai đăng ký (nobody has enrolled)" in told
    assert "cấp (level) 3: không có nhóm giữ khóa nào (has no custodian set)" in told
    assert "danh sách mới chờ ký" in told
    installed("org", "import", "-", "--apply", text=FILE)
    assert told.partition("Chưa ghi")[0].strip() in installed("org", "show").stdout


def test_faults_are_told_by_line_and_nothing_is_done(installed, tmp_path):
    path = tmp_path / "to-chuc.yaml"
    path.write_text(FILE + "  - {body: NOPE, person: P-099, function: boss}\n", encoding="utf-8")
    before = installed("org", "show", "--json").stdout
    refused = installed("org", "import", str(path), "--apply", code=2)
    assert refused.stdout == ""
    assert [line.partition(": ")[0] for line in refused.stderr.splitlines()[:3]] == [
        f"{path}:7:{column}" for column in (12, 26, 43)
    ]
    assert "7:43: phải là một trong các giá trị (has to be one of these) [function: 'head'" in refused.stderr
    assert "Nothing is on record: 3 faults" in refused.stderr
    assert installed("org", "show", "--json").stdout == before


@pytest.mark.parametrize(
    "raw", [b"a: &x [*x]", b"\xff\xfe", b"", b"[" * 100_000, b"bodies: !!python/none x", b"- 1", b"a: }"]
)
def test_a_hostile_file_ends_in_a_plain_refusal(installed, raw):
    refused = installed("org", "import", "-", text=raw, code=2)
    assert refused.stderr.startswith("<stdin>:1:")
    assert "Traceback" not in refused.stderr


def test_what_a_stranger_wrote_does_not_reach_the_terminal_as_a_command(installed):
    refused = installed("org", "import", "-", text='"\\e[2J\\nx": 1', code=2)
    assert "\x1b" not in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_what_is_shown_can_be_taken_in_again(installed):
    installed("org", "import", "-", "--apply", text=FILE)
    shown = installed("org", "show", "--json").stdout
    for words in ((), ("--whole",)):
        assert "No change" in installed("org", "import", "-", *words, text=shown).stdout


def test_a_whole_file_ends_what_it_leaves_out_and_says_which_section_it_misses(installed):
    installed("org", "import", "-", "--apply", text=FILE)
    shown = json.loads(installed("org", "show", "--json").stdout)
    shown["seats"] = shown["seats"][:1]
    told = installed("org", "import", "-", "--whole", text=json.dumps(shown))
    assert len(changes(told)) == 1
    assert "- vị trí UBKT-S/P-003 Lê Văn Ba (seat): " in told.stdout
    del shown["sets"]
    assert (
        "write [] if there is nothing"
        in installed("org", "import", "-", "--whole", text=json.dumps(shown), code=2).stderr
    )


def test_init_can_begin_with_the_second_ready_organisation(run):
    run("init", "--organisation", "2025")
    bodies = {body["code"]: body for body in json.loads(run("org", "show", "--json").stdout)["bodies"]}
    assert "TTS" not in bodies
    assert (bodies["UBKT-UB"]["parent"], bodies["BTV-S"]["parent"]) == ("BTV-UB", "BTV-UB")
    before = json.loads(run("org", "show", "--json", "--on", "2025-06-30").stdout)["bodies"]
    assert [(body["name"]["vi"], body["valid_to"]) for body in before if body["code"] == "TTS"] == [
        ("Thanh tra Sở", "2025-06-30")
    ]
    assert "Sổ ghi nguyên vẹn" in run("ledger", "verify").stdout


def test_import_leads_from_the_first_ready_organisation_to_the_second(installed):
    way = ("org", "import", "--ready", "2025", "--from", "2025-07-01")
    told = installed(*way, "--apply").stdout
    assert "- cơ quan TTS (body): kết thúc, đến hết 30/06/2025 (ends)" in told
    assert "Ban Dân vận Thành ủy (Mass" in told
    assert "→ Ban Tuyên giáo và Dân vận Thành ủy (Propaganda" in told
    assert "No change" in installed(*way).stdout


def test_one_file_at_a_time(installed):
    installed("org", "import", code=2)
    installed("org", "import", "-", "--ready", "2025", text=FILE, code=2)


def test_without_an_installation_show_prints_the_organisation_that_route_answers_for(run, tmp_path):
    shown = json.loads(run("org", "show", "--json").stdout)
    made = ready.demonstration()
    assert {body["code"] for body in shown["bodies"]} == {body.code for body in made.plan.bodies}
    assert {(seat["body"], seat["person"]): tuple(seat["roles"]) for seat in shown["seats"]} == {
        (seat.body, seat.person): seat.roles for seat in made.seats
    }
    assert {one["code"]: tuple(one["members"]) for one in shown["sets"]} == made.custodians
    assert not (tmp_path / "home").exists()


def test_a_merger_is_told_first_and_done_on_request(installed):
    new = "bodies: [{code: CB-77, kind: cell, level: 1, parent: BTV-S, name: {vi: Chi bộ Bảy Bảy, en: Cell 77}}]"
    installed("org", "import", "-", "--apply", "--from", "2026-01-01", text=new)
    before = installed("org", "show", "--json").stdout
    told = installed("org", "merge", "CB-77", "--into", "BTV-S")
    assert "- cơ quan CB-77" in told.stdout
    assert "nothing is on record yet" in told.stdout
    assert installed("org", "show", "--json").stdout == before
    assert "CB-77 nhập vào BTV-S" in installed("org", "merge", "CB-77", "--into", "BTV-S", "--apply").stdout
    assert "Sổ ghi nguyên vẹn" in installed("ledger", "verify").stdout
    assert "successor" in installed("org", "merge", "BTV-S", "--into", "BTV-S", code=1).output
