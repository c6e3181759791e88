"""Looking for needles in streams of bytes: chunk by chunk, with an overlap, in bounded memory, hundreds at once.

Wherever a needle of 15 bytes begins, one of the eight-byte words that a chunk is made of lies wholly inside it. So a chunk is
read once as words, each looked up in one set; only needles of a word that was met are looked for byte by byte.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.canary.markers import Needle

CHUNK = 4 << 20
WORD = 8
AROUND = 2048  # bytes beside a find that are asked which marker it was

Naming = Callable[[bytes], str | None]


@dataclass
class Result:
    """What was read and what stood in it: how often each (what, form), and in which files."""

    size: int = 0
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, other: Result) -> None:
        self.size += other.size
        self.found.update(other.found)
        for key, names in other.files.items():
            self.files.setdefault(key, set()).update(names)


class Hunt:
    """A set of needles, ready to be looked for. `naming` tells from a find's surroundings what exactly it is."""

    def __init__(self, needles: Iterable[Needle], naming: Naming = lambda around: None) -> None:
        self._naming = naming
        self._by_word: dict[int, list[Needle]] = {}
        self.overlap = 0
        for needle in needles:
            self.overlap = max(self.overlap, len(needle.data) - 1)
            for at in range(WORD):
                places = range(at, len(needle.data) - WORD + 1, WORD)
                words = (needle.data[place : place + WORD] for place in places)
                rarest = max(words, key=lambda word: len(set(word)))
                self._by_word.setdefault(int.from_bytes(rarest, sys.byteorder), []).append(needle)
        self._words = frozenset(self._by_word)

    def stream(self, chunks: Iterable[bytes]) -> Result:
        """Search what follows on one another; a needle may lie across a boundary."""
        result, tail = Result(), b""
        for chunk in chunks:
            result.size += len(chunk)
            data = tail + chunk
            self._search(data, len(tail), result)
            tail = data[len(data) - self.overlap :] if len(data) > self.overlap else data
        return result

    def bytes(self, data: bytes) -> Result:
        return self.stream([data])

    def file(self, path: Path) -> Result:
        with path.open("rb", buffering=0) as source:
            result = self.stream(read_chunks(source))
        result.files = {key: {str(path)} for key in result.found}
        return result

    def _search(self, data: bytes, known: int, result: Result) -> None:
        """Count what ends after the first `known` bytes, which were searched before."""
        met = self._words.intersection(memoryview(data)[: len(data) // WORD * WORD].cast("Q"))
        for needle in {needle for word in met for needle in self._by_word[word]}:
            for at in _places(data, needle.data, max(0, known - len(needle.data) + 1)):
                around = data[max(0, at - AROUND) : at + len(needle.data) + AROUND]
                result.found[self._naming(around) or needle.what, needle.form] += 1


def read_chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _places(data: bytes, needle: bytes, start: int) -> Iterator[int]:
    while (start := data.find(needle, start)) >= 0:
        yield start
        start += 1
