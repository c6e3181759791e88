"""Receipt codes: nine Vietnamese syllables without marks (sealing.md, *Receipt code*; twin: codes.js).

The first syllable also tells the class: the first half of the list for reports sealed in a browser, the second for those
sealed at the server, so that the page without JavaScript never takes a browser's code. The one-time code of a package has
ten syllables, so that neither is ever taken for the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from crypto.errors import CodeError
from crypto.rng import Rng, random_bytes
from crypto.syllables import SYLLABLES

Class = Literal["browser", "server"]

COUNT = 9
PACKAGE_COUNT = 10
HALF = 512
MARKS = re.compile("[\u0300-\u036f]")
SEPARATORS = re.compile(r"[^a-z]+")
PLACES = {syllable: place for place, syllable in enumerate(SYLLABLES)}


@dataclass(frozen=True)
class Code:
    """A code as it was read: `text` goes into `reporter_keys`."""

    text: str
    klass: Class


def new_code(klass: Class = "browser", rng: Rng = random_bytes) -> str:
    """A new code, 89 uniform bits and its class: words joined by `-`."""
    drawn = rng(2 * COUNT)
    places = [int.from_bytes(drawn[at : at + 2], "big") % len(SYLLABLES) for at in range(0, 2 * COUNT, 2)]
    places[0] = places[0] % HALF + (HALF if klass == "server" else 0)  # 1024 and 512 divide 2^16: still uniform
    return "-".join(SYLLABLES[place] for place in places)


def parse_code(text: str) -> Code:
    """Read what somebody typed: any case, marks and separators. Raises CodeError."""
    words = _words(text, COUNT)
    return Code("-".join(words), "browser" if PLACES[words[0]] < HALF else "server")


def new_package_code(rng: Rng = random_bytes) -> str:
    """A new one-time code of a package, 100 uniform bits: words joined by `-`."""
    drawn = rng(2 * PACKAGE_COUNT)
    return "-".join(
        SYLLABLES[int.from_bytes(drawn[at : at + 2], "big") % len(SYLLABLES)] for at in range(0, 2 * PACKAGE_COUNT, 2)
    )


def parse_package_code(text: str) -> str:
    """The one-time code of a package, as somebody typed it. Raises CodeError."""
    return "-".join(_words(text, PACKAGE_COUNT))


def _words(text: str, count: int) -> list[str]:
    plain = MARKS.sub("", unicodedata.normalize("NFD", text.lower())).replace("đ", "d")
    words = [word for word in SEPARATORS.split(plain) if word]
    for index, word in enumerate(words):
        if word not in PLACES:
            raise CodeError(index=index, count=len(words), unknown=word)
    if len(words) != count:
        raise CodeError(count=len(words))
    return words
