"""The browser's modules under node: their own tests, a file each, and both languages opening what the other sealed."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crypto import codes, encoding, envelopes, hpke, items, keys, ledgers, passphrase, rings, shamir, signing
from crypto.binding import object_binding
from crypto.rosters import verify_roster

HERE = Path(__file__).parent
CASE = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"
MEMBER_ID = bytes(range(16))


def node() -> str:
    """The node to run with. Without one these tests are skipped, or fail where all are required (REQUIRE_ALL=1)."""
    found = shutil.which("node")
    if found is None:
        why = "node 20 or newer is missing: install Debian's package nodejs"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_the_browsers_modules_pass_their_tests(name: str) -> None:
    done = subprocess.run(
        [node(), "--test", "--test-reporter=spec", str(HERE / name)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def _pack(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": base64.urlsafe_b64encode(value).decode().rstrip("=")}
    if isinstance(value, dict):
        return {key: _pack(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(each) for each in value]
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(each) for each in value]
    if isinstance(value, dict):
        if value.keys() == {"b"}:
            return base64.urlsafe_b64decode(value["b"] + "=" * (-len(value["b"]) % 4))
        return {key: _unpack(each) for key, each in value.items()}
    return value


def browser(*tasks: tuple[Any, ...]) -> list[Any]:
    """What the browser's functions answer; see interop.mjs."""
    asked = json.dumps(_pack(tasks))
    done = subprocess.run(
        [node(), str(HERE / "interop.mjs")], input=asked, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return list(_unpack(json.loads(done.stdout)))


@pytest.fixture
def seed() -> bytes:
    return secrets.token_bytes(32)


def test_keys_follow_alike_from_seeds_and_codes(seed: bytes) -> None:
    code = codes.new_code()
    salt = secrets.token_bytes(16)
    kem, sign, member, reporter, linked, parsed, text = browser(
        ("kemPublic", seed),
        ("signPublic", seed),
        ("memberKeys", seed),
        ("reporterKeys", code, salt),
        ("pairKeys", code, salt),
        ("parseCode", code.upper().replace("-", " ")),
        ("fingerprint", seed),
    )
    ours, theirs = keys.member_keys(seed), keys.reporter_keys(code, salt)
    assert kem == hpke.kem_public(seed)
    assert sign == signing.sign_public(seed)
    assert (member["kemSeed"], member["kemPublic"]) == (ours.kem_seed, ours.kem_public)
    assert (member["signSeed"], member["signPublic"]) == (ours.sign_seed, ours.sign_public)
    assert (reporter["mailbox"], reporter["mailboxHash"]) == (theirs.mailbox, theirs.mailbox_hash)
    assert (reporter["kemPublic"], reporter["signPublic"]) == (theirs.kem_public, theirs.sign_public)
    other = keys.pair_keys(code, salt)
    assert (linked["mailbox"], linked["kemSeed"], linked["signSeed"]) == (
        other.mailbox,
        other.kem_seed,
        other.sign_seed,
    )
    assert parsed == {"text": code, "klass": codes.parse_code(code).klass}
    assert text == encoding.fingerprint(seed)


def test_canonical_json_is_the_same_bytes() -> None:
    value = {"z": [1, -5, 2**53 - 1, None, True], "a": {"text": 'ế "\\ \u0007 \u2028 😀', "": ""}, "Z": "/"}
    (made,) = browser(("jcs", value))
    assert made == encoding.jcs(value)


def test_hpke_opens_across_languages(seed: bytes) -> None:
    public = hpke.kem_public(seed)
    place = {
        "kind": "grant",
        "id": CASE,
        "ring": "report",
        "epoch": 1,
        "reader": "P-001",
        "readerkey": encoding.sha256hex(public),
    }
    binding = object_binding(CASE, place)
    ours = hpke.seal(public, "grant", binding, b"from Python")
    theirs, same, opened, moved = browser(
        ("seal", public, "grant", binding, b"from the browser"),
        ("objectBinding", CASE, {**place, "data": "AAAA"}),
        ("openSealed", seed, "grant", binding, ours),
        ("openSealed", seed, "share", binding, ours),
    )
    assert same == binding
    assert hpke.open_sealed(seed, "grant", binding, theirs) == b"from the browser"
    assert opened == b"from Python"
    assert moved["error"] == "Damaged"


def test_items_open_across_languages(seed: bytes) -> None:
    binding = object_binding(CASE, {"kind": "message", "id": CASE, "ring": "report", "epoch": 2})
    ours = items.seal_item(seed, binding, "từ Python".encode() * 200)
    theirs, opened = browser(
        ("sealItem", seed, binding, "từ trình duyệt".encode()),
        ("openItem", seed, binding, ours),
    )
    assert items.open_item(seed, binding, theirs) == "từ trình duyệt".encode()
    assert opened == "từ Python".encode() * 200


def test_statements_and_documents_verify_across_languages(seed: bytes) -> None:
    public = signing.sign_public(seed)
    said = {"v": 1, "kind": "item", "id": CASE, "text": "Đã đọc"}
    checkpoint = {"v": 1, "no": 3}
    statement, document, read, read_document, refused = browser(
        ("signStatement", seed, said),
        ("signDocument", seed, "checkpoint", checkpoint),
        ("verifyStatement", public, signing.sign_statement(seed, said), "item"),
        ("verifyDocument", public, "checkpoint", signing.sign_document(seed, "checkpoint", checkpoint)),
        ("verifyStatement", public, signing.sign_statement(seed, said), "epoch"),
    )
    assert statement == signing.sign_statement(seed, said)  # Ed25519 is deterministic
    assert document == signing.sign_document(seed, "checkpoint", checkpoint)
    assert signing.verify_statement(public, statement, "item") == said == read
    assert read_document == checkpoint
    assert refused["error"] == "BadSignature"


def test_envelopes_and_answers_open_across_languages(seed: bytes) -> None:
    public = hpke.kem_public(seed)
    asked = {"op": "preview", "args": {"lang": "vi", "facts": {"on": "2026-11-23"}}}
    wire, answer_key = envelopes.seal_envelope(CASE, public, asked)
    made, opened = browser(("sealEnvelope", CASE, public, asked), ("openEnvelope", seed, wire))
    assert (opened["payload"]["op"], opened["payload"]["args"]) == (asked["op"], asked["args"])
    assert (opened["answerKey"], opened["digest"]) == (answer_key, encoding.sha256(wire))

    payload, key, digest = envelopes.open_envelope(seed, made["wire"])
    assert (payload["op"], payload["args"], key) == (asked["op"], asked["args"], made["answerKey"])
    told = {"ok": {"found": False, "text": "không"}}
    ours = envelopes.seal_answer(key, digest, told)
    padded = envelopes.seal_answer(key, digest, told, size=131072)
    sealed, read, read_padded = browser(
        ("sealAnswer", answer_key, encoding.sha256(wire), told),
        ("openAnswer", key, digest, ours),
        ("openAnswer", key, digest, padded),
    )
    assert envelopes.open_answer(answer_key, encoding.sha256(wire), sealed) == told == read == read_padded


def test_shares_join_and_commitments_agree_across_languages(seed: bytes) -> None:
    ours = shamir.split(seed, 2, 4)
    theirs, joined, ring, scope = browser(
        ("split", seed, 2, 4),
        ("join", [ours[3], ours[1]]),
        ("ringCommitment", CASE, "report", 1, seed),
        ("scopeCommitment", CASE, "name", seed),
    )
    assert shamir.join([theirs[0], theirs[3]]) == seed == joined
    assert ring == rings.ring_commitment(CASE, "report", 1, seed)
    assert scope == rings.scope_commitment(CASE, "name", seed)


@pytest.mark.timeout(120)
def test_passphrases_and_wrapped_seeds_agree_across_languages(seed: bytes) -> None:
    salt, pepper = secrets.token_bytes(16), secrets.token_bytes(32)
    stretched = passphrase.stretch("mật khẩu dài", salt)
    wrapping, recovery = passphrase.wrapping_key(stretched, pepper), passphrase.new_recovery_key()
    pins = {"org": encoding.b64u(seed)}
    recovery_key = passphrase.recovery_wrapping_key(recovery)
    stretched_there, auth, key, from_recovery, made, opened, opened_recovery = browser(
        ("stretch", "mật khẩu dài", salt),
        ("authSecret", stretched),
        ("wrappingKey", stretched, pepper),
        ("recoveryWrappingKey", recovery),
        ("wrapSeed", wrapping, MEMBER_ID, seed, pins),
        ("unwrapSeed", wrapping, MEMBER_ID, passphrase.wrap_seed(wrapping, MEMBER_ID, seed, pins)),
        ("unwrapRecovery", recovery_key, MEMBER_ID, passphrase.wrap_recovery(recovery_key, MEMBER_ID, seed, pins)),
    )
    assert stretched_there == stretched
    assert (auth, key, from_recovery) == (passphrase.auth_secret(stretched), wrapping, recovery_key)
    assert passphrase.unwrap_seed(wrapping, MEMBER_ID, made) == (seed, pins)
    assert opened == {"seed": seed, "pins": pins} == opened_recovery


def test_rosters_have_the_same_hash_across_languages(seed: bytes) -> None:
    org = signing.sign_public(seed)
    member = keys.member_keys(seed)
    roster = {
        "v": 1,
        "org": encoding.b64u(org),
        "no": 1,
        "prev": "0" * 64,
        "issued": "2026-11-01",
        "expires": "2027-02-01",
        "successor": "",
        "installation": encoding.b64u(member.sign_public),
        "bodies": [{"id": "UBKT-S", "kind": "committee", "level": 2, "quorum": 2}],
        "seats": [{"id": "UBKT-S/P-001", "body": "UBKT-S", "person": "P-001", "function": "head", "roles": ["intake"]}],
        "members": [
            {"id": "P-001", "kem": encoding.b64u(member.kem_public), "sign": encoding.b64u(member.sign_public)}
        ],
        "sets": [],
    }
    document = signing.sign_document(seed, "roster", roster)
    ours = verify_roster(document, org, on=date(2026, 12, 1))
    theirs, late = browser(("rosterHash", document, org, "2026-12-01"), ("rosterHash", document, org, "2027-02-02"))
    assert theirs == ours.hash
    assert late["error"] == "Expired"


def test_ledger_entries_and_trees_agree_across_languages(seed: bytes) -> None:
    entry = {
        "chain": CASE,
        "seq": 1,
        "at": "2026-11-23T08:00:00Z",
        "kind": "opened",
        "prev": "0" * 64,
        "pub": {"by": "P-001"},
        "priv": ledgers.private_digest(seed, {"a": 1}),
    }
    leaves = [bytes([place]) * place for place in range(7)]
    root = ledgers.merkle_root(leaves)
    made, digest, hashed, tree, holds = browser(
        ("entryBytes", entry),
        ("privateDigest", seed, {"a": 1}),
        ("entryHash", ledgers.entry_bytes(**entry)),
        ("merkleRoot", leaves),
        ("verifyPath", leaves[4], 4, 7, ledgers.merkle_path(leaves, 4), root),
    )
    assert made == ledgers.entry_bytes(**entry)
    assert digest == entry["priv"]
    assert hashed == ledgers.entry_hash(made)
    assert tree == root
    assert holds is True
