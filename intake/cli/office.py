"""`member` and `org`: people, seats, custodian sets. None of it makes a reader without a signed roster."""

from __future__ import annotations

import json
import os
import secrets
from datetime import date, datetime
from typing import Any

import click

from crypto.encoding import fingerprint, unb64u
from intake import addresses
from intake.cli.console import if_installed, opened, say
from intake.cli.imports import import_file, missing
from intake.cli.mergers import merge
from intake.config import Settings
from intake.services import utc_now
from workflow import posts, ready_files
from workflow.commands import members
from workflow.commands import organisation as commands
from workflow.organisation_import import as_file
from workflow.queries import organisation
from workflow.queries.organisation_record import held
from workflow.store import Session
from workflow.times import VIETNAM, local_date

LINK_HOURS = 72
WARN_DAYS = 21


@click.group("member")
def member() -> None:
    """People who have a post here, and their one-time links."""


@member.command("add")
@click.argument("code")
@click.argument("username")
@click.argument("name")
@click.option("--mail", help="Where notices go; they have no content.")
@click.option("--seat", "seats", multiple=True, metavar="BODY:FUNCTION[:ROLE,…]", help="May be given several times.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="When the term begins; else today.")
@click.option("--supervisor", is_flag=True)
@click.option("--administrator", is_flag=True)
@click.option("--link", "with_link", is_flag=True, help="Make the enrolment link at once.")
def add(
    code: str,
    username: str,
    name: str,
    mail: str | None,
    seats: tuple[str, ...],
    since: datetime | None,
    supervisor: bool,
    administrator: bool,
    with_link: bool,
) -> None:
    """Enter a person: CODE (P-001), USERNAME and NAME, with seats if any."""
    at = utc_now()
    term_from = since.date() if since else at.astimezone(VIETNAM).date()
    read = [_seat(text) for text in seats]
    token = secrets.token_urlsafe(32)
    with opened() as (settings, store), store.transaction() as db:
        commands.add_person(
            db,
            code=code,
            username=username,
            name=name,
            mail=mail,
            supervisor=supervisor,
            administrator=administrator,
            at=at,
        )
        for body, function, roles in read:
            commands.add_seat(db, body=body, person=code, function=function, roles=roles, term_from=term_from, at=at)
        expires = members.make_link(db, code, token=token, at=at, hours=LINK_HOURS) if with_link else None
    say(f"Đã ghi: {code} {name}", "entered; becomes a reader with the next signed roster after enrolling")
    if expires is not None:
        show_link(settings, code, token, expires)


@member.command("link")
@click.argument("code")
@click.option("--hours", type=click.IntRange(1, 24 * 14), default=LINK_HOURS, show_default=True)
def link(code: str, hours: int) -> None:
    """Make a one-time enrolment link for CODE; it ends every earlier unused one."""
    token, at = secrets.token_urlsafe(32), utc_now()
    with opened() as (settings, store), store.transaction() as db:
        expires = members.make_link(db, code, token=token, at=at, hours=hours)
    show_link(settings, code, token, expires)


def show_link(settings: Settings, code: str, token: str, expires: datetime) -> None:
    """The token stands after the `#`, so that it reaches no server's log when the link is opened."""
    until = expires.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
    say(
        f"Đường dẫn đăng ký một lần của {code}, đến {until} (giờ Việt Nam):",
        "the one-time enrolment link; give it to this person alone",
    )
    click.echo(f"  {addresses.staff_url(settings, os.environ)}/staff/enrol#{token}")


@click.group("org")
def org() -> None:
    """The organisation: bodies, seats, custodian sets."""


@org.command("show")
@click.option(
    "--json", "as_json", is_flag=True, help="As a file that `org import` reads, with nothing signed or enrolled."
)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day it is about; else today.")
def show(as_json: bool, day: datetime | None) -> None:
    """Show bodies, seats, custodian sets, who has enrolled, what the newest roster holds, and what is missing."""
    on = day.date() if day else local_date(utc_now())
    if as_json:
        with if_installed() as store:
            if store is None:
                there = ready_files.staffed_record()
            else:
                with store.reading() as db:
                    there = held(db)
        click.echo(json.dumps(as_file(there, on=on), ensure_ascii=False, indent=1, sort_keys=True))
        return
    with opened() as (_, store), store.reading() as db:
        for line in [*_picture(db, on), *missing(db, on)]:
            click.echo(line)


org.add_command(import_file)
org.add_command(merge)


@org.command("custodians")
@click.argument("code")
@click.option("--members", "people", required=True, metavar="P-001,P-002,…", help="At least four.")
@click.option("--k", type=click.IntRange(2), default=2, show_default=True, help="How many open together.")
@click.option("--level", type=int, required=True, help="The level of the bodies it serves.")
@click.option("--purpose", type=click.Choice(["identity", "rescue"]), default="identity", show_default=True)
@click.option("--version", type=click.IntRange(1), default=1, show_default=True)
def custodians(code: str, people: str, k: int, level: int, purpose: str, version: int) -> None:
    """Make a set of custodians who keep the shares of reporters' identities."""
    at = utc_now()
    with opened() as (_, store), store.transaction() as db:
        commands.add_custodian_set(
            db,
            code=code,
            version=version,
            k=k,
            level=level,
            purpose=purpose,
            members=_words(people),
            valid_from=at.astimezone(VIETNAM).date(),
            at=at,
        )
    say(f"Đã ghi nhóm giữ khóa {code}.", "entered; it serves once all have enrolled and the next roster is signed")


def _picture(db: Session, on: date) -> list[str]:
    content: dict[str, list[dict[str, Any]]] = organisation.roster_content(db, on)
    bodies, names = organisation.body_names(db, on), organisation.names(db, on)
    last = organisation.latest_roster(db)
    signed = {row["id"]: row for row in last.body["members"]} if last else {}
    enrolled = {row["id"]: row for row in content["members"]}
    lines = [_roster_line(last, on)]
    for body in content["bodies"]:
        lines.append(f"{body['id']}  {bodies.get(body['id'], {}).get('vi', '')}  [level {body['level']}]")
        for seat in (seat for seat in content["seats"] if seat["body"] == body["id"]):
            who = seat["person"]
            name = names.get(who, {}).get("name", "")
            duties = posts.duties(seat["function"], seat["roles"])["vi"]
            lines.append(f"    {who} {name} – {duties}{_key(who, enrolled, signed)}")
    lines.append("Nhóm giữ khóa (custodian sets) có đủ người đăng ký:")
    lines += [f"    {row['id']} {row['k']}/{row['n']}: {', '.join(row['members'])}" for row in content["sets"]]
    return lines


def _key(who: str, enrolled: dict[str, dict[str, Any]], signed: dict[str, dict[str, Any]]) -> str:
    if who not in enrolled:
        return "  · chưa đăng ký (not enrolled)"
    if signed.get(who) != enrolled[who]:
        return f"  · khóa chưa được ký (key not signed yet): {fingerprint(unb64u(enrolled[who]['sign']))}"
    return ""


def _roster_line(last: organisation.SignedRoster | None, on: date) -> str:
    if last is None:
        return "Chưa có danh sách nào được ký. (No roster has been signed yet.)"
    days = (last.expires - on).days
    warning = "  ← SẮP HẾT HẠN (runs out soon)" if days < WARN_DAYS else ""
    return f"Danh sách số {last.no} (roster), đến {last.expires.strftime('%d/%m/%Y')}{warning}"


def _seat(text: str) -> tuple[str, str, list[str]]:
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(parts[:2]):
        raise click.UsageError(f"--seat {text}: BODY:FUNCTION[:ROLE,…], ví dụ (for example) UBKT-S:member:intake")
    return parts[0], parts[1], _words(parts[2]) if len(parts) == 3 else []


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


COMMANDS = (member, org)
