// Sealing and opening (sealing.md, Primitives and Bytes): what opens, and which error the rest ends with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { binding } from "../../static/js/crypto/binding.js";
import { concat, hex, jcs, randomBytes, sha256hex, unb64u, b64u, unhex, utf8 } from "../../static/js/crypto/encoding.js";
import { envelopeKeyId, openAnswer, openEnvelope, sealAnswer, sealEnvelope } from "../../static/js/crypto/envelopes.js";
import { Damaged, Malformed, NotForMe, WeakKey } from "../../static/js/crypto/errors.js";
import { checkKemPublic, kemPublic, openSealed, seal } from "../../static/js/crypto/hpke.js";
import { openItem, sealItem } from "../../static/js/crypto/items.js";
import { hkdf } from "../../static/js/crypto/kdf.js";
import { memberKeys, reporterKeys } from "../../static/js/crypto/keys.js";
import { ringCommitment, scopeCommitment } from "../../static/js/crypto/rings.js";
import { join, split } from "../../static/js/crypto/shamir.js";

const SEED = new Uint8Array(32).fill(7);
const KEY = new Uint8Array(32).fill(9);
const CASE = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e";
const PLACE = binding("summary", CASE, { id: "i", ring: "report", epoch: 1 });
const flipped = (bytes, at) => {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? bytes.length + at : at] ^= 1;
  return copy;
};

