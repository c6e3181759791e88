"""The documents say what is there: every path, link, command, kind and package they name exists, and none is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from intake.cli.rules import pages
from workflow.rule_checks import product_data
from workflow.sealed import LARGEST, PLACES, SCOPES
from workflow.statements import FIELDS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SEALING = (ROOT / "docs" / "sealing.md").read_text(encoding="utf-8")
DECISIONS = ROOT / "docs" / "decisions"
FOLDERS = ("crypto/", "workflow/", "intake/", "static/", "templates/", "translations/", "migrations/", "requirements/")
FOLDERS += ("tests/", "docs/", "scripts/", ".ci/")


def section(name: str) -> str:
    return SEALING.partition(f"## {name}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page):
    named = set(re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8")))
    paths = {name for name in named if name.startswith(FOLDERS)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(("name", "text"), pages(product_data()).items(), ids=lambda given: given[:10])
def test_the_table_of_competence_is_the_one_of_the_rules(name, text):
    told = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert told == text, "niemphong rules check --docs docs"


def test_every_sealed_kind_and_scope_is_described():
    listed = set(re.findall(r"^\| `(\w+)` \|", section("Objects"), re.MULTILINE))
    assert listed == PLACES.keys() | LARGEST.keys() | {"header"}
    assert all(f"`{scope}`" in section("Keys") for scope in SCOPES)


def test_every_statement_is_described_with_its_fields():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section("Statements"), re.MULTILINE))
    assert rows.keys() == FIELDS.keys() | {"enrolment"}
    epoch = section("Objects").partition("### Epoch")[2]
    for kind, fields in FIELDS.items():
        told = epoch if kind == "epoch" else rows[kind]
        assert [field for field in sorted(fields) if not re.search(rf"\b{field}\b", told)] == [], kind


def test_every_kind_of_ledger_entry_is_described():
    written = re.compile(r'(?:ledger\.append\([^)]*?kind=|_record\(db, )"([a-z_]+)"', re.DOTALL)
    sources = (ROOT / "workflow" / "commands").glob("*.py")
    kinds = {kind for path in sources for kind in written.findall(path.read_text(encoding="utf-8"))}
    assert {"report_received", "withdrawn", "roster", "installed"} <= kinds
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in section("Ledger")] == []


def test_every_package_we_depend_on_has_its_reasons():
    python = (DECISIONS / "0001-python-dependencies.md").read_text(encoding="utf-8")
    lines = [
        line
        for name in ("run.in", "test.in")
        for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("-")
    ]
    names = [re.split(r"[\[>=<]", line)[0] for line in lines]
    assert [name for name in names if not re.search(rf"(?:\| |, ){re.escape(name)} \d", python)] == []
    browser = (DECISIONS / "0002-browser-dependencies.md").read_text(encoding="utf-8")
    package = json.loads((ROOT / "static" / "vendor" / "build" / "package.json").read_text(encoding="utf-8"))
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert f"{name} {version}" in browser


def test_every_locked_version_is_the_one_that_was_judged():
    python = (DECISIONS / "0001-python-dependencies.md").read_text(encoding="utf-8")
    locked = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8").lower()
    judged = re.findall(r"(?:\| |, )([A-Za-z][\w-]*) (\d[\d.]*\d)", python)
    assert len(judged) > 20
    stale = [
        name
        for name, version in judged
        if not re.search(rf"^{name.lower()}(\[\w+\])?=={re.escape(version)}", locked, re.MULTILINE)
    ]
    assert stale == []


def test_every_decision_is_in_the_list():
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (DECISIONS / "README.md").read_text(encoding="utf-8")) == files


def test_the_readme_names_only_targets_and_people_that_there_are():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    quoted = re.findall(r"`make (\w+)`|^make (\w+)$", readme, re.MULTILINE)
    assert {"run", "test"} <= {first or second for first, second in quoted} <= targets
    data = (ROOT / "workflow" / "rules" / "demonstration.yaml").read_text(encoding="utf-8")
    users = re.findall(r"\| `([a-z]+\.[a-z]+)` \|", readme)
    assert len(users) == 6
    assert [user for user in users if f"username: {user}" not in data] == []
