// The vectors that both languages must pass (tests/crypto/test_vectors.py is the other half), ours and published ones.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import * as bindings from "../../static/js/crypto/binding.js";
import * as codes from "../../static/js/crypto/codes.js";
import * as ed25519 from "../../static/js/crypto/ed25519.js";
import * as encoding from "../../static/js/crypto/encoding.js";
import * as envelopes from "../../static/js/crypto/envelopes.js";
import { CryptoError } from "../../static/js/crypto/errors.js";
import * as hpke from "../../static/js/crypto/hpke.js";
import * as items from "../../static/js/crypto/items.js";
import * as kdf from "../../static/js/crypto/kdf.js";
import * as keys from "../../static/js/crypto/keys.js";
import * as ledgers from "../../static/js/crypto/ledgers.js";
import * as packages from "../../static/js/crypto/packages.js";
import * as padding from "../../static/js/crypto/padding.js";
import * as passphrase from "../../static/js/crypto/passphrase.js";
import * as rings from "../../static/js/crypto/rings.js";
import * as rosters from "../../static/js/crypto/rosters.js";
import * as shamir from "../../static/js/crypto/shamir.js";
import * as signing from "../../static/js/crypto/signing.js";
import { XWing } from "../../static/vendor/sealing.js";

const FOLDER = new URL("../vectors/", import.meta.url);
const PUBLISHED_HPKE = "published-hpke-pq.json";
const FUNCTIONS = {
  ...bindings, ...codes, ...encoding, ...envelopes, ...hpke, ...items, ...kdf, ...keys, ...ledgers, ...packages, ...padding, ...passphrase,
  ...rings, ...rosters, ...shamir, ...signing,
  verifyRoster: async (...args) => (await rosters.verifyRoster(...args)).hash,
};
// How many arguments come before the implementation of Ed25519.
const SIGNING = { sign: 3, signDocument: 3, signPublic: 1, signStatement: 2, verify: 4, verifyDocument: 3, verifyStatement: 3 };

const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));

function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (!value || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === "b") return encoding.unb64u(value.b);
  return Object.fromEntries(names.map((name) => [name, unpacked(value[name])]));
}

async function meets({ function: name, args, error, result }, ...using) {
  const called = async () => FUNCTIONS[name](...unpacked(args), ...using);
  if (error) {
    await assert.rejects(called, (refused) => refused instanceof CryptoError && refused.name === error);
  } else {
    assert.deepEqual((await called()) ?? null, unpacked(result));
  }
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== PUBLISHED_HPKE).sort()) {
  test(`the vectors of ${file}`, async (context) => {
    for (const vector of read(file)) {
      const name = `${vector.function}: ${vector.name}`;
      if (vector.function in SIGNING) {
        assert.equal(vector.args.length, SIGNING[vector.function], name);
        await context.test(`${name}, by WebCrypto`, () => meets(vector, ed25519.webcrypto));
        await context.test(`${name}, by noble`, () => meets(vector, ed25519.noble));
      } else {
        await context.test(name, () => meets(vector));
      }
    }
  });
}

test("every path of the vectors leads from its leaf to its root", async () => {
  const paths = [...read("ledgers.json"), ...read("published.json")].filter(({ function: name, error }) => name === "merklePath" && !error);
  assert.ok(paths.length > 8);
  for (const { args, result } of paths) {
    const [leaves, index] = unpacked(args);
    const root = await ledgers.merkleRoot(leaves);
    assert.equal(await ledgers.verifyPath(leaves[index], index, leaves.length, unpacked(result), root), true);
  }
});

test("X-Wing comes to the published public key and shared secret", async () => {
  const published = read(PUBLISHED_HPKE);
  const raw = (name) => encoding.unhex(published[name]);
  assert.equal(encoding.hex(await hpke.kemPublic(raw("skRm"))), published.pkRm);
  const kem = new XWing();
  const recipientKey = await kem.importKey("raw", raw("skRm"), false);
  const shared = await kem.decap({ recipientKey, enc: raw("enc").buffer });
  assert.equal(encoding.hex(new Uint8Array(shared)), published.shared_secret);
});
