"""The ledger's arithmetic: hash chains, and Merkle trees over their heads (sealing.md, *Bytes*; twin: ledgers.js).

Merkle trees and paths are those of RFC 6962 section 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crypto.encoding import jcs, labelled, require_bytes, sha256, sha256hex
from crypto.errors import Malformed

START = "0" * 64


def entry_bytes(*, chain: str, seq: int, at: str, kind: str, prev: str, pub: Mapping[str, Any], priv: str) -> bytes:
    """JCS{v, chain, seq, at, kind, prev, pub, priv}."""
    return jcs(
        {"v": 1, "chain": chain, "seq": seq, "at": at, "kind": kind, "prev": prev, "pub": dict(pub), "priv": priv}
    )


def entry_hash(entry: bytes) -> str:
    """SHA-256(L("ledger") | 00 | entry), the entry's public name."""
    return sha256hex(labelled("ledger", entry))


def private_digest(salt: bytes, private: Mapping[str, Any]) -> str:
    """SHA-256(L("ledger-priv") | 00 | salt 32 | JCS(private part))."""
    return sha256hex(labelled("ledger-priv", require_bytes(salt, 32, "a salt"), jcs(private)))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1; of no leaves the hash of nothing."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return _leaf(leaves[0])
    point = _split_point(len(leaves))
    return _node(merkle_root(leaves[:point]), merkle_root(leaves[point:]))


def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf (RFC 6962 section 2.1.1), nearest sibling first. Malformed."""
    if not 0 <= index < len(leaves):
        raise Malformed("no such leaf")
    if len(leaves) == 1:
        return []
    point = _split_point(len(leaves))
    if index < point:
        return [*merkle_path(leaves[:point], index), merkle_root(leaves[point:])]
    return [*merkle_path(leaves[point:], index - point), merkle_root(leaves[:point])]


def _leaf(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def _split_point(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
