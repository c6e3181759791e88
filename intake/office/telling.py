"""What the office is told in words, in the present language: what is missing, what would change, what waits for a signature.

The words are those of the command line (`intake/cli/import_words.py`): both say the same of the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from crypto.encoding import fingerprint, unb64u
from intake.cli import import_words as words
from intake.i18n import LANGUAGES, language
from intake.wording import in_language
from workflow import posts
from workflow.lacking import Lack
from workflow.marked_yaml import Fault
from workflow.organisation_import import Change as Planned
from workflow.roster_changes import Change as Waiting

# Where the command line names its options, a page names its fields.
ON_A_PAGE = {
    "missing_section": (
        "khi tệp là toàn bộ tổ chức thì phải có mục này; nếu không có gì, viết []",
        "where the file is the whole organisation this section has to be there; write [] if there is nothing",
    ),
    "before_the_day": (
        "sửa điều đã qua; chọn ngày bắt đầu là ngày này hoặc sớm hơn",
        "changes what is past; let it begin on this day or earlier",
    ),
    "held_already": (
        "đã có hiệu lực trước hôm nay, không xóa được; hãy cho kết thúc",
        "has been so before today and can't be taken out; let it end",
    ),
}
# Sets and levels are not bodies: what a lack is about.
ABOUT = {"no_set": "level", "set_below_threshold": "set", "set_waits": "set"}
LINE = 200  # signs of somebody else's text that are shown


def lack_json(lack: Lack, bodies: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    kind = ABOUT.get(lack.why, "body")
    name = in_language(bodies.get(lack.about, {})) if kind == "body" else ""
    return {
        "about": lack.about,
        "kind": kind,
        "name": name,
        "why": lack.why,
        "text": _said(words.LACKS[lack.why]),
        "told": lack.told,
    }


def fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "line": fault.spot.line,
        "column": fault.spot.column,
        "why": fault.why,
        "text": _said(ON_A_PAGE.get(fault.why) or words.FAULTS[fault.why]),
        "about": _harmless(fault.about),
    }


def planned_json(change: Planned, names: Mapping[str, str]) -> dict[str, Any]:
    """One difference of an organisation: in a sentence, with each fact that is new or other."""
    step, section = change.step, change.section
    sign, *told = words.STEPS[step.kind]
    subject = " ".join(filter(None, (_said(words.NOUNS[section.name]), change.id, names.get(change.key[-1], ""))))
    days = ""
    if section.since is not None:
        days = f", {_said(words.LAST if step.kind == 'ended' else words.FIRST)} {_day(step.day)}"
        if step.until is not None and step.kind in ("added", "changed", "prolonged"):
            days += f" – {_day(step.until)}"
    facts = [
        f"{_said(words.FIELDS[name])}: {_was(step.kind, name, step.before)}{_value(name, step.after.get(name))}"
        for name in section.facts
        if step.after.get(name) != step.before.get(name) and step.kind in ("added", "changed")
    ]
    return {"sign": sign, "text": f"{subject}: {_said((told[0], told[1]))}{days}", "facts": facts}


def waiting_json(change: Waiting, names: Mapping[str, str]) -> dict[str, Any]:
    """One difference between the newest roster and the tables; of a key with the fingerprint that has to be compared."""
    row = change.after or change.before or {}
    person = str(row.get("person") or row.get("id") or "")
    who = f"{names[person]} ({person})" if person in names else person
    text = {
        "members": lambda: gettext("Key of %(who)s", who=who),
        "seats": lambda: gettext(
            "Seat of %(who)s in %(body)s: %(duties)s",
            who=who,
            body=row["body"],
            duties=in_language(posts.duties(row["function"], row["roles"])),
        ),
        "bodies": lambda: gettext(
            "Body %(body)s: level %(level)s, quorum %(quorum)s",
            body=row["id"],
            level=row["level"],
            quorum=row["quorum"],
        ),
        "sets": lambda: gettext(
            "Custodian set %(set)s: any %(k)s of %(n)s, %(members)s",
            set=row["id"],
            k=row["k"],
            n=row["n"],
            members=", ".join(row["members"]),
        ),
    }[change.part]()
    key = fingerprint(unb64u(row["sign"])) if change.part == "members" else None
    return {
        "part": change.part,
        "id": change.id,
        "kind": change.kind,
        "text": text,
        "fingerprint": key,
        "alarm": change.part == "members" and change.kind == "changed",
    }


def people_of(change: Waiting) -> str:
    """The person whom a difference of the roster is about; empty where it is about none."""
    row = change.after or change.before or {}
    return str(row["person"] if change.part == "seats" else row["id"] if change.part == "members" else "")


def _said(pair: tuple[str, str]) -> str:
    return pair[LANGUAGES.index(language())]


def _was(kind: str, name: str, before: Mapping[str, Any]) -> str:
    return f"{_value(name, before.get(name))} → " if kind == "changed" else ""


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _said(words.YES if value else words.NO)
    if isinstance(value, Mapping):
        return " / ".join(str(value[each]) for each in LANGUAGES)
    if name == "function":
        return in_language(posts.duties(value, ()))
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _harmless(text: str) -> str:
    """What a stranger's file says, on one line."""
    return "".join(char if char.isprintable() else " " for char in text)[:LINE]
