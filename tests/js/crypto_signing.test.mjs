// Signatures, rosters, the ledger, passphrases (sealing.md: Statement, Roster, Bytes), Ed25519 in both implementations.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inScript, inWasm, inWorker } from "../../static/js/crypto/argon2id.js";
import * as ed25519 from "../../static/js/crypto/ed25519.js";
import { b64u, concat, fingerprint, hex, randomBytes, sha256hex, unb64u, unhex, utf8 } from "../../static/js/crypto/encoding.js";
import { BadSignature, CryptoError, Damaged, Expired, Malformed, Stale, WeakKey } from "../../static/js/crypto/errors.js";
import { memberKeys } from "../../static/js/crypto/keys.js";
import * as ledgers from "../../static/js/crypto/ledgers.js";
import * as passphrase from "../../static/js/crypto/passphrase.js";
import { Roster, checkSuccessor, verifyRoster } from "../../static/js/crypto/rosters.js";
import * as signing from "../../static/js/crypto/signing.js";

const SEED = new Uint8Array(32).fill(7);
const ID = new Uint8Array(16).fill(4);
const BRANCHES = [["WebCrypto", ed25519.webcrypto], ["noble", ed25519.noble]];
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const little = (number) => Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * at)) & 255n));
const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

test("this Node has Ed25519 in WebCrypto, and it is chosen", async () => {
  assert.equal(await ed25519.implementation(), ed25519.webcrypto);
});

