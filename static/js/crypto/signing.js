// Signatures: Ed25519 over L(prefix) | 00 | body (sealing.md, Bytes: statement). Twin of crypto/signing.py.
//
// Every function takes an implementation last, so that tests can run both; callers leave it out.

import { implementation } from "./ed25519.js";
import { b64u, jcs, labelled, parseJcs, requireBytes, unb64u, unhex } from "./encoding.js";
import { BadSignature, Malformed, WeakKey } from "./errors.js";

const bigLittleEndian = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
// The y-coordinates of the eight points of small order: 0, 1, -1, and the two of order eight. The sign bit doesn't matter.
const SMALL_ORDER = new Set([
  0n, 1n, P - 1n,
  bigLittleEndian(unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
  bigLittleEndian(unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
]);

/** @returns {Uint8Array} the key @throws {WeakKey} of small order, or not in its one spelling @throws {Malformed} */
export function checkSignPublic(publicKey) {
  requireBytes(publicKey, 32, "an Ed25519 public key");
  const y = bigLittleEndian(publicKey) & (2n ** 255n - 1n);
  if (y >= P || SMALL_ORDER.has(y)) throw new WeakKey("an Ed25519 key of small order");
  return publicKey;
}

/** @param {Uint8Array} seed @returns {Promise<Uint8Array>} */
export async function signPublic(seed, using = implementation()) {
  return (await using).publicKey(requireBytes(seed, 32, "an Ed25519 seed"));
}

/** @returns {Promise<Uint8Array>} 64 bytes over L(prefix) | 00 | body */
export async function sign(seed, prefix, body, using = implementation()) {
  return (await using).sign(requireBytes(seed, 32, "an Ed25519 seed"), labelled(prefix, body));
}

/** @returns {Promise<void>} @throws {WeakKey|BadSignature|Malformed} */
export async function verify(publicKey, prefix, body, signature, using = implementation()) {
  await verifyBytes(publicKey, labelled(prefix, body), signature, using);
}

/** The same over bytes as they are, which published vectors need; whatever we sign has a label. */
export async function verifyBytes(publicKey, message, signature, using = implementation()) {
  checkSignPublic(publicKey);
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw new BadSignature("a signature has 64 bytes");
  if (bigLittleEndian(signature.subarray(32)) >= ORDER) throw new BadSignature("S is not canonical");
  if (!(await (await using).verify(publicKey, message, signature))) throw new BadSignature("not signed by this key");
}

/** Sign an object's JCS: `{stmt, sig}`. Its `kind` is in the domain prefix. */
export async function signStatement(seed, statement, using = implementation()) {
  if (statement?.v !== 1 || typeof statement.kind !== "string") throw new Malformed("a statement has v 1 and a kind");
  const body = jcs(statement);
  return { stmt: b64u(body), sig: b64u(await sign(seed, `stmt/${statement.kind}`, body, using)) };
}

/** The statement that was signed. @returns {Promise<Object>} @throws {WeakKey|BadSignature|Malformed} */
export async function verifyStatement(publicKey, statement, kind, using = implementation()) {
  const body = unb64u(statement?.stmt);
  await verify(publicKey, `stmt/${kind}`, body, unb64u(statement.sig), using);
  const said = parseJcs(body);
  if (said?.v !== 1 || said.kind !== kind) throw new Malformed("a statement of another version or kind");
  return said;
}

/** Sign a document's JCS under a label: `{doc, sig}` (roster, checkpoint, routing-key). */
export async function signDocument(seed, label, document, using = implementation()) {
  const body = jcs(document);
  return { doc: b64u(body), sig: b64u(await sign(seed, label, body, using)) };
}

/** The document that was signed. @returns {Promise<Object>} @throws {WeakKey|BadSignature|Malformed} */
export async function verifyDocument(publicKey, label, document, using = implementation()) {
  const body = unb64u(document?.doc);
  await verify(publicKey, label, body, unb64u(document.sig), using);
  const said = parseJcs(body);
  if (said?.v !== 1) throw new Malformed("a document of another version");
  return said;
}
