"""The vectors of what is signed: signatures and rosters; for make_vectors.py.

The forgeries need arithmetic on the curve, which nothing else here may do: it is slow, and not in constant time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from vectors_writer import CASE, Vectors, drawn, flipped

from crypto.encoding import b64u, fingerprint, jcs, labelled, sha256hex, unb64u
from crypto.hpke import kem_public
from crypto.signing import ORDER, P, sign, sign_document, sign_public, sign_statement

Point = tuple[int, int]

D = -121665 * pow(121666, -1, P) % P  # edwards25519 (RFC 8032 section 5.1)
BASE: Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    4 * pow(5, -1, P) % P,
)
EIGHT = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")  # a point of order eight


def _plus(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def _times(factor: int, point: Point) -> Point:
    result = (0, 1)
    for bit in f"{factor:b}":
        result = _plus(result, result)
        if bit == "1":
            result = _plus(result, point)
    return result


def _encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def _decoded(data: bytes) -> Point:
    """The point of an encoding whose sign bit is zero (RFC 8032 section 5.1.3)."""
    y = int.from_bytes(data, "little")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x), y


def _challenge(commitment: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little") % ORDER


def _scalar(seed: bytes) -> int:
    """The secret scalar of a seed (RFC 8032 section 5.1.5)."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & ((1 << 254) - 8) | 1 << 254


def _little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def _mixed(prefix: str, body: bytes) -> tuple[bytes, bytes]:
    """A key with a part of small order, and a signature that holds only when both sides are multiplied by eight."""
    secret = int.from_bytes(drawn("mixed"), "little") % ORDER
    public = _encoded(_plus(_times(secret, BASE), _decoded(EIGHT)))
    nonce = 1
    while True:
        commitment = _encoded(_times(nonce, BASE))
        challenge = _challenge(commitment, public, labelled(prefix, body))
        if challenge % 8:
            return public, commitment + _little((nonce + challenge * secret) % ORDER)
        nonce += 1


def _committed(seed: bytes, commitment: bytes, prefix: str, body: bytes) -> bytes:
    """A signature by its key whose R stands for a nonce of nothing."""
    challenge = _challenge(commitment, sign_public(seed), labelled(prefix, body))
    return commitment + _little(challenge * _scalar(seed) % ORDER)


def of_signing(file: Vectors) -> None:
    seed, body = drawn("signer"), jcs({"v": 1, "a": "Đã đọc"})
    public, signature = sign_public(seed), sign(seed, "roster", body)
    file.ok("a public key", "signPublic", seed, result=public)
    file.ok("a signature", "sign", seed, "roster", body, result=signature)
    file.ok("it holds", "verify", public, "roster", body, signature, result=None)
    large = signature[:32] + _little(int.from_bytes(signature[32:], "little") + ORDER)
    mixed, allowed = _mixed("roster", body)
    for name, error, args in [
        ("another key's", "BadSignature", (sign_public(drawn("other")), "roster", body, signature)),
        ("another prefix", "BadSignature", (public, "checkpoint", body, signature)),
        ("a longer prefix", "BadSignature", (public, "roster\x00", body[1:], signature)),
        ("another body", "BadSignature", (public, "roster", flipped(body, 0), signature)),
        ("R altered", "BadSignature", (public, "roster", body, flipped(signature, 0))),
        ("S altered", "BadSignature", (public, "roster", body, flipped(signature, 32))),
        ("S not canonical", "BadSignature", (public, "roster", body, large)),
        ("too short", "BadSignature", (public, "roster", body, signature[:-1])),
        ("a key with a part of small order", "BadSignature", (mixed, "roster", body, allowed)),
        ("R of small order", "BadSignature", (public, "roster", body, _committed(seed, EIGHT, "roster", body))),
        ("R spelled twice", "BadSignature", (public, "roster", body, _committed(seed, _little(P + 1), "roster", body))),
        ("a key that is no point", "BadSignature", (_little(2), "roster", body, signature)),
        ("a key too short", "Malformed", (public[:-1], "roster", body, signature)),
    ]:
        file.refused(name, "verify", *args, error=error)
    small = {"0": _little(0), "1": _little(1), "-1": _little(P - 1), "of order eight": EIGHT}
    small |= {"of order eight too": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}
    small |= {"of order eight, negative": EIGHT[:31] + bytes([EIGHT[31] | 0x80]), "0, spelled twice": _little(P)}
    small |= {"of full order, spelled twice": _little(P + 3)}
    for name, key in small.items():
        file.refused(f"a key {name}", "checkSignPublic", key, error="WeakKey")
    # With a key of order one, R = 1 and S = 0 sign everything.
    file.refused("signs everything", "verify", _little(1), "roster", body, _little(1) + bytes(32), error="WeakKey")
    said = {"v": 1, "kind": "item", "id": CASE, "text": "Đã đọc"}
    statement = sign_statement(seed, said)
    file.ok("a statement made", "signStatement", seed, said, result=statement)
    file.ok("a statement", "verifyStatement", public, statement, "item", result=said)
    file.refused("without a kind", "signStatement", seed, {"v": 1}, error="Malformed")
    file.refused("of version 2, made", "signStatement", seed, said | {"v": 2}, error="Malformed")

    def forged(data: bytes) -> dict[str, str]:
        return {"stmt": b64u(data), "sig": b64u(sign(seed, "stmt/item", data))}

    for name, error, wrong in [
        ("of another kind", "BadSignature", sign_statement(seed, said | {"kind": "epoch"})),
        ("of another kind inside", "Malformed", forged(jcs(said | {"kind": "epoch"}))),
        ("of version 2", "Malformed", forged(jcs(said | {"v": 2}))),
        ("of version true", "Malformed", forged(jcs(said | {"v": True}))),
        ("not canonical", "Malformed", forged(b'{"kind":"item", "v":1}')),
        ("not an object", "Malformed", forged(b"[]")),
        ("signed as a document", "BadSignature", {**statement, "sig": b64u(sign(seed, "item", jcs(said)))}),
        ("without a signature", "Malformed", {"stmt": statement["stmt"]}),
        ("without a body", "Malformed", {"sig": statement["sig"]}),
    ]:
        file.refused(name, "verifyStatement", public, wrong, "item", error=error)
    document = sign_document(seed, "checkpoint", {"v": 1, "no": 2})
    file.ok("a document made", "signDocument", seed, "checkpoint", {"v": 1, "no": 2}, result=document)
    file.ok("a document", "verifyDocument", public, "checkpoint", document, result={"v": 1, "no": 2})
    file.refused("under another label", "verifyDocument", public, "roster", document, error="BadSignature")
    later = sign_document(seed, "checkpoint", {"v": 2, "no": 2})
    file.refused("a document of version 2", "verifyDocument", public, "checkpoint", later, error="Malformed")


