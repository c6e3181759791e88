// The ledger: hash chains, and signed Merkle roots over their heads (sealing.md, Bytes: ledger entry, checkpoint). Twin of
// crypto/ledgers.py. Merkle trees and paths are those of RFC 6962 section 2.1.

import { concat, equalBytes, jcs, labelled, parseJcs, requireBytes, sha256, sha256hex, unb64u, unhex } from "./encoding.js";
import { BadSignature, Damaged, Malformed, Stale } from "./errors.js";
import { verifyDocument } from "./signing.js";

export const START = "0".repeat(64);
const ENTRY = ["at", "chain", "kind", "prev", "priv", "pub", "seq", "v"].join();
const CHECKPOINT = ["at", "no", "prev", "root", "size", "v"].join();
const HASH = /^[0-9a-f]{64}$/;

/** JCS{v, chain, seq, at, kind, prev, pub, priv}. @returns {Uint8Array} */
export function entryBytes({ chain, seq, at, kind, prev, pub, priv }) {
  return jcs({ v: 1, chain, seq, at, kind, prev, pub, priv });
}

/** SHA-256(L("ledger") | 00 | entry), the entry's public name. @returns {Promise<string>} */
export const entryHash = (entry) => sha256hex(labelled("ledger", entry));

/** SHA-256(L("ledger-priv") | 00 | salt 32 | JCS(private part)). @returns {Promise<string>} */
export async function privateDigest(salt, object) {
  return sha256hex(labelled("ledger-priv", requireBytes(salt, 32, "a salt"), jcs(object)));
}

/** The place of the first wrong entry, from 0, is `index`. */
export class BrokenChain extends Damaged {
  constructor(index, why) {
    super(`entry ${index + 1}: ${why}`);
    this.index = index;
  }
}

function readEntry(entry, index) {
  let body;
  try {
    body = parseJcs(entry);
  } catch {
    throw new BrokenChain(index, "not canonical JSON");
  }
  if (body?.v !== 1 || Object.keys(body).sort().join() !== ENTRY) throw new BrokenChain(index, "not a ledger entry");
  return body;
}

/**
 * Check a whole chain, oldest entry first.
 * @param {Uint8Array[]} entries @param {?string} chain its id, when it is known from elsewhere
 * @returns {Promise<{chain: string, seq: number, head: string, entries: Object[]}>} the head, and the entries read
 * @throws {BrokenChain} says which entry is wrong @throws {Malformed} when there is none
 */
export async function verifyChain(entries, chain = null) {
  if (!Array.isArray(entries) || !entries.length) throw new Malformed("an empty chain");
  const read = [];
  let prev = START;
  for (const [index, entry] of entries.entries()) {
    const body = readEntry(entry, index);
    if (body.chain !== (chain ?? read[0]?.chain ?? body.chain)) throw new BrokenChain(index, "of another chain");
    if (body.seq !== index + 1) throw new BrokenChain(index, "out of turn");
    if (body.prev !== prev) throw new BrokenChain(index, "does not follow the one before");
    prev = await entryHash(entry);
    read.push(body);
  }
  return { chain: read[0].chain, seq: read.length, head: prev, entries: read };
}

/** A checkpoint's leaf for one chain: JCS{chain, head, seq}. @returns {Uint8Array} */
export const leafBytes = ({ chain, head, seq }) => jcs({ chain, head, seq });

const leafHash = (leaf) => sha256(concat(0, leaf));
const nodeHash = (left, right) => sha256(concat(1, left, right));

/** The largest power of two below a size. */
function splitPoint(size) {
  let point = 1;
  while (point * 2 < size) point *= 2;
  return point;
}

/** MTH of RFC 6962 section 2.1; of no leaves the hash of nothing. @param {Uint8Array[]} leaves @returns {Promise<Uint8Array>} */
export async function merkleRoot(leaves) {
  if (!leaves.length) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leafHash(leaves[0]);
  const point = splitPoint(leaves.length);
  return nodeHash(await merkleRoot(leaves.slice(0, point)), await merkleRoot(leaves.slice(point)));
}

/** The audit path of one leaf (RFC 6962 section 2.1.1), nearest sibling first. @returns {Promise<Uint8Array[]>} */
export async function merklePath(leaves, index) {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new Malformed("no such leaf");
  if (leaves.length === 1) return [];
  const point = splitPoint(leaves.length);
  const [near, far, place] = index < point
    ? [leaves.slice(0, point), leaves.slice(point), index]
    : [leaves.slice(point), leaves.slice(0, point), index - point];
  return [...(await merklePath(near, place)), await merkleRoot(far)];
}

async function rootOf(hash, index, size, path) {
  if (size === 1) return path.length ? null : hash;
  if (!path.length) return null;
  const point = splitPoint(size);
  const rest = path.slice(0, -1);
  const sibling = path[path.length - 1];
  const below = index < point ? await rootOf(hash, index, point, rest) : await rootOf(hash, index - point, size - point, rest);
  if (below === null) return null;
  return index < point ? nodeHash(below, sibling) : nodeHash(sibling, below);
}

/** Whether a leaf stands at this place of the tree with this root. @returns {Promise<boolean>} */
export async function verifyPath(leaf, index, size, path, root) {
  const placed = Number.isInteger(index) && Number.isInteger(size) && index >= 0 && index < size;
  if (!placed || path.some((hash) => hash.length !== 32)) return false;
  const found = await rootOf(await leafHash(leaf), index, size, path);
  return found !== null && equalBytes(found, root);
}

/**
 * Verify a checkpoint with the installation's key, which the roster names.
 * @param {Uint8Array} installationKey @param {{doc: string, sig: string}} document
 * @param {?{no: number, hash: string}} seen the last one verified here: an older one, or another of its number, is refused
 * @returns {Promise<{v, no, prev, root, size, at, hash: string}>} @throws {BadSignature|WeakKey|Malformed|Stale}
 */
export async function verifyCheckpoint(installationKey, document, seen = null) {
  await verifyDocument(installationKey, "checkpoint", document);
  const said = await readCheckpoint(document);
  const { hash } = said;
  if (seen && said.no < seen.no) throw new Stale("a checkpoint older than the last seen");
  const forked = seen && ((said.no === seen.no && hash !== seen.hash) || (said.no === seen.no + 1 && said.prev !== seen.hash));
  if (forked) throw new BadSignature("two histories of checkpoints");
  return said;
}

/**
 * What a checkpoint says, whoever signed it: for one whose hash is known from one that was verified.
 * @returns {Promise<{v, no, prev, root, size, at, hash: string}>} @throws {Malformed}
 */
export async function readCheckpoint(document) {
  const doc = unb64u(document.doc);
  const said = parseJcs(doc);
  const sound = said && typeof said === "object" && Object.keys(said).sort().join() === CHECKPOINT && said.v === 1
    && Number.isInteger(said.no) && said.no >= 1 && HASH.test(said.prev) && HASH.test(said.root)
    && Number.isInteger(said.size) && said.size >= 0 && typeof said.at === "string";
  if (!sound) throw new Malformed("not a checkpoint");
  return { ...said, hash: await sha256hex(doc) };
}

/** Whether a chain's head is in a verified checkpoint. @param {{index: number, path: string[]}} proof hashes in lower-case hex */
export async function verifyInclusion(checkpoint, { chain, head, seq }, { index, path }) {
  return verifyPath(leafBytes({ chain, head, seq }), index, checkpoint.size, path.map(unhex), unhex(checkpoint.root));
}
