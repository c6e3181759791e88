"""Writes docs/adversaries.md from what the tests in tests/adversary say of themselves; `--check` only compares.

Each test module's docstring has a first sentence and three fields: `Row:` the line of docs/threat-model.md, *Against
whom*, that it plays (or a name of its own), `Holds:` what the adversary has, `Shown:` what the tests show.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "adversary"
PAGE = ROOT / "docs" / "adversaries.md"
FIELDS = ("Row", "Holds", "Shown")
# In the order of the promise: from outside to inside, those who cheat actively last.
ORDER = (
    "test_proxys_recording.py",
    "test_thiefs_copy.py",
    "test_live_administrator.py",
    "test_excluded_recused_removed.py",
    "test_eligible_handler.py",
    "test_custodians_below_k.py",
    "test_supervisor.py",
    "test_organisation_administrator.py",
    "test_cheating_server.py",
    "test_cheating_server_in_the_browser.py",
    "test_former_key.py",
)
HEAD = """# Adversaries that are played

Written by `scripts/make_adversaries.py` from the tests in `tests/adversary/`; a test compares. For each row of the promise
(`docs/threat-model.md`, *Against whom*) somebody is played with all that they have, and fails. The last three rows cheat
actively: that is not prevented, but found out.

| who | holds | test file | what is shown |
| --- | --- | --- | --- |
"""
HOLES = """
## Not found out yet
Each of these has a test in `tests/adversary/test_cheating_server.py` that is expected to fail, and has to be taken off this
list when it passes.

"""
NONE = "Nothing that is known.\n"


@dataclass(frozen=True)
class Played:
    """What one test module says of its adversary."""

    file: str
    row: str
    holds: str
    shown: str


def played(path: Path) -> Played:
    """Read a module's docstring. ValueError where a field is missing."""
    told: dict[str, list[str]] = {}
    field = None
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    for line in text.splitlines():
        name, colon, rest = line.partition(": ")
        if colon and name in FIELDS:
            field = name
            told[field] = [rest.strip()]
        elif field is not None and line.startswith("    "):
            told[field].append(line.strip())
        elif line.strip():
            field = None
    missing = [name for name in FIELDS if name not in told]
    if missing:
        raise ValueError(f"{path.name}: its docstring lacks {', '.join(missing)}")
    row, holds, shown = (" ".join(told[name]) for name in FIELDS)
    return Played(path.name, row, holds, shown)


def holes(path: Path) -> list[str]:
    """The values of a module's table HOLES, in its order."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "HOLES":
            return list(ast.literal_eval(node.value).values())
    return []


def page() -> str:
    """The whole document. ValueError where a module isn't in the order, or the order names one that isn't there."""
    there = sorted(path.name for path in TESTS.glob("test_*.py") if path.name != "test_the_table.py")
    if there != sorted(ORDER):
        raise ValueError(f"ORDER and tests/adversary differ: {sorted(set(there) ^ set(ORDER))}")
    told = [played(TESTS / name) for name in ORDER]
    lines = [f"| {one.row} | {one.holds} | `tests/adversary/{one.file}` | {one.shown} |\n" for one in told]
    known = "".join(f"- {text[0].upper()}{text[1:]}.\n" for text in holes(TESTS / "test_cheating_server.py"))
    return HEAD + "".join(lines) + HOLES + (known or NONE)


def main() -> None:
    """Write the page, or with `--check` say whether it is what would be written."""
    if "--check" in sys.argv[1:]:
        sys.exit(
            0 if PAGE.read_text(encoding="utf-8") == page() else "docs/adversaries.md: run scripts/make_adversaries.py"
        )
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
