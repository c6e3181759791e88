// A proof of work over one request, asked for under load. Twin of crypto/work.py, which describes the bytes.
//
// PBKDF2 runs in the browser's own threads, without WebAssembly and without a worker: the page goes on answering.

import { b64u, concat, labelled, randomBytes, sha256, unb64u } from "./encoding.js";
import { Malformed } from "./errors.js";

const VERSION = 1;
const PARTS = 4;
const PART_BITS = 2;
const ROUNDS = 256;
const HEAD = 10;
const CHALLENGE = HEAD + 32;
const AT_ONCE = 32; // tries that are handed to the browser together; it says how it goes after each lot

function salt(part, counter) {
  const bytes = new Uint8Array(5);
  bytes[0] = part;
  new DataView(bytes.buffer).setUint32(1, counter);
  return bytes;
}

/** How many tries a challenge needs on average. @throws {Malformed} */
export function triesOf(challenge) {
  const raw = unb64u(challenge);
  if (raw.length !== CHALLENGE || raw[0] !== VERSION || raw[1] < 4 || raw[1] > 24) throw new Malformed("not a challenge");
  return 2 ** raw[1];
}

/**
 * A proof for this body. `tell` is given a share from 0 to 1; `signal` stops it. It begins anywhere, so that the same
 * request sent again has another proof: each is taken once.
 * @param {string} challenge @param {Uint8Array} body @returns {Promise<string>} @throws {Malformed} or the signal's reason
 */
export async function work(challenge, body, { tell = () => {}, signal, rng = randomBytes } = {}) {
  const each = triesOf(challenge) / PARTS;
  const raw = unb64u(challenge);
  const seed = await sha256(labelled("work-seed", raw, await sha256(body)));
  const key = await crypto.subtle.importKey("raw", seed, "PBKDF2", false, ["deriveBits"]);
  const zeros = 32 - (raw[1] - PART_BITS);
  const right = async (part, counter) => {
    const how = { name: "PBKDF2", hash: "SHA-256", salt: salt(part, counter), iterations: ROUNDS };
    const derived = new DataView(await crypto.subtle.deriveBits(how, key, 32)).getUint32(0);
    return Math.floor(derived / 2 ** zeros) === 0;
  };
  const found = [];
  for (let part = 0; part < PARTS; part += 1) {
    const start = new DataView(rng(4).buffer).getUint32(0);
    for (let tried = 0; found.length === part; tried += AT_ONCE) {
      signal?.throwIfAborted();
      tell((part + 1 - Math.exp(-tried / each)) / PARTS);
      const first = start + tried; // setUint32 takes it modulo 2^32
      const lot = Array.from({ length: AT_ONCE }, (_, index) => right(part, first + index));
      const hit = (await Promise.all(lot)).indexOf(true);
      if (hit >= 0) found.push(salt(part, first + hit).slice(1));
    }
  }
  return b64u(concat(raw, ...found));
}
