"""The vectors that both languages must pass (tests/js/vectors.test.mjs is the other half), ours and published ones."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from crypto import binding as bindings
from crypto import (
    codes,
    encoding,
    envelopes,
    errors,
    hpke,
    items,
    kdf,
    keys,
    ledgers,
    packages,
    padding,
    passphrase,
    rings,
    rosters,
    shamir,
    signing,
)
from tests.js.test_node import node

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "vectors"


def _keys(made: keys.KeyPair) -> dict[str, Any]:
    pair = {"kemSeed": made.kem_seed, "kemPublic": made.kem_public}
    pair |= {"signSeed": made.sign_seed, "signPublic": made.sign_public}
    if isinstance(made, keys.ReporterKeys):
        return pair | {"mailbox": made.mailbox, "mailboxHash": made.mailbox_hash}
    return pair


def _code(typed: str) -> dict[str, str]:
    code = codes.parse_code(typed)
    return {"text": code.text, "klass": code.klass}


def _chain(entries: list[bytes], chain: str | None) -> dict[str, Any]:
    found = ledgers.verify_chain(entries, chain)
    return {"chain": found.chain, "seq": found.seq, "head": found.head, "entries": list(found.entries)}


def _checkpoint(key: bytes, document: dict[str, str], seen: dict[str, Any] | None) -> dict[str, Any]:
    found = ledgers.verify_checkpoint(key, document, (seen["no"], seen["hash"]) if seen else None)
    return {"v": 1} | asdict(found)


def _cover(data: bytes) -> dict[str, Any]:
    return asdict(packages.read_cover(data))


def _contents(data: bytes) -> dict[str, Any]:
    found = packages.unpack(data)
    named = {"manifest": found.manifest, "manifestHash": found.manifest_hash}
    return named | {"statement": found.statement, "parts": found.parts}


def _inclusion(checkpoint: dict[str, Any], head: dict[str, Any], proof: dict[str, Any]) -> bool:
    root = ledgers.SignedRoot(**{name: value for name, value in checkpoint.items() if name != "v"})
    path = [bytes.fromhex(sibling) for sibling in proof["path"]]
    return ledgers.verify_inclusion(root, ledgers.leaf_bytes(**head), proof["index"], path)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "authSecret": passphrase.auth_secret,
    "b64u": encoding.b64u,
    "binding": lambda kind, case, fields: bindings.binding(kind, case, **fields),
    "checkKemPublic": hpke.check_kem_public,
    "checkSignPublic": signing.check_sign_public,
    "checkSuccessor": rosters.check_successor,
    "cleanText": encoding.clean_text,
    "entryBytes": lambda entry: ledgers.entry_bytes(**entry),
    "entryHash": ledgers.entry_hash,
    "fill": padding.fill,
    "fingerprint": encoding.fingerprint,
    "hkdf": lambda key, info, how: kdf.hkdf(key, info, **how),
    "jcs": encoding.jcs,
    "join": shamir.join,
    "kemPublic": hpke.kem_public,
    "manifestOf": packages.manifest_of,
    "memberKeys": lambda seed: _keys(keys.member_keys(seed)),
    "memberSalt": passphrase.member_salt,
    "merklePath": ledgers.merkle_path,
    "merkleRoot": ledgers.merkle_root,
    "objectBinding": bindings.object_binding,
    "openAnswer": envelopes.open_answer,
    "openEnvelope": lambda *args: dict(
        zip(("payload", "answerKey", "digest"), envelopes.open_envelope(*args), strict=True)
    ),
    "openItem": items.open_item,
    "openSealed": hpke.open_sealed,
    "openWithCode": packages.open_with_code,
    "openWithKey": packages.open_with_key,
    "pack": packages.pack,
    "pad": padding.pad,
    "padme": padding.padme,
    "pairKeys": lambda *args: _keys(keys.pair_keys(*args)),
    "parseCode": _code,
    "parsePackageCode": codes.parse_package_code,
    "parseJcs": encoding.parse_jcs,
    "privateDigest": ledgers.private_digest,
    "readCover": _cover,
    "receiptMark": packages.receipt_mark,
    "receiptNumber": packages.receipt_number,
    "recoveryAuthSecret": passphrase.recovery_auth_secret,
    "recoveryWrappingKey": passphrase.recovery_wrapping_key,
    "reporterKeys": lambda *args: _keys(keys.reporter_keys(*args)),
    "ringCommitment": rings.ring_commitment,
    "scopeCommitment": rings.scope_commitment,
    "sign": signing.sign,
    "signDocument": signing.sign_document,
    "signPublic": signing.sign_public,
    "signStatement": signing.sign_statement,
    "storedAuth": passphrase.stored_auth,
    "stretch": passphrase.stretch,
    "unb64u": encoding.unb64u,
    "unfill": padding.unfill,
    "unpack": _contents,
    "unpad": padding.unpad,
    "unwrapRecovery": lambda *args: dict(zip(("seed", "pins"), passphrase.unwrap_recovery(*args), strict=True)),
    "unwrapSeed": lambda *args: dict(zip(("seed", "pins"), passphrase.unwrap_seed(*args), strict=True)),
    "uuidBytes": encoding.uuid_bytes,
    "verify": signing.verify,
    "verifyChain": _chain,
    "verifyCheckpoint": _checkpoint,
    "verifyDocument": signing.verify_document,
    "verifyInclusion": _inclusion,
    "verifyPath": ledgers.verify_path,
    "verifyRoster": lambda document, org, when: (
        rosters.verify_roster(document, org, on=date.fromisoformat(when["on"])).hash
    ),
    "verifyStatement": signing.verify_statement,
    "wrappingKey": passphrase.wrapping_key,
}


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(each) for each in value]
    if isinstance(value, dict):
        if value.keys() == {"b"}:
            return encoding.unb64u(value["b"])
        return {key: _unpacked(each) for key, each in value.items()}
    return value


def _vectors() -> list[Any]:
    paths = sorted(path for path in FOLDER.glob("*.json") if path.stem != "published-hpke-pq")
    return [
        pytest.param(vector, id=ascii(f"{path.stem}: {vector['function']}: {vector['name']}").strip("'"))
        for path in paths
        for vector in json.loads(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize("vector", _vectors())
def test_a_vector_is_met(vector: dict[str, Any]) -> None:
    function, args = FUNCTIONS[vector["function"]], _unpacked(vector["args"])
    if "error" in vector:
        with pytest.raises(errors.CryptoError) as refused:
            function(*args)
        assert type(refused.value).__name__ == vector["error"]
    else:
        assert function(*args) == _unpacked(vector["result"])


def test_every_function_has_a_vector() -> None:
    assert {each.values[0]["function"] for each in _vectors()} == FUNCTIONS.keys()


def test_the_vectors_are_what_their_script_makes() -> None:
    node()
    script = ROOT / "scripts" / "make_vectors.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_published_hpke_message_opens_with_the_library_we_seal_with() -> None:
    published = json.loads((FOLDER / "published-hpke-pq.json").read_text("utf-8"))
    names = ("skRm", "pkRm", "enc", "info", "key", "base_nonce")
    raw = {name: bytes.fromhex(published[name]) for name in names}
    assert hpke.kem_public(raw["skRm"]) == raw["pkRm"]
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    private = MLKEM768X25519PrivateKey(*hpke._halves(raw["skRm"]))
    # The suite takes no associated data and the published messages have some: seal the first one's text without it, under
    # the published key and nonce. It opens only if the library comes to the same two from `enc` and `info`.
    cipher, first = ChaCha20Poly1305(raw["key"]), published["encryptions"][0]
    text = bytes.fromhex(first["pt"])
    assert cipher.encrypt(raw["base_nonce"], text, bytes.fromhex(first["aad"])).hex() == first["ct"]
    message = raw["enc"] + cipher.encrypt(raw["base_nonce"], text, b"")
    assert suite.decrypt(message, private, raw["info"]) == text
