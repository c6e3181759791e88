"""Signatures: Ed25519 (RFC 8032) over L(prefix) | 00 | body (sealing.md, *Bytes*: statement; twin: signing.js)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.encoding import b64u, is_version, jcs, labelled, parse_jcs, require_bytes, unb64u
from crypto.errors import BadSignature, Malformed, WeakKey

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
# The y-coordinates of the eight points of small order: 0, 1, -1, and the two of order eight. The sign bit doesn't matter.
SMALL_ORDER = frozenset(
    (
        0,
        1,
        P - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    )
)


def check_sign_public(public: bytes) -> bytes:
    """The key itself; WeakKey when of small order or not in its one spelling, Malformed for another length."""
    require_bytes(public, 32, "an Ed25519 public key")
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= P or y in SMALL_ORDER:
        raise WeakKey("an Ed25519 key of small order")
    return public


def sign_public(seed: bytes) -> bytes:
    """The raw public key of a 32-byte seed."""
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, prefix: str, body: bytes) -> bytes:
    """64 bytes over L(prefix) | 00 | body."""
    return _private(seed).sign(labelled(prefix, body))


def verify(public: bytes, prefix: str, body: bytes, signature: bytes) -> None:
    """Raises WeakKey, BadSignature (also for an S that is not canonical) or Malformed."""
    verify_bytes(public, labelled(prefix, body), signature)


def verify_bytes(public: bytes, message: bytes, signature: bytes) -> None:
    """The same over bytes as they are, which published vectors need; whatever we sign has a label."""
    check_sign_public(public)
    if len(signature) != 64:
        raise BadSignature("a signature has 64 bytes")
    if int.from_bytes(signature[32:], "little") >= ORDER:
        raise BadSignature("S is not canonical")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as fault:
        raise BadSignature("not signed by this key") from fault
    except ValueError as fault:  # bytes that are no point on the curve
        raise BadSignature("not a key that signs") from fault


def sign_statement(seed: bytes, statement: Mapping[str, Any]) -> dict[str, str]:
    """Sign an object's JCS: `{stmt, sig}`. Its `kind` is in the domain prefix."""
    kind = statement.get("kind")
    if not is_version(statement.get("v")) or not isinstance(kind, str):
        raise Malformed("a statement has v 1 and a kind")
    body = jcs(statement)
    return {"stmt": b64u(body), "sig": b64u(sign(seed, f"stmt/{kind}", body))}


def verify_statement(public: bytes, statement: Mapping[str, str], kind: str) -> dict[str, Any]:
    """The statement that was signed. Raises WeakKey, BadSignature or Malformed."""
    said = _verified(public, f"stmt/{kind}", statement.get("stmt"), statement.get("sig"))
    if said.get("kind") != kind:
        raise Malformed("a statement of another kind")
    return said


def sign_document(seed: bytes, label: str, document: Mapping[str, Any]) -> dict[str, str]:
    """Sign a document's JCS under a label: `{doc, sig}` (roster, checkpoint, routing-key)."""
    body = jcs(document)
    return {"doc": b64u(body), "sig": b64u(sign(seed, label, body))}


def verify_document(public: bytes, label: str, document: Mapping[str, str]) -> dict[str, Any]:
    """The document that was signed. Raises WeakKey, BadSignature or Malformed."""
    return _verified(public, label, document.get("doc"), document.get("sig"))


def _verified(public: bytes, prefix: str, body: str | None, signature: str | None) -> dict[str, Any]:
    if body is None or signature is None:
        raise Malformed("something signed has a body and a signature")
    data = unb64u(body)
    verify(public, prefix, data, unb64u(signature))
    said = parse_jcs(data)
    if not isinstance(said, dict) or not is_version(said.get("v")):
        raise Malformed("of another version")
    return said


def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(require_bytes(seed, 32, "an Ed25519 seed"))
