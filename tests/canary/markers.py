"""What is looked for: unique random strings, the run's real secrets, and all the forms that either may lie about in.

Every marker of a run carries the same two random cores, one in ASCII and one in Vietnamese letters whose NFC and NFD
differ; the forms of the cores find the forms of every marker, so a gigabyte is read for two strings and not for thirty.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

VOWELS = "ếữộạẳịỡừẫợặĩỷỗ"
CONSONANTS = "bcdđghklmnpqrstvx"
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CORE = 16  # letters of the ASCII core: 80 bits
SYLLABLES = 8  # of the Vietnamese core: 62 bits
SHORTEST = 15  # bytes: what `searching` can find wherever it begins, and too long to be met by chance


@dataclass(frozen=True)
class Needle:
    """Bytes to look for: one form of something named."""

    data: bytes
    what: str
    form: str


@dataclass(frozen=True)
class Secret:
    """Something that may lie nowhere, or, where `on_disk_only`, pass through the memory of a process and nothing else."""

    what: str
    value: str | bytes
    on_disk_only: bool = False

    def __repr__(self) -> str:
        return f"Secret({self.what})"


@dataclass(frozen=True)
class Cores:
    """The random parts that all markers of one kind share."""

    kind: str
    ascii: str
    vietnamese: str

    def marker(self, number: int) -> str:
        """One marker; the number, between the cores, tells which."""
        return f"{self.ascii}{number:02d} {self.vietnamese}"

    def secrets(self) -> list[Secret]:
        return [Secret(self.kind, self.ascii), Secret(f"{self.kind}, Vietnamese", self.vietnamese)]


def new_cores(kind: str) -> Cores:
    vietnamese = "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(SYLLABLES))
    return Cores(kind, "".join(secrets.choice(ALPHABET) for _ in range(CORE)), vietnamese)


def forms(value: str | bytes) -> dict[str, bytes]:
    """The bytes that `value` becomes in memory, in files and on the wire, by the name of the form."""
    if isinstance(value, bytes):
        return {"raw": value, **_encoded(value, "")}
    found: dict[str, bytes] = {}
    for name in ("NFC", "NFD"):
        text = unicodedata.normalize(name, value)
        raw = text.encode()
        found[f"UTF-8 {name}"] = raw
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):  # Python and browsers hold text in these
            found[f"{encoding.upper()} {name}"] = text.encode(encoding)
        escaped = json.dumps(text)[1:-1].encode()
        found[f"JSON {name}"] = escaped
        found[f"JSON upper-case {name}"] = _upper_escapes(escaped)
        for way in (quote, quote_plus):
            found[f"URL {way.__name__} {name}"] = way(text).encode()
            found[f"URL {way.__name__} lower-case {name}"] = _lower_percents(way(text)).encode()
        found[f"bytes escaped {name}"] = "".join(_byte_escape(byte) for byte in raw).encode()
        found |= _encoded(raw, f" {name}")
    return found


def needles(wanted: Iterable[Secret]) -> list[Needle]:
    """The needles that find every form of every secret: without repetitions, and without what another one finds too."""
    every: dict[bytes, Needle] = {}
    for secret in wanted:
        for form, data in forms(secret.value).items():
            if len(data) < SHORTEST:
                raise ValueError(f"{secret.what}: too short to be looked for as {form}")
            every.setdefault(data, Needle(data, secret.what, form))
    kept: list[Needle] = []
    for needle in sorted(every.values(), key=lambda one: len(one.data)):
        if not any(shorter.data in needle.data for shorter in kept):
            kept.append(needle)
    return kept


def blob(value: str) -> bytes:
    """All forms one after another: what is planted where any bytes can be written."""
    return b"\n".join(forms(value).values()) + b"\n"


def naming(markers: Mapping[str, str]) -> Callable[[bytes], str | None]:
    """Tells which marker stands in some bytes, where one still stands there whole."""
    known = {what: tuple(forms(text).values()) for what, text in markers.items()}

    def name(around: bytes) -> str | None:
        return next((what for what, written in known.items() if any(form in around for form in written)), None)

    return name


def _encoded(raw: bytes, suffix: str) -> dict[str, bytes]:
    """Hexadecimal, and base64 wherever in a longer text it may begin: the letters that depend on nothing around."""
    found = {f"hex{suffix}": raw.hex().encode(), f"HEX{suffix}": raw.hex().upper().encode()}
    for before in range(3):
        shifted = bytes(before) + raw
        start = -(-before * 8 // 6)  # the first letter that holds bits of `raw` alone
        end = len(shifted) * 8 // 6
        for name, encode in (("base64", b64encode), ("base64url", urlsafe_b64encode)):
            found[f"{name} +{before}{suffix}"] = encode(shifted)[start:end]
    return found


def _upper_escapes(escaped: bytes) -> bytes:
    parts = escaped.split(b"\\u")
    return parts[0] + b"".join(b"\\u" + part[:4].upper() + part[4:] for part in parts[1:])


def _lower_percents(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _byte_escape(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
