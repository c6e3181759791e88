// Sign-in and unlocking: one passphrase, of which the server sees only an HKDF branch (sealing.md, Member key).

import { jcs, label, parseJcs, unb64u, b64u } from "../../crypto/encoding.js";
import { authSecret, unwrapSeed, wrappingKey } from "../../crypto/passphrase.js";
import { memberKeys } from "../../crypto/keys.js";
import { ClientFault } from "../faults.js";
import { raw, rosteredMember } from "../trust.js";

const VERSION = 1;

/** The 16 raw bytes of a member's uuid, as the wrapped seed binds them. */
export function memberIdBytes(uuid) {
  const hex = uuid.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new ClientFault("malformed");
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

/** What is sent at sign-in, from the stretched passphrase: base64url of the auth secret. */
export const authSecretOf = async (stretched) => b64u(await authSecret(stretched));

/** Open the wrapped seed that the server released after both factors: `{seed, pins, keys}`. */
export async function unlockSeed({ stretched, pepper, wrapped, memberId }) {
  let opened;
  try {
    const key = await wrappingKey(stretched, unb64u(pepper));
    opened = await unwrapSeed(key, memberIdBytes(memberId), unb64u(wrapped));
  } catch (error) {
    throw new ClientFault("seed_damaged", {}, error);
  }
  const { seed, pins } = opened;
  if (typeof pins?.org !== "string") throw new ClientFault("seed_damaged");
  return { seed, pins, keys: await memberKeys(seed) };
}

/** Whether the signed roster holds exactly these public keys for this person: `"rostered" | "absent" | "other_key"`. */
export async function standing(roster, code, keys) {
  const member = await rosteredMember(roster, code);
  if (!member) return "absent";
  return b64u(member.kem) === b64u(keys.kemPublic) && b64u(member.sign) === b64u(keys.signPublic) ? "rostered" : "other_key";
}

async function tabKey(key, usage) {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
}

const tabAad = (memberId) => {
  const head = label("tab");
  const id = memberIdBytes(memberId);
  const out = new Uint8Array(head.length + 1 + id.length);
  out.set(head);
  out.set(id, head.length + 1);
  return out;
};

/** The seed for this tab's sessionStorage, under the session key that the server destroys at log-out: base64url text. */
export async function sealTab({ sessionKey, memberId, seed, pins }) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const plain = jcs({ v: VERSION, seed: b64u(seed), pins });
  const parameters = { name: "AES-GCM", iv: nonce, additionalData: tabAad(memberId) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, await tabKey(raw(sessionKey), "encrypt"), plain));
  const out = new Uint8Array(13 + sealed.length);
  out[0] = VERSION;
  out.set(nonce, 1);
  out.set(sealed, 13);
  return b64u(out);
}

/** Open what `sealTab` kept; null when it belongs to another session, another member, or is damaged. */
export async function openTab({ sessionKey, memberId, text }) {
  try {
    const bytes = unb64u(text);
    if (bytes[0] !== VERSION) return null;
    const parameters = { name: "AES-GCM", iv: bytes.slice(1, 13), additionalData: tabAad(memberId) };
    const plain = await crypto.subtle.decrypt(parameters, await tabKey(raw(sessionKey), "decrypt"), bytes.slice(13));
    const { seed, pins } = parseJcs(new Uint8Array(plain));
    const bytesOfSeed = unb64u(seed);
    return { seed: bytesOfSeed, pins, keys: await memberKeys(bytesOfSeed) };
  } catch {
    return null; // the caller asks for the passphrase again; nothing to repair
  }
}
