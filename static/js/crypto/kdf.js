// HKDF-SHA256 (RFC 5869). Twin of crypto/kdf.py.

import { Malformed } from "./errors.js";

const EMPTY = new Uint8Array(0);
const LONGEST = 255 * 32; // bytes (RFC 5869 section 2.3)

/** @param {Uint8Array} key @param {Uint8Array} info @returns {Promise<Uint8Array>} @throws {Malformed} for more than there are */
export async function hkdf(key, info, { salt = EMPTY, length = 32 } = {}) {
  if (length > LONGEST) throw new Malformed("more than HKDF gives");
  const imported = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, imported, length * 8);
  return new Uint8Array(bits);
}
