"""`org import`: an organisation from a file. Without `--apply` it only tells what would change (docs/organisation-file.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import click

from intake.cli import import_words as words
from intake.cli.console import opened, say
from intake.services import utc_now
from workflow import posts, ready_files
from workflow.commands.imports import Imported, import_organisation
from workflow.lacking import lacks
from workflow.marked_yaml import LARGEST, Fault, NotPlain
from workflow.organisation_file import EARLIEST, LATEST, OrganisationFile, read_file
from workflow.organisation_import import Change
from workflow.queries import organisation
from workflow.queries.remaining import Thin, thin
from workflow.routes import load_rules
from workflow.store import Session
from workflow.times import local_date


class OnlyLooking(Exception):
    """Nothing of the transaction stays."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option(
    "--ready", "chosen", type=click.Choice(ready_files.READY[1:]), help="Instead of FILE: what the product has."
)
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day of what is new; else today.")
@click.option("--whole", is_flag=True, help="What the file doesn't name ends with the day before.")
@click.option("--apply", "act", is_flag=True, help="Do it; else it is only told.")
def import_file(file: str | None, chosen: str | None, since: datetime | None, whole: bool, act: bool) -> None:
    """Read bodies, units, people, seats and custodian sets from FILE (YAML or JSON; `-`: the standard input)."""
    if (file is None) == (chosen is None):
        raise click.UsageError("cần FILE hoặc --ready (one of FILE and --ready)")
    if since is not None and not EARLIEST <= since.date() <= LATEST:
        raise click.UsageError("--from: từ 1900 đến 2999 (between 1900 and 2999)")
    if file is None:
        name, raw = f"--ready {chosen}", ready_files.changed_2025()
    else:
        with click.open_file(file, "rb") as opened_file:
            name, raw = "<stdin>" if file == "-" else _harmless(file), opened_file.read(LARGEST + 1)
    read, faults = _read(name, raw)
    at = utc_now()
    today = local_date(at)
    day = since.date() if since else today
    with opened() as (_, store):
        try:
            with store.transaction() as db:
                before = thin(db, on=max(day, today))
                done = import_organisation(db, read, day=day, whole=whole, at=at)
                if faults or done.plan.faults:
                    _refuse(name, [*faults, *done.plan.faults])
                lines = list(told(db, done, before, max(day, today)))
                if not act or not done.plan.changes:
                    raise OnlyLooking
        except OnlyLooking:
            pass
    for line in lines:
        click.echo(line)
    if not done.plan.changes:
        return
    if act:
        say(f"Đã ghi {len(done.plan.changes)} thay đổi.", f"{len(done.plan.changes)} changes are on record")
    else:
        say("Chưa ghi gì. Để ghi: thêm --apply", "nothing is on record yet; to do it add --apply")


def _read(name: str, raw: bytes) -> tuple[OrganisationFile, list[Fault]]:
    try:
        return read_file(raw)
    except NotPlain as unreadable:
        _refuse(name, [unreadable.fault])
        raise


def _refuse(name: str, faults: list[Fault]) -> None:
    """One line per fault, in the order of the file, and exit code 2."""
    for fault in sorted(set(faults)):
        vi, en = words.FAULTS[fault.why]
        about = f" [{_harmless(fault.about)}]" if fault.about else ""
        click.echo(f"{name}:{fault.spot.line}:{fault.spot.column}: {vi} ({en}){about}", err=True)
    click.echo(f"Chưa ghi gì: {len(set(faults))} lỗi. (Nothing is on record: {len(set(faults))} faults.)", err=True)
    sys.exit(2)


def _harmless(text: str) -> str:
    """What a stranger's file says, on one line and without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)[:200]


def told(db: Session, done: Imported, before: Thin, day: date) -> Iterator[str]:
    """What changes, whom it cuts off, and what is missing afterwards."""
    if not done.plan.changes:
        yield "Không có thay đổi. (No change.)"
    names = {code: str(who["name"]) for code, who in organisation.names(db, day).items()}
    yield from (_line(change, names) for change in done.plan.changes)
    if done.cases:
        yield (
            f"Ở {done.cases} hồ sơ có người thôi đọc: khóa được cấp cho họ bị xóa, hồ sơ chờ khóa mới. "
            f"(In {done.cases} cases somebody is cut off: their grants are deleted, a new key is due.)"
        )
    after = thin(db, on=day)
    if after.nobody > before.nobody:
        more = after.nobody - before.nobody
        yield f"CẢNH BÁO: {more} hồ sơ đang mở sẽ không còn ai đọc được. ({more} open cases would have no reader left.)"
    if after.below_quorum > before.below_quorum:
        more = after.below_quorum - before.below_quorum
        yield f"CẢNH BÁO: {more} hồ sơ đang mở sẽ không còn đủ người. ({more} open cases would have too few readers.)"
    yield from missing(db, day)
    for code in done.plan.unfilled:
        yield f"  ? nhóm giữ khóa {code}: chưa có thành viên, không ghi (a set without members is not entered)"


def missing(db: Session, day: date) -> list[str]:
    """What the organisation of a day lacks, and whether a roster has to be signed."""
    found = lacks(organisation.current(db, day), organisation.sittings(db, day), load_rules())
    lines = []
    for lack in found:
        vi, en = words.LACKS[lack.why]
        lines.append(
            f"  ? {words.ABOUT.get(lack.why, '')}{lack.about}: {vi} ({en}){f' {lack.told}' if lack.told else ''}"
        )
    head = ["Còn thiếu (missing):"] if lines else ["Không thiếu gì. (Nothing is missing.)"]
    if organisation.roster_waits(db, day):
        lines.append("  ? danh sách mới chờ ký: roster draft, sign, publish (a new roster has to be signed)")
        head = ["Còn thiếu (missing):"]
    return head + lines


def _line(change: Change, names: Mapping[str, str]) -> str:
    """One change: its sign, what it is about, from when, and each fact that differs."""
    step, (sign, vi, en) = change.step, words.STEPS[change.step.kind]
    who = names.get(change.key[-1], "")
    noun_vi, noun_en = words.NOUNS[change.section.name]
    days = ""
    if change.section.since is not None:
        days = f"{(words.LAST if step.kind == 'ended' else words.FIRST)[0]} {_day(step.day)}"
        if step.until is not None and step.kind in ("added", "changed", "prolonged"):
            days += f" – {_day(step.until)}"
    subject = f"{change.id} {who}".rstrip()
    facts = [
        f"{words.said(words.FIELDS, name)}: {_was(step.kind, name, step.before)}{_value(name, step.after.get(name))}"
        for name in change.section.facts
        if step.after.get(name) != step.before.get(name) and step.kind in ("added", "changed")
    ]
    told = f"  {sign} {noun_vi} {subject} ({noun_en}): {vi}{days and f', {days}'} ({en})"
    return f"{told}: {'; '.join(facts)}" if facts else told


def _was(kind: str, name: str, before: Mapping[str, Any]) -> str:
    return f"{_value(name, before.get(name))} → " if kind == "changed" else ""


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "có (yes)" if value else "không (no)"
    if isinstance(value, Mapping):
        return f"{value['vi']} ({value['en']})"
    if name == "function":
        return posts.duties(value, ())["vi"]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
