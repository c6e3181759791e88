// Bytes and text: base64url, canonical JSON (RFC 8785), labels, hashes (sealing.md, Bytes). Twin of crypto/encoding.py.

import { canonicalize } from "../../vendor/sealing.js";
import { Malformed } from "./errors.js";

const ENCODER = new TextEncoder();
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map([...BASE64URL].map((letter, value) => [letter, value]));
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DEEPEST = 64; // nothing of ours nests deeper; both languages stop at the same depth
// A surrogate without its half: with `u`, halves that meet are one character. (`isWellFormed` is younger than our oldest browser.)
const LONE = /[\uD800-\uDFFF]/u;

/** Random bytes of the platform. Functions that draw take it as an argument, so that vectors can be made. */
export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** UTF-8 of a text. @throws {Malformed} on lone surrogates, which UTF-8 can't hold */
export function utf8(text) {
  if (typeof text !== "string" || LONE.test(text)) throw new Malformed("text with lone surrogates");
  return ENCODER.encode(text);
}

/** Text of strict UTF-8, a byte order mark kept. @throws {Malformed} */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Malformed("not UTF-8", { cause: error });
  }
}

/** One array of all the parts; a number is one byte. @param {...(Uint8Array|number)} parts @returns {Uint8Array} */
export function concat(...parts) {
  const arrays = parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part));
  const whole = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

/** The bytes themselves, when there are exactly so many. @throws {Malformed} */
export function requireBytes(bytes, length, what) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) throw new Malformed(`${what} must be ${length} bytes`);
  return bytes;
}

/** Equality in a time that tells only the lengths. */
export function equalBytes(left, right) {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= left[index] ^ right[index];
  return difference === 0;
}

/** base64url without padding (RFC 4648 section 5). */
export function b64u(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letters = Math.min(4, bytes.length - at + 1);
    for (let place = 0; place < letters; place += 1) out.push(BASE64URL[(word >> (18 - 6 * place)) & 63]);
  }
  return out.join("");
}

/** Bytes of base64url without padding, in its one spelling: unused bits are zero. @throws {Malformed} */
export function unb64u(text) {
  if (typeof text !== "string" || text.length % 4 === 1) throw new Malformed("not base64url");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) throw new Malformed("not base64url");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = held >> bits;
      at += 1;
    }
  }
  if (held & ((1 << bits) - 1)) throw new Malformed("not base64url");
  return bytes;
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes of lower-case hex. @throws {Malformed} */
export function unhex(text) {
  if (typeof text !== "string" || !/^(?:[0-9a-f]{2})*$/.test(text)) throw new Malformed("not lower-case hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The 16 bytes of a lower-case UUID. @throws {Malformed} */
export function uuidBytes(text) {
  if (typeof text !== "string" || !UUID.test(text)) throw new Malformed("not a lower-case UUID");
  return unhex(text.replaceAll("-", ""));
}

/** The text of a UUID's 16 bytes. @throws {Malformed} */
export function uuidText(bytes) {
  return hex(requireBytes(bytes, 16, "a UUID")).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function checkValue(value, depth = DEEPEST) {
  if (depth === 0) throw new Malformed("nested too deeply");
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") utf8(value);
  else if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Malformed("only integers below 2^53");
  } else if (Array.isArray(value)) {
    for (const each of value) checkValue(each, depth - 1);
  } else if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const [key, each] of Object.entries(value)) {
      if (!/^[\0-\x7f]*$/.test(key)) throw new Malformed("only ASCII keys");
      if (each !== undefined) checkValue(each, depth - 1); // an absent field, left out as in all JSON
    }
  } else throw new Malformed("not a JSON value");
}

/** Canonical JSON (RFC 8785) in UTF-8: ASCII keys, integers below 2^53, no floats. @throws {Malformed} */
export function jcs(value) {
  checkValue(value);
  return ENCODER.encode(canonicalize(value));
}

/** The value of canonical JSON; what isn't canonical is refused, doubled keys too. @throws {Malformed} */
export function parseJcs(bytes) {
  let value;
  let again;
  try {
    value = JSON.parse(fromUtf8(bytes));
    again = jcs(value);
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed("not JSON", { cause: error });
  }
  if (!equalBytes(again, bytes)) throw new Malformed("not canonical JSON");
  return value;
}

/** L(name): the ASCII text `niemphong/v1/` + name. */
export const label = (name) => ENCODER.encode(`niemphong/v1/${name}`);

/** L(name) | 00 | rest: the prefix of whatever is signed, hashed or derived. */
export const labelled = (name, ...rest) => concat(label(name), 0, ...rest);

/** SHA-256. @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** SHA-256 in lower-case hex. @param {Uint8Array} bytes @returns {Promise<string>} */
export async function sha256hex(bytes) {
  return hex(await sha256(bytes));
}

/** Text fit for JSON and UTF-8: lone surrogates become U+FFFD. */
export const cleanText = (text) => String(text).replace(/[\uD800-\uDFFF]/gu, "\uFFFD");

/** What people compare: the first 20 bytes of SHA-256 of a raw public key, hex in groups of four. */
export async function fingerprint(publicKey) {
  return hex((await sha256(publicKey)).slice(0, 20)).match(/.{4}/g).join(" ");
}
