"""Published vectors through our functions: Wycheproof, RFC 9180, the X-Wing draft, RFCs (tests/js/published.test.mjs is the twin).

What a published vector can't reach: `reporter_keys` and `stretch` take only our own parameters (600,000 rounds of PBKDF2;
Argon2id with 64 MiB), which no published vector has, so the two libraries of the browser and Python's are compared with the
published ones, and our own parameters by tests/vectors/passphrase.json and keys.json in both languages.
"""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import aead, hpke, kdf, passphrase, signing
from crypto.binding import binding
from crypto.encoding import labelled
from crypto.errors import BadSignature, Damaged, Malformed, WeakKey

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "published"
SEED = bytes(range(32))
SOUND = hpke.kem_public(SEED)
CURVES = {0x10: (KEM.P256, ec.SECP256R1()), 0x12: (KEM.P521, ec.SECP521R1())}


def published(name: str) -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["tests"])


def called(test: dict[str, Any]) -> str:
    return f"{test['tcId']} {' '.join(test.get('flags', []))} {test.get('comment', '')}".strip()


def raw(test: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(test[name]) for name in names]


def each(name: str, *results: str) -> pytest.MarkDecorator:
    tests = [test for test in published(name) if test["result"] in results]
    assert tests
    return pytest.mark.parametrize("test", tests, ids=called)


@each("aes_gcm", "valid")
def test_aes_gcm_comes_to_wycheproofs_ciphertext(test: dict[str, Any]) -> None:
    key, nonce, plaintext, aad, ciphertext, tag = raw(test, "key", "iv", "msg", "aad", "ct", "tag")
    assert aead.encrypt(key, nonce, plaintext, aad) == ciphertext + tag
    assert aead.decrypt(key, nonce, ciphertext + tag, aad) == plaintext


@each("aes_gcm", "invalid")
def test_aes_gcm_that_wycheproof_calls_invalid_is_damaged(test: dict[str, Any]) -> None:
    key, nonce, aad, ciphertext, tag = raw(test, "key", "iv", "aad", "ct", "tag")
    with pytest.raises(Damaged):
        aead.decrypt(key, nonce, ciphertext + tag, aad)


@each("hkdf_sha256", "valid")
def test_hkdf_comes_to_wycheproofs_output(test: dict[str, Any]) -> None:
    key, salt, info, output = raw(test, "ikm", "salt", "info", "okm")
    assert kdf.hkdf(key, info, salt=salt, length=test["size"]) == output


@each("hkdf_sha256", "invalid")
def test_hkdf_that_wycheproof_calls_invalid_is_malformed(test: dict[str, Any]) -> None:
    key, salt, info = raw(test, "ikm", "salt", "info")
    with pytest.raises(Malformed):
        kdf.hkdf(key, info, salt=salt, length=test["size"])


@each("ed25519", "valid")
def test_a_signature_that_wycheproof_calls_valid_is_one(test: dict[str, Any]) -> None:
    signing.verify_bytes(*raw(test, "pk", "msg", "sig"))


@each("ed25519", "invalid")
def test_a_signature_that_wycheproof_calls_invalid_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises((BadSignature, WeakKey)):
        signing.verify_bytes(*raw(test, "pk", "msg", "sig"))


@each("ed25519", "acceptable")
def test_of_acceptable_signatures_those_under_keys_of_small_order_are_refused(test: dict[str, Any]) -> None:
    """Ours is stricter for keys of small order, which sign anything; a key with a part of small order and one of the prime
    order is its maker's business, and what it signs here fits the equation without the cofactor, in both languages."""
    if test["flags"] == ["SmallOrderPublicKey"]:
        with pytest.raises(WeakKey):
            signing.verify_bytes(*raw(test, "pk", "msg", "sig"))
    else:
        assert test["flags"] == ["MixedOrderPublicKey"]
        signing.verify_bytes(*raw(test, "pk", "msg", "sig"))


def _low(test: dict[str, Any]) -> bool:
    return "ZeroSharedSecret" in test["flags"]


def test_an_x25519_half_of_low_order_is_no_key_to_seal_to_and_any_other_is() -> None:
    """Wycheproof calls both `acceptable`, and leaves it open what a library does with those of low order."""
    refused = 0
    for test in published("x25519"):
        public = SOUND[: hpke.MLKEM_PUBLIC] + bytes.fromhex(test["public"])
        if _low(test):
            refused += 1
            with pytest.raises(WeakKey):
                hpke.check_kem_public(public)
            with pytest.raises(WeakKey):
                hpke.seal(public, "grant", binding("grant", "c"), b"")
        else:
            assert hpke.check_kem_public(public) == public
    assert refused > 20


def test_x25519_comes_to_wycheproofs_shared_secrets() -> None:
    for test in published("x25519"):
        private, public, shared = raw(test, "private", "public", "shared")
        ours, theirs = X25519PrivateKey.from_private_bytes(private), X25519PublicKey.from_public_bytes(public)
        if _low(test):
            with pytest.raises(ValueError, match="shared key"):
                ours.exchange(theirs)
        else:
            assert ours.exchange(theirs) == shared, called(test)