test("HKDF gives the bytes of RFC 5869, test case 1", async () => {
  const okm = await hkdf(new Uint8Array(22).fill(0x0b), unhex("f0f1f2f3f4f5f6f7f8f9"), { salt: unhex("000102030405060708090a0b0c"), length: 42 });
  assert.equal(hex(okm), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
});

test("an X-Wing key is expanded from its seed as in the draft, not hashed once more", async () => {
  const publicKey = await kemPublic(unhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"));
  assert.equal(publicKey.length, 1216);
  assert.ok(hex(publicKey).startsWith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"));
});

test("a sealed copy opens for its reader in its place", async () => {
  const publicKey = await kemPublic(SEED);
  const place = binding("grant", CASE, { id: "i", readerkey: await sha256hex(publicKey) });
  const data = await seal(publicKey, "grant", place, KEY);
  assert.equal(data.length, 1 + 1120 + 32 + 16);
  assert.deepEqual(await openSealed(SEED, "grant", place, data), KEY);
  await assert.rejects(openSealed(KEY, "grant", place, data), NotForMe);
  await assert.rejects(openSealed(SEED, "header", place, data), Damaged);
  await assert.rejects(openSealed(SEED, "grant", binding("grant", CASE, { id: "other" }), data), Damaged);
  for (const at of [1, 1100, 1121, -1]) await assert.rejects(openSealed(SEED, "grant", place, flipped(data, at)), Damaged);
  await assert.rejects(openSealed(SEED, "grant", place, concat(2, data.slice(1))), Malformed);
  await assert.rejects(openSealed(SEED, "grant", place, data.slice(0, 1136)), Malformed);
});

test("keys and data that are parts of larger arrays are taken as what they are", async () => {
  const large = concat(0, 0, SEED, KEY);
  const publicKey = await kemPublic(large.subarray(2, 34));
  assert.deepEqual(publicKey, await kemPublic(SEED));
  const sealed = await seal(concat(1, publicKey).subarray(1), "grant", PLACE, large.subarray(34));
  assert.deepEqual(await openSealed(large.subarray(2, 34), "grant", PLACE, concat(5, sealed).subarray(1)), KEY);
});

test("the same randomness seals to the same bytes, other randomness to others", async () => {
  const publicKey = await kemPublic(SEED);
  const fixed = (length) => new Uint8Array(length).fill(3);
  const first = await seal(publicKey, "grant", PLACE, KEY, fixed);
  assert.deepEqual(await seal(publicKey, "grant", PLACE, KEY, fixed), first);
  assert.notDeepEqual(await seal(publicKey, "grant", PLACE, KEY), first);
});

test("weak and misshapen public keys are refused", async () => {
  const publicKey = await kemPublic(SEED);
  assert.equal(checkKemPublic(publicKey), publicKey);
  for (const point of ["00".repeat(32), `01${"00".repeat(31)}`, `${"00".repeat(31)}80`, `ec${"ff".repeat(30)}7f`, `ed${"ff".repeat(31)}`]) {
    assert.throws(() => checkKemPublic(concat(publicKey.slice(0, 1184), unhex(point))), WeakKey, point);
  }
  assert.throws(() => checkKemPublic(concat(255, 255, 255, publicKey.slice(3))), WeakKey);
  assert.throws(() => checkKemPublic(publicKey.slice(1)), Malformed);
  await assert.rejects(seal(new Uint8Array(1216), "grant", PLACE, KEY), WeakKey);
});

test("an item opens under its key in its place, and says what is wrong otherwise", async () => {
  const data = await sealItem(KEY, PLACE, utf8("Xin chào"));
  assert.equal(data.length, 1 + 32 + 32 + 512 + 16);
  assert.deepEqual(await openItem(KEY, PLACE, data), utf8("Xin chào"));
  await assert.rejects(openItem(SEED, PLACE, data), NotForMe);
  await assert.rejects(openItem(KEY, binding("summary", CASE, { id: "i", ring: "report", epoch: 2 }), data), NotForMe);
  await assert.rejects(openItem(KEY, PLACE, flipped(data, 1)), NotForMe);
  await assert.rejects(openItem(KEY, PLACE, flipped(data, 33)), NotForMe);
  await assert.rejects(openItem(KEY, PLACE, flipped(data, 70)), Damaged);
  await assert.rejects(openItem(KEY, PLACE, flipped(data, 0)), Malformed);
  await assert.rejects(openItem(KEY, PLACE, data.slice(0, 80)), Malformed);
  await assert.rejects(sealItem(KEY.slice(1), PLACE, data), Malformed);
});

test("any k shares join, fewer to another key, which its commitment shows", async () => {
  const shares = await split(KEY, 3, 5);
  assert.ok(shares.every((share) => share.length === 33 && share[32] > 0));
  assert.deepEqual(await join([shares[4], shares[0], shares[2]]), KEY);
  assert.deepEqual(await join(shares), KEY);
  const wrong = await join(shares.slice(0, 2));
  assert.notEqual(await scopeCommitment(CASE, "name", wrong), await scopeCommitment(CASE, "name", KEY));
});

test("shares that can't be joined are refused", async () => {
  const shares = await split(KEY, 2, 4);
  const zero = Uint8Array.from(shares[1]);
  zero[32] = 0;
  for (const wrong of [[shares[0]], [], [shares[0], shares[0]], [shares[0], shares[1].slice(1)], [shares[0], zero], null]) {
    await assert.rejects(join(wrong), Malformed);
  }
  for (const [k, n] of [[1, 4], [5, 4], [2, 256], [2.5, 4]]) await assert.rejects(split(KEY, k, n), Malformed);
});

test("commitments depend on every part of their place", async () => {
  const all = [
    await ringCommitment(CASE, "report", 1, KEY), await ringCommitment(CASE, "report", 2, KEY), await ringCommitment(CASE, "internal", 1, KEY),
    await ringCommitment("other", "report", 1, KEY), await ringCommitment(CASE, "report", 1, SEED), await scopeCommitment(CASE, "name", KEY),
    await scopeCommitment(CASE, "contact", KEY),
  ];
  assert.equal(new Set(all).size, all.length);
});

test("members and reporters get different keys from what they hold", async () => {
  const member = await memberKeys(SEED);
  assert.deepEqual(Object.keys(member), ["kemSeed", "kemPublic", "signSeed", "signPublic"]);
  const code = "ba-ba-ba-ba-ba-ba-ba-ba-ba";
  const salt = new Uint8Array(16);
  const reporter = await reporterKeys(code, salt);
  assert.equal(reporter.mailboxHash, await sha256hex(reporter.mailbox));
  assert.notDeepEqual(reporter.kemSeed, reporter.signSeed);
  assert.deepEqual((await reporterKeys(code, salt)).signPublic, reporter.signPublic);
  assert.notDeepEqual((await reporterKeys(code, SEED)).mailbox, reporter.mailbox);
  await assert.rejects(reporterKeys("Ba Ba Ba Ba Ba Ba Ba Ba Ba", salt), Malformed);
});

test("an envelope opens with its routing key, and only its answer opens with its answer key", async () => {
  const payload = { op: "mailbox.open", args: { secret: b64u(KEY), lang: "vi" } };
  const { wire, answerKey } = await sealEnvelope(CASE, await kemPublic(SEED), payload);
  assert.equal(envelopeKeyId(wire), CASE);
  assert.equal(wire.length, 16 + 1 + 1120 + 4096 + 16);
  const opened = await openEnvelope(SEED, wire);
  assert.deepEqual(opened.payload, { v: 1, ...payload, answer: b64u(answerKey) });
  const said = { ok: { found: false } };
  const answer = await sealAnswer(opened.answerKey, opened.digest, said);
  assert.equal(answer.length, 1 + 12 + 4096 + 16);
  assert.deepEqual(await openAnswer(answerKey, opened.digest, answer), said);
  await assert.rejects(openAnswer(answerKey, randomBytes(32), answer), Damaged);
  await assert.rejects(openAnswer(KEY, opened.digest, answer), Damaged);
  await assert.rejects(openAnswer(answerKey, opened.digest, answer.slice(0, -1)), Malformed);
  assert.equal((await sealAnswer(answerKey, opened.digest, said, 131_072)).length, 29 + 131_072);
  await assert.rejects(sealAnswer(answerKey, opened.digest, { a: "x".repeat(5000) }, 4096), Malformed);
});

test("an envelope moved to another routing key, or altered, does not open", async () => {
  const { wire } = await sealEnvelope(CASE, await kemPublic(SEED), { op: "preview", args: {} });
  await assert.rejects(openEnvelope(SEED, flipped(wire, 3)), Damaged);
  await assert.rejects(openEnvelope(KEY, wire), Damaged);
  await assert.rejects(openEnvelope(SEED, wire.slice(0, 2000)), Malformed);
});

test("an envelope with a large report is padded to a Padmé size", async () => {
  const args = { text: "x".repeat(100_000) };
  const { wire } = await sealEnvelope(CASE, await kemPublic(SEED), { op: "submit", args });
  const framed = wire.length - 16 - 1 - 1120 - 16;
  assert.equal(framed % 2048, 0);
  assert.deepEqual((await openEnvelope(SEED, wire)).payload.args, args);
  assert.deepEqual(jcs(JSON.parse(new TextDecoder().decode(jcs(args)))), jcs(args));
  assert.deepEqual(unb64u(b64u(wire)), wire);
});
