"""docs/operations.md lists every setting that is read and every command there is; nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from intake.cli import cli
from intake.config import SECRET_FILES

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
QUOTED = re.compile(r'(?:environ\.get\(|environ(?:, home)?, |_secret\(environ, home, )"([A-Z_]+)"')


def settings_read() -> set[str]:
    source = (ROOT / "intake" / "config.py").read_text(encoding="utf-8")
    return set(QUOTED.findall(source)) | set(SECRET_FILES)


def settings_listed() -> set[str]:
    table = PAGE.partition("## Settings")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))


def commands(command: click.Command, path: str = "niemphong") -> Iterator[str]:
    if isinstance(command, click.Group):
        if command.invoke_without_command:
            yield path
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")
    else:
        yield path


def test_every_setting_is_listed_and_none_is_stale():
    assert {"NIEMPHONG_HOME", "PORT", "SERVER_KEY", "NOTICE_DELAY", "SMTP_URL"} <= settings_read()
    assert settings_read() == settings_listed()


def test_settings_are_read_in_one_module():
    reading = re.compile(r"os\.(getenv|environ\.get|environ\[)")
    allowed = {"intake/config.py", "intake/cli/__init__.py", "intake/cli/console.py", "intake/supervisor.py"}
    found = {
        str(path.relative_to(ROOT))
        for package in ("crypto", "workflow", "intake")
        for path in (ROOT / package).rglob("*.py")
        if reading.search(path.read_text(encoding="utf-8"))
    }
    assert found <= allowed


@pytest.mark.parametrize("command", sorted(commands(cli)))
def test_every_command_is_described(command):
    assert f"`{command}" in PAGE


def test_every_command_named_is_one():
    named = set(re.findall(r"^\| `(niemphong [a-z ]+?)(?: [-\[A-Z].*)?`", PAGE, re.MULTILINE))
    assert named == set(commands(cli))


@pytest.mark.parametrize("command", sorted(commands(cli)))
def test_every_command_says_what_it_does(command):
    found: click.Command = cli
    for word in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    assert found.help
