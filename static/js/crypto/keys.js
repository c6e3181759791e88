// Key pairs from seeds and from receipt codes (sealing.md, Keys and Bytes: seeds, receipt code). Twin of crypto/keys.py.

import { label, requireBytes, sha256hex } from "./encoding.js";
import { Malformed } from "./errors.js";
import { kemPublic } from "./hpke.js";
import { hkdf, stretchedCode } from "./kdf.js";
import { signPublic } from "./signing.js";

const PAIR = "/pair";

/** @typedef {{kemSeed: Uint8Array, kemPublic: Uint8Array, signSeed: Uint8Array, signPublic: Uint8Array}} KeyPair */

async function pair(kemSeed, signSeed) {
  return { kemSeed, kemPublic: await kemPublic(kemSeed), signSeed, signPublic: await signPublic(signSeed) };
}

/** A member's keys from their 32-byte seed. @returns {Promise<KeyPair>} */
export async function memberKeys(seed) {
  requireBytes(seed, 32, "a member's seed");
  return pair(await hkdf(seed, label("kem")), await hkdf(seed, label("sign")));
}

/**
 * A reporter's keys from the receipt code, as parseCode spells it, and the installation's salt.
 * @returns {Promise<KeyPair & {mailbox: Uint8Array, mailboxHash: string}>} `mailboxHash` is what the server stores
 */
export const reporterKeys = async (codeText, salt) => branch(await stretch(codeText, salt), "");

/** The same for the second case of a linked pair: other keys and another mailbox under the same code. */
export const pairKeys = async (codeText, salt) => branch(await stretch(codeText, salt), PAIR);

/** Both at once, `{own, pair}`: the code is stretched, which takes most of the time, once. */
export async function codeKeys(codeText, salt) {
  const stretched = await stretch(codeText, salt);
  const [own, pair] = await Promise.all([branch(stretched, ""), branch(stretched, PAIR)]);
  return { own, pair };
}

async function stretch(codeText, salt) {
  if (!/^[a-z]+(?:-[a-z]+){8}$/.test(codeText)) throw new Malformed("a receipt code as parseCode spells it");
  return stretchedCode(codeText, salt);
}

async function branch(stretched, name) {
  const mailbox = await hkdf(stretched, label(`mailbox${name}`));
  const keys = await pair(await hkdf(stretched, label(`reporter-kem${name}`)), await hkdf(stretched, label(`reporter-sign${name}`)));
  return { ...keys, mailbox, mailboxHash: await sha256hex(mailbox) };
}
