"""`route`: facts in, decision out (contracts, *Facts and decision*). Needs no settings and no secrets."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from intake.cli.console import if_installed
from workflow import ready, routing
from workflow.organisation import Organisation
from workflow.queries import organisation


@click.command("route")
@click.option("--json", "as_json", is_flag=True, help="The whole decision as JSON; else a few lines.")
@click.argument("file", type=click.File("rb"), default="-")
def route(as_json: bool, file: Any) -> None:
    """Decide who receives a report: FILE (or the standard input) holds the facts as JSON."""
    facts = _facts(file.read())
    there = _organisation(facts)
    if faults := routing.unknown_bodies(facts, there):
        _bad(list(faults))
    decision = routing.route(facts, there, routing.load_rules())
    said = decision.as_json()
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True))
        return
    text = routing.rule_text(decision) if said["readers"] else routing.guidance(decision)
    click.echo(f"{said['body'] or '—'}  {said['rule']}  {len(said['readers'])} người đọc (readers)")
    if said["pair"]:
        pair = said["pair"]
        click.echo(
            f"  + {pair['body']}  {pair['rule']}  {len(pair['readers'])} người đọc; hồ sơ liên kết (linked case)"
        )
    click.echo(f"  {text['vi']}\n  ({text['en']})")


def _facts(raw: bytes) -> routing.Facts:
    """The facts; bad ones end the command with code 2 and one line per fault."""
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError):
        _bad(["not JSON"])
    facts = routing.parse_facts(asked)
    if isinstance(facts, routing.BadFacts):
        _bad(list(facts.faults))
    return facts


def _bad(faults: list[str]) -> None:
    for fault in faults:
        click.echo(" ".join(str(fault).split()), err=True)
    sys.exit(2)


def _organisation(facts: routing.Facts) -> Organisation:
    """The installation's organisation where there is one, else the plan's as the demonstration staffs it."""
    with if_installed() as store:
        if store is None:
            return ready.staffed()
        with store.reading() as db:
            return organisation.current(db, facts.on)


COMMANDS = (route,)
