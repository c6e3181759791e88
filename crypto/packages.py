"""Packages: a case that leaves the installation, sealed into one file (sealing.md, *Package*; twin: packages.js).

Stored: 01 | how | u16 length | place | lock | item. `place` is a binding of kind `package`, in the clear: case, id of the
package, the addressee's code, and the key it is for. How 01: the lock is the package key sealed by HPKE to an outside
body's published key. How 02: it is a salt of 16 bytes, and the package key comes from a one-time code that travels on
paper. The item holds the contents: JCS of a manifest, the statement over it, and the parts that it lists with their hashes.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crypto.aead import TAG
from crypto.codes import parse_package_code
from crypto.encoding import b64u, is_version, jcs, label, labelled, parse_jcs, sha256hex, unb64u
from crypto.errors import Damaged, Malformed, NotForMe
from crypto.hpke import ENC, open_sealed, seal
from crypto.items import open_item, seal_item
from crypto.kdf import hkdf, stretched_code
from crypto.rng import Rng, random_bytes

VERSION = 1
KIND = "package"
TO_KEY, TO_CODE = 1, 2
SALT = 16
LOCKS = {TO_KEY: 1 + ENC + 32 + TAG, TO_CODE: SALT}
HEAD = 4
PLACE = frozenset({"v", "kind", "case", "id", "reader"})
RECEIPT = 20
NUMBER = re.compile(r"[0-9a-f]{40}")
NAME = re.compile(r"[a-z]{1,32}")


@dataclass(frozen=True)
class Cover:
    """What a package says in the clear: `how` it is locked, and its place."""

    how: int
    place: Mapping[str, Any]
    binding: bytes = field(repr=False)
    lock: bytes = field(repr=False)
    item: bytes = field(repr=False)


@dataclass(frozen=True)
class Contents:
    """What a package holds: the manifest, the statement over its hash (not verified here), and the parts by name."""

    manifest: Mapping[str, Any]
    manifest_hash: str
    statement: Mapping[str, str]
    parts: Mapping[str, bytes] = field(repr=False)


def seal_to_key(public: bytes, place: bytes, contents: bytes, rng: Rng = random_bytes) -> bytes:
    """Seal contents to an outside body's key, which the place names. Raises Malformed or WeakKey for no sound key."""
    key = rng(32)
    return _joined(TO_KEY, place, seal(public, KIND, place, key), seal_item(key, place, contents, rng))


def seal_to_code(code: str, place: bytes, contents: bytes, rng: Rng = random_bytes) -> bytes:
    """Seal contents under a one-time code (`new_package_code`)."""
    salt = rng(SALT)
    return _joined(TO_CODE, place, salt, seal_item(_code_key(code, salt, place), place, contents, rng))


def read_cover(data: bytes) -> Cover:
    """What is in the clear. Malformed for anything but a package of this version."""
    if len(data) < HEAD or data[0] != VERSION or data[1] not in LOCKS:
        raise Malformed("not a package of this version")
    how, length = data[1], int.from_bytes(data[2:HEAD], "big")
    binding = data[HEAD : HEAD + length]
    rest = data[HEAD + length :]
    place = parse_jcs(binding)
    if not isinstance(place, dict) or not is_version(place.get("v")) or place.get("kind") != KIND:
        raise Malformed("a package of no place")
    if place.keys() != PLACE | ({"readerkey"} if how == TO_KEY else set()):
        raise Malformed("a package of no place")
    if any(not isinstance(value, str) for name, value in place.items() if name != "v"):
        raise Malformed("a package of no place")
    if len(rest) <= LOCKS[how]:
        raise Malformed("a package cut off")
    return Cover(how, place, binding, rest[: LOCKS[how]], rest[LOCKS[how] :])


def open_with_key(seed: bytes, data: bytes) -> bytes:
    """The contents, for the body whose X-Wing seed this is. Raises NotForMe (another's), Damaged, Malformed."""
    cover = read_cover(data)
    if cover.how != TO_KEY:
        raise NotForMe("a package under a one-time code")
    return open_item(open_sealed(seed, KIND, cover.binding, cover.lock), cover.binding, cover.item)


