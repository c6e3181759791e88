// Packages: a case that leaves the installation, sealed into one file (sealing.md, Package). Twin of crypto/packages.py.
//
// Stored: 01 | how | u16 length | place | lock | item. `place` is a binding of kind `package`, in the clear. How 01: the lock is
// the package key sealed by HPKE to an outside body's published key; how 02: a salt of 16 bytes, for a one-time code.

import { parsePackageCode } from "./codes.js";
import { b64u, concat, hex, jcs, labelled, parseJcs, randomBytes, sha256hex, unb64u, unhex } from "./encoding.js";
import { Damaged, Malformed, NotForMe } from "./errors.js";
import { openSealed, seal } from "./hpke.js";
import { openItem, sealItem } from "./items.js";
import { hkdf, stretchedCode } from "./kdf.js";

const VERSION = 1;
const KIND = "package";
const TO_KEY = 1;
const TO_CODE = 2;
const SALT = 16;
const LOCKS = { [TO_KEY]: 1 + 1120 + 32 + 16, [TO_CODE]: SALT };
const HEAD = 4;
const PLACE = ["case", "id", "kind", "reader", "v"];
const RECEIPT = 20;

const joined = (how, place, lock, item) => concat(VERSION, how, place.length >> 8, place.length & 255, place, lock, item);
const codeKey = async (code, salt, place) => hkdf(await stretchedCode(code, salt), labelled(KIND, place));
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const hasKeys = (value, keys) => isObject(value) && Object.keys(value).sort().join() === keys.join();

/** Seal contents to an outside body's key, which the place names. @returns {Promise<Uint8Array>} @throws {Malformed|WeakKey} */
export async function sealToKey(publicKey, place, contents, rng = randomBytes) {
  const key = rng(32);
  return joined(TO_KEY, place, await seal(publicKey, KIND, place, key, rng), await sealItem(key, place, contents, rng));
}

/** Seal contents under a one-time code (newPackageCode). @returns {Promise<Uint8Array>} */
export async function sealToCode(code, place, contents, rng = randomBytes) {
  const salt = rng(SALT);
  return joined(TO_CODE, place, salt, await sealItem(await codeKey(code, salt, place), place, contents, rng));
}

/** What is in the clear: `{how, place, binding, lock, item}`. @throws {Malformed} for anything but a package of this version */
export function readCover(data) {
  if (!(data instanceof Uint8Array) || data.length < HEAD || data[0] !== VERSION || !(data[1] in LOCKS)) {
    throw new Malformed("not a package of this version");
  }
  const how = data[1];
  const end = HEAD + ((data[2] << 8) | data[3]);
  const bound = data.slice(HEAD, end);
  const place = parseJcs(bound);
  const keys = how === TO_KEY ? [...PLACE.slice(0, 4), "readerkey", "v"] : PLACE;
  const sound = hasKeys(place, keys) && place.v === 1 && place.kind === KIND
    && Object.entries(place).every(([name, value]) => name === "v" || typeof value === "string");
  if (!sound) throw new Malformed("a package of no place");
  if (data.length - end <= LOCKS[how]) throw new Malformed("a package cut off");
  return { how, place, binding: bound, lock: data.slice(end, end + LOCKS[how]), item: data.slice(end + LOCKS[how]) };
}

/** The contents, for the body whose seed this is. @returns {Promise<Uint8Array>} @throws {NotForMe|Damaged|Malformed} */
export async function openWithKey(seed, data) {
  const cover = readCover(data);
  if (cover.how !== TO_KEY) throw new NotForMe("a package under a one-time code");
  return openItem(await openSealed(seed, KIND, cover.binding, cover.lock), cover.binding, cover.item);
}

/** The contents, for who has the code. @returns {Promise<Uint8Array>} @throws {CodeError|NotForMe|Damaged|Malformed} */
export async function openWithCode(code, data) {
  const cover = readCover(data);
  if (cover.how !== TO_CODE) throw new NotForMe("a package sealed to a key");
  return openItem(await codeKey(parsePackageCode(code), cover.lock, cover.binding), cover.binding, cover.item);
}

/** A manifest: what is said of the package, and its parts (bytes by name) with size and SHA-256. @returns {Promise<Object>} */
export async function manifestOf(said, parts) {
  const listed = [];
  for (const name of Object.keys(parts).sort()) {
    listed.push({ name, bytes: parts[name].length, sha256: await sha256hex(parts[name]) });
  }
  return { v: 1, ...said, parts: listed };
}

/** The contents as they are sealed. @returns {Uint8Array} */
export const pack = (manifest, statement, parts) => jcs({
  v: 1, manifest, statement, parts: Object.fromEntries(Object.entries(parts).map(([name, data]) => [name, b64u(data)])),
});

/** `{manifest, manifestHash, statement, parts}`. @throws {Damaged} a part is missing, added or another @throws {Malformed} */
export async function unpack(contents) {
  const said = parseJcs(contents);
  const sound = hasKeys(said, ["manifest", "parts", "statement", "v"]) && said.v === 1 && isObject(said.manifest) && isObject(said.parts)
    && hasKeys(said.statement, ["sig", "stmt"]) && Object.values(said.statement).every((value) => typeof value === "string");
  if (!sound) throw new Malformed("no contents of a package");
  if (!Object.keys(said.parts).every((name) => /^[a-z]{1,32}$/.test(name))) throw new Malformed("a part without a sound name");
  const parts = Object.fromEntries(Object.entries(said.parts).map(([name, data]) => [name, unb64u(data)]));
  const { v, parts: listed, ...about } = said.manifest;
  const written = hex(jcs(said.manifest));
  if (written !== hex(jcs(await manifestOf(about, parts)))) throw new Damaged("a part is not what the manifest lists");
  return { manifest: said.manifest, manifestHash: await sha256hex(jcs(said.manifest)), statement: said.statement, parts };
}

/** A new receipt number's 20 bytes. @returns {Uint8Array} */
export const newReceipt = (rng = randomBytes) => rng(RECEIPT);

/** A receipt number as it is printed: hex in groups of four. @returns {string} */
export const receiptNumber = (secret) => hex(secret).match(/.{4}/g).join(" ");

/** What is known of a receipt number before it comes back, bound to its package. @returns {Promise<string>} @throws {Malformed} */
export async function receiptMark(place, number) {
  const plain = String(number).toLowerCase().replace(/[\s-]/g, "");
  if (!/^[0-9a-f]{40}$/.test(plain)) throw new Malformed("a receipt number has forty figures");
  return sha256hex(labelled("package-receipt", place, 0, unhex(plain)));
}
