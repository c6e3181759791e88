"""Answering a door that asks for a proof of work, as a browser does it (crypto/work.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from crypto.work import work
from intake.client.errors import Refused

HEADER = "Niemphong-Work"
ATTEMPTS = 6  # the load may rise while one works
Told = TypeVar("Told")


def working(body: bytes, send: Callable[[Mapping[str, str]], Told]) -> Told:
    """Send, and where work is asked for, send the same again with its proof. `send` takes further headers. Refused."""
    headers: dict[str, str] = {}
    for _ in range(ATTEMPTS):
        try:
            return send(headers)
        except Refused as refused:
            if refused.code != "work_needed":
                raise
            headers = {HEADER: work(str(refused.detail["challenge"]), body)}
    return send(headers)