for (const [name, using] of BRANCHES) {
  test(`${name}: the keys and signature of RFC 8032, test 1`, async () => {
    const seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    assert.equal(hex(await using.publicKey(seed)), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const signature = await using.sign(seed, new Uint8Array(0));
    assert.ok(hex(signature).startsWith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"));
  });

  test(`${name}: a signature holds for its key, prefix and body only`, async () => {
    const key = await signing.signPublic(SEED, using);
    const body = utf8("{}");
    const signature = await signing.sign(SEED, "roster", body, using);
    await signing.verify(key, "roster", body, signature, using);
    const other = await signing.signPublic(new Uint8Array(32), using);
    await assert.rejects(signing.verify(other, "roster", body, signature, using), BadSignature);
    await assert.rejects(signing.verify(key, "checkpoint", body, signature, using), BadSignature);
    await assert.rejects(signing.verify(key, "roster", utf8("{ }"), signature, using), BadSignature);
    await assert.rejects(signing.verify(key, "roster", body, signature.slice(1), using), BadSignature);
  });

  test(`${name}: S must be canonical`, async () => {
    const key = await signing.signPublic(SEED, using);
    const signature = await signing.sign(SEED, "roster", ID, using);
    const malleable = concat(signature.slice(0, 32), little(number(signature.slice(32)) + ORDER));
    await assert.rejects(signing.verify(key, "roster", ID, malleable, using), { name: "BadSignature", message: /canonical/ });
  });

  test(`${name}: keys of small order and second spellings are refused before anything is verified`, async () => {
    const p = 2n ** 255n - 19n;
    const eight = unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    const sign = (bytes) => concat(bytes.slice(0, 31), bytes[31] | 0x80);
    const weak = [little(0n), little(1n), little(p - 1n), little(p), little(p + 1n), eight, sign(eight), sign(little(0n)), little(p + 5n)];
    for (const key of weak) await assert.rejects(signing.verify(key, "roster", ID, new Uint8Array(64), using), WeakKey, hex(key));
    await assert.rejects(signing.verify(new Uint8Array(31), "roster", ID, new Uint8Array(64), using), Malformed);
    await assert.rejects(signing.verify(little(2n), "roster", ID, new Uint8Array(64), using), BadSignature, "not on the curve");
  });

  test(`${name}: statements and documents say what was signed`, async () => {
    const key = await signing.signPublic(SEED, using);
    const statement = await signing.signStatement(SEED, { v: 1, kind: "item", a: "Xin chào" }, using);
    assert.deepEqual(await signing.verifyStatement(key, statement, "item", using), { v: 1, kind: "item", a: "Xin chào" });
    await assert.rejects(signing.verifyStatement(key, statement, "epoch", using), BadSignature);
    await assert.rejects(signing.verifyStatement(key, null, "item", using), Malformed);
    const spaced = utf8('{"kind":"item", "v":1}');
    const loose = { stmt: b64u(spaced), sig: b64u(await signing.sign(SEED, "stmt/item", spaced, using)) };
    await assert.rejects(signing.verifyStatement(key, loose, "item", using), Malformed);
    const document = await signing.signDocument(SEED, "checkpoint", { v: 1, no: 2 }, using);
    assert.deepEqual(await signing.verifyDocument(key, "checkpoint", document, using), { v: 1, no: 2 });
    await assert.rejects(signing.verifyDocument(key, "roster", document, using), BadSignature);
  });
}

test("both implementations accept each other's signatures", async () => {
  const key = await signing.signPublic(SEED);
  for (const [, mine] of BRANCHES) {
    for (const [, theirs] of BRANCHES) await signing.verify(key, "roster", ID, await signing.sign(SEED, "roster", ID, mine), theirs);
  }
});

const person = await memberKeys(randomBytes(32));
const rosterBody = (change = {}) => ({
  v: 1, org: null, no: 1, prev: ledgers.START, issued: "2026-11-01", expires: "2027-02-01", successor: "", installation: b64u(person.signPublic),
  bodies: [{ id: "UBKT-S", kind: "committee", level: 2, quorum: 2 }],
  seats: [
    { id: "UBKT-S/P-001", body: "UBKT-S", person: "P-001", function: "head", roles: ["decide", "intake"] },
    { id: "UBKT-S/P-002", body: "UBKT-S", person: "P-002", function: "member", roles: ["term"] },
    { id: "UBKT-S/P-003", body: "UBKT-S", person: "P-003", function: "member", roles: ["intake"] },
  ],
  members: ["P-001", "P-002"].map((id) => ({ id, kem: b64u(person.kemPublic), sign: b64u(person.signPublic) })),
  sets: [1, 2].map((v) => ({ id: "KS-S", v, k: 2, n: 4, level: 2, purpose: "identity", members: ["P-001"] })),
  ...change,
});
async function signedRoster(change = {}, seed = SEED) {
  const org = await signing.signPublic(seed);
  return { org, document: await signing.signDocument(seed, "roster", { ...rosterBody({ org: b64u(org) }), ...change }) };
}

test("a roster gives members with raw keys, readers with roles and keys, and the newest set", async () => {
  const { org, document } = await signedRoster();
  const roster = await verifyRoster(document, org, { on: "2027-02-01" });
  assert.ok(roster instanceof Roster && Object.isFrozen(roster));
  assert.equal(roster.hash, await sha256hex(unb64u(document.doc)));
  assert.deepEqual(roster.member("P-002").kem, person.kemPublic);
  assert.equal(roster.member("P-002").readerkey, await sha256hex(person.kemPublic));
  assert.equal(roster.member("P-009"), null);
  assert.deepEqual(roster.readersOf("UBKT-S"), ["P-001"]);
  assert.equal(roster.set("KS-S").v, 2);
  assert.deepEqual(roster.installation, person.signPublic);
});

test("a roster that is expired, forged, another's, unsorted or misshapen is refused", async () => {
  const { org, document } = await signedRoster();
  await assert.rejects(verifyRoster(document, org, { on: new Date("2027-02-02T00:00:00Z") }), Expired);
  await assert.rejects(verifyRoster(document, person.signPublic, { on: "2026-12-01" }), BadSignature);
  const on = { on: "2026-12-01" };
  await assert.rejects(verifyRoster((await signedRoster({ org: b64u(person.signPublic) })).document, org, on), BadSignature);
  for (const change of [
    { members: [...rosterBody().members].reverse() }, { seats: [rosterBody().seats[0], rosterBody().seats[0]] }, { no: 0 }, { extra: 1 },
    { expires: "soon" }, { installation: "AA" }, { members: [{ id: "P-001", kem: "AA", sign: "AA" }] }, { bodies: null },
  ]) await assert.rejects(verifyRoster((await signedRoster(change)).document, org, on), Malformed, JSON.stringify(change));
});

test("a roster follows another with the next number, its hash, and its key or the named successor", async () => {
  const on = { on: "2026-12-01" };
  const successor = randomBytes(32);
  const first = await signedRoster({ successor: await fingerprint(await signing.signPublic(successor)) });
  const one = await verifyRoster(first.document, first.org, on);
  const next = async (change, seed) => {
    const made = await signedRoster({ no: 2, prev: one.hash, ...change }, seed);
    return verifyRoster(made.document, made.org, on);
  };
  await checkSuccessor(one, await next());
  await checkSuccessor(one, await next({}, successor));
  await checkSuccessor(one.said, (await next()).said);
  await assert.rejects(checkSuccessor(one, await next({}, randomBytes(32))), BadSignature);
  await assert.rejects(checkSuccessor(one, await next({ no: 1 })), Stale);
  await assert.rejects(checkSuccessor(one, await next({ no: 3 })), Malformed);
  await assert.rejects(checkSuccessor(one, await next({ prev: ledgers.START })), Malformed);
});

async function chainOf(length, change = {}) {
  const entries = [];
  let prev = ledgers.START;
  for (let seq = 1; seq <= length; seq += 1) {
    const at = "2026-11-23T08:00:00Z";
    const entry = ledgers.entryBytes({ chain: "c", seq, at, kind: "opened", prev, pub: {}, priv: await ledgers.privateDigest(SEED, { seq }), ...change[seq] });
    entries.push(entry);
    prev = await ledgers.entryHash(entry);
  }
  return { entries, head: prev };
}

test("a chain is checked from its first entry, and the first wrong one is named", async () => {
  const { entries, head } = await chainOf(4);
  const { seq, head: found } = await ledgers.verifyChain(entries, "c");
  assert.deepEqual([seq, found], [4, head]);
  const breaks = (list, index, chain = "c") => assert.rejects(ledgers.verifyChain(list, chain), (error) => error instanceof Damaged && error.index === index);
  await breaks([entries[0], entries[2], entries[3]], 1);
  await breaks(entries.slice(1), 0);
  await breaks(entries, 0, "d");
  await breaks((await chainOf(3, { 2: { chain: "d" } })).entries, 1);
  await breaks([entries[0], (await chainOf(2, { 1: { kind: "other" } })).entries[1]], 1);
  await breaks([entries[0], utf8("{}")], 1);
  await assert.rejects(ledgers.verifyChain([]), Malformed);
});

const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(unhex);

test("Merkle roots are those known from certificate transparency", async () => {
  const roots = await Promise.all([0, 1, 8].map((size) => ledgers.merkleRoot(LEAVES.slice(0, size))));
  assert.deepEqual(roots.map(hex), [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]);
});

test("every leaf's path leads to the root, and to no other place", async () => {
  for (let size = 1; size <= LEAVES.length; size += 1) {
    const leaves = LEAVES.slice(0, size);
    const root = await ledgers.merkleRoot(leaves);
    for (const [index, leaf] of leaves.entries()) {
      const path = await ledgers.merklePath(leaves, index);
      assert.equal(await ledgers.verifyPath(leaf, index, size, path, root), true);
      assert.equal(await ledgers.verifyPath(utf8("other"), index, size, path, root), false);
      assert.equal(await ledgers.verifyPath(leaf, index, size, [...path, root], root), false);
      if (size > 1) assert.equal(await ledgers.verifyPath(leaf, (index + 1) % size, size, path, root), false);
    }
  }
  await assert.rejects(ledgers.merklePath(LEAVES, 8), Malformed);
});

test("a checkpoint is the installation's, no older than the last seen, and of one history", async () => {
  const heads = ["a", "b", "c"].map((chain) => ({ chain, head: "ab".repeat(32), seq: 3 }));
  const leaves = heads.map(ledgers.leafBytes);
  const sign = (change) => signing.signDocument(SEED, "checkpoint", {
    v: 1, no: 5, prev: ledgers.START, root: rootText, size: 3, at: "2026-11-23T08:00:00Z", ...change,
  });
  const rootText = hex(await ledgers.merkleRoot(leaves));
  const key = await signing.signPublic(SEED);
  const checkpoint = await ledgers.verifyCheckpoint(key, await sign(), { no: 4, hash: ledgers.START });
  const proof = { index: 1, path: (await ledgers.merklePath(leaves, 1)).map(hex) };
  assert.equal(await ledgers.verifyInclusion(checkpoint, heads[1], proof), true);
  assert.equal(await ledgers.verifyInclusion(checkpoint, { ...heads[1], seq: 4 }, proof), false);
  await assert.rejects(ledgers.verifyCheckpoint(key, await sign(), { no: 6, hash: ledgers.START }), Stale);
  await assert.rejects(ledgers.verifyCheckpoint(key, await sign({ at: "x" }), checkpoint), BadSignature);
  await assert.rejects(ledgers.verifyCheckpoint(key, await sign({ no: 6 }), checkpoint), BadSignature);
  await ledgers.verifyCheckpoint(key, await sign({ no: 6, prev: checkpoint.hash }), checkpoint);
  await assert.rejects(ledgers.verifyCheckpoint(person.signPublic, await sign()), BadSignature);
  await assert.rejects(ledgers.verifyCheckpoint(key, await sign({ root: "x" })), Malformed);
});

test("both Argon2id give the same bytes, and the slow one says how far it is", async () => {
  const shares = [];
  const [quick, slow] = [await inWasm(utf8("mật khẩu"), ID), await inScript(utf8("mật khẩu"), ID, (share) => shares.push(share))];
  assert.deepEqual(quick, slow);
  assert.ok(shares.length > 10 && shares.length <= 101 && shares.at(-1) === 1);
  assert.deepEqual(shares, [...shares].sort((left, right) => left - right));
});

test("a passphrase is stretched in its composed form", async () => {
  const composed = await passphrase.stretch("mật khẩu", ID);
  assert.deepEqual(composed, await inWasm(utf8("mật khẩu".normalize("NFC")), ID));
  assert.deepEqual(await passphrase.stretch("mật khẩu".normalize("NFD"), ID), composed);
  await assert.rejects(passphrase.stretch("", ID), Malformed);
  await assert.rejects(passphrase.stretch("x", SEED), Malformed);
});

test("the worker's answer is taken, its progress told, its failure an error", async () => {
  const fake = (answers) => ({
    terminated: false,
    postMessage({ token }) { queueMicrotask(() => answers.forEach((data) => this.onmessage({ data: { token, ...data } }))); },
    terminate() { this.terminated = true; },
  });
  const told = [];
  const worker = fake([{ share: 0.5 }, { stretched: SEED }]);
  assert.deepEqual(await inWorker(ID, ID, (share) => told.push(share), () => worker), SEED);
  assert.deepEqual([told, worker.terminated], [[0.5], true]);
  await assert.rejects(inWorker(ID, ID, undefined, () => fake([{ failed: "RangeError" }])), CryptoError);
});

test("a wrapped seed opens with its key for its member, and not as the other wrapping", async () => {
  const [key, other] = [await passphrase.wrappingKey(SEED, ID), await passphrase.wrappingKey(SEED, SEED)];
  const data = await passphrase.wrapSeed(key, ID, SEED, { org: "x" });
  assert.deepEqual(await passphrase.unwrapSeed(key, ID, data), { seed: SEED, pins: { org: "x" } });
  await assert.rejects(passphrase.unwrapSeed(other, ID, data), Damaged);
  await assert.rejects(passphrase.unwrapSeed(key, new Uint8Array(16), data), Damaged);
  await assert.rejects(passphrase.unwrapRecovery(key, ID, data), Damaged);
  await assert.rejects(passphrase.unwrapSeed(key, ID, concat(2, data.slice(1))), Malformed);
  assert.notDeepEqual(await passphrase.authSecret(SEED), key);
});

test("the recovery key opens however it is typed", async () => {
  const printed = passphrase.newRecoveryKey();
  assert.match(printed, /^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){7}$/);
  const data = await passphrase.wrapRecovery(await passphrase.recoveryWrappingKey(printed), ID, SEED, {});
  const typed = await passphrase.recoveryWrappingKey(` ${printed.toLowerCase().replaceAll("-", " ")} `);
  assert.deepEqual((await passphrase.unwrapRecovery(typed, ID, data)).seed, SEED);
  const counting = Uint8Array.from({ length: 20 }, (_, at) => at);
  assert.equal(passphrase.newRecoveryKey(() => counting), "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT");
  for (const wrong of ["", printed.slice(1), `${printed}A`, printed.replace(/./, "1")]) await assert.rejects(passphrase.recoveryWrappingKey(wrong), Malformed);
});

test("salts depend on the name in lower case alone", async () => {
  const salt = await passphrase.memberSalt(SEED, "an.nguyen");
  assert.equal(salt.length, 16);
  assert.deepEqual(await passphrase.memberSalt(SEED, "An.Nguyen"), salt);
  await assert.rejects(passphrase.memberSalt(SEED, "ân"), Malformed);
});

test("an offered passphrase is six words, drawn with the bytes given", () => {
  assert.match(passphrase.newPassphrase(), /^[a-z]+(?: [a-z]+){5}$/);
  assert.notEqual(passphrase.newPassphrase(), passphrase.newPassphrase());
});
