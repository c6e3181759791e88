// Sealing to one reader: HPKE base mode (RFC 9180) with X-Wing (0x647A), HKDF-SHA256, AES-256-GCM. Twin of crypto/hpke.py.
//
// Stored: 01 | enc 1120 | ciphertext. The place is bound by info = L(kind) | 00 | binding. A private key is its 32-byte
// seed, imported as such: a library's `deriveKeyPair` hashes it first and would give another key (sealing.md, Primitives).

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "../../vendor/sealing.js";
import { concat, fromUtf8, labelled, randomBytes, requireBytes, sha256hex, unhex } from "./encoding.js";
import { Damaged, Malformed, NotForMe, WeakKey } from "./errors.js";

const VERSION = 1;
const ENC = 1120;
const TAG = 16;
const PUBLIC = 1216;
const MLKEM_PUBLIC = 1184;
const MLKEM_COEFFICIENTS = 1152; // bytes: 768 coefficients of 12 bits, then a 32-byte seed
const Q = 3329;
const XWING_RANDOMNESS = 64;
// The u-coordinates of small order on Curve25519 and its twist, with their second spellings (RFC 7748 section 6.1).
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((text) => unhex(text).join()));

const KEM = new XWing();
const SUITE = new CipherSuite({ kem: KEM, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

// A copy: the library takes `.buffer` of what it is given, which for a part of an array is the whole array.
const copy = (bytes) => Uint8Array.from(bytes);

/** The raw public key of a 32-byte seed: ML-KEM-768 (1184 bytes), then X25519 (32). @returns {Promise<Uint8Array>} */
export async function kemPublic(seed) {
  const { publicKey } = await KEM.generateKeyPairDerand(copy(requireBytes(seed, 32, "an X-Wing seed")));
  return new Uint8Array(await KEM.serializePublicKey(publicKey));
}

/**
 * Refuse what is no sound X-Wing public key: coefficients not reduced (FIPS 203 section 7.2) or X25519 of small order.
 * @returns {Uint8Array} the key @throws {Malformed|WeakKey}
 */
export function checkKemPublic(publicKey) {
  requireBytes(publicKey, PUBLIC, "an X-Wing public key");
  for (let at = 0; at < MLKEM_COEFFICIENTS; at += 3) {
    const [low, middle, high] = publicKey.subarray(at, at + 3);
    if ((low | ((middle & 15) << 8)) >= Q || ((middle >> 4) | (high << 4)) >= Q) throw new WeakKey("not an ML-KEM public key");
  }
  const point = publicKey.slice(MLKEM_PUBLIC);
  point[31] &= 0x7f; // the bit that X25519 ignores
  if (SMALL_ORDER.has(point.join())) throw new WeakKey("an X25519 key of small order");
  return publicKey;
}

/** Seal to one reader. @returns {Promise<Uint8Array>} @throws {Malformed|WeakKey} when it is no sound key */
export async function seal(publicKey, kind, binding, plaintext, rng = randomBytes) {
  checkKemPublic(publicKey);
  const recipientPublicKey = await KEM.importKey("raw", copy(publicKey), true);
  const info = labelled(kind, binding);
  const sender = await SUITE.createSenderContext({ recipientPublicKey, info: info.buffer, ekm: copy(rng(XWING_RANDOMNESS)).buffer });
  return concat(VERSION, new Uint8Array(sender.enc), new Uint8Array(await sender.seal(copy(plaintext).buffer)));
}

/** What a binding says of its reader's key; a binding may name none (an envelope's doesn't). */
function namedKey(binding) {
  try {
    return JSON.parse(fromUtf8(binding)).readerkey ?? null;
  } catch (error) {
    throw new Malformed("not a binding", { cause: error });
  }
}

/**
 * Open what was sealed to the key of this seed.
 * @returns {Promise<Uint8Array>}
 * @throws {NotForMe} sealed to another key, as its binding says @throws {Damaged} altered, or moved from its place
 * @throws {Malformed} too short, or of an unknown version
 */
export async function openSealed(seed, kind, binding, data) {
  requireBytes(seed, 32, "an X-Wing seed");
  if (!(data instanceof Uint8Array) || data.length < 1 + ENC + TAG) throw new Malformed("too short for a sealed copy");
  if (data[0] !== VERSION) throw new Malformed("a sealed copy of unknown version");
  const named = namedKey(binding);
  if (named !== null && named !== (await sha256hex(await kemPublic(seed)))) throw new NotForMe("sealed to another key");
  const recipientKey = await KEM.importKey("raw", copy(seed), false);
  const enc = data.slice(1, 1 + ENC).buffer;
  try {
    const recipient = await SUITE.createRecipientContext({ recipientKey, enc, info: labelled(kind, binding).buffer });
    return new Uint8Array(await recipient.open(data.slice(1 + ENC).buffer));
  } catch (error) {
    throw new Damaged("the sealed copy does not open", { cause: error });
  }
}
