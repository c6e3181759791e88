"""`rules check`: whether the rules as data can be relied on, and their tables to read. Needs no settings."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from intake.cli import rotation_tables, rule_tables
from intake.cli.console import say
from workflow import rule_checks

# what can be wrong with the data: the codes of `workflow.rule_checks`
WHY = {
    "unknown_mark": ("mức chắc chắn không có trong danh sách", "no such mark"),
    "unknown_citation": ("viện dẫn một căn cứ không có", "cites what is not among the citations"),
    "no_citation": ("không nêu căn cứ", "cites nothing"),
    "unknown_body": ("nêu tổ chức không có", "names a body that doesn't exist"),
    "does_not_receive": ("gửi đến tổ chức không nhận hồ sơ", "sends to a body that receives nothing"),
    "unknown_place": ("nêu nhóm tổ chức không có", "names a place that doesn't exist"),
    "unknown_role": ("nêu vai không có", "names a role that doesn't exist"),
    "unknown_reason": ("cho một lý do mà quyết định không có", "gives a reason that no decision knows"),
    "unknown_thing": ("nêu loại đối tượng không có", "is with something that nothing can be with"),
    "with_nothing": ("không nêu có thể có với ai, với gì", "can be with nothing"),
    "ends_before_it_begins": ("hết hiệu lực trước khi có hiệu lực", "ends before it begins"),
    "valid_twice": ("hai bản cùng có hiệu lực", "two versions are valid on one day"),
    "gap_in_time": ("có khoảng thời gian không bản nào có hiệu lực", "no version is valid after this day"),
    "no_longer_valid": ("hết hiệu lực mà không có bản kế tiếp", "ends and nothing follows"),
    "never_reached": (
        "không bao giờ được dùng, vì các dòng trên đã nhận hết",
        "is never reached: rows above take it all",
    ),
    "overlaps": (
        "trùng với dòng khác mà không phải là ngoại lệ của dòng đó",
        "overlaps a row and is no exception to it",
    ),
    "no_row": ("không dòng nào nói về trường hợp này", "no row is about this"),
    "no_way_on": ("không có nơi kế tiếp trong danh sách chuyển cấp", "the escalation list doesn't mention it"),
    "goes_in_a_circle": ("chuyển cấp đi vòng tròn", "the escalation list goes in a circle"),
    "goes_down": ("chuyển xuống cấp dưới", "the escalation list goes down"),
    "outside_the_band": ("thời hạn nằm ngoài khoảng mà Kế hoạch cho phép", "the limit lies outside the Plan's band"),
    "no_time_to_warn": ("không còn thời gian cảnh báo trước thời hạn", "leaves no time for a warning before the limit"),
    "no_time_at_all": ("phải từ một tháng trở lên", "has to be a month at least"),
    "unknown_work_kind": ("nêu loại công việc không có", "names a kind of work that doesn't exist"),
    "no_field": ("loại công việc không thuộc lĩnh vực nào", "a kind of work that belongs to no field"),
    "unknown_key": (
        "không đếm theo lĩnh vực hoặc đếm theo điều không có",
        "doesn't count fields, or counts what isn't known",
    ),
}
PAGE = """# Who receives a report

*Made from `workflow/rules/` by `niemphong rules check --docs docs`; don't edit it by hand.* The highest-ranked accused decides the
row. A body that can't receive is passed over: first along the row's own next body, then along the list. Marks: `seed` = the
Plan says so, `found` = published excerpts, `mem` = from memory, `proposal` = ours on top of those.

![{title}](routes.svg)
"""

ROTATION_PAGE = """# How long in charge of one field or area

*Made from `workflow/rules/rotation.yaml` by `niemphong rules check --docs docs`; don't edit it by hand.* What is counted, what the
limit blocks and how it is lifted for a time stands in [operations.md](operations.md), *Rotation*; why, in
[decision 0030](decisions/0030-rotation-of-charges.md). The marks are those of [routes.md](routes.md).
"""


@click.group("rules")
def rules() -> None:
    """The rules as data: who receives, and what that rests on."""


@rules.command("check")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", help="The language of the table.")
@click.option(
    "--docs", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Write the pages of docs/ there."
)
def check(language: str, docs: Path | None) -> None:
    """Check the rules, and print their tables as Markdown. Exit code 1 when anything is wrong."""
    data = rule_checks.product_data()
    flaws = rule_checks.check(data)
    for flaw in flaws:
        vi, en = WHY[flaw.why]
        about = f": {flaw.about}" if flaw.about else ""
        click.echo(f"{flaw.where}: {vi}{about}. ({en}{about})", err=True)
    if flaws:
        sys.exit(1)
    if docs is None:
        click.echo(f"{rule_tables.markdown(data, language)}\n\n{rotation_tables.markdown(data, language)}")
        return
    for name, text in pages(data).items():
        (docs / name).write_text(text, encoding="utf-8")
    say(f"Đã viết vào {docs}.", f"Written into {docs}.")


def pages(data: rule_checks.Data) -> dict[str, str]:
    """What docs/ holds of the rules, by file name."""
    title = rule_tables.WORDS["en"]["title"]
    tables = [rule_tables.markdown(data, language) for language in ("en", "vi")]
    limits = [rotation_tables.markdown(data, language) for language in ("en", "vi")]
    return {
        "rotation.md": "\n".join([ROTATION_PAGE, *(f"{table}\n" for table in limits)]),
        "routes.md": "\n".join([PAGE.format(title=title), *(f"{table}\n" for table in tables)]),
        "routes.svg": rule_tables.picture(data, "en"),
    }


COMMANDS = (rules,)
