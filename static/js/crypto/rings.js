// Commitments to ring and scope keys (sealing.md, Bytes: ring commitment). Twin of crypto/rings.py.
//
// A joined or granted key is used only when it matches: Shamir shares join to a wrong key without an error.

import { jcs, labelled, requireBytes, sha256hex } from "./encoding.js";

const commitment = (name, place, key) => sha256hex(labelled(name, jcs(place), requireBytes(key, 32, `a ${name}'s key`)));

/** SHA-256(L("ring") | 00 | JCS{case, epoch, ring} | key). @returns {Promise<string>} lower-case hex */
export async function ringCommitment(caseId, ring, epoch, key) {
  return commitment("ring", { case: caseId, epoch, ring }, key);
}

/** SHA-256(L("scope") | 00 | JCS{case, scope} | key). @returns {Promise<string>} lower-case hex */
export async function scopeCommitment(caseId, scope, key) {
  return commitment("scope", { case: caseId, scope }, key);
}
