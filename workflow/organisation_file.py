"""The organisation as a file: its sections, what each row may say, and every fault with its place (docs/organisation-file.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from crypto.encoding import sha256hex
from workflow.marked_yaml import Fault, Node, NotPlain, Spot, read

Key = tuple[str, ...]


EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


def _day(given: Any) -> Any:
    """JSON knows no dates: a text that is one counts as one. ValueError for one that only stands for *never*."""
    day = given
    if isinstance(given, str) and len(given) == 10:
        try:
            day = date.fromisoformat(given)
        except ValueError:
            return given
    if isinstance(day, date) and not EARLIEST <= day <= LATEST:
        raise ValueError("far from any organisation's days")
    return day


BodyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=40)]
PersonCode = Annotated[str, StringConstraints(pattern=r"^P-[0-9]{3,6}$")]
Words = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]*$")
]
Mail = Annotated[
    str, StringConstraints(pattern=r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+$", max_length=254)
]
Day = Annotated[date, BeforeValidator(_day)]
Mark = Literal["seed", "found", "mem", "proposal"]
UNSAID: Any = Field(default=None)  # left out; what may be null says so in its type


class Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Name(Said):
    vi: Words
    en: Words


class Row(Said):
    """`mark` and `citations` tell readers of the file how sure a fact is; nothing is kept of them."""

    mark: Mark = UNSAID
    citations: list[str] = UNSAID


class BodyRow(Row):
    code: BodyCode
    name: Name = UNSAID
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=40)] = UNSAID
    level: Annotated[int, Field(ge=1, le=9)] = UNSAID
    parent: BodyCode | None = UNSAID
    quorum: Annotated[int, Field(ge=1, le=99)] = UNSAID
    single: bool = UNSAID
    receives: bool = UNSAID  # of the ready organisations: checked against the table of competence, not kept
    valid_from: Day = UNSAID
    valid_to: Day | None = UNSAID


class UnitRow(Row):
    code: BodyCode
    name: Name = UNSAID
    body: BodyCode | None = UNSAID
    valid_from: Day = UNSAID
    valid_to: Day | None = UNSAID


class PersonRow(Row):
    code: PersonCode
    username: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}$")] = UNSAID
    name: Annotated[Words, StringConstraints(min_length=1, max_length=120)] = UNSAID
    mail: Mail | None = UNSAID
    supervisor: bool = UNSAID
    administrator: bool = UNSAID


class SeatRow(Row):
    body: BodyCode
    person: PersonCode
    function: Literal["head", "deputy", "member", "adviser", "clerk"] = UNSAID
    roles: list[Literal["intake", "classify", "decide", "secretary"]] = UNSAID
    term_from: Day = UNSAID
    term_to: Day | None = UNSAID


class SetRow(Row):
    code: BodyCode
    version: Annotated[int, Field(ge=1)] = UNSAID
    k: Annotated[int, Field(ge=2)] = UNSAID
    n: Annotated[int, Field(ge=4)] = UNSAID  # counted from the members; if given, it has to be their number
    level: Annotated[int, Field(ge=1, le=9)] = UNSAID
    purpose: Literal["identity", "rescue"] = UNSAID
    members: list[PersonCode] = UNSAID
    valid_from: Day = UNSAID
    valid_to: Day | None = UNSAID


@dataclass(frozen=True)
class Section:
    """What the rows of a section are: their fields, which of them name the row, when it is so, and what of it is kept."""

    name: str
    row: type[Row]
    key: tuple[str, ...]
    facts: tuple[str, ...]
    required: tuple[str, ...]  # of what is new
    since: str | None = "valid_from"  # None: not dated
    until: str | None = "valid_to"
    nameless: tuple[str, ...] = ()  # of the facts, those that the ledger keeps: codes and numbers, nobody's name


SECTIONS = (
    Section(
        "bodies",
        BodyRow,
        ("code",),
        ("kind", "level", "name", "parent", "quorum", "single"),
        ("kind", "level", "name"),
        nameless=("kind", "level", "parent", "quorum", "single"),
    ),
    Section("units", UnitRow, ("code",), ("body", "name"), ("name",), nameless=("body",)),
    Section(
        "people",
        PersonRow,
        ("code",),
        ("administrator", "mail", "name", "supervisor", "username"),
        ("name", "username"),
        since=None,
        until=None,
        nameless=("administrator", "supervisor"),
    ),
    Section(
        "seats",
        SeatRow,
        ("body", "person"),
        ("function", "roles"),
        ("function",),
        since="term_from",
        until="term_to",
        nameless=("function", "roles"),
    ),
    Section(
        "sets",
        SetRow,
        ("code",),
        ("k", "level", "members", "purpose", "version"),
        ("k", "level", "members"),
        nameless=("k", "level", "members", "purpose", "version"),
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}
# What a file may say of itself. `valid_from` is the first day of rows that name none.
HEAD = frozenset({"organisation", "valid_from", "mark", "citations", "release"})


@dataclass(frozen=True)
class Line:
    """A row that can be read; `given` are the facts it states, by field."""

    section: Section
    row: Row
    node: Node

    @property
    def key(self) -> Key:
        return tuple(str(getattr(self.row, name)) for name in self.section.key)

    @property
    def given(self) -> dict[str, Any]:
        said = {name: getattr(self.row, name) for name in self.section.facts if name in self.row.model_fields_set}
        return {name: _plain(name, value) for name, value in said.items()}

    @property
    def since(self) -> date | None:
        return self._date(self.section.since)

    @property
    def until(self) -> date | None:
        return self._date(self.section.until)

    @property
    def says_until(self) -> bool:
        return self.section.until in self.row.model_fields_set

    def fault(self, why: str, about: object = "", *, at: str | None = None) -> Fault:
        """A fault of this row, at one of its fields if it has it."""
        spot = self.node.at(at) if at else self.node.spot
        return Fault(spot, why, str(about))

    def _date(self, field: str | None) -> date | None:
        day: date | None = getattr(self.row, field) if field else None
        return day


@dataclass(frozen=True)
class OrganisationFile:
    """What a file says. `named`: the sections that stand in it; `doubtful`: keys of rows that can't be read.

    What isn't `sound` has faults of form: it is only looked at, so that its other faults can be told too.
    """

    lines: Mapping[str, tuple[Line, ...]]
    named: frozenset[str]
    doubtful: Mapping[str, frozenset[Key]]
    valid_from: date | None
    sha256: str
    sound: bool


def read_file(raw: bytes) -> tuple[OrganisationFile, list[Fault]]:
    """What a file says, with all faults of form. Raises NotPlain where nothing can be said of rows at all."""
    top, faults = read(raw)
    if not isinstance(top.value, dict):
        raise NotPlain(Fault(top.spot, "no_sections"))
    faults += [
        Fault(spot, "unknown_field", name) for name, spot in top.keys.items() if name not in HEAD | BY_NAME.keys()
    ]
    since = top.value.get("valid_from")
    try:
        since = _day(since)
        if "valid_from" in top.value and not isinstance(since, date):
            faults.append(Fault(top.at("valid_from"), "not_a_date", str(since)))
    except ValueError:
        since = None
        faults.append(Fault(top.at("valid_from"), "far_day", "valid_from"))
    lines: dict[str, tuple[Line, ...]] = {}
    doubtful: dict[str, frozenset[Key]] = {}
    for section in SECTIONS:
        readable, unreadable, found = _rows(section, top.inner.get(section.name))
        lines[section.name], doubtful[section.name] = readable, unreadable
        faults += found
    return OrganisationFile(
        lines=lines,
        named=frozenset(name for name in top.value if name in BY_NAME),
        doubtful=doubtful,
        valid_from=since if isinstance(since, date) else None,
        sha256=sha256hex(raw),
        sound=not faults,
    ), faults


def _rows(section: Section, node: Node | None) -> tuple[tuple[Line, ...], frozenset[Key], list[Fault]]:
    if node is None:
        return (), frozenset(), []
    if not isinstance(node.value, list):
        return (), frozenset(), [Fault(node.spot, "not_a_list", section.name)]
    lines, doubtful, faults = [], set(), []
    for row in node.inner.values():
        try:
            lines.append(Line(section, section.row.model_validate(row.value), row))
        except ValidationError as wrong:
            faults += list(_faults(row, wrong))
            said = row.value if isinstance(row.value, dict) else {}
            doubtful.add(tuple(str(said.get(name)) for name in section.key))
            lines += _rest(section, row, {str(error["loc"][0]) for error in wrong.errors() if error["loc"]})
    return tuple(lines), frozenset(doubtful), faults


def _rest(section: Section, row: Node, wrong: set[str]) -> list[Line]:
    """The row without the fields that can't be read, so that the others are judged too; none where it tells too little."""
    if not isinstance(row.value, dict) or not wrong or not wrong.isdisjoint({section.since, section.until}):
        return []
    try:
        said = {name: value for name, value in row.value.items() if name not in wrong}
        return [Line(section, section.row.model_validate(said), row)]
    except ValidationError:
        return []


