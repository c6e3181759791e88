"""What a seat is called: head of an inspection committee, secretary of a cell, ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow import rules
from workflow.organisation import Body

LANGUAGES = ("vi", "en")

# Who sits where: person's code, body, function, handling roles.
Held = tuple[str, Body, str, Sequence[str]]


def post(body: Body, function: str) -> dict[str, str]:
    """A seat in words, by language; a body without a name is called by its code."""
    read = rules.read("posts")
    words: Mapping[str, str] = read["kinds"].get(body.kind, {}).get(function) or read["other"][function]
    return {language: said.format(body=body.name.get(language) or body.code) for language, said in words.items()}


def posts(held: Iterable[Held]) -> dict[str, dict[str, str]]:
    """All seats of each person, by the person's code: no two people are called the same, and nobody by a name."""
    alike: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for one in held:
        alike[one[1].code, one[2]].append(one)
    said: dict[str, list[dict[str, str]]] = defaultdict(list)
    for seats in alike.values():
        for one, more in zip(seats, _told_apart(seats), strict=True):
            said[one[0]].append({language: words + more[language] for language, words in post(one[1], one[2]).items()})
    return {person: {key: "; ".join(one[key] for one in each) for key in LANGUAGES} for person, each in said.items()}


def duties(function: str, roles: Sequence[str]) -> dict[str, str]:
    """Function and handling roles in words, by language, without the body. A code without words stays: none is lost."""
    read = rules.read("posts")
    strange = [role for role in roles if role not in read["roles"]]
    said = {}
    for language in LANGUAGES:
        first = read["functions"].get(function, {}).get(language, function)
        said[language] = ", ".join([first, *_role_words(read, language, roles), *strange])
    return said


def _told_apart(seats: Sequence[Held]) -> list[dict[str, str]]:
    """What has to be added to the posts of these seats of one body and function; nothing where there is only one."""
    read = rules.read("posts")
    if len(seats) == 1:
        return [dict.fromkeys(LANGUAGES, "")]
    same: dict[frozenset[str], list[str]] = defaultdict(list)
    for person, _, _, roles in seats:
        same[frozenset(roles)].append(person)
    told = []
    for person, _, _, roles in seats:
        peers = sorted(same[frozenset(roles)])
        no = peers.index(person) + 1 if len(peers) > 1 else None
        told.append({language: _added(read, language, roles, no) for language in LANGUAGES})
    return told


def _role_words(read: Mapping[str, Any], language: str, roles: Sequence[str]) -> list[str]:
    return [said[language] for role, said in read["roles"].items() if role in roles]


def _added(read: Mapping[str, Any], language: str, roles: Sequence[str], no: int | None) -> str:
    words = _role_words(read, language, roles)
    if no is not None:
        ordinals = read["ordinals"]
        said = ordinals[no - 1] if no <= len(ordinals) else read["number"]
        words.append(said[language].format(no=no))
    return f" ({', '.join(words)})" if words else ""
