"""Make the vectors that both languages must pass: tests/vectors/*.json, a file for each format (sealing.md, *Bytes*).

    .venv/bin/python scripts/make_vectors.py            writes them
    .venv/bin/python scripts/make_vectors.py --check    says whether they are what this makes

A vector is `{name, function, args, result}` or `{name, function, args, error}`: the function by its name in JavaScript, bytes
as `{"b": base64url}`, the error by its class. Nothing is drawn: what looks random is derived from its name. Sealed copies come
from the browser's code, which takes its randomness as an argument; Python's library draws its own. So node is needed.

The `published*.json` beside them are other people's, and not made here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vectors_ledgers import of_ledgers
from vectors_packages import of_packages
from vectors_signed import signed_files
from vectors_writer import CASE, Vectors, drawn, flipped

from crypto import codes, encoding, envelopes, hpke, items, keys, padding, passphrase, rings, shamir
from crypto.aead import encrypt
from crypto.binding import binding, object_binding
from crypto.encoding import b64u, jcs, label, labelled, sha256, sha256hex
from crypto.kdf import hkdf

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "vectors"
SEALER = """
const { seal } = await import(process.argv[1]);
const { readFileSync } = await import("node:fs");
const [publicKey, kind, binding, plaintext, drawn] = JSON.parse(readFileSync(0, "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const sealed = await seal(bytes(publicKey), kind, bytes(binding), bytes(plaintext), () => bytes(drawn));
process.stdout.write(Buffer.from(sealed).toString("hex"));
"""


def sealed(public: bytes, kind: str, place: bytes, plaintext: bytes) -> bytes:
    """What the browser seals, under randomness that follows from what it seals."""
    asked = [public.hex(), kind, place.hex(), plaintext.hex(), drawn(f"seal {kind} {place!r} {plaintext!r}", 64).hex()]
    script = (ROOT / "static" / "js" / "crypto" / "hpke.js").as_uri()
    done = subprocess.run(  # noqa: S603
        ["node", "--input-type=module", "-e", SEALER, script],  # noqa: S607
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return bytes.fromhex(done.stdout)


def of_encoding(file: Vectors) -> None:
    nested = {"z": [1, -5, 2**53 - 1, 1 - 2**53, 0, None, True, False], "a": {"B": "", "a": {}, "": []}, "Z": "x"}
    texts = ["ế đ Ư", "\b\t\n\f\r\u0000\u001f\u007f", '"\\/', "\u2028\u2029", "😀\ue000"]
    for name, value in [("keys sorted", nested), ("text as it is", texts), ("a bare text", "x"), ("a bare null", None)]:
        file.ok(name, "jcs", value, result=jcs(value))
        file.ok(f"{name}, read", "parseJcs", jcs(value), result=value)
    deep = json.loads("[" * 63 + "0" + "]" * 63)
    file.ok("as deep as may be", "jcs", deep, result=jcs(deep))
    for name, value in {
        "2^53": 2**53,
        "a fraction": 0.5,
        "a key beyond ASCII": {"đ": 1},
        "half a surrogate pair": "\ud800",
        "the other half, in a list": ["\udc00x"],
        "too deep": json.loads("[" * 64 + "0" + "]" * 64),
    }.items():
        file.refused(name, "jcs", value, error="Malformed")
    for name, text in {
        "keys unsorted": b'{"b":1,"a":1}',
        "a space": b'{"a": 1}',
        "a newline after": b'{"a":1}\n',
        "a key twice": b'{"a":1,"a":1}',
        "a whole number as fraction": b'{"a":1.0}',
        "an exponent": b'{"a":1e0}',
        "minus nothing": b'{"a":-0}',
        "a leading zero": b'{"a":01}',
        "an escaped letter": b'{"a":"\\u0061"}',
        "an escaped slash": b'{"a":"\\/"}',
        "an escape in capitals": b'{"a":"\\u001F"}',
        "an escaped character": b'{"a":"\\u1ebf"}',
        "half a pair, escaped": b'{"a":"\\ud800"}',
        "a byte order mark": b"\xef\xbb\xbf{}",
        "2^53 in a text": b'{"a":9007199254740992}',
        "no number": b'{"a":NaN}',
        "a comma too many": b'{"a":1,}',
        "nothing": b"",
        "half of it": b'{"a":',
        "two values": b"{}{}",
        "not UTF-8": b'"\xff"',
        "a surrogate in UTF-8": b'"\xed\xa0\x80"',
        "a key beyond ASCII, read": '{"đ":1}'.encode(),
        "too deep, read": b"[" * 64 + b"0" + b"]" * 64,
        "far too deep": b"[" * 5000,
    }.items():
        file.refused(name, "parseJcs", text, error="Malformed")
    for length in range(5):
        data = drawn("b64u", length)
        file.ok(f"{length} bytes as text", "b64u", data, result=b64u(data))
        file.ok(f"{length} bytes from text", "unb64u", b64u(data), result=data)
    for text in ["A", "AB", "AAB", "AA==", "A+AA", "A/AA", "AA A", "AA\n", "Á", None, 7]:
        file.refused(f"not base64url: {text!r}", "unb64u", text, error="Malformed")
    file.ok("a UUID", "uuidBytes", CASE, result=encoding.uuid_bytes(CASE))
    for wrong in (CASE.upper(), CASE.replace("-", ""), CASE + "\n", "{" + CASE + "}"):
        file.refused(f"not a UUID: {wrong!r}", "uuidBytes", wrong, error="Malformed")
    ragged = "a\ud800b\udc00 \ud83d\ude00 \ude00\ud83d"
    file.ok("lone surrogates cleaned", "cleanText", ragged, result="a\ufffdb\ufffd 😀 \ufffd\ufffd")
    file.ok("a fingerprint", "fingerprint", drawn("key"), result=encoding.fingerprint(drawn("key")))


def of_padding(file: Vectors) -> None:
    for length in (0, 1, 2, 8, 9, 17, 100, 513, 2048, 2049, 65_535, 65_537, 2**31 + 1, 2**32 + 1, 2**40 + 1):
        file.ok(f"padmé of {length}", "padme", length, result=padding.padme(length))
    file.refused("padmé of less than nothing", "padme", -1, error="Malformed")
    for length in (0, 508, 509, 1000):
        data = drawn("padded", length)
        file.ok(f"{length} bytes padded", "pad", data, result=padding.pad(data))
        file.ok(f"{length} bytes unpadded", "unpad", padding.pad(data), result=data)
    file.ok("at least 1024", "pad", b"x", 1024, result=padding.pad(b"x", 1024))
    short = padding.pad(b"x")
    file.refused("the last byte is not zero", "unpad", short[:-1] + b"\x01", error="Malformed")
    file.refused("the byte after the data is not zero", "unpad", short[:5] + b"\x01" + short[6:], error="Malformed")
    file.refused("longer than its frame", "unpad", (509).to_bytes(4, "big") + short[4:], error="Malformed")
    file.refused("a length with its highest bit set", "unpad", b"\x80" + short[1:], error="Malformed")
    file.refused("a byte of padding less", "unpad", short[:-1], error="Malformed")
    file.refused("a byte of padding more", "unpad", short + b"\x00", error="Malformed")
    file.refused("padded for another minimum", "unpad", short, 1024, error="Malformed")
    file.refused("no room for a length", "unpad", b"\x00\x00\x00", error="Malformed")
    for text in (b"", b"{}", b'{"a":" "}'):
        filled = padding.fill(text, [12, 40])
        file.ok(f"{len(text)} bytes filled", "fill", text, [12, 40], result=filled)
        file.ok(f"{len(text)} bytes without what fills them", "unfill", filled, result=text)
    file.ok("as long as the size", "fill", b'{"a":"1234"}', [12, 40], result=b'{"a":"1234"}')
    file.ok(
        "a byte longer, filled to the next size",
        "fill",
        b'{"a":"12345"}',
        [40, 12],
        result=b'{"a":"12345"}' + b" " * 27,
    )
    file.refused("longer than every size", "fill", b'{"a":"12345"}', [12], error="Malformed")
    file.ok("nothing but spaces", "unfill", b"   ", result=b"")


def of_binding(file: Vectors) -> None:
    every = {"id": "i", "ring": "report", "epoch": 1, "reader": "P-001", "readerkey": "00", "request": "r"}
    every |= {"scope": "name", "set": "KS-S", "setv": 1, "k": 2, "n": 4, "x": 7}
    file.ok("every field", "binding", "share", CASE, every, result=binding("share", CASE, **every))
    file.ok("no case", "binding", "envelope", None, {"id": CASE}, result=binding("envelope", id=CASE))
    file.ok("absent fields left out", "binding", "grant", CASE, {"ring": None}, result=binding("grant", CASE))
    added = {"kind": "supplement", "id": "i", "ring": "report", "epoch": 2}
    file.ok("a supplement", "objectBinding", CASE, added, result=object_binding(CASE, added))
    file.refused("a field that none has", "binding", "grant", CASE, {"data": "x"}, error="Malformed")
    file.refused("no kind", "binding", "", CASE, {}, error="Malformed")
    made = {"kind": "grant", "id": "i", "ring": "report", "epoch": 1, "reader": "P-001", "readerkey": "00"}
    file.ok("an object", "objectBinding", CASE, made | {"data": "AA", "at": "x"}, result=object_binding(CASE, made))
    file.refused("an object without an id", "objectBinding", CASE, {"kind": "grant"}, error="Malformed")
    file.refused("an object without a kind", "objectBinding", CASE, {"id": "i"}, error="Malformed")


def of_hpke(file: Vectors) -> None:
    seed, other = drawn("reader"), drawn("other reader")
    public = hpke.kem_public(seed)
    fields: dict[str, Any] = {"id": CASE, "ring": "report", "epoch": 1, "readerkey": sha256hex(public)}
    place = binding("grant", CASE, **fields)
    data = sealed(public, "grant", place, drawn("ring"))
    file.ok("a public key", "kemPublic", seed, result=public)
    file.refused("a seed too short", "kemPublic", seed[1:], error="Malformed")
    file.ok("a sealed copy", "openSealed", seed, "grant", place, data, result=drawn("ring"))
    bare = binding("envelope", id=CASE)
    file.ok("no reader named", "openSealed", seed, "envelope", bare, sealed(public, "envelope", bare, b""), result=b"")
    elsewhere = binding("grant", encoding.uuid_text(drawn("another case", 16)), **fields)
    for name, error, args in [
        ("the ciphertext altered", "Damaged", (seed, "grant", place, flipped(data, 1121))),
        ("the tag altered", "Damaged", (seed, "grant", place, flipped(data, -1))),
        ("the ML-KEM half altered", "Damaged", (seed, "grant", place, flipped(data, 1))),
        ("the X25519 half altered", "Damaged", (seed, "grant", place, flipped(data, 1100))),
        ("an X25519 half of nothing", "Damaged", (seed, "grant", place, data[:1089] + bytes(32) + data[1121:])),
        ("moved to another kind", "Damaged", (seed, "header", place, data)),
        ("moved to another case", "Damaged", (seed, "grant", elsewhere, data)),
        ("moved to another epoch", "Damaged", (seed, "grant", binding("grant", CASE, **fields | {"epoch": 2}), data)),
        ("another reader", "NotForMe", (other, "grant", place, data)),
        ("another reader, none named", "Damaged", (other, "grant", binding("grant", CASE), data)),
        ("too short", "Malformed", (seed, "grant", place, data[:1136])),
        ("another version", "Malformed", (seed, "grant", place, b"\x02" + data[1:])),
        ("no binding", "Malformed", (seed, "grant", b"{", data[:1137])),
    ]:
        file.refused(name, "openSealed", *args, error=error)
    file.refused("a coefficient of q", "checkKemPublic", b"\x01\x0d" + public[2:1184] + bytes(32), error="WeakKey")
    file.refused("an X25519 half of order one", "checkKemPublic", public[:1184] + bytes(32), error="WeakKey")
    second = (2**255 - 19 + 2**255).to_bytes(32, "little")
    file.refused("the same, spelled otherwise", "checkKemPublic", public[:1184] + second, error="WeakKey")
    eight = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
    file.refused("an X25519 half of order eight", "checkKemPublic", public[:1184] + eight, error="WeakKey")
    file.refused("a public key too short", "checkKemPublic", public[1:], error="Malformed")


def of_items(file: Vectors) -> None:
    key, text = drawn("ring"), "Ông/Bà đã gửi".encode()
    place = binding("message", CASE, id="i", ring="report", epoch=1)
    data = items.seal_item(key, place, text, lambda length: drawn("salt of an item", length))
    file.ok("an item", "openItem", key, place, data, result=text)
    nothing = items.seal_item(key, place, b"", lambda length: drawn("another salt", length))
    file.ok("an empty item", "openItem", key, place, nothing, result=b"")
    added = binding("supplement", CASE, id="i", ring="report", epoch=1)
    said = jcs({"v": 1, "text": "Ông ấy còn hỏi lần nữa.", "when": "", "where": "Trụ sở", "whom": ""})
    filled = padding.fill(said, [2044])  # as a supplement is, but to a size that a file of vectors can bear
    supplement = items.seal_item(key, added, filled, lambda length: drawn("salt of a supplement", length))
    file.ok("a supplement", "openItem", key, added, supplement, result=filled)
    moved = binding("message", CASE, id="i", ring="report", epoch=2)
    salt = data[1:33]
    okm = hkdf(key, labelled("item", place), salt=salt, length=64)
    unpadded = b"\x01" + salt + okm[32:] + encrypt(okm[:32], bytes(12), b"\x00\x00\x00\x01x", place)
    for name, error, args in [
        ("another key", "NotForMe", (drawn("another ring"), place, data)),
        ("moved to another epoch", "NotForMe", (key, moved, data)),
        ("a message passed off as a supplement", "NotForMe", (key, added, data)),
        ("the salt altered", "NotForMe", (key, place, flipped(data, 1))),
        ("the commitment altered", "NotForMe", (key, place, flipped(data, 64))),
        ("the ciphertext altered", "Damaged", (key, place, flipped(data, 65))),
        ("the tag altered", "Damaged", (key, place, flipped(data, -1))),
        ("cut off", "Damaged", (key, place, data[:-1])),
        ("not padded", "Malformed", (key, place, unpadded)),
        ("another version", "Malformed", (key, place, b"\x02" + data[1:])),
        ("too short", "Malformed", (key, place, data[:80])),
        ("a key too short", "Malformed", (key[1:], place, data)),
    ]:
        file.refused(name, "openItem", *args, error=error)


def of_rings(file: Vectors) -> None:
    key = drawn("ring")
    for place in ((CASE, "report", 1), (CASE, "report", 2), (CASE, "internal", 1)):
        file.ok(f"ring {place[1:]}", "ringCommitment", *place, key, result=rings.ring_commitment(*place, key))
    file.ok("a scope", "scopeCommitment", CASE, "name", key, result=rings.scope_commitment(CASE, "name", key))
    file.refused("a ring's key too short", "ringCommitment", CASE, "report", 1, key[1:], error="Malformed")
    file.refused("a scope's key too short", "scopeCommitment", CASE, "name", key[1:], error="Malformed")


def of_shamir(file: Vectors) -> None:
    key, draws = drawn("scope"), iter(range(1000))
    shares = shamir.split(key, 3, 5, lambda length: drawn(f"split {next(draws)}", length))
    file.ok("three of five", "join", [shares[4], shares[0], shares[2]], result=key)
    file.ok("all five", "join", shares, result=key)
    file.ok("too few join to another key", "join", shares[:2], result=shamir.join(shares[:2]))
    for name, wrong in [
        ("none", []),
        ("one", shares[:1]),
        ("one twice", [shares[0], shares[1], shares[0]]),
        ("a place of nothing", [shares[0], shares[1][:32] + b"\x00"]),
        ("a share too short", [shares[0], shares[1][1:]]),
    ]:
        file.refused(name, "join", wrong, error="Malformed")


def of_codes(file: Vectors) -> None:
    code = codes.new_code("browser", lambda length: drawn("code", length))
    server = codes.new_code("server", lambda length: drawn("code", length))
    for name, typed in {
        "as printed": code,
        "in capitals": code.upper(),
        "with spaces, commas and figures": "  " + code.replace("-", " ,1 ") + "\n",
        "with marks": code.replace("a", "ắ").replace("e", "Ệ").replace("o", "ơ").replace("u", "ự").replace("d", "Đ"),
        "with marks set apart": code.replace("a", "a\u0306\u0301").replace("i", "i\u0323"),
    }.items():
        file.ok(name, "parseCode", typed, result={"text": code, "klass": "browser"})
    file.ok("of the other class", "parseCode", server, result={"text": server, "klass": "server"})
    for name, typed in {
        "eight words": code.partition("-")[2],
        "ten words": code + "-ba",
        "nothing": "",
        "an unknown word": "zz" + code,
        "two words run together": code.replace("-", "", 1),
    }.items():
        file.refused(name, "parseCode", typed, error="CodeError")
    salt = drawn("salt of the installation", 16)
    made, linked = keys.reporter_keys(code, salt), keys.pair_keys(code, salt)
    file.ok("a reporter's keys", "reporterKeys", code, salt, result=_reporter(made))
    file.ok("a reporter's keys for the second case of a pair", "pairKeys", code, salt, result=_reporter(linked))
    file.refused("a code as it was typed", "reporterKeys", code.upper(), salt, error="Malformed")


def _reporter(made: keys.ReporterKeys) -> dict[str, Any]:
    seeds = {"kemSeed": made.kem_seed, "kemPublic": made.kem_public, "signSeed": made.sign_seed}
    return seeds | {"signPublic": made.sign_public, "mailbox": made.mailbox, "mailboxHash": made.mailbox_hash}


def of_keys(file: Vectors) -> None:
    made = keys.member_keys(drawn("member"))
    result = {"kemSeed": made.kem_seed, "kemPublic": made.kem_public}
    result |= {"signSeed": made.sign_seed, "signPublic": made.sign_public}
    file.ok("a member's keys", "memberKeys", drawn("member"), result=result)
    file.refused("a seed too short", "memberKeys", drawn("member", 31), error="Malformed")


def of_passphrase(file: Vectors) -> None:
    member, seed, pepper, stretched = drawn("member id", 16), drawn("member"), drawn("pepper"), drawn("stretched")
    salt, decomposed = drawn("salt of a member", 16), "m\u00e2\u0323t kh\u00e2\u0309u"
    file.ok("stretched, composed first", "stretch", decomposed, salt, result=passphrase.stretch(decomposed, salt))
    file.refused("nothing to stretch", "stretch", "", salt, error="Malformed")
    file.refused("a salt too long", "stretch", "x", salt + b"x", error="Malformed")
    file.ok("the auth secret", "authSecret", stretched, result=passphrase.auth_secret(stretched))
    key = passphrase.wrapping_key(stretched, pepper)
    file.ok("the wrapping key", "wrappingKey", stretched, pepper, result=key)
    for name in ("an.nguyen", "An.Nguyen"):
        file.ok(f"the salt of {name}", "memberSalt", pepper, name, result=passphrase.member_salt(pepper, name))
    for name in ("ân", "", "a b"):
        file.refused(f"no user name: {name!r}", "memberSalt", pepper, name, error="Malformed")
    auth = passphrase.auth_secret(stretched)
    file.ok("stored", "storedAuth", pepper, member, auth, result=passphrase.stored_auth(pepper, member, auth))
    file.refused("a member id too short", "storedAuth", pepper, member[1:], auth, error="Malformed")
    pins = {"org": b64u(drawn("org"))}
    data = passphrase.wrap_seed(key, member, seed, pins, lambda length: drawn("nonce", length))
    again = passphrase.wrap_recovery(key, member, seed, pins, lambda length: drawn("nonce", length))
    opened = {"seed": seed, "pins": pins}
    file.ok("a wrapped seed", "unwrapSeed", key, member, data, result=opened)
    file.ok("wrapped for recovery", "unwrapRecovery", key, member, again, result=opened)
    loose = data[:13] + encrypt(key, data[1:13], seed + b'{"org": 1}', labelled("blob", member))
    for name, error, args in [
        ("another key", "Damaged", (drawn("another key"), member, data)),
        ("another member's", "Damaged", (key, drawn("another member", 16), data)),
        ("the other wrapping", "Damaged", (key, member, again)),
        ("altered", "Damaged", (key, member, flipped(data, 13))),
        ("pins that are not canonical", "Malformed", (key, member, loose)),
        ("another version", "Malformed", (key, member, b"\x02" + data[1:])),
        ("too short", "Malformed", (key, member, data[:60])),
    ]:
        file.refused(name, "unwrapSeed", *args, error=error)
    printed = passphrase.new_recovery_key(lambda length: drawn("recovery", length))
    wrapping = hkdf(drawn("recovery", 20), label("recovery"))
    proof = hkdf(drawn("recovery", 20), label("recovery-auth"))
    for typed in (printed, f" {printed.lower().replace('-', ' ')}\n"):
        file.ok(f"a recovery key as {typed[:5]!r}", "recoveryWrappingKey", typed, result=wrapping)
        file.ok(f"the proof of {typed[:5]!r}", "recoveryAuthSecret", typed, result=proof)
    for name, typed in {"short": printed[1:], "long": printed + "A", "of other letters": "1" + printed[1:]}.items():
        file.refused(f"a recovery key {name}", "recoveryWrappingKey", typed, error="Malformed")
        file.refused(f"no proof of one {name}", "recoveryAuthSecret", typed, error="Malformed")


def of_envelopes(file: Vectors) -> None:
    seed, answer_key = drawn("routing key"), drawn("answer key")
    head, place = encoding.uuid_bytes(CASE), binding("envelope", id=CASE)
    asked = {"v": 1, "op": "preview", "answer": b64u(answer_key), "args": {"lang": "vi"}}

    def wire(body: bytes) -> bytes:
        return head + sealed(hpke.kem_public(seed), "envelope", place, body)

    good = wire(padding.pad(jcs(asked), 4096))
    opened = {"payload": asked, "answerKey": answer_key, "digest": sha256(good)}
    file.ok("an envelope", "openEnvelope", seed, good, result=opened)
    for name, error, data in [
        ("to another routing key's id", "Damaged", flipped(good, 0)),
        ("altered", "Damaged", flipped(good, -1)),
        ("too short", "Malformed", good[:2000]),
        ("of another version inside", "Malformed", wire(padding.pad(jcs(asked | {"v": 2}), 4096))),
        ("an answer key too short", "Malformed", wire(padding.pad(jcs(asked | {"answer": "AAAA"}), 4096))),
        ("not canonical inside", "Malformed", wire(padding.pad(json.dumps(asked).encode(), 4096))),
    ]:
        file.refused(name, "openEnvelope", seed, data, error=error)
    digest, told = sha256(good), {"ok": {"text": "đã nhận"}}
    answer = envelopes.seal_answer(answer_key, digest, told, rng=lambda length: drawn("nonce", length))
    file.ok("an answer", "openAnswer", answer_key, digest, answer, result=told)
    for name, error, args in [
        ("the answer to another request", "Damaged", (answer_key, sha256(b""), answer)),
        ("another answer key", "Damaged", (drawn("another answer key"), digest, answer)),
        ("an answer of another version", "Malformed", (answer_key, digest, b"\x02" + answer[1:])),
        ("an answer of another size", "Malformed", (answer_key, digest, answer[:-1])),
        ("an answer of nothing", "Malformed", (answer_key, digest, b"\x01" + bytes(28))),
    ]:
        file.refused(name, "openAnswer", *args, error=error)


FILES: dict[str, Callable[[Vectors], None]] = {
    "encoding": of_encoding,
    "padding": of_padding,
    "binding": of_binding,
    "hpke": of_hpke,
    "items": of_items,
    "rings": of_rings,
    "shamir": of_shamir,
    "codes": of_codes,
    "keys": of_keys,
    "passphrase": of_passphrase,
    "envelopes": of_envelopes,
    "ledgers": of_ledgers,
    "packages": lambda file: of_packages(file, sealed),
    **signed_files,
}


def main() -> int:
    stale = []
    for name, make in FILES.items():
        file = Vectors()
        make(file)
        path, text = FOLDER / f"{name}.json", file.text()
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.name)
    if stale:
        print(f"not what is made here: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
