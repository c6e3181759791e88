// Wrapping the same seed anew: after the printed recovery key, or for another passphrase (sealing.md, Member key).

import { b64u, unb64u } from "../../crypto/encoding.js";
import { memberKeys } from "../../crypto/keys.js";
import {
  authSecret, newRecoveryKey, recoveryAuthSecret, recoveryWrappingKey, unwrapRecovery, wrapRecovery, wrapSeed, wrappingKey,
} from "../../crypto/passphrase.js";
import { ClientFault } from "../faults.js";
import { memberIdBytes } from "./unlocking.js";

/** What proves the printed recovery key, base64url; fault `recovery_form` for what can't be one. */
export async function recoveryProof(recoveryKey) {
  try {
    return b64u(await recoveryAuthSecret(recoveryKey));
  } catch (error) {
    throw new ClientFault("recovery_form", {}, error);
  }
}

/** A one-time code (six figures) or a backup code (ten letters) as it is sent; null for anything else. */
export function secondFactor(typed) {
  const plain = typed.replace(/[\s-]/g, "").toUpperCase();
  return /^(\d{6}|[A-Z2-7]{10})$/.test(plain) ? plain : null;
}

/** Open what the server released for the recovery key; `begun` is its answer. `{seed, pins, keys}`. */
export async function openRecovery(recoveryKey, begun) {
  let opened;
  try {
    opened = await unwrapRecovery(
      await recoveryWrappingKey(recoveryKey), memberIdBytes(begun.member.id), unb64u(begun.recovery),
    );
  } catch (error) {
    throw new ClientFault("seed_damaged", {}, error);
  }
  if (typeof opened.pins?.org !== "string") throw new ClientFault("seed_damaged");
  return { ...opened, keys: await memberKeys(opened.seed) };
}

/** What is pinned once the roster of now is verified: its key, its number and its hash. */
export const renewedPins = (pins, { orgKey, roster }) => ({ ...pins, org: b64u(orgKey), roster: { no: roster.no, hash: roster.hash } });

/** Of two pins of one member the one with the newer roster: the server may play back an old wrapped seed. */
export const newerPins = (left, right) => ((left.roster?.no ?? 0) >= (right.roster?.no ?? 0) ? left : right);

/** The seed under another passphrase: `{new_auth, wrapped}`. `stretched` is of the new one, `pepper` base64url. */
export async function rewrap({ seed, pins, stretched, pepper, memberId }) {
  const wrapped = await wrapSeed(await wrappingKey(stretched, unb64u(pepper)), memberIdBytes(memberId), seed, pins);
  return { new_auth: b64u(await authSecret(stretched)), wrapped: b64u(wrapped) };
}

/** The seed under a new passphrase and a new recovery key: `{request, recoveryKey}`; `request` finishes the recovery. */
export async function renewRecovered({
  begun, seed, pins, stretched, random = (length) => crypto.getRandomValues(new Uint8Array(length)),
}) {
  const recoveryKey = newRecoveryKey(random);
  const { new_auth: auth, wrapped } = await rewrap({ seed, pins, stretched, pepper: begun.pepper, memberId: begun.member.id });
  const recovery = await wrapRecovery(await recoveryWrappingKey(recoveryKey), memberIdBytes(begun.member.id), seed, pins);
  return {
    request: {
      ticket: begun.ticket, auth, wrapped, recovery_auth: await recoveryProof(recoveryKey), recovery: b64u(recovery),
    },
    recoveryKey,
  };
}
