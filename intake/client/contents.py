"""What the opened parts of a case have to be. Whoever holds the key may have sealed anything under a right signature: a text
that is none, a list that is an object. Twin of static/js/client/contents.js.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crypto.encoding import is_version
from intake.client.sealing import SUPPLEMENT_LIMITS

Fits = Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _list_of(fits: Fits) -> Fits:
    return lambda value: isinstance(value, list) and all(fits(each) for each in value)


def _optional(fits: Fits) -> Fits:
    return lambda value: value is None or fits(value)


def _shape(fields: Mapping[str, Fits]) -> Fits:
    return lambda value: isinstance(value, dict) and all(fits(value.get(name)) for name, fits in fields.items())


_FACTS = _shape(
    {
        "on": _is_text,
        "accused": _list_of(
            _shape(
                {"body": _is_text, "role": _is_text, "person": _optional(_is_text), "party_member": _optional(_is_flag)}
            )
        ),
        "work_kind": _optional(_is_text),
        "inspection": _optional(_is_text),
        "reporter_unit": _optional(_is_text),
        "objections": _optional(_list_of(_is_text)),
    }
)
_DECISION = _shape(
    {
        "body": _is_text,
        "external": _is_flag,
        "rule": _is_text,
        "readers": _list_of(_is_text),
        "custodians": _is_text,
        "ruleset": _is_text,
        "citations": _list_of(_is_text),
        "pair": _optional(
            _shape({"body": _is_text, "rule": _is_text, "readers": _list_of(_is_text), "leads": _is_flag})
        ),
    }
)
_LINKED = _optional(_shape({"case": _is_text, "body": _is_text, "leads": _is_flag, "number": _optional(_is_text)}))
_RELATION = _shape(
    {
        "person": _is_text,
        "tie": _is_text,
        "with": _is_text,
        "code": _is_text,
        "since": _is_text,
        "until": _optional(_is_text),
    }
)
_TEXT = _shape({"v": is_version, "text": _is_text})
_PARTS: Mapping[str, Fits] = {
    "first": _shape(
        {
            "v": is_version,
            "case": _is_text,
            "reporter": _shape({"kem": _is_text, "sign": _is_text}),
            "facts": _FACTS,
            "objections": _list_of(_is_text),
            "decision": _DECISION,
            "linked": _LINKED,
        }
    ),
    "summary": _TEXT,
    "message": _TEXT,
    "supplement": _shape({"v": is_version, **dict.fromkeys(SUPPLEMENT_LIMITS, _is_text)}),
    "note": _TEXT,
    "narrative": _shape(
        {
            "v": is_version,
            "named": _is_flag,
            **dict.fromkeys(("text", "when", "where", "wants", "keep_away", "language"), _is_text),
            "accused_names": _list_of(
                _shape({"name": _is_text, "body": _optional(_is_text), "role": _optional(_is_text)})
            ),
        }
    ),
    "header": _shape(
        {
            "v": is_version,
            "case": _is_text,
            "facts": _FACTS,
            "decision": _DECISION,
            "linked": _LINKED,
            "made_by": _is_text,
            "relations": _optional(_list_of(_RELATION)),
        }
    ),
}


def is_sound(kind: str, content: object) -> bool:
    """Whether this is sound content of its kind; more fields than are known don't matter, a kind that isn't known does."""
    return kind in _PARTS and _PARTS[kind](content)
