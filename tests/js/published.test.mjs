// Published vectors through the browser's functions: Wycheproof, RFC 9180, the X-Wing draft, RFCs. Twin of
// tests/crypto/test_published.py, which says what published vectors can't reach. ML-KEM alone is not in the bundle: its keys
// and ciphertexts are met through `seal`, its decapsulation through the X-Wing draft's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as aead from "../../static/js/crypto/aead.js";
import { binding } from "../../static/js/crypto/binding.js";
import * as ed25519 from "../../static/js/crypto/ed25519.js";
import { concat, hex, unhex } from "../../static/js/crypto/encoding.js";
import { BadSignature, Damaged, Malformed, WeakKey } from "../../static/js/crypto/errors.js";
import * as hpke from "../../static/js/crypto/hpke.js";
import { hkdf } from "../../static/js/crypto/kdf.js";
import { hmac } from "../../static/js/crypto/passphrase.js";
import { verifyBytes } from "../../static/js/crypto/signing.js";
import { argon2id as inScript } from "../../static/vendor/argon2-fallback.js";
import { argon2id as inWasm } from "../../static/vendor/argon2.js";
import { Aes256Gcm, CipherSuite, HkdfSha256, XWing, x25519 } from "../../static/vendor/sealing.js";

const MLKEM_PUBLIC = 1184;
const PLACE = binding("grant", "c", { id: "i" });
const SOUND = await hpke.kemPublic(new Uint8Array(32));

const testsOf = (name) => JSON.parse(readFileSync(new URL(`../vectors/published/${name}.json`, import.meta.url), "utf8")).tests;
const raw = (from, ...names) => names.map((name) => unhex(from[name]));
const called = ({ tcId, flags = [], comment = "" }) => `${tcId} ${flags.join(" ")} ${comment}`;

test("AES-GCM comes to Wycheproof's ciphertexts, and what it calls invalid is damaged", async () => {
  for (const each of testsOf("aes_gcm")) {
    const [key, nonce, plaintext, aad, ciphertext, tag] = raw(each, "key", "iv", "msg", "aad", "ct", "tag");
    const sealed = concat(ciphertext, tag);
    if (each.result === "valid") {
      assert.equal(hex(await aead.encrypt(key, nonce, plaintext, aad)), hex(sealed), called(each));
      assert.equal(hex(await aead.decrypt(key, nonce, sealed, aad)), each.msg, called(each));
    } else await assert.rejects(aead.decrypt(key, nonce, sealed, aad), Damaged, called(each));
  }
});

test("HKDF comes to Wycheproof's outputs, and what it calls invalid is malformed", async () => {
  for (const each of testsOf("hkdf_sha256")) {
    const [key, salt, info] = raw(each, "ikm", "salt", "info");
    const derived = hkdf(key, info, { salt, length: each.size });
    if (each.result === "valid") assert.equal(hex(await derived), each.okm, called(each));
    else await assert.rejects(derived, Malformed, called(each));
  }
});

for (const name of ["webcrypto", "noble"]) {
  test(`signatures are what Wycheproof calls them, by ${name}; under a key of small order, none is acceptable`, async () => {
    for (const each of testsOf("ed25519")) {
      const verified = verifyBytes(...raw(each, "pk", "msg", "sig"), ed25519[name]);
      if (each.flags.includes("SmallOrderPublicKey")) await assert.rejects(verified, WeakKey, called(each));
      else if (each.result !== "invalid") await assert.doesNotReject(verified, called(each));
      else await assert.rejects(verified, (error) => error instanceof BadSignature || error instanceof WeakKey, called(each));
    }
  });
}

