"""docs/adversaries.md is what the adversaries' tests say of themselves, and no row of the promise is without one."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def maker(monkeypatch):
    spec = importlib.util.spec_from_file_location("make_adversaries", ROOT / "scripts" / "make_adversaries.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_would_be_written(maker):
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run scripts/make_adversaries.py"


def test_every_row_of_the_promise_is_played(maker):
    model = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = model.partition("## Against whom\n")[2].partition("\n## ")[0]
    promised = {row for row in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE) if row != "who" and row.strip("- ")}
    rows = {maker.played(maker.TESTS / name).row for name in maker.ORDER}
    assert len(promised) >= 7
    assert promised - rows == set()
    assert all(len(maker.played(maker.TESTS / name).holds) > 40 for name in maker.ORDER)


def test_a_module_that_does_not_say_what_its_adversary_holds_is_noticed(maker, tmp_path):
    path = tmp_path / "test_nobody.py"
    path.write_text('"""Somebody.\n\nRow: somebody\nShown: much\n"""\n', encoding="utf-8")
    with pytest.raises(ValueError, match="lacks Holds"):
        maker.played(path)
