// A member's passphrase, and the seed wrapped under it (sealing.md, Member key and Bytes). Twin of crypto/passphrase.py.
//
// A = Argon2id(passphrase, salt) has two HKDF branches: the auth secret, which is sent, and the wrapping key, which never is.

import { NONCE, TAG, decrypt, encrypt } from "./aead.js";
import { argon2id } from "./argon2id.js";
import { cleanText, concat, jcs, label, labelled, parseJcs, randomBytes, requireBytes, utf8 } from "./encoding.js";
import { Malformed } from "./errors.js";
import { hkdf } from "./kdf.js";
import { SYLLABLES } from "./syllables.js";

const VERSION = 1;
const SALT = 16;
const MEMBER_ID = 16;
const SEED = 32;
const RECOVERY = 20; // 160 bits: 32 letters of base32, eight groups of four
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 section 6
const WORDS = 6; // of two syllables, 20 bits each: 120 bits

/** HMAC-SHA256 (RFC 2104). @returns {Promise<Uint8Array>} */
export async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** The salt of a user name, known or unknown: HMAC(salt key, L("salt") | 00 | name), first 16. @throws {Malformed} not ASCII */
export async function memberSalt(saltKey, username) {
  if (!/^[\x21-\x7e]+$/.test(username)) throw new Malformed("a user name is ASCII");
  return (await hmac(saltKey, labelled("salt", utf8(username.toLowerCase())))).slice(0, SALT);
}

/**
 * The stretched passphrase A: NFC, UTF-8, Argon2id. By WebAssembly where it is allowed, else slowly in a worker.
 * @param {string} passphrase @param {Uint8Array} salt 16 bytes
 * @param {{onProgress?: (share: number) => void, makeWorker?: () => Worker}} [how] shares 0..1, of the slow way only
 * @returns {Promise<Uint8Array>} @throws {Malformed|CryptoError}
 */
export async function stretch(passphrase, salt, how = {}) {
  const password = utf8(cleanText(passphrase).normalize("NFC"));
  if (!password.length) throw new Malformed("an empty passphrase");
  return argon2id(password, requireBytes(salt, SALT, "a salt"), how);
}

/** What is sent at sign-in. @returns {Promise<Uint8Array>} */
export const authSecret = (stretched) => hkdf(requireBytes(stretched, 32, "a stretched passphrase"), label("auth"));

/** What wraps the seed, with the pepper that the server releases after both factors. @returns {Promise<Uint8Array>} */
export const wrappingKey = (stretched, pepper) => (
  hkdf(requireBytes(stretched, 32, "a stretched passphrase"), label("wrap"), { salt: pepper }));

/** What the server keeps of an auth secret: HMAC(auth key, L("auth") | 00 | member id | auth). */
export async function storedAuth(authKey, memberId, auth) {
  return hmac(authKey, labelled("auth", requireBytes(memberId, MEMBER_ID, "a member id"), auth));
}

async function wrap(name, key, memberId, seed, pins, rng) {
  const aad = labelled(name, requireBytes(memberId, MEMBER_ID, "a member id"));
  const nonce = rng(NONCE);
  const plaintext = concat(requireBytes(seed, SEED, "a seed"), jcs(pins));
  return concat(VERSION, nonce, await encrypt(requireBytes(key, 32, "a wrapping key"), nonce, plaintext, aad));
}

async function unwrap(name, key, memberId, data) {
  if (!(data instanceof Uint8Array) || data.length < 1 + NONCE + SEED + TAG) throw new Malformed("too short for a wrapped seed");
  if (data[0] !== VERSION) throw new Malformed("a wrapped seed of unknown version");
  const aad = labelled(name, requireBytes(memberId, MEMBER_ID, "a member id"));
  const nonce = data.slice(1, 1 + NONCE);
  const plaintext = await decrypt(requireBytes(key, 32, "a wrapping key"), nonce, data.slice(1 + NONCE), aad);
  return { seed: plaintext.slice(0, SEED), pins: parseJcs(plaintext.slice(SEED)) };
}

/** 01 | nonce | AES-GCM(wrapping key, seed | JCS(pins), aad L("blob") | 00 | member id). @returns {Promise<Uint8Array>} */
export const wrapSeed = (key, memberId, seed, pins, rng = randomBytes) => wrap("blob", key, memberId, seed, pins, rng);

/** @returns {Promise<{seed: Uint8Array, pins: Object}>} @throws {Damaged} also for a wrong key @throws {Malformed} */
export const unwrapSeed = (key, memberId, data) => unwrap("blob", key, memberId, data);

/** The second wrapping, under the printed recovery key: the same with L("recovery"). @returns {Promise<Uint8Array>} */
export const wrapRecovery = (key, memberId, seed, pins, rng = randomBytes) => wrap("recovery", key, memberId, seed, pins, rng);

/** @returns {Promise<{seed: Uint8Array, pins: Object}>} @throws {Damaged|Malformed} */
export const unwrapRecovery = (key, memberId, data) => unwrap("recovery", key, memberId, data);

/** A new recovery key as it is printed: eight groups of four letters. */
export function newRecoveryKey(rng = randomBytes) {
  let bits = rng(RECOVERY).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const letters = [];
  for (; letters.length < 32; bits >>= 5n) letters.unshift(BASE32[Number(bits & 31n)]);
  return letters.join("").match(/.{4}/g).join("-");
}

function recoveryBytes(text) {
  const letters = String(text).toUpperCase().replace(/[\s-]/g, "");
  if (!/^[A-Z2-7]{32}$/.test(letters)) throw new Malformed("a recovery key has 32 letters");
  let bits = [...letters].reduce((sum, letter) => (sum << 5n) | BigInt(BASE32.indexOf(letter)), 0n);
  const bytes = new Uint8Array(RECOVERY);
  for (let at = RECOVERY - 1; at >= 0; at -= 1, bits >>= 8n) bytes[at] = Number(bits & 255n);
  return bytes;
}

/** HKDF(20 bytes, empty, L("recovery")) of the printed key; case, spaces and hyphens don't matter. @throws {Malformed} */
export const recoveryWrappingKey = async (text) => hkdf(recoveryBytes(text), label("recovery"));

/** What proves the printed key before its blob is released: HKDF(20 bytes, empty, L("recovery-auth")). @throws {Malformed} */
export const recoveryAuthSecret = async (text) => hkdf(recoveryBytes(text), label("recovery-auth"));

/** A passphrase to offer: six words of two Vietnamese syllables each, drawn uniformly. @returns {string} */
export function newPassphrase(rng = randomBytes) {
  const bytes = rng(WORDS * 4);
  const syllable = (place) => SYLLABLES[((bytes[2 * place] << 8) | bytes[2 * place + 1]) % SYLLABLES.length]; // 1024 divides 2^16
  return Array.from({ length: WORDS }, (_, word) => syllable(2 * word) + syllable(2 * word + 1)).join(" ");
}
