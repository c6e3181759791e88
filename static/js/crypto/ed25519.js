// Ed25519 (RFC 8032) in two implementations: WebCrypto, and @noble/curves for browsers without it (Chromium 109).
//
// Only signing.js uses them: it refuses weak keys and non-canonical signatures first, so that both say the same.

import { ed25519 } from "../../vendor/sealing.js";
import { concat, unb64u, unhex } from "./encoding.js";

const NAME = "Ed25519";
// WebCrypto doesn't import a raw private seed; PKCS#8 (RFC 8410 section 7) is this prefix and the seed.
const PKCS8 = unhex("302e020100300506032b657004220420");

const privateKey = (seed, extractable = false) => (
  crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), NAME, extractable, ["sign"]));

export const webcrypto = Object.freeze({
  async publicKey(seed) {
    const { x } = await crypto.subtle.exportKey("jwk", await privateKey(seed, true));
    return unb64u(x);
  },
  async sign(seed, message) {
    return new Uint8Array(await crypto.subtle.sign(NAME, await privateKey(seed), message));
  },
  async verify(publicKey, message, signature) {
    try {
      const key = await crypto.subtle.importKey("raw", publicKey, NAME, false, ["verify"]);
      return await crypto.subtle.verify(NAME, key, signature, message);
    } catch {
      return false; // bytes that are no point on the curve
    }
  },
});

export const noble = Object.freeze({
  async publicKey(seed) {
    return ed25519.getPublicKey(seed);
  },
  async sign(seed, message) {
    return ed25519.sign(message, seed);
  },
  async verify(publicKey, message, signature) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
});

let chosen;

/** WebCrypto where it can all that is needed, else noble; found out once. */
export function implementation() {
  chosen ??= webcrypto.publicKey(new Uint8Array(32)).then(() => webcrypto, () => noble);
  return chosen;
}
