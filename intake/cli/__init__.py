"""The command line. `main` is what `niemphong` runs; each module beside this holds the commands of one purpose.

Every command is described in docs/operations.md. Faults are one line and exit code 1; bad input exits with 2.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from crypto.errors import CryptoError
from intake.cli import inspections, ledgers, office, rosters, routes, rules, serving, setting_up
from intake.cli.console import refused
from intake.config import SettingsError
from intake.supervisor import CannotServe
from workflow.errors import Refusal


class Commands(click.Group):
    """A group whose faults are told in one plain line."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Refusal as refusal:
            raise click.ClickException(refused(refusal)) from None
        except (SettingsError, CannotServe) as fault:
            raise click.ClickException(str(fault)) from None
        except CryptoError as fault:
            raise click.ClickException(
                f"Không mở hoặc không kiểm được ({type(fault).__name__}). (It can't be opened or verified.)"
            ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home", type=click.Path(file_okay=False), help="The installation's folder; else NIEMPHONG_HOME, else ./var."
)
def cli(home: str | None) -> None:
    """Niêm Phong: nhận tố cáo được niêm phong. (Takes in sealed reports.)"""
    if home is not None:
        os.environ["NIEMPHONG_HOME"] = home  # children started by `serve` read it too


for _module in (setting_up, serving, office, inspections, rosters, routes, rules, ledgers):
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
