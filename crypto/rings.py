"""Commitments to ring and scope keys (sealing.md, *Bytes*: ring commitment; twin: rings.js).

A joined or granted key is used only when it matches: Shamir shares join to a wrong key without an error.
"""

from __future__ import annotations

from collections.abc import Mapping

from crypto.encoding import jcs, labelled, require_bytes, sha256hex


def ring_commitment(case: str, ring: str, epoch: int, key: bytes) -> str:
    """SHA-256(L("ring") | 00 | JCS{case, epoch, ring} | key), in lower-case hex."""
    return _commitment("ring", {"case": case, "epoch": epoch, "ring": ring}, key)


def scope_commitment(case: str, scope: str, key: bytes) -> str:
    """SHA-256(L("scope") | 00 | JCS{case, scope} | key), in lower-case hex."""
    return _commitment("scope", {"case": case, "scope": scope}, key)


def _commitment(name: str, place: Mapping[str, object], key: bytes) -> str:
    return sha256hex(labelled(name, jcs(place), require_bytes(key, 32, f"a {name}'s key")))
