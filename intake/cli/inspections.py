"""`inspection`: the registry of teams that inspect, supervise or verify. Whoever is in one receives nothing about it."""

from __future__ import annotations

from datetime import date, datetime

import click

from intake.cli.console import opened, say
from intake.services import utc_now
from workflow.commands import inspections as commands
from workflow.facts import columns
from workflow.organisation import Inspection
from workflow.queries import inspections
from workflow.queries.inspections import Registered
from workflow.relations import Clash

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("inspection")
def inspection() -> None:
    """Teams that inspect, supervise or verify: whoever directs or joins one is kept from reports about it."""


@inspection.command("add")
@click.argument("code")
@click.option("--decision", required=True, metavar="NUMBER", help="The decision that set it up.")
@click.option("--work", required=True, type=click.Choice(list(columns())), help="The kind of work.")
@click.option("--body", required=True, metavar="BODY", help="The body that set it up.")
@click.option("--directing", multiple=True, metavar="P-001", help="The leader assigned to direct it; may be repeated.")
@click.option("--head", "heads", required=True, multiple=True, metavar="P-001", help="May be repeated.")
@click.option("--member", "members", multiple=True, metavar="P-001", help="May be repeated.")
@click.option(
    "--unit", "units", required=True, multiple=True, metavar="BODY", help="Who is inspected; may be repeated."
)
@click.option("--from", "since", required=True, type=DAY)
@click.option("--to", "until", type=DAY)
def add(
    code: str,
    decision: str,
    work: str,
    body: str,
    directing: tuple[str, ...],
    heads: tuple[str, ...],
    members: tuple[str, ...],
    units: tuple[str, ...],
    since: datetime,
    until: datetime | None,
) -> None:
    """Enter an inspection: CODE (KT-2026-07)."""
    team = Inspection(
        code=code,
        body=body,
        work_kind=work,
        directing=directing,
        heads=heads,
        members=members,
        units=units,
        since=since.date(),
        until=until.date() if until else None,
    )
    with opened() as (_, store), store.transaction() as db:
        found = commands.add_inspection(db, team, decision=decision, at=utc_now())
    say(f"Đã ghi cuộc {code}.", "entered; reporters can choose it from now on")
    _say_clashes(found)


@inspection.command("join")
@click.argument("code")
@click.option("--directing", multiple=True, metavar="P-001")
@click.option("--head", "heads", multiple=True, metavar="P-001")
@click.option("--member", "members", multiple=True, metavar="P-001")
def join(code: str, directing: tuple[str, ...], heads: tuple[str, ...], members: tuple[str, ...]) -> None:
    """Add people to an inspection. Nobody is removed: a report may be about their time."""
    people = dict(zip(commands.PARTS, (directing, heads, members), strict=True))
    if not any(people.values()):
        raise click.UsageError("--directing, --head, --member: ít nhất một. (At least one.)")
    with opened() as (_, store), store.transaction() as db:
        found = commands.join_inspection(db, code, people, at=utc_now())
    say(f"Đã ghi thêm người vào cuộc {code}.", "added")
    _say_clashes(found)


@inspection.command("end")
@click.argument("code")
@click.argument("day", type=DAY)
def end(code: str, day: datetime) -> None:
    """Say on which DAY an inspection ended."""
    with opened() as (_, store), store.transaction() as db:
        commands.end_inspection(db, code, until=day.date(), at=utc_now())
    say(f"Đã ghi ngày kết thúc của cuộc {code}.", "its end is entered")


@inspection.command("list")
def listed() -> None:
    """Show all inspections with their people, the newest first."""
    with opened() as (_, store), store.reading() as db:
        found = inspections.registry(db)
    if not found:
        say("Chưa có cuộc nào.", "None yet: niemphong inspection add")
    for one in found:
        click.echo(_line(one))


def _say_clashes(found: list[Clash]) -> None:
    """Of a team that is over: who was in it against the Plan."""
    for one in found:
        say(
            f"CẢNH BÁO: {one.person} có quan hệ được ghi nhận với {one.other} ({one.kind}); lẽ ra không được ở trong đoàn.",
            f"{one.person} is tied to {one.other} by a relation on record and should not have been in the team",
        )


def _line(one: Registered) -> str:
    team = one.inspection
    people = (
        ("chỉ đạo (directing)", team.directing),
        ("trưởng đoàn (head)", team.heads),
        ("thành viên (members)", team.members),
    )
    told = "; ".join(f"{part}: {', '.join(codes)}" for part, codes in people if codes)
    period = f"{_day(team.since)} – {_day(team.until)}"
    return f"{team.code}  {one.decision}  {team.work_kind}  {team.body} → {', '.join(team.units)}  {period}\n    {told}"


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "…"


COMMANDS = (inspection,)
