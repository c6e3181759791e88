"""Sealed requests and answers of the reporter's face (sealing.md, *Routing keys*; twin: envelopes.js).

Request: routing key's UUID 16 | 01 | enc | ct, HPKE over a Padmé frame (at least 4,096) of JCS {v, op, answer, args}.
Answer: 01 | nonce 12 | AES-GCM(answer key, u32 length | JSON | zeros to steps of 4,096, aad L("answer") | 00 | SHA-256(request)).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crypto.aead import NONCE, TAG, decrypt, encrypt
from crypto.binding import binding
from crypto.encoding import (
    b64u,
    is_version,
    jcs,
    labelled,
    parse_jcs,
    require_bytes,
    sha256,
    unb64u,
    uuid_bytes,
    uuid_text,
)
from crypto.errors import Malformed
from crypto.hpke import ENC, open_sealed, seal
from crypto.padding import LENGTH, frame, pad, unframe, unpad
from crypto.rng import Rng, random_bytes

VERSION = 1
MINIMUM = 4096
STEP = 4096
UUID = 16
KEY = 32


def seal_envelope(
    routing_id: str, routing_public: bytes, payload: Mapping[str, Any], rng: Rng = random_bytes
) -> tuple[bytes, bytes]:
    """Seal one operation `{op, args}` to a routing key: what is sent, and the key of its answer. Malformed, WeakKey."""
    answer_key = rng(KEY)
    asked = jcs({"v": 1, "op": payload["op"], "answer": b64u(answer_key), "args": payload["args"]})
    sealed = seal(routing_public, "envelope", _place(routing_id), pad(asked, MINIMUM))
    return uuid_bytes(routing_id) + sealed, answer_key


def envelope_key_id(wire: bytes) -> str:
    """The id of the routing key that an envelope is sealed to. Malformed."""
    if len(wire) < UUID + 1 + ENC + TAG + MINIMUM:
        raise Malformed("too short for an envelope")
    return uuid_text(wire[:UUID])


def open_envelope(seed: bytes, wire: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The payload, the key to answer under, and the digest that the answer is bound to. Malformed, Damaged."""
    opened = open_sealed(seed, "envelope", _place(envelope_key_id(wire)), wire[UUID:])
    payload = parse_jcs(unpad(opened, MINIMUM))
    if not isinstance(payload, dict) or not is_version(payload.get("v")):
        raise Malformed("an envelope of another version")
    if not isinstance(payload.get("op"), str) or not isinstance(payload.get("args"), dict):
        raise Malformed("an envelope without an operation")
    return payload, require_bytes(unb64u(payload.get("answer", "")), KEY, "an answer key"), sha256(wire)


def seal_answer(
    answer_key: bytes, digest: bytes, payload: Mapping[str, Any], *, size: int | None = None, rng: Rng = random_bytes
) -> bytes:
    """The sealed answer; `size` of the frame when it must not depend on the payload, else steps of 4 KiB."""
    body = jcs(payload)
    framed = frame(body, size or -(-(LENGTH + len(body)) // STEP) * STEP)
    nonce = rng(NONCE)
    return bytes([VERSION]) + nonce + encrypt(answer_key, nonce, framed, labelled("answer", digest))


def open_answer(answer_key: bytes, digest: bytes, answer: bytes) -> Any:
    """The payload of an answer. Damaged when altered or the answer to another request, Malformed."""
    framed = len(answer) - 1 - NONCE - TAG
    if framed <= 0 or framed % STEP or answer[0] != VERSION:
        raise Malformed("not an answer")
    aad = labelled("answer", require_bytes(digest, 32, "a request's digest"))
    key = require_bytes(answer_key, KEY, "an answer key")
    body = unframe(decrypt(key, answer[1 : 1 + NONCE], answer[1 + NONCE :], aad))
    try:
        return json.loads(body)
    except ValueError as fault:
        raise Malformed("an answer that is not JSON") from fault


def _place(routing_id: str) -> bytes:
    return binding("envelope", id=routing_id)
