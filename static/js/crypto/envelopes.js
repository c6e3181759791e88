// Sealed requests and answers of the reporter's face (docs/sealing.md, Envelopes). Twin of crypto/envelopes.py.
//
// Request: routing key's UUID 16 | 01 | enc | ct, HPKE over a Padmé frame (at least 4,096) of JCS {v, op, answer, args}.
// Answer: 01 | nonce 12 | AES-GCM(answer key, u32 length | JSON | zeros to steps of 4,096, aad L("answer") | 00 | SHA-256(request)).

import { NONCE, TAG, decrypt, encrypt } from "./aead.js";
import { binding } from "./binding.js";
import {
  b64u, concat, fromUtf8, jcs, labelled, parseJcs, randomBytes, requireBytes, sha256, unb64u, uuidBytes, uuidText,
} from "./encoding.js";
import { Malformed } from "./errors.js";
import { openSealed, seal } from "./hpke.js";
import { frame, pad, unframe, unpad } from "./padding.js";

const VERSION = 1;
const MINIMUM = 4096;
const STEP = 4096;
const SEALED_OVERHEAD = 1 + 1120 + TAG;
const UUID = 16;

const place = (routingId) => binding("envelope", null, { id: routingId });

/**
 * Seal one operation to a routing key.
 * @param {string} routingId @param {Uint8Array} routingPublic @param {{op: string, args: Object}} payload
 * @returns {Promise<{wire: Uint8Array, answerKey: Uint8Array}>} @throws {Malformed|WeakKey}
 */
export async function sealEnvelope(routingId, routingPublic, { op, args }, rng = randomBytes) {
  const answerKey = rng(32);
  const asked = pad(jcs({ v: 1, op, answer: b64u(answerKey), args }), MINIMUM);
  const sealed = await seal(routingPublic, "envelope", place(routingId), asked, rng);
  return { wire: concat(uuidBytes(routingId), sealed), answerKey };
}

/** Which routing key an envelope is sealed to. @throws {Malformed} */
export function envelopeKeyId(wire) {
  if (!(wire instanceof Uint8Array) || wire.length < UUID + SEALED_OVERHEAD + MINIMUM) throw new Malformed("too short for an envelope");
  return uuidText(wire.slice(0, UUID));
}

/** @returns {Promise<{payload: Object, answerKey: Uint8Array, digest: Uint8Array}>} @throws {Malformed|Damaged} */
export async function openEnvelope(seed, wire) {
  const opened = await openSealed(seed, "envelope", place(envelopeKeyId(wire)), wire.slice(UUID));
  const payload = parseJcs(unpad(opened, MINIMUM));
  const sound = payload?.v === 1 && typeof payload.op === "string" && payload.args && typeof payload.args === "object";
  if (!sound) throw new Malformed("an envelope of another version");
  return { payload, answerKey: requireBytes(unb64u(payload.answer), 32, "an answer key"), digest: await sha256(wire) };
}

/** @param {?number} size of the frame, when it must not depend on the payload @returns {Promise<Uint8Array>} */
export async function sealAnswer(answerKey, digest, payload, size = null, rng = randomBytes) {
  const body = jcs(payload);
  const framed = frame(body, size ?? Math.ceil((4 + body.length) / STEP) * STEP);
  const nonce = rng(NONCE);
  return concat(VERSION, nonce, await encrypt(answerKey, nonce, framed, labelled("answer", digest)));
}

/**
 * @param {Uint8Array} answerKey @param {Uint8Array} digest SHA-256 of the request as it was sent @param {Uint8Array} answer
 * @returns {Promise<Object>} @throws {Damaged} altered, or the answer to another request @throws {Malformed}
 */
export async function openAnswer(answerKey, digest, answer) {
  const whole = answer instanceof Uint8Array && answer.length > 1 + NONCE + TAG && (answer.length - 1 - NONCE - TAG) % STEP === 0;
  if (!whole || answer[0] !== VERSION) throw new Malformed("not an answer");
  const aad = labelled("answer", requireBytes(digest, 32, "a request's digest"));
  const framed = await decrypt(requireBytes(answerKey, 32, "an answer key"), answer.slice(1, 1 + NONCE), answer.slice(1 + NONCE), aad);
  const text = fromUtf8(unframe(framed));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Malformed("an answer that is not JSON", { cause: error });
  }
}
