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

const little = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/**
 * Whether S·B = R + k·A itself, without the factor of eight that the package allows (RFC 8032 section 5.1.7 leaves it open):
 * a signer whose key has a part of small order could else make what is true here, and false in WebCrypto and in Python.
 */
async function exact(publicKey, message, signature) {
  const { Point } = ed25519;
  const hash = await crypto.subtle.digest("SHA-512", concat(signature.subarray(0, 32), publicKey, message));
  const k = little(new Uint8Array(hash)) % Point.Fn.ORDER;
  const kA = Point.fromBytes(publicKey).multiplyUnsafe(k);
  return Point.BASE.multiplyUnsafe(little(signature.subarray(32))).equals(Point.fromBytes(signature.subarray(0, 32)).add(kA));
}

export const noble = Object.freeze({
  async publicKey(seed) {
    return ed25519.getPublicKey(seed);
  },
  async sign(seed, message) {
    return ed25519.sign(message, seed);
  },
  async verify(publicKey, message, signature) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false }) && await exact(publicKey, message, signature);
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