@each("mlkem_768_encaps", "invalid")
def test_an_ml_kem_half_that_wycheproof_calls_invalid_is_no_key_to_seal_to(test: dict[str, Any]) -> None:
    public = bytes.fromhex(test["ek"]) + SOUND[hpke.MLKEM_PUBLIC :]
    fault = WeakKey if len(public) == hpke.PUBLIC else Malformed
    with pytest.raises(fault):
        hpke.check_kem_public(public)
    with pytest.raises(fault):
        hpke.seal(public, "grant", binding("grant", "c"), b"")


@each("mlkem_768_encaps", "valid")
def test_an_ml_kem_half_that_wycheproof_calls_valid_can_be_sealed_to(test: dict[str, Any]) -> None:
    hpke.seal(bytes.fromhex(test["ek"]) + SOUND[hpke.MLKEM_PUBLIC :], "grant", binding("grant", "c"), b"")


@each("mlkem_768", "valid")
def test_ml_kem_comes_to_wycheproofs_shared_secret_also_of_an_altered_ciphertext(test: dict[str, Any]) -> None:
    seed, ciphertext, shared = raw(test, "seed", "c", "K")
    assert MLKEM768PrivateKey.from_seed_bytes(seed).decapsulate(ciphertext) == shared


def key_schedule(kem: int, shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and base nonce of mode base with HKDF-SHA256 and AES-256-GCM, written anew from RFC 9180 section 5.1."""
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (kem, 1, 2))

    def extract(salt: bytes, name: bytes, key: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + name + key, "sha256")

    def expand(secret: bytes, name: bytes, context: bytes, length: int) -> bytes:
        told = length.to_bytes(2, "big") + b"HPKE-v1" + suite + name + context
        return hmac.digest(secret, told + b"\x01", "sha256")[:length]  # one block is enough for 32

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


@pytest.mark.parametrize("test", published("rfc9180"), ids=lambda test: f"KEM {test['kem_id']:#x}")
def test_rfc_9180s_key_schedule_gives_its_keys_and_ciphertexts(test: dict[str, Any]) -> None:
    info, shared, key, nonce = raw(test, "info", "shared_secret", "key", "base_nonce")
    assert key_schedule(test["kem_id"], shared, info) == (key, nonce)
    plaintext, aad, ciphertext = raw(test["encryptions"][0], "pt", "aad", "ct")
    assert aead.encrypt(key, nonce, plaintext, aad) == ciphertext


@pytest.mark.parametrize("test", [test for test in published("rfc9180") if test["kem_id"] != 0x21])
def test_the_library_that_we_seal_with_opens_rfc_9180s_messages(test: dict[str, Any]) -> None:
    """The suite takes no associated data, and the published messages have some: their text is sealed again without it, under
    the published key and nonce. The library has no X448 (0x21)."""
    enc, private, info, key, nonce = raw(test, "enc", "skRm", "info", "key", "base_nonce")
    if test["kem_id"] in CURVES:
        kem, curve = CURVES[test["kem_id"]]
        opener: Any = ec.derive_private_key(int.from_bytes(private, "big"), curve)
    else:
        kem, opener = KEM.X25519, X25519PrivateKey.from_private_bytes(private)
    plaintext = bytes.fromhex(test["encryptions"][0]["pt"])
    message = enc + aead.encrypt(key, nonce, plaintext, b"")
    assert Suite(kem, KDF.HKDF_SHA256, AEAD.AES_256_GCM).decrypt(message, opener, info) == plaintext


@pytest.mark.parametrize("test", published("xwing"), ids=lambda test: test["seed"][:8])
def test_what_is_sealed_with_the_drafts_x_wing_secret_opens_with_the_drafts_seed(test: dict[str, Any]) -> None:
    seed, public, ciphertext, shared = raw(test, "seed", "pk", "ct", "ss")
    assert hpke.kem_public(seed) == public
    assert hpke.check_kem_public(public) == public
    place = binding("grant", "c", id="i")
    key, nonce = key_schedule(0x647A, shared, labelled("grant", place))
    data = b"\x01" + ciphertext + aead.encrypt(key, nonce, b"ring key", b"")
    assert hpke.open_sealed(seed, "grant", place, data) == b"ring key"


@pytest.mark.parametrize("test", published("hmac_sha256"), ids=lambda test: test["len"])
def test_hmac_comes_to_rfc_4231s_codes(test: dict[str, Any]) -> None:
    key, message, code = raw(test, "key", "msg", "md")
    assert passphrase._hmac(key, message) == code


@pytest.mark.parametrize("test", published("argon2id"), ids=lambda test: test["count"])
def test_the_library_that_stretches_comes_to_rfc_9106s_tags(test: dict[str, Any]) -> None:
    salt, password, tag = raw(test, "salt", "pass", "output")
    more = {name: bytes.fromhex(test[name]) for name in ("ad", "secret") if name in test}
    length, passes, lanes, memory = (int(test[name]) for name in ("length", "iter", "lanes", "memcost"))
    argon2 = Argon2id(salt=salt, length=length, iterations=passes, lanes=lanes, memory_cost=memory, **more)
    assert argon2.derive(password) == tag
