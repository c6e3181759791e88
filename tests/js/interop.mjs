// The browser's half of the tests in test_node.py: tasks in on stdin, results out on stdout, as JSON.
//
// A task is [function, ...arguments]; bytes travel as {"b": base64url}. An error travels as {"error": its name}.

import { readFileSync } from "node:fs";

import { objectBinding } from "../../static/js/crypto/binding.js";
import { parseCode } from "../../static/js/crypto/codes.js";
import { b64u, fingerprint, jcs, parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { openAnswer, openEnvelope, sealAnswer, sealEnvelope } from "../../static/js/crypto/envelopes.js";
import { kemPublic, openSealed, seal } from "../../static/js/crypto/hpke.js";
import { openItem, sealItem } from "../../static/js/crypto/items.js";
import { memberKeys, pairKeys, reporterKeys } from "../../static/js/crypto/keys.js";
import { entryBytes, entryHash, merklePath, merkleRoot, privateDigest, verifyPath } from "../../static/js/crypto/ledgers.js";
import {
  authSecret, recoveryWrappingKey, stretch, unwrapRecovery, unwrapSeed, wrapRecovery, wrapSeed, wrappingKey,
} from "../../static/js/crypto/passphrase.js";
import { ringCommitment, scopeCommitment } from "../../static/js/crypto/rings.js";
import { verifyRoster } from "../../static/js/crypto/rosters.js";
import { join, split } from "../../static/js/crypto/shamir.js";
import { signDocument, signPublic, signStatement, verifyDocument, verifyStatement } from "../../static/js/crypto/signing.js";

const FUNCTIONS = {
  authSecret, entryBytes, entryHash, fingerprint, jcs, join, kemPublic, memberKeys, merklePath, merkleRoot, objectBinding, openAnswer,
  openEnvelope, openItem, openSealed, pairKeys, parseCode, parseJcs, privateDigest, recoveryWrappingKey, reporterKeys, ringCommitment, scopeCommitment,
  seal, sealAnswer, sealEnvelope, sealItem, signDocument, signPublic, signStatement, split, stretch, unwrapRecovery, unwrapSeed, verifyDocument,
  verifyPath, verifyStatement, wrapRecovery, wrapSeed, wrappingKey,
  rosterHash: async (document, orgKey, on) => (await verifyRoster(document, orgKey, { on })).hash,
};

function pack(value) {
  if (value instanceof Uint8Array) return { b: b64u(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pack(each)]));
  return value;
}

function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (!value || typeof value !== "object") return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "b") return unb64u(value.b);
  return Object.fromEntries(keys.map((key) => [key, unpack(value[key])]));
}

async function run([name, ...args]) {
  try {
    return pack(await FUNCTIONS[name](...unpack(args)));
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}

const results = [];
for (const task of JSON.parse(readFileSync(0, "utf8"))) results.push(await run(task));
process.stdout.write(JSON.stringify(results));
