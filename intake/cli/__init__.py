"""The command line. `main` is what `niemphong` runs; each module beside this holds the commands of one purpose.

Every command is described in docs/operations.md. Faults are one line and exit code 1; bad input exits with 2.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from intake.cli import (
    inspections,
    keys,
    ledgers,
    office,
    outside,
    packages,
    relations,
    releases,
    rosters,
    rotation,
    routes,
    rules,
    serving,
    setting_up,
)
from intake.cli.console import plainly


class Commands(click.Group):
    """A group whose faults are told in one plain line."""

    def invoke(self, context: click.Context) -> Any:
        with plainly():
            return super().invoke(context)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home", type=click.Path(file_okay=False), help="The installation's folder; else NIEMPHONG_HOME, else ./var."
)
def cli(home: str | None) -> None:
    """Niêm Phong: nhận tố cáo được niêm phong. (Takes in sealed reports.)"""
    if home is not None:
        os.environ["NIEMPHONG_HOME"] = home  # children started by `serve` read it too


MODULES = (
    *(setting_up, serving, office, inspections, relations, rotation, rosters, outside, packages),
    *(keys, routes, rules, ledgers, releases),
)
for _module in MODULES:
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """The console script."""
    os.umask(0o077)  # what the database, a socket or a log makes is its owner's alone
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                encoding="utf-8", errors="replace"
            )  # a console in another encoding loses marks, not text
    cli(prog_name="niemphong")