test("an X25519 half of low order is no key to seal to; any other is, and comes to Wycheproof's shared secret", async () => {
  let refused = 0;
  for (const each of testsOf("x25519")) {
    const [secret, publicKey] = raw(each, "private", "public");
    const whole = concat(SOUND.slice(0, MLKEM_PUBLIC), publicKey);
    if (each.flags.includes("ZeroSharedSecret")) {
      refused += 1;
      assert.throws(() => hpke.checkKemPublic(whole), WeakKey, called(each));
      await assert.rejects(hpke.seal(whole, "grant", PLACE, new Uint8Array(0)), WeakKey, called(each));
    } else {
      assert.equal(hpke.checkKemPublic(whole), whole, called(each));
      assert.equal(hex(x25519.getSharedSecret(secret, publicKey)), each.shared, called(each));
    }
  }
  assert.ok(refused > 20);
});

test("an ML-KEM half that Wycheproof calls invalid is refused; to a valid one, sealing makes its ciphertext", async () => {
  for (const each of testsOf("mlkem_768_encaps")) {
    const whole = concat(unhex(each.ek), SOUND.slice(MLKEM_PUBLIC));
    const sealed = hpke.seal(whole, "grant", PLACE, new Uint8Array(0), () => concat(unhex(each.m), new Uint8Array(32).fill(9)));
    if (each.result === "valid") assert.equal(hex((await sealed).slice(1, 1 + 1088)), each.c, called(each));
    else await assert.rejects(sealed, whole.length === 1216 ? WeakKey : Malformed, called(each));
  }
});

test("the suite that we seal with follows RFC 9180's key schedule, whatever the KEM", async () => {
  for (const each of testsOf("rfc9180")) {
    // The published shared secret stands in for the KEM: of ours there are no vectors with AES-256-GCM.
    const kem = { id: each.kem_id, decap: async () => unhex(each.shared_secret).buffer };
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const [info, enc] = raw(each, "info", "enc");
    const recipient = await suite.createRecipientContext({ recipientKey: {}, enc: enc.buffer, info: info.buffer });
    for (const { ct, aad, pt } of each.encryptions) {
      assert.equal(hex(new Uint8Array(await recipient.open(unhex(ct).buffer, unhex(aad).buffer))), pt);
    }
  }
});

test("X-Wing comes to the draft's keys, ciphertexts and shared secrets, through what seals and opens", async () => {
  const kem = new XWing();
  for (const each of testsOf("xwing")) {
    const [seed, publicKey, randomness, ct] = raw(each, "seed", "pk", "eseed", "ct");
    assert.equal(hex(await hpke.kemPublic(seed)), each.pk);
    const sealed = await hpke.seal(publicKey, "grant", PLACE, unhex("0102"), () => randomness);
    assert.equal(hex(sealed.slice(1, 1 + 1120)), each.ct);
    assert.equal(hex(await hpke.openSealed(seed, "grant", PLACE, sealed)), "0102");
    const recipientKey = await kem.importKey("raw", seed, false);
    assert.equal(hex(new Uint8Array(await kem.decap({ recipientKey, enc: ct.buffer }))), each.ss);
  }
});

test("HMAC comes to RFC 4231's codes", async () => {
  for (const each of testsOf("hmac_sha256")) assert.equal(hex(await hmac(...raw(each, "key", "msg"))), each.md);
});

test("both Argon2id libraries come to published tags", async () => {
  // Without a secret and associated data, which neither takes; ours has none.
  const tests = testsOf("argon2id").filter(({ secret, pass }) => !secret && pass);
  assert.ok(tests.length >= 4);
  for (const each of tests) {
    const [password, salt] = raw(each, "pass", "salt");
    const [t, m, p, dkLen] = ["iter", "memcost", "lanes", "length"].map((name) => Number(each[name]));
    const asked = { password, salt, memorySize: m, iterations: t, parallelism: p, hashLength: dkLen, outputType: "hex" };
    assert.equal(await inWasm(asked), each.output);
    if (m <= 1024) assert.equal(hex(inScript(password, salt, { t, m, p, dkLen })), each.output); // 128 MiB takes it seconds
  }
});
