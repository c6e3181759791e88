"""`org merge`: one body ends and another goes on with its work. Without `--apply` it only tells what would change."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from intake.cli import import_words as words
from intake.cli.console import opened, say
from intake.cli.imports import OnlyLooking, told
from intake.services import utc_now
from workflow.commands.mergers import Merger, merge_body
from workflow.queries.remaining import thin
from workflow.times import local_date


@click.command("merge")
@click.argument("body")
@click.option("--into", required=True, metavar="BODY", help="Who goes on with its work.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day of that; else today.")
@click.option("--apply", "act", is_flag=True, help="Do it; else it is only told.")
def merge(body: str, into: str, since: datetime | None, act: bool) -> None:
    """End BODY and name its successor: new cases go there, open ones stay with the people who read them."""
    at = utc_now()
    day = since.date() if since else local_date(at)
    with opened() as (_, store):
        try:
            with store.transaction() as db:
                before = thin(db, on=max(day, local_date(at)))
                done = merge_body(db, Merger(body, into, day), at=at)
                if done.plan.faults:
                    _refuse([f"{words.said(words.FAULTS, fault.why)} [{fault.about}]" for fault in done.plan.faults])
                lines = list(told(db, done, before, max(day, local_date(at))))
                if not act:
                    raise OnlyLooking
        except OnlyLooking:
            pass
    for line in lines:
        click.echo(line)
    if act:
        say(f"Đã ghi: {body} nhập vào {into}, từ {day.strftime('%d/%m/%Y')}.", "merged; nothing moves that was open")
    else:
        say("Chưa ghi gì. Để ghi: thêm --apply", "nothing is on record yet; to do it add --apply")


def _refuse(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
    click.echo("Chưa ghi gì. (Nothing is on record.)", err=True)
    sys.exit(2)
