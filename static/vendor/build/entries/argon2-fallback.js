// Argon2id in plain JavaScript, for browsers without WebAssembly: slow, run it in a worker.
import { argon2id as blocking } from "@noble/hashes/argon2.js";

/** `argon2id(password, salt, {t, m, p, dkLen, onProgress?: (share 0..1) => void}) -> Uint8Array`; blocks its thread. */
export function argon2id(password, salt, { t, m, p, dkLen, onProgress }) {
  return blocking(password, salt, { t, m, p, dkLen, version: 0x13, ...(onProgress ? { onProgress } : {}) });
}
