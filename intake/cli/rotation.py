"""`charge` and `rotation`: who is in charge of what, who has to be moved, and what was said about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from intake.cli.console import opened, say
from intake.services import utc_now
from workflow.commands import rotation as commands
from workflow.queries import rotation
from workflow.rotation import AREA, FIELD, Act, Held, Over, Said, Spell, State, load_rotation
from workflow.times import local_date

DAY = click.DateTime(["%Y-%m-%d"])
STATES = {State.FREE: "còn thời hạn (free)", State.WARNING: "sắp đến hạn (warning)", State.DUE: "ĐẾN HẠN (due)"}
ACTS = {Act.EXCEPTION: "ngoại lệ (exception)", Act.REQUIREMENT: "yêu cầu chuyển đổi (requirement)"}


def _over(command: Callable[..., None]) -> Callable[..., None]:
    """`--field` or `--area`, of which there has to be one."""
    area = click.option("--area", metavar="BODY", help="An area: a body with those below it.")
    return click.option("--field", metavar="FIELD", help="A field: niemphong rules check shows them.")(area(command))


def _read_over(field: str | None, area: str | None) -> Over:
    if (field is None) == (area is None):
        raise click.UsageError("--field hoặc --area: đúng một. (Exactly one.)")
    return Over(FIELD, field) if field is not None else Over(AREA, str(area))


@click.group("charge")
def charge() -> None:
    """Who is in charge of which field or area, and since when: what rotation counts."""


@charge.command("add")
@click.argument("person")
@_over
@click.option("--from", "since", required=True, type=DAY)
@click.option("--to", "until", type=DAY, help="The last day, if it is over.")
def add(person: str, field: str | None, area: str | None, since: datetime, until: datetime | None) -> None:
    """Enter that PERSON (P-001) is, or was, in charge of a field or an area."""
    over, spell = _read_over(field, area), Spell(since.date(), until.date() if until else None)
    with opened() as (_, store), store.transaction() as db:
        commands.add_charge(db, person, over, spell, at=utc_now())
    say(f"Đã ghi {person} phụ trách {over}.", "entered")


@charge.command("end")
@click.argument("person")
@click.argument("day", type=DAY)
@_over
def end(person: str, day: datetime, field: str | None, area: str | None) -> None:
    """Say that DAY was the last day on which PERSON was in charge. It can be corrected."""
    over = _read_over(field, area)
    with opened() as (_, store), store.transaction() as db:
        commands.end_charge(db, person, over, until=day.date(), at=utc_now())
    say(f"Đã ghi ngày {person} thôi phụ trách {over}.", "its end is entered")


@click.group("rotation")
def rotation_group() -> None:
    """Who has been in charge for so long that they have to be moved, and the exceptions from it."""


@rotation_group.command("list")
@click.option("--due", "only_due", is_flag=True, help="Only who has reached the limit.")
@click.option("--on", "day", type=DAY, help="Another day than today.")
@click.option("--json", "as_json", is_flag=True)
def listed(only_due: bool, day: datetime | None, as_json: bool) -> None:
    """Show all charges that count, those at the limit first."""
    on = day.date() if day else local_date(utc_now())
    with opened() as (_, store), store.reading() as db:
        found = rotation.standings(db, on)
    order = [State.DUE, State.WARNING, State.FREE]
    shown = sorted(
        (one for one in found if not only_due or one.standing.state is State.DUE),
        key=lambda one: (order.index(one.standing.state), one.person, one.over),
    )
    if as_json:
        click.echo(json.dumps([_json(one) for one in shown], ensure_ascii=False, indent=1))
    elif not shown:
        say("Không có ai.", "Nobody.")
    else:
        for one in shown:
            click.echo(_line(one))


@rotation_group.command("exceptions")
@click.option("--json", "as_json", is_flag=True)
def exceptions(as_json: bool) -> None:
    """Show all exceptions and requirements ever made, the newest first. The pages of heads make exceptions."""
    with opened() as (_, store), store.reading() as db:
        found = rotation.said(db)[::-1]
    if as_json:
        click.echo(json.dumps([_said_json(one) for one in found], ensure_ascii=False, indent=1))
    elif not found:
        say("Chưa có.", "None yet.")
    else:
        for one in found:
            click.echo(f"{one.person}  {one.over}  {_told(one)}")


@rotation_group.command("require")
@click.argument("person")
@_over
@click.option("--reason", required=True, type=click.Choice(list(load_rotation().reasons[Act.REQUIREMENT])))
@click.option("--note", required=True, metavar="TEXT", help="The reason in words, with the number of the decision.")
def require(person: str, field: str | None, area: str | None, reason: str, note: str) -> None:
    """Require that PERSON is moved before the limit is reached (khi thấy cần thiết)."""
    over = _read_over(field, area)
    with opened() as (_, store), store.transaction() as db:
        commands.require_rotation(db, person, over, reason=reason, note=note, at=utc_now())
    say(f"Đã ghi yêu cầu chuyển đổi {person} khỏi {over}.", "entered; nothing new in it is given to them from now on")


def _line(one: Held) -> str:
    standing = one.standing
    due = f", đến hạn (due) {standing.due_on:%d/%m/%Y}" if standing.due_on else ""
    since = f"từ (since) {standing.since:%d/%m/%Y}" if standing.since else ""
    lines = [f"{one.person}  {one.over}  {STATES[standing.state]}  {standing.months}/{standing.limit}, {since}{due}"]
    lines += [f"    {_told(act)}" for act in (one.requirement, one.exception) if act is not None]
    return "\n".join(lines)


def _told(act: Said) -> str:
    until = f" – {act.until:%d/%m/%Y}" if act.until else ""
    by = f", {act.by}" if act.by else ""
    return f"{ACTS[act.act]} {act.since:%d/%m/%Y}{until}{by}: {act.reason}; {act.note}"


def _json(one: Held) -> dict[str, Any]:
    standing = one.standing
    return {
        "person": one.person,
        "over": str(one.over),
        "state": standing.state.value,
        "months": standing.months,
        "limit": standing.limit,
        "since": standing.since.isoformat() if standing.since else None,
        "due_on": standing.due_on.isoformat() if standing.due_on else None,
        "ongoing": one.ongoing,
        "kept_out": one.kept_out,
        "exception": _said_json(one.exception) if one.exception else None,
        "requirement": _said_json(one.requirement) if one.requirement else None,
        "citations": list(standing.citations),
    }


def _said_json(act: Said) -> dict[str, Any]:
    return {
        "person": act.person,
        "over": str(act.over),
        "act": act.act.value,
        "since": act.since.isoformat(),
        "until": act.until.isoformat() if act.until else None,
        "reason": act.reason,
        "note": act.note,
        "by": act.by,
    }


COMMANDS = (charge, rotation_group)
