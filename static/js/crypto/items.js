// Items: content under a ring's or scope's key (sealing.md, Objects and Bytes: item). Twin of crypto/items.py.
//
// Stored: 01 | salt 32 | commitment 32 | AES-256-GCM(key, nonce 12 zeros, Padmé frame, aad = binding). Key and commitment
// are derived for this one salt, so the nonce may be constant; the commitment tells another key from damage.

import { TAG, NONCE, decrypt, encrypt } from "./aead.js";
import { concat, equalBytes, labelled, randomBytes, requireBytes } from "./encoding.js";
import { Malformed, NotForMe } from "./errors.js";
import { hkdf } from "./kdf.js";
import { pad, unpad } from "./padding.js";

const VERSION = 1;
const HEAD = 65;
const ZERO_NONCE = new Uint8Array(NONCE);

async function derive(key, salt, binding) {
  const okm = await hkdf(requireBytes(key, 32, "an item's key"), labelled("item", binding), { salt, length: 64 });
  return { key: okm.slice(0, 32), commitment: okm.slice(32) };
}

/** @param {Uint8Array} key 32 bytes @param {Uint8Array} binding @param {Uint8Array} plaintext @returns {Promise<Uint8Array>} */
export async function sealItem(key, binding, plaintext, rng = randomBytes) {
  const salt = rng(32);
  const derived = await derive(key, salt, binding);
  return concat(VERSION, salt, derived.commitment, await encrypt(derived.key, ZERO_NONCE, pad(plaintext), binding));
}

/** @returns {Promise<Uint8Array>} @throws {NotForMe} another key or place @throws {Damaged} altered @throws {Malformed} */
export async function openItem(key, binding, data) {
  if (!(data instanceof Uint8Array) || data.length < HEAD + TAG) throw new Malformed("too short for an item");
  if (data[0] !== VERSION) throw new Malformed("an item of unknown version");
  const derived = await derive(key, data.slice(1, 33), binding);
  if (!equalBytes(derived.commitment, data.subarray(33, HEAD))) throw new NotForMe("an item under another key, or of another place");
  return unpad(await decrypt(derived.key, ZERO_NONCE, data.slice(HEAD), binding));
}