def of_rosters(file: Vectors) -> None:
    seed = drawn("org")
    org, on = sign_public(seed), {"on": "2026-12-01"}
    member = {"kem": b64u(kem_public(drawn("reader"))), "sign": b64u(sign_public(drawn("signer")))}
    roster: dict[str, object] = {
        "v": 1,
        "org": b64u(org),
        "no": 1,
        "prev": "0" * 64,
        "issued": "2026-11-01",
        "expires": "2027-02-01",
        "successor": fingerprint(sign_public(drawn("successor"))),
        "installation": b64u(sign_public(drawn("installation"))),
        "bodies": [{"id": "A", "level": 2}, {"id": "B", "level": 1}],
        "seats": [],
        "members": [{"id": "P-001", **member}],
        "sets": [{"id": "KS", "v": 1}, {"id": "KS", "v": 2}],
    }
    document = sign_document(seed, "roster", roster)
    made = sha256hex(unb64u(document["doc"]))
    file.ok("a roster", "verifyRoster", document, org, on, result=made)
    file.ok("on its last day", "verifyRoster", document, org, {"on": "2027-02-01"}, result=made)
    file.refused("the day after", "verifyRoster", document, org, {"on": "2027-02-02"}, error="Expired")
    other = sign_public(drawn("other"))
    file.refused("signed by another", "verifyRoster", document, other, on, error="BadSignature")
    file.refused("of small order", "verifyRoster", document, _little(1), on, error="WeakKey")
    lean = roster | {"members": []}  # so that the refused ones stay short
    changes: dict[str, tuple[str, dict[str, object]]] = {
        "of another organisation": ("BadSignature", {"org": b64u(other)}),
        "bodies unsorted": ("Malformed", {"bodies": [{"id": "B"}, {"id": "A"}]}),
        "a body twice": ("Malformed", {"bodies": [{"id": "A"}, {"id": "A"}]}),
        "sets unsorted": ("Malformed", {"sets": [{"id": "KT"}, {"id": "KS"}]}),
        "a seat without an id": ("Malformed", {"seats": [{"body": "A"}]}),
        "a member's key too short": (
            "Malformed",
            {"members": [{"id": "P-001", "kem": "AAAA", "sign": member["sign"]}]},
        ),
        "an installation key too short": ("Malformed", {"installation": "AAAA"}),
        "number nought": ("Malformed", {"no": 0}),
        "number true": ("Malformed", {"no": True}),
        "a field more": ("Malformed", {"note": "x"}),
        "no hash before": ("Malformed", {"prev": "0" * 63}),
        "no such day": ("Malformed", {"expires": "2027-02-30"}),
        "a day and an hour": ("Malformed", {"expires": "2027-02-01T00:00:00Z"}),
        "of version 2": ("Malformed", {"v": 2}),
    }
    for name, (error, change) in changes.items():
        file.refused(name, "verifyRoster", sign_document(seed, "roster", lean | change), org, on, error=error)
    less = {name: value for name, value in lean.items() if name != "sets"}
    file.refused("a field less", "verifyRoster", sign_document(seed, "roster", less), org, on, error="Malformed")
    following = lean | {"no": 2, "prev": sha256hex(jcs(lean))}
    file.ok("the next", "checkSuccessor", lean, following, result=None)
    named = b64u(sign_public(drawn("successor")))
    file.ok("the next, by the successor", "checkSuccessor", lean, following | {"org": named}, result=None)
    for name, error, change in [
        ("the same again", "Stale", {"no": 1}),
        ("a gap", "Malformed", {"no": 3}),
        ("another past", "Malformed", {"prev": "0" * 64}),
        ("a key that was not named", "BadSignature", {"org": b64u(other)}),
    ]:
        file.refused(name, "checkSuccessor", lean, following | change, error=error)


signed_files: dict[str, Callable[[Vectors], None]] = {"signing": of_signing, "rosters": of_rosters}
