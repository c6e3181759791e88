// AES-256-GCM by WebCrypto, with a tag that doesn't fit told as Damaged.

import { Damaged } from "./errors.js";

const GCM = "AES-GCM";
export const TAG = 16;
export const NONCE = 12;

const imported = (key, usage) => crypto.subtle.importKey("raw", key, GCM, false, [usage]);

/** @returns {Promise<Uint8Array>} ciphertext and tag */
export async function encrypt(key, nonce, plaintext, aad) {
  const parameters = { name: GCM, iv: nonce, additionalData: aad };
  return new Uint8Array(await crypto.subtle.encrypt(parameters, await imported(key, "encrypt"), plaintext));
}

/** @returns {Promise<Uint8Array>} @throws {Damaged} */
export async function decrypt(key, nonce, sealed, aad) {
  try {
    const parameters = { name: GCM, iv: nonce, additionalData: aad };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, await imported(key, "decrypt"), sealed));
  } catch (error) {
    throw new Damaged("the tag does not fit", { cause: error });
  }
}
