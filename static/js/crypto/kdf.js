// HKDF-SHA256 (RFC 5869), and PBKDF2 for codes that are drawn and not chosen (RFC 8018). Twin of crypto/kdf.py.

import { utf8 } from "./encoding.js";
import { Malformed } from "./errors.js";

const EMPTY = new Uint8Array(0);
const LONGEST = 255 * 32; // bytes (RFC 5869 section 2.3)
const ROUNDS = 600_000;

/** @param {Uint8Array} key @param {Uint8Array} info @returns {Promise<Uint8Array>} @throws {Malformed} for more than there are */
export async function hkdf(key, info, { salt = EMPTY, length = 32 } = {}) {
  if (length > LONGEST) throw new Malformed("more than HKDF gives");
  const imported = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, imported, length * 8);
  return new Uint8Array(bits);
}

/** 32 bytes of a drawn code's words: PBKDF2-HMAC-SHA256, 600,000 rounds. @returns {Promise<Uint8Array>} */
export async function stretchedCode(codeText, salt) {
  const code = await crypto.subtle.importKey("raw", utf8(codeText), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, code, 256));
}
