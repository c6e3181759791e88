"""The table of competence for people to read: as Markdown, and as a picture of who receives and where a case goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from textwrap import wrap
from typing import Any

from workflow import pairing
from workflow.organisation import Body, Organisation
from workflow.ready import read_plan
from workflow.routes import OTHER, OWN_COMMITTEE, Rules, read_rules
from workflow.rule_checks import Data

WORDS = {
    "vi": {
        "title": "Bảng thẩm quyền",
        "head": (
            "Dòng",
            "Người, tổ chức bị phản ánh",
            "Công tác đảng",
            "Thanh tra, kiểm toán",
            "Vụ việc Đảng gắn với vụ việc thanh tra",
            "Nếu nơi nhận có xung đột",
            "Bản sao không nội dung",
            "Căn cứ",
            "Mức chắc chắn",
        ),
        "own": "ủy ban kiểm tra của đảng ủy đó",
        "nobody": "–",
        "party": "công tác đảng",
        "state": "thanh tra",
        "or": "; nếu không có: ",
        "rises": "Nơi kế tiếp, khi một nơi không nhận được",
        "rises_head": ("Nơi không nhận được", "Nơi kế tiếp", "Căn cứ"),
    },
    "en": {
        "title": "Table of competence",
        "head": (
            "Row",
            "Whom the report concerns",
            "Party work",
            "Inspectorate, audit",
            "Linked Party case beside the state case",
            "If that body is conflicted",
            "Copy without content",
            "Basis",
            "How sure",
        ),
        "own": "that Party committee's own inspection committee",
        "nobody": "–",
        "party": "Party work",
        "state": "inspectorate",
        "or": "; without one: ",
        "rises": "Where a case goes on when a body can't receive it",
        "rises_head": ("Body", "Next", "Basis"),
    },
}
BOX, GAP, LINE, MOST = (320, 92), (30, 56), 15, 46  # pixels; letters in a line


def markdown(data: Data, language: str) -> str:
    """The table and the escalation list, in one language."""
    words, table = WORDS[language], data["routes"]
    lines = [f"## {words['title']}", "", *as_table(words["head"], _rows(data, language)), ""]
    lines += [f"### {words['rises']}", "", *as_table(words["rises_head"], _rises(data, language)), ""]
    return "\n".join([*lines, f"{table['release']}: {', '.join(f'{k} = {v}' for k, v in table['aliases'].items())}"])


def _rows(data: Data, language: str) -> list[list[str]]:
    words, cited = WORDS[language], data["citations"]["citations"]
    rows = []
    for row in data["routes"]["rows"]:
        basis = "; ".join(cited[code][language] for code in row["citations"])
        cases = row["cases"] or [{"party": None, "state": None, "accused": [], "if_conflicted": {}, "copies": []}]
        for case in cases:
            nexts = case["if_conflicted"]
            same = len(set(nexts.values())) == 1 and len(nexts) > 1
            told = (
                next(iter(nexts.values()))
                if same
                else "; ".join(
                    f"{code} ({words[column]})" if len(nexts) > 1 else code for column, code in nexts.items()
                )
            )
            rows.append(
                [
                    str(row["row"]),
                    row["label"][language],
                    _target(case["party"], words),
                    _target(case["state"], words),
                    _target(case["party"], words) if pairing.case_is_paired(case) else words["nobody"],
                    told or words["nobody"],
                    ", ".join(case["copies"]) or words["nobody"],
                    basis,
                    row["mark"],
                ]
            )
    return rows


def _rises(data: Data, language: str) -> list[list[str]]:
    words, cited = WORDS[language], data["citations"]["citations"]
    laid = _Chart(data)
    return [
        [
            ", ".join(body.code for body in laid.organisation.bodies if rise.place.holds(body, laid.organisation)),
            rise.to or str(words["nobody"]),
            "; ".join(cited[code][language] for code in rise.citations),
        ]
        for rise in laid.table.rises
    ]


def _target(said: str | list[str] | None, words: Mapping[str, Any]) -> str:
    listed = [said] if isinstance(said, str) else said or []
    told = [str(words["own"]) if code == OWN_COMMITTEE else code for code in listed]
    return str(words["or"]).join(told) or str(words["nobody"])


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown, line by line."""
    return [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@dataclass(frozen=True)
class _Place:
    body: Body
    x: int
    y: int


class _Chart:
    """The bodies that receive, by level from the top, with an arrow to where each case goes on."""

    def __init__(self, data: Data) -> None:
        self.table: Rules = read_rules(data["routes"], data["escalation"])
        self.organisation = Organisation(read_plan(data["organisation-plan"]).bodies, (), ())
        receiving = {row["code"] for row in data["organisation-plan"]["bodies"] if row["receives"]}
        self.bodies = [body for body in self.organisation.bodies if body.code in receiving]
        self.levels = sorted(
            {(body.level, self._steps(body)) for body in self.bodies}, key=lambda one: (-one[0], one[1])
        )

    def _steps(self, body: Body) -> int:
        """How many bodies of the same level a case passes on its way up from here, so that arrows point upwards."""
        there = self.organisation.by_code
        then, steps = self.table.rise_from(body.code, self.organisation)[0], 0
        while then is not None and there[then].level == body.level:
            then, steps = self.table.rise_from(then, self.organisation)[0], steps + 1
        return steps

    def places(self) -> dict[str, _Place]:
        """Where each box goes: below the one its arrow points to if that is free, else where nothing is in the way."""
        column: dict[str, int] = {}
        taken: list[set[int]] = []
        row_of: dict[str, int] = {}
        for row, (level, steps) in enumerate(self.levels):
            taken.append(set())
            for body in (one for one in self.bodies if (one.level, self._steps(one)) == (level, steps)):
                then = self.table.rise_from(body.code, self.organisation)[0] or ""
                between = set().union(*taken[row_of[then] + 1 if then in row_of else row :])
                here = column.get(then, 0)
                column[body.code] = here if here not in between else next(n for n in count() if n not in between)
                row_of[body.code] = row
                taken[row].add(column[body.code])
        return {
            body.code: _Place(
                body,
                GAP[0] + column[body.code] * (BOX[0] + GAP[0]),
                GAP[0] + row_of[body.code] * (BOX[1] + GAP[1]),
            )
            for body in self.bodies
        }

    def first_for(self, code: str) -> dict[str, list[int]]:
        """The rows that name a body first, by column."""
        named: dict[str, list[int]] = {column: [] for column in OTHER}
        above = self.organisation.by_code.get(self.organisation.by_code[code].parent or "")
        own = {OWN_COMMITTEE} if above is not None and above.kind == "party_committee" else set()
        for case in self.table.routes:
            for column, targets in case.targets.items():
                if targets and self.table.aliases.get(targets[0], targets[0]) in {code} | own:
                    named[column].append(case.row)
        return {column: sorted(set(rows)) for column, rows in named.items() if rows}


def picture(data: Data, language: str) -> str:
    """The same as an SVG, with a title and a description for whoever doesn't see it."""
    chart, words = _Chart(data), WORDS[language]
    places = chart.places()
    width = max(place.x for place in places.values()) + BOX[0] + GAP[0]
    height = max(place.y for place in places.values()) + BOX[1] + GAP[0]
    arrows = [
        _arrow(place, places[then])
        for code, place in places.items()
        if (then := chart.table.rise_from(code, chart.organisation)[0]) in places
    ]
    described = "; ".join(
        f"{code} → {then}"
        for code in places
        if (then := chart.table.rise_from(code, chart.organisation)[0]) is not None
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' role="img" aria-labelledby="title described" font-family="sans-serif" font-size="12">',
            f'<title id="title">{escape(str(words["title"]))}</title>',
            f'<desc id="described">{escape(str(words["rises"]))}: {escape(described)}</desc>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *arrows,
            *(_box(place, chart.first_for(code), words, language) for code, place in places.items()),
            "</svg>",
            "",
        ]
    )


