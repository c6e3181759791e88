"""`relation`: official relations that keep somebody from a case; members declare their own on their page."""

from __future__ import annotations

from datetime import date, datetime

import click

from intake.cli.console import opened, say
from intake.services import utc_now
from workflow.commands import relations as commands
from workflow.queries import relations
from workflow.queries.relations import Recorded
from workflow.relations import WITH, kinds

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("relation")
def relation() -> None:
    """Family, interest, shares, earlier assignments: whoever is tied to a case's subject receives nothing of it."""


@relation.command("add")
@click.argument("person")
@click.argument("kind", type=click.Choice([one.code for one in kinds()]))
@click.option("--with", "what", required=True, type=click.Choice(WITH), help="What it is with.")
@click.option("--code", required=True, help="The code of that: P-001, CB-01, KT-2026-07.")
@click.option("--basis", required=True, help="The paper that it rests on.")
@click.option("--from", "since", required=True, type=DAY, help="The first day on which it counts.")
@click.option("--to", "until", type=DAY, help="The last one, if it is known.")
def add(person: str, kind: str, what: str, code: str, basis: str, since: datetime, until: datetime | None) -> None:
    """Record an official relation of PERSON (P-001)."""
    with opened() as (_, store), store.transaction() as db:
        made = commands.record_relation(
            db,
            person,
            kind,
            what=what,
            code=code,
            since=since.date(),
            until=until.date() if until else None,
            basis=basis,
            by=None,
            at=utc_now(),
        )
    say(f"Đã ghi quan hệ {made} của {person}.", "recorded; they see it on their page, and routing counts it at once")


@relation.command("end")
@click.argument("relation_id", metavar="ID")
@click.argument("day", type=DAY)
def end(relation_id: str, day: datetime) -> None:
    """Say that DAY is the last on which an official relation counts."""
    with opened() as (_, store), store.transaction() as db:
        commands.end_relation(db, relation_id, until=day.date(), by=None, at=utc_now())
    say("Đã ghi ngày kết thúc.", "its end is entered")


@relation.command("list")
@click.argument("person", required=False)
def listed(person: str | None) -> None:
    """Show all relations on record, or those that bind PERSON, declared and official."""
    with opened() as (_, store), store.reading() as db:
        found = relations.concerning(db, person) if person else relations.everything(db)
    if not found:
        say("Chưa có quan hệ nào được ghi.", "None on record: niemphong relation add")
    for one in found:
        click.echo(_line(one))


def _line(one: Recorded) -> str:
    source = "tự khai (declared)" if one.declared else f"chính thức (official): {one.basis}"
    return f"{one.id}  {one.person}  {one.kind}  {one.what} {one.code}  {_day(one.since)} – {_day(one.until)}  {source}"


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "…"


COMMANDS = (relation,)
