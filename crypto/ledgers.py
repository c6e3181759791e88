"""The ledger's arithmetic: hash chains, and Merkle trees over their heads (sealing.md, *Bytes*; twin: ledgers.js).

Merkle trees and paths are those of RFC 6962 section 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crypto.encoding import is_version, jcs, labelled, parse_jcs, require_bytes, sha256, sha256hex, unb64u
from crypto.errors import BadSignature, CryptoError, Damaged, Malformed, Stale
from crypto.signing import verify_document

START = "0" * 64
ENTRY = frozenset({"v", "chain", "seq", "at", "kind", "prev", "pub", "priv"})
CHECKPOINT = frozenset({"v", "no", "prev", "root", "size", "at"})
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BrokenChain(Damaged):
    """An entry that can't be as it was made; `index` is its place, from 0."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(f"entry {index + 1}: {why}")
        self.index = index


@dataclass(frozen=True)
class Chain:
    """A chain that was checked from its first entry: its id, its last number and hash, and what the entries say."""

    chain: str
    seq: int
    head: str
    entries: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class SignedRoot:
    """What a verified checkpoint says, and its hash."""

    no: int
    prev: str
    root: str
    size: int
    at: str
    hash: str


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


def verify_chain(entries: Sequence[bytes], chain: str | None = None) -> Chain:
    """Check a whole chain, oldest entry first; `chain` is its id, when it is known from elsewhere.

    Raises BrokenChain, which says where, and Malformed when there is no entry.
    """
    if not entries:
        raise Malformed("an empty chain")
    read: list[Mapping[str, Any]] = []
    prev = START
    for index, entry in enumerate(entries):
        said = _read_entry(entry, index)
        if said["chain"] != (chain or (read[0]["chain"] if read else said["chain"])):
            raise BrokenChain(index, "of another chain")
        if type(said["seq"]) is not int or said["seq"] != index + 1:
            raise BrokenChain(index, "out of turn")
        if said["prev"] != prev:
            raise BrokenChain(index, "does not follow the one before")
        prev = entry_hash(entry)
        read.append(said)
    return Chain(chain=read[0]["chain"], seq=len(read), head=prev, entries=tuple(read))


def _read_entry(entry: bytes, index: int) -> Mapping[str, Any]:
    try:
        said = parse_jcs(entry)
    except CryptoError as fault:
        raise BrokenChain(index, "not canonical JSON") from fault
    if not isinstance(said, dict) or said.keys() != ENTRY or not is_version(said["v"]):
        raise BrokenChain(index, "not a ledger entry")
    return said


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


def leaf_bytes(chain: str, head: str, seq: int) -> bytes:
    """A checkpoint's leaf for one chain: JCS{chain, head, seq}."""
    return jcs({"chain": chain, "head": head, "seq": seq})


def verify_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf stands at this place of the tree with this root."""
    placed = type(index) is int and type(size) is int and 0 <= index < size
    if not placed or any(len(sibling) != 32 for sibling in path):
        return False
    found = _root_of(_leaf(leaf), index, size, path)
    return found == root


def verify_checkpoint(
    installation_key: bytes, document: Mapping[str, str], seen: tuple[int, str] | None = None
) -> SignedRoot:
    """Verify a checkpoint with the installation's key, which the roster names.

    `seen` is number and hash of the last one verified here: an older one is Stale, another one of its number, or a next
    one that does not follow it, is a BadSignature. Raises also WeakKey and Malformed.
    """
    verify_document(installation_key, "checkpoint", document)
    found = read_checkpoint(document)
    if seen and found.no < seen[0]:
        raise Stale("a checkpoint older than the last seen")
    if seen and (
        (found.no == seen[0] and found.hash != seen[1]) or (found.no == seen[0] + 1 and found.prev != seen[1])
    ):
        raise BadSignature("two histories of checkpoints")
    return found


def read_checkpoint(document: Mapping[str, str]) -> SignedRoot:
    """What a checkpoint says, whoever signed it: for one whose hash is known from one that was verified. Malformed."""
    doc = unb64u(document.get("doc", ""))
    said = parse_jcs(doc)
    if not isinstance(said, dict) or said.keys() != CHECKPOINT or not _is_checkpoint(said):
        raise Malformed("not a checkpoint")
    told = {name: said[name] for name in ("no", "prev", "root", "size", "at")}
    return SignedRoot(**told, hash=sha256hex(doc))


def verify_inclusion(checkpoint: SignedRoot, leaf: bytes, index: int, path: Sequence[bytes]) -> bool:
    """Whether a chain's head, as `leaf_bytes` writes it, is in a verified checkpoint."""
    return verify_path(leaf, index, checkpoint.size, path, bytes.fromhex(checkpoint.root))


def _is_checkpoint(said: Mapping[str, Any]) -> bool:
    numbers = (
        is_version(said["v"])
        and type(said["no"]) is int
        and said["no"] >= 1
        and type(said["size"]) is int
        and said["size"] >= 0
    )
    hashes = all(isinstance(said[name], str) and HASH.fullmatch(said[name]) for name in ("prev", "root"))
    return numbers and hashes and isinstance(said["at"], str)


def _root_of(found: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from a leaf's hash; None for a path of another length."""
    if size == 1 or not path:
        return found if size == 1 and not path else None
    point = _split_point(size)
    sibling, rest = path[-1], path[:-1]
    if index < point:
        below = _root_of(found, index, point, rest)
        return None if below is None else _node(below, sibling)
    below = _root_of(found, index - point, size - point, rest)
    return None if below is None else _node(sibling, below)


def _leaf(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def _split_point(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