def _arrow(start: _Place, end: _Place) -> str:
    x1, y1, x2, y2 = start.x + BOX[0] // 2, start.y, end.x + BOX[0] // 2, end.y + BOX[1]
    low = y2 + GAP[1]  # straight up beside whatever is between, and then over
    path = f"M{x1} {y1}V{low}C{x1} {y2 + GAP[1] // 3} {x2} {low} {x2} {y2}"
    return f'<path d="{path}" fill="none" stroke="#555" marker-end="url(#tip)"/>'


def _box(place: _Place, rows: Mapping[str, Sequence[int]], words: Mapping[str, Any], language: str) -> str:
    lines = [f'<tspan font-weight="bold">{escape(place.body.code)}</tspan>', *_broken(place.body.name[language])]
    for column, found in rows.items():
        lines += _broken(f"{words[column]}: {', '.join(map(str, found))}")
    texts = (f'<text x="{place.x + 8}" y="{place.y + 17 + no * LINE}">{line}</text>' for no, line in enumerate(lines))
    box = f'<rect x="{place.x}" y="{place.y}" width="{BOX[0]}" height="{BOX[1]}" rx="4" fill="#f4f6fb" stroke="#335"/>'
    return box + "".join(texts)


def _broken(text: str) -> list[str]:
    return [escape(line) for line in wrap(text, MOST, max_lines=2, placeholder=" …")]