# What pydantic calls a fault → what it is called here.
WHY = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "literal_error": "not_one_of",
    "date_type": "not_a_date",
    "value_error": "far_day",
    "int_type": "not_a_number",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large_number",
    "bool_type": "not_yes_or_no",
    "string_type": "not_words",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "string_pattern_mismatch": "bad_form",
    "list_type": "not_a_list",
    "model_type": "not_a_row",
}


def _faults(row: Node, wrong: ValidationError) -> Iterator[Fault]:
    for error in wrong.errors(include_url=False):
        path = error["loc"]
        where = ".".join(str(step) for step in path)
        context = error.get("ctx", {})
        about = {
            "literal_error": f"{where}: {context.get('expected')}",
            "greater_than_equal": f"{where} ≥ {context.get('ge')}",
            "less_than_equal": f"{where} ≤ {context.get('le')}",
            "string_too_long": f"{where} ≤ {context.get('max_length')}",
        }.get(error["type"], where)
        yield Fault(_spot(row, path), WHY.get(error["type"], "cannot_be_read"), about)


def _spot(row: Node, path: tuple[int | str, ...]) -> Spot:
    """Of a field that is not known the key's place, else the value's."""
    around: Node = row
    for step in path[:-1]:
        around = around.inner.get(step, around)
    last = path[-1] if path else ""
    if last in around.inner:
        return around.inner[last].spot
    return around.spot


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Name):
        return {"vi": value.vi, "en": value.en}
    return sorted(set(value)) if name in ("roles", "members") else value
