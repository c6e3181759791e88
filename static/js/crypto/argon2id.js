// Argon2id by whatever this browser has: WebAssembly, or plain JavaScript in a worker; never with weaker parameters.

import { randomBytes } from "./encoding.js";
import { CryptoError } from "./errors.js";

// Constants of version 1, never served (sealing.md, Member key): 64 MiB, three passes, one lane, 32 bytes.
const MEMORY_KIB = 65_536;
const PASSES = 3;
const LANES = 1;
const LENGTH = 32;
const WORKER = new URL("../workers/argon2.js", import.meta.url).href;

/** @returns {Promise<?Uint8Array>} null when this browser or its policy has no WebAssembly */
export async function inWasm(password, salt) {
  if (typeof WebAssembly !== "object") return null;
  try {
    const { argon2id } = await import("../../vendor/argon2.js");
    return await argon2id({
      password, salt, memorySize: MEMORY_KIB, iterations: PASSES, parallelism: LANES, hashLength: LENGTH, outputType: "binary",
    });
  } catch {
    return null; // compiling was refused by a policy, or memory is short: the slow way gives the same bytes or fails itself
  }
}

/** In plain JavaScript, half a minute in a browser without a JIT; blocks its thread. @returns {Promise<Uint8Array>} */
export async function inScript(password, salt, onProgress) {
  const { argon2id } = await import("../../vendor/argon2-fallback.js");
  let told = -1;
  const tell = (share) => { // the package tells ten thousand times; a hundred will do
    const percent = Math.floor(share * 100);
    if (percent > told) onProgress((told = percent) / 100);
  };
  return argon2id(password, salt, { t: PASSES, m: MEMORY_KIB, p: LANES, dkLen: LENGTH, onProgress: onProgress && tell });
}

let policy;

/** Trusted Types are asked for first: browsers without them take the address itself. The policy lets one file through. */
function ownWorker() {
  if (globalThis.trustedTypes === undefined) return new Worker(WORKER, { type: "module" });
  policy ??= trustedTypes.createPolicy("niemphong", {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError("only the Argon2 worker may be loaded");
      return url;
    },
  });
  return new Worker(policy.createScriptURL(WORKER), { type: "module" });
}

/** In a worker, so that the page goes on answering. @returns {Promise<Uint8Array>} @throws {CryptoError} */
export function inWorker(password, salt, onProgress, makeWorker = ownWorker) {
  return new Promise((resolve, reject) => {
    const worker = makeWorker();
    const token = randomBytes(8).join();
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.onmessage = ({ data }) => {
      if (data.token !== token) return;
      if (data.share !== undefined) onProgress?.(data.share);
      else if (data.stretched) end(resolve, data.stretched);
      else end(reject, new CryptoError(`Argon2id failed: ${data.failed}`));
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      end(reject, new CryptoError("the Argon2id worker did not start"));
    };
    worker.postMessage({ token, password, salt });
  });
}

const inPage = () => typeof document === "object" && typeof Worker === "function";

/** Argon2id v1.3, 64 MiB, t=3, p=1, 32 bytes (RFC 9106). @returns {Promise<Uint8Array>} */
export async function argon2id(password, salt, { onProgress, makeWorker } = {}) {
  return (await inWasm(password, salt))
    ?? (inPage() ? inWorker(password, salt, onProgress, makeWorker) : inScript(password, salt, onProgress));
}
