// Enrolment: the seed is made here, leaves only wrapped, and the member proves to hold its keys (sealing.md, Member key).

import { b64u, fingerprint, unb64u } from "../../crypto/encoding.js";
import { memberKeys } from "../../crypto/keys.js";
import {
  authSecret, newRecoveryKey, recoveryAuthSecret, recoveryWrappingKey, wrapRecovery, wrapSeed, wrappingKey,
} from "../../crypto/passphrase.js";
import { signStatement } from "../../crypto/signing.js";
import { memberIdBytes } from "./unlocking.js";
import { nowText } from "../building.js";

export const MINIMUM_LENGTH = 12;
export const MINIMUM_SCORE = 3;

/** Judge a passphrase: `{ok, score, reason}` with reason `short | weak | null`; `strength` is zxcvbn's function. */
export function passphraseStrength(passphrase, inputs, strength) {
  const text = passphrase.normalize("NFC");
  if ([...text].length < MINIMUM_LENGTH) return { ok: false, score: 0, reason: "short" };
  const { score } = strength(text.slice(0, 100), inputs); // zxcvbn grows slow on long text; 100 characters decide
  return score >= MINIMUM_SCORE ? { ok: true, score, reason: null } : { ok: false, score, reason: "weak" };
}

/** Whether somebody typed the first two groups of the printed recovery key. */
export function recoveryMatches(recoveryKey, typed) {
  const plain = (text) => text.toUpperCase().replace(/[^A-Z2-7]/g, "");
  return plain(typed) === plain(recoveryKey).slice(0, 8);
}

/**
 * Make a member's keys: `{request, recoveryKey, fingerprint, keys}`.
 *
 * `begun` is the answer of `enrolment/begin`, `stretched` Argon2id of the passphrase, `checkpoint` the newest one.
 * `request` lacks only the one-time code.
 */
export async function enrolMember({
  begun, stretched, checkpoint, at = new Date(),
  random = (length) => crypto.getRandomValues(new Uint8Array(length)), uuid = () => crypto.randomUUID(),
}) {
  const seed = random(32);
  const keys = await memberKeys(seed);
  const id = memberIdBytes(begun.member.id);
  const pins = { org: begun.org };
  const recoveryKey = newRecoveryKey(random);
  const statement = await signStatement(keys.signSeed, {
    v: 1, kind: "enrolment", id: uuid(), at: nowText(at), by: begun.member.code, checkpoint,
    member: begun.member.code, kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic),
  });
  const wrapped = await wrapSeed(await wrappingKey(stretched, unb64u(begun.pepper)), id, seed, pins);
  const recovery = await wrapRecovery(await recoveryWrappingKey(recoveryKey), id, seed, pins);
  return {
    request: {
      kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic), auth: b64u(await authSecret(stretched)),
      wrapped: b64u(wrapped), recovery: b64u(recovery), recovery_auth: b64u(await recoveryAuthSecret(recoveryKey)), statement,
    },
    recoveryKey,
    fingerprint: await fingerprint(keys.signPublic),
    keys,
  };
}