def open_with_code(code: str, data: bytes) -> bytes:
    """The contents, for who has the one-time code. Raises CodeError, NotForMe (another code), Damaged, Malformed."""
    cover = read_cover(data)
    if cover.how != TO_CODE:
        raise NotForMe("a package sealed to a key")
    return open_item(_code_key(parse_package_code(code), cover.lock, cover.binding), cover.binding, cover.item)


def body_seed(seed: bytes) -> bytes:
    """The X-Wing seed of an outside body, from the 32 bytes in its locked file (`crypto/offline.py`)."""
    return hkdf(seed, label("package-kem"))


def manifest_of(said: Mapping[str, Any], parts: Mapping[str, bytes]) -> dict[str, Any]:
    """A manifest: what is said of the package, and its parts by name with size in bytes and SHA-256."""
    listed = [{"name": name, "bytes": len(data), "sha256": sha256hex(data)} for name, data in sorted(parts.items())]
    return {"v": 1, **said, "parts": listed}


def pack(manifest: Mapping[str, Any], statement: Mapping[str, str], parts: Mapping[str, bytes]) -> bytes:
    """The contents as they are sealed."""
    packed = {name: b64u(data) for name, data in parts.items()}
    return jcs({"v": 1, "manifest": dict(manifest), "statement": dict(statement), "parts": packed})


def unpack(contents: bytes) -> Contents:
    """The contents, each part as its manifest says. Damaged for a part that is missing, added or another; Malformed."""
    said = parse_jcs(contents)
    if (
        not isinstance(said, dict)
        or said.keys() != {"v", "manifest", "statement", "parts"}
        or not is_version(said["v"])
    ):
        raise Malformed("no contents of a package")
    manifest, statement, packed = said["manifest"], said["statement"], said["parts"]
    if not isinstance(manifest, dict) or not isinstance(packed, dict) or not _is_signed(statement):
        raise Malformed("no contents of a package")
    if any(not NAME.fullmatch(name) for name in packed):
        raise Malformed("a part without a sound name")
    parts = {name: unb64u(data) for name, data in packed.items()}
    if manifest != manifest_of({name: value for name, value in manifest.items() if name not in ("v", "parts")}, parts):
        raise Damaged("a part is not what the manifest lists")
    return Contents(manifest, sha256hex(jcs(manifest)), statement, parts)


def new_receipt(rng: Rng = random_bytes) -> bytes:
    """20 bytes that only who opens the package learns."""
    return rng(RECEIPT)


def receipt_number(secret: bytes) -> str:
    """A receipt number as it is printed: 20 bytes in hex, groups of four."""
    return " ".join(re.findall(".{4}", secret.hex()))


def receipt_mark(place: bytes, number: str) -> str:
    """What is known of a receipt number before it comes back: SHA-256 in hex, bound to its package. Malformed."""
    plain = re.sub(r"[\s-]", "", number.lower())
    if not NUMBER.fullmatch(plain):
        raise Malformed("a receipt number has forty figures")
    return sha256hex(labelled("package-receipt", place, b"\x00", bytes.fromhex(plain)))


def is_receipt(place: bytes, number: str, mark: str) -> bool:
    """Whether this number is the one of which the mark was kept. Malformed for no number at all."""
    return hmac.compare_digest(receipt_mark(place, number), mark)


def _joined(how: int, place: bytes, lock: bytes, item: bytes) -> bytes:
    return bytes([VERSION, how]) + len(place).to_bytes(2, "big") + place + lock + item


def _code_key(code: str, salt: bytes, place: bytes) -> bytes:
    return hkdf(stretched_code(code, salt), labelled(KIND, place))


def _is_signed(statement: object) -> bool:
    return (
        isinstance(statement, dict)
        and statement.keys() == {"stmt", "sig"}
        and all(isinstance(value, str) for value in statement.values())
    )
