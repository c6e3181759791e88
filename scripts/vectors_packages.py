"""Vectors of packages that leave an installation; for make_vectors.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from vectors_writer import CASE, Vectors, drawn, flipped

from crypto import codes, hpke, items, packages, padding
from crypto.aead import encrypt
from crypto.binding import binding
from crypto.encoding import jcs, labelled, sha256hex, uuid_text
from crypto.kdf import hkdf

Sealer = Callable[[bytes, str, bytes, bytes], bytes]


def of_packages(file: Vectors, sealed: Sealer) -> None:
    contents = _of_contents(file)
    _of_key(file, sealed, contents)
    _of_code(file, contents)
    _of_receipts(file)


def _of_contents(file: Vectors) -> bytes:
    parts = {"items": jcs([]), "keys": drawn("keys of a package", 40), "receipt": drawn("receipt", 20)}
    said = {"kind": "package", "case": CASE, "id": uuid_text(drawn("package", 16)), "to": "UBKT-TU"}
    manifest = packages.manifest_of(said, parts)
    statement = {"stmt": "e30", "sig": "AAAA"}
    contents = packages.pack(manifest, statement, parts)
    file.ok("of three parts", "manifestOf", said, parts, result=manifest)
    file.ok("of no parts", "manifestOf", {}, {}, result={"v": 1, "parts": []})
    file.ok("contents", "pack", manifest, statement, parts, result=contents)
    told = {"manifest": manifest, "manifestHash": sha256hex(jcs(manifest)), "statement": statement, "parts": parts}
    file.ok("contents", "unpack", contents, result=told)
    listed: dict[str, Any] = json.loads(contents)

    def changed(**fields: Any) -> bytes:
        return jcs(listed | fields)

    held = dict(listed["parts"])
    for name, swapped in {
        "a part altered": held | {"receipt": "AAAA"},
        "two parts exchanged": held | {"items": held["keys"], "keys": held["items"]},
        "a part missing": {each: held[each] for each in ("items", "keys")},
        "a part too many": held | {"more": ""},
    }.items():
        file.refused(name, "unpack", changed(parts=swapped), error="Damaged")
    line = {**manifest["parts"][0], "bytes": 3}
    resized = manifest | {"parts": [line, *manifest["parts"][1:]]}
    file.refused("a size altered", "unpack", changed(manifest=resized), error="Damaged")
    backwards = manifest | {"parts": manifest["parts"][::-1]}
    file.refused("parts in another order", "unpack", changed(manifest=backwards), error="Damaged")
    file.refused("a manifest of another version", "unpack", changed(manifest=manifest | {"v": 2}), error="Damaged")
    for name, data in {
        "of another version": changed(v=2),
        "of version true": changed(v=True),
        "with a field more": changed(more=1),
        "no statement": changed(statement={"stmt": "e30"}),
        "a statement of numbers": changed(statement={"stmt": 1, "sig": 2}),
        "a part that climbs": changed(parts={"../x": ""}),
        "a part that is no base64url": changed(parts=held | {"keys": "A"}),
        "a list": b"[]",
        "not canonical": contents + b"\n",
    }.items():
        file.refused(name, "unpack", data, error="Malformed")
    return contents


def _place(**fields: Any) -> bytes:
    return binding("package", **({"case": CASE, "id": uuid_text(drawn("package", 16)), "reader": "UBKT-TU"} | fields))


def _of_key(file: Vectors, sealed: Sealer, contents: bytes) -> None:
    seed, other = drawn("an outside body"), drawn("another outside body")
    public = hpke.kem_public(seed)
    place = _place(readerkey=sha256hex(public))
    key = drawn("package key")
    lock = sealed(public, "package", place, key)
    item = items.seal_item(key, place, contents, lambda length: drawn("salt of a package", length))

    def joined(where: bytes, how: int = 1, lock: bytes = lock, item: bytes = item) -> bytes:
        return bytes([1, how]) + len(where).to_bytes(2, "big") + where + lock + item

    data = joined(place)
    cover = {"how": 1, "place": json.loads(place), "binding": place, "lock": lock, "item": item}
    file.ok("sealed to a key", "readCover", data, result=cover)
    file.ok("sealed to a key", "openWithKey", seed, data, result=contents)
    elsewhere = _place(case=uuid_text(drawn("another case", 16)), readerkey=sha256hex(public))
    addressed = _place(reader="BTV-TU", readerkey=sha256hex(public))
    renamed = _place(readerkey=sha256hex(hpke.kem_public(other)))
    strange = sealed(public, "package", place, drawn("another package key"))
    for name, error, args in [
        ("another body's key", "NotForMe", (other, data)),
        ("another key named on it", "Damaged", (other, joined(renamed))),
        ("moved to another case", "Damaged", (seed, joined(elsewhere))),
        ("another addressee on it", "Damaged", (seed, joined(addressed))),
        ("the lock altered", "Damaged", (seed, flipped(data, 4 + len(place) + 1130))),
        ("the lock of another package", "NotForMe", (seed, joined(place, lock=strange))),
        ("the item altered", "Damaged", (seed, flipped(data, -20))),
        ("cut off within the item", "Damaged", (seed, data[:-1])),
        ("cut off after the lock", "Malformed", (seed, data[: -len(item)])),
        ("cut off within the place", "Malformed", (seed, data[:40])),
        ("nothing", "Malformed", (seed, b"")),
        ("of another version", "Malformed", (seed, b"\x02" + data[1:])),
        ("locked in an unknown way", "Malformed", (seed, joined(place, how=3))),
        ("of another kind", "Malformed", (seed, joined(place.replace(b'"package"', b'"grant"')))),
        ("no key named", "Malformed", (seed, joined(_place()))),
        ("a field more", "Malformed", (seed, joined(_place(readerkey=sha256hex(public), epoch=1)))),
        ("under a one-time code", "NotForMe", (seed, joined(_place(), how=2))),
    ]:
        file.refused(name, "openWithKey", *args, error=error)


def _of_code(file: Vectors, contents: bytes) -> None:
    code = codes.new_package_code(lambda length: drawn("package code", length))
    place = _place()
    data = packages.seal_to_code(code, place, contents, lambda length: drawn("salt of a code", length))
    typed = f" {code.upper().replace('-', ' , ')}\n"
    file.ok("a package's code as typed", "parsePackageCode", typed, result=code)
    file.refused("a receipt code", "parsePackageCode", code.partition("-")[2], error="CodeError")
    file.refused("an unknown word", "parsePackageCode", code + "x", error="CodeError")
    file.ok("under a one-time code", "openWithCode", typed, data, result=contents)
    other = codes.new_package_code(lambda length: drawn("another package code", length))
    moved = data.replace(place, _place(reader="UBKT-TW"))
    key = hkdf(drawn("any", 32), labelled("package", place))
    unpadded = data[: 4 + len(place) + 16] + b"\x01" + bytes(64) + encrypt(key, bytes(12), padding.pad(b""), place)
    for name, error, args in [
        ("another code", "NotForMe", (other, data)),
        ("the salt altered", "NotForMe", (code, flipped(data, 4 + len(place)))),
        ("another addressee under a code", "NotForMe", (code, moved)),
        ("an item under another key", "NotForMe", (code, unpadded)),
        ("cut off", "Damaged", (code, data[:-100])),
        ("too few words", "CodeError", (code.partition("-")[2], data)),
    ]:
        file.refused(name, "openWithCode", *args, error=error)


def _of_receipts(file: Vectors) -> None:
    secret, place = drawn("receipt", 20), _place()
    number = packages.receipt_number(secret)
    mark = packages.receipt_mark(place, number)
    file.ok("a receipt number", "receiptNumber", secret, result=number)
    file.ok("the mark of a number", "receiptMark", place, number, result=mark)
    file.ok("as typed", "receiptMark", place, f" {number.upper().replace(' ', '-')} ", result=mark)
    other = _place(id=uuid_text(drawn("another package", 16)))
    file.ok("of another package", "receiptMark", other, number, result=packages.receipt_mark(other, number))
    for name, wrong in {"short": number[1:], "long": number + "0", "of other letters": "g" + number[1:]}.items():
        file.refused(f"a number {name}", "receiptMark", place, wrong, error="Malformed")
