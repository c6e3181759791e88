// Sharing a 32-byte key k of n: Shamir over GF(256), 0x11b, by the audited package (sealing.md, Primitives). Twin of crypto/shamir.py.
//
// A share is 33 bytes: 32 of y, then x (never 0). Too few or tampered shares join to a wrong key WITHOUT an error: compare
// the joined key with its commitment (rings.js). The package draws from the platform's generator itself.

import { shamirCombine, shamirSplit } from "../../vendor/sealing.js";
import { requireBytes } from "./encoding.js";
import { Malformed } from "./errors.js";

const SECRET = 32;
const copy = (bytes) => Uint8Array.from(bytes); // the package refuses Node's Buffer

/** @param {Uint8Array} secret 32 bytes @returns {Promise<Uint8Array[]>} n shares of 33 bytes @throws {Malformed} */
export async function split(secret, k, n) {
  requireBytes(secret, SECRET, "a shared key");
  const sound = Number.isInteger(k) && Number.isInteger(n) && k >= 2 && n >= k && n <= 255;
  if (!sound) throw new Malformed("needs 2 <= k <= n <= 255");
  return shamirSplit(copy(secret), n, k);
}

/** @param {Uint8Array[]} shares @returns {Promise<Uint8Array>} 32 bytes @throws {Malformed} */
export async function join(shares) {
  if (!Array.isArray(shares) || shares.length < 2 || shares.length > 255) throw new Malformed("needs 2 to 255 shares");
  const places = new Set();
  for (const share of shares) places.add(requireBytes(share, SECRET + 1, "a share")[SECRET]);
  if (places.size !== shares.length || places.has(0)) throw new Malformed("each share needs an x of its own, not 0");
  return shamirCombine(shares.map(copy));
}
