"""The vectors of the ledger: entries, chains, trees, checkpoints; for make_vectors.py."""

from __future__ import annotations

from typing import Any

from vectors_writer import CASE, Vectors, drawn, flipped

from crypto import ledgers
from crypto.encoding import jcs, sha256hex, unb64u
from crypto.signing import sign_document, sign_public

AT = "2026-11-23T08:00:00Z"


def of_ledgers(file: Vectors) -> None:
    private = ledgers.private_digest(drawn("salt"), {"votes": [1, 2]})
    file.ok("a private part", "privateDigest", drawn("salt"), {"votes": [1, 2]}, result=private)
    file.refused("a salt too short", "privateDigest", drawn("salt", 31), {}, error="Malformed")
    entry = {"chain": CASE, "seq": 1, "at": AT, "kind": "opened", "prev": ledgers.START}
    entry |= {"pub": {"by": "P-001"}, "priv": private}
    body = ledgers.entry_bytes(**entry)  # type: ignore[arg-type]
    file.ok("an entry", "entryBytes", entry, result=body)
    file.ok("an entry's hash", "entryHash", body, result=ledgers.entry_hash(body))
    leaves = [drawn("leaf", length) for length in range(7)]
    for size in (0, 1, 2, 3, 6, 7):
        file.ok(f"a tree of {size}", "merkleRoot", leaves[:size], result=ledgers.merkle_root(leaves[:size]))
    for size, index in ((1, 0), (2, 1), (3, 2), (7, 0), (7, 5), (7, 6)):
        path = ledgers.merkle_path(leaves[:size], index)
        file.ok(f"the path of {index} in {size}", "merklePath", leaves[:size], index, result=path)
        _of_path(file, leaves[:size], index, path)
    for size, index in ((0, 0), (3, 3), (3, -1)):
        file.refused(f"no leaf {index} in {size}", "merklePath", leaves[:size], index, error="Malformed")
    _of_chains(file)
    _of_checkpoints(file)


def _of_path(file: Vectors, leaves: list[bytes], index: int, path: list[bytes]) -> None:
    size, root = len(leaves), ledgers.merkle_root(leaves)
    name = f"{index} in {size}"
    file.ok(name, "verifyPath", leaves[index], index, size, path, root, result=True)
    for why, args in {
        "another leaf": (b"other", index, size, path, root),
        "another root": (leaves[index], index, size, path, flipped(root, 0)),
        "no such place": (leaves[index], size, size, path, root),
        "a path too long": (leaves[index], index, size, [*path, root], root),
        "a hash too short": (leaves[index], index, size, [root[:31]], root),
    }.items():
        file.ok(f"{name}: {why}", "verifyPath", *args, result=False)


def _chain(length: int, **change: Any) -> list[bytes]:
    """Entries of one chain; `change` is in the last of them."""
    entries: list[bytes] = []
    for seq in range(1, length + 1):
        said: dict[str, Any] = {"chain": CASE, "seq": seq, "at": AT, "kind": "opened", "pub": {}, "priv": "0" * 64}
        said["prev"] = ledgers.entry_hash(entries[-1]) if entries else ledgers.START
        entries.append(ledgers.entry_bytes(**said | (change if seq == length else {})))
    return entries


def _of_chains(file: Vectors) -> None:
    three = _chain(3)
    said = {"chain": CASE, "seq": 3, "head": ledgers.entry_hash(three[-1])}
    for name, chain in [("three entries", None), ("three entries of a known chain", CASE)]:
        verified = ledgers.verify_chain(three, chain)
        file.ok(name, "verifyChain", three, chain, result=said | {"entries": list(verified.entries)})
    for name, entries, chain in [
        ("of another chain than was asked for", three, drawn("chain").hex()),
        ("an entry of another chain", _chain(2, chain="org"), None),
        ("an entry left out", [three[0], three[2]], CASE),
        ("the first left out", three[1:], CASE),
        ("one changed", [three[0], _chain(2, kind="withdrawn")[1], three[2]], CASE),
        ("another link", _chain(2, prev="ab" * 32), CASE),
        ("a number that is none", [jcs(_said(three[0]) | {"seq": True})], CASE),
        ("one field more", [jcs(_said(three[0]) | {"more": 1})], CASE),
        ("another version", [jcs(_said(three[0]) | {"v": 2})], CASE),
        ("not canonical", [b" " + three[0]], CASE),
        ("a list", [b"[]"], CASE),
    ]:
        file.refused(name, "verifyChain", entries, chain, error="BrokenChain")
    file.refused("no entry", "verifyChain", [], CASE, error="Malformed")


def _said(entry: bytes) -> dict[str, Any]:
    return dict(ledgers.verify_chain([entry]).entries[0])


def _of_checkpoints(file: Vectors) -> None:
    seed = drawn("installation")
    key = sign_public(seed)
    heads = [{"chain": chain, "head": "ab" * 32, "seq": 3} for chain in ("a", "b", "c")]
    leaves = [ledgers.leaf_bytes(**head) for head in heads]
    said = {"v": 1, "no": 5, "prev": ledgers.START, "root": ledgers.merkle_root(leaves).hex(), "size": 3, "at": AT}

    def signed(**change: Any) -> dict[str, str]:
        return sign_document(seed, "checkpoint", said | change)

    found = said | {"hash": sha256hex(unb64u(signed()["doc"]))}
    this = {"no": 5, "hash": found["hash"]}
    for name, seen in [
        ("the first one seen", None),
        ("after an older one", {"no": 3, "hash": "0" * 64}),
        ("again", this),
    ]:
        file.ok(name, "verifyCheckpoint", key, signed(), seen, result=found)
    following = signed(no=6, prev=found["hash"])
    result = said | {"no": 6, "prev": found["hash"], "hash": sha256hex(unb64u(following["doc"]))}
    file.ok("the next one", "verifyCheckpoint", key, following, this, result=result)
    for name, document, seen, error in [
        ("an older one", signed(no=4), this, "Stale"),
        ("another of the same number", signed(size=4), this, "BadSignature"),
        ("a next one that does not follow", signed(no=6), this, "BadSignature"),
        ("signed for something else", sign_document(seed, "roster", said), None, "BadSignature"),
        ("signed by another key", sign_document(drawn("other"), "checkpoint", said), None, "BadSignature"),
        ("number zero", signed(no=0), None, "Malformed"),
        ("a root that is no hash", signed(root="ab"), None, "Malformed"),
        ("a field more", signed(more=1), None, "Malformed"),
        ("a time that is none", signed(at=1), None, "Malformed"),
    ]:
        file.refused(name, "verifyCheckpoint", key, document, seen, error=error)
    path = [sibling.hex() for sibling in ledgers.merkle_path(leaves, 1)]
    for name, head, index, result in [
        ("a head", heads[1], 1, True),
        ("another entry", heads[1] | {"seq": 4}, 1, False),
        ("another head", heads[1] | {"head": "cd" * 32}, 1, False),
        ("another place", heads[1], 0, False),
    ]:
        file.ok(name, "verifyInclusion", found, head, {"index": index, "path": path}, result=result)
