"""How vectors are written down, and what they take for random; for make_vectors.py."""

from __future__ import annotations

import json
from typing import Any

from crypto.encoding import b64u
from crypto.kdf import hkdf

CASE = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"


def drawn(name: str, length: int = 32) -> bytes:
    """Bytes that look random and are the same each time; as many as are asked for, and other ones for another name."""
    return hkdf(b"niemphong test vectors", name.encode("utf-8"), length=length) if length else b""


def flipped(data: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class Vectors:
    """The vectors of one file, a line each."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def ok(self, name: str, function: str, *args: object, result: object) -> None:
        self._add({"name": name, "function": function, "args": _packed(args), "result": _packed(result)})

    def refused(self, name: str, function: str, *args: object, error: str) -> None:
        self._add({"name": name, "function": function, "args": _packed(args), "error": error})

    def text(self) -> str:
        return "[\n" + ",\n".join(json.dumps(row) for row in self._rows) + "\n]\n"

    def _add(self, row: dict[str, Any]) -> None:
        if any((row["name"], row["function"]) == (known["name"], known["function"]) for known in self._rows):
            raise ValueError(f"two vectors are called {row['name']!r}")
        self._rows.append(row)


def _packed(value: object) -> object:
    if isinstance(value, bytes):
        return {"b": b64u(value)}
    if isinstance(value, dict):
        return {key: _packed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(each) for each in value]
    return value
