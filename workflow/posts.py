"""What a seat is called: head of an inspection committee, secretary of a cell, ..."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow import rules
from workflow.organisation import Body


def post(body: Body, function: str) -> dict[str, str]:
    """A seat in words, by language; a body without a name is called by its code."""
    read = rules.read("posts")
    words: Mapping[str, str] = read["kinds"].get(body.kind, {}).get(function) or read["other"][function]
    return {language: said.format(body=body.name.get(language) or body.code) for language, said in words.items()}


def posts(held: Iterable[tuple[Body, str]]) -> dict[str, str]:
    """All seats of one person; empty sentences for somebody without one."""
    said = [post(body, function) for body, function in held]
    return {language: "; ".join(one[language] for one in said) for language in ("vi", "en")}
