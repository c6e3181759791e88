// The same seed wrapped anew: after the printed recovery key, or for another passphrase (sealing.md, Member key).

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { b64u, unb64u } from "../../static/js/crypto/encoding.js";
import { recoveryAuthSecret } from "../../static/js/crypto/passphrase.js";
import * as member from "../../static/js/client/member.js";

const WHO = { id: "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e", code: "P-001", username: "an.nguyen", name: "Nguyễn Văn An" };
const ORG = b64u(new Uint8Array(32).fill(7));
const PEPPER = b64u(new Uint8Array(32).fill(5));
const stretched = (byte) => new Uint8Array(32).fill(byte);
const faults = (promise, code) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code, error.stack);
  return true;
});

let enrolled;
let begun;

before(async () => {
  enrolled = await member.enrolMember({
    begun: { member: WHO, org: ORG, pepper: PEPPER }, stretched: stretched(1), checkpoint: { no: 0, hash: "0".repeat(64) },
  });
  begun = { member: WHO, pepper: PEPPER, ticket: "AAAA", recovery: enrolled.request.recovery };
});

test("an enrolment hands over the proof of its recovery key", async () => {
  assert.equal(enrolled.request.recovery_auth, b64u(await recoveryAuthSecret(enrolled.recoveryKey)));
  assert.equal(await member.recoveryProof(enrolled.recoveryKey.toLowerCase().replaceAll("-", " ")), enrolled.request.recovery_auth);
  assert.notEqual(enrolled.request.recovery_auth, enrolled.request.auth);
});

test("what can't be a recovery key is said before anything is sent", async () => {
  for (const typed of ["", enrolled.recoveryKey.slice(1), `${enrolled.recoveryKey}A`, enrolled.recoveryKey.replace(/^./, "1")]) {
    await faults(member.recoveryProof(typed), "recovery_form");
  }
});

test("the printed key opens the seed and its pins", async () => {
  const opened = await member.openRecovery(enrolled.recoveryKey, begun);
  assert.deepEqual(opened.keys.signPublic, enrolled.keys.signPublic);
  assert.deepEqual(opened.pins, { org: ORG });
});

test("another key, another member's blob and a blob without pins open nothing", async () => {
  const other = await member.enrolMember({
    begun: { member: { ...WHO, id: "1f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e" }, pepper: PEPPER }, stretched: stretched(1),
    checkpoint: { no: 0, hash: "0".repeat(64) },
  });
  await faults(member.openRecovery(other.recoveryKey, begun), "seed_damaged");
  await faults(member.openRecovery(other.recoveryKey, { ...begun, recovery: other.request.recovery }), "seed_damaged");
  const unpinned = { ...begun, member: { ...WHO, id: "1f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e" }, recovery: other.request.recovery };
  await faults(member.openRecovery(other.recoveryKey, unpinned), "seed_damaged");
});

test("a recovered seed opens with the new passphrase and the new recovery key, and with neither old one", async () => {
  const { seed, pins } = await member.openRecovery(enrolled.recoveryKey, begun);
  const { request, recoveryKey } = await member.renewRecovered({ begun, seed, pins, stretched: stretched(2) });
  assert.deepEqual(Object.keys(request).sort(), ["auth", "recovery", "recovery_auth", "ticket", "wrapped"]);
  assert.notEqual(recoveryKey, enrolled.recoveryKey);
  const place = { pepper: PEPPER, wrapped: request.wrapped, memberId: WHO.id };
  const unlocked = await member.unlockSeed({ ...place, stretched: stretched(2) });
  assert.deepEqual([unlocked.seed, unlocked.pins], [seed, pins]);
  await faults(member.unlockSeed({ ...place, stretched: stretched(1) }), "seed_damaged");
  const again = { ...begun, recovery: request.recovery };
  assert.deepEqual((await member.openRecovery(recoveryKey, again)).seed, seed);
  await faults(member.openRecovery(enrolled.recoveryKey, again), "seed_damaged");
  assert.equal(request.recovery_auth, await member.recoveryProof(recoveryKey));
});

test("a changed passphrase wraps the same seed", async () => {
  const { seed, pins } = await member.openRecovery(enrolled.recoveryKey, begun);
  const request = await member.rewrap({ seed, pins, stretched: stretched(3), pepper: PEPPER, memberId: WHO.id });
  assert.deepEqual(Object.keys(request).sort(), ["new_auth", "wrapped"]);
  assert.equal(request.new_auth, await member.authSecretOf(stretched(3)));
  const opened = await member.unlockSeed({ pepper: PEPPER, wrapped: request.wrapped, memberId: WHO.id, stretched: stretched(3) });
  assert.deepEqual(opened.seed, seed);
  assert.equal(unb64u(request.wrapped)[0], 1);
});

test("a one-time code and a backup code are taken as people type them, and nothing else", () => {
  assert.equal(member.secondFactor("123 456"), "123456");
  assert.equal(member.secondFactor("abcde-fghi2"), "ABCDEFGHI2");
  for (const typed of ["", "12345", "1234567", "ABCDE-FGHI", "ABCDE-FGHI1", "ABCDE-FGHIJK"]) assert.equal(member.secondFactor(typed), null);
});
