// Opening sealed things: grants, items, and what lists or signs them (sealing.md, Objects). Twin of intake/client/opening.py.

import { b64u, jcs, parseJcs, sha256hex, unb64u } from "../crypto/encoding.js";
import { objectBinding } from "../crypto/binding.js";
import { openSealed } from "../crypto/hpke.js";
import { openItem } from "../crypto/items.js";
import { verifyStatement } from "../crypto/signing.js";
import { REPORTER } from "./building.js";
import { unverified } from "./epochs.js";
import { ClientFault } from "./faults.js";
import { signingKey } from "./trust.js";

export const ORIGINAL = ["first", "summary", "narrative"];

/** Whether two JSON values say the same. */
export const same = (left, right) => b64u(jcs(left)) === b64u(jcs(right));

/** The ring keys of the grants that are mine, by `ring/epoch`: a Map of `{key, grant}`. */
export async function grantedKeys(caseId, grants, me) {
  const keys = new Map();
  const mine = await sha256hex(me.keys.kemPublic);
  for (const grant of grants ?? []) {
    if (!("ring" in grant)) continue; // a reporter's own copy of a scope's key
    if (grant.reader !== me.code || grant.readerkey !== mine) continue; // an older key of mine: nothing to open with
    let key;
    try {
      key = await openSealed(me.keys.kemSeed, "grant", objectBinding(caseId, grant), unb64u(grant.data));
    } catch (error) {
      throw new ClientFault("grant_damaged", { ring: grant.ring, epoch: grant.epoch }, error);
    }
    keys.set(`${grant.ring}/${grant.epoch}`, { key, grant });
  }
  return keys;
}

/** What an item says; null without the key of its epoch. */
export async function openText(caseId, object, keys) {
  const held = keys.get(`${object.ring}/${object.epoch}`);
  if (!held) return null;
  return parseJcs(await openItem(held.key, objectBinding(caseId, object), unb64u(object.data)));
}

/** One object against the manifest: same place, same bytes. */
export async function verifyListed(object, listed) {
  const { data, ...place } = object;
  const { sha256, ...expected } = listed.get(object.id) ?? {};
  const fits = sha256 === (await sha256hex(unb64u(data))) && same(place, expected);
  if (!fits) throw new ClientFault("object_swapped", { kind: object.kind, id: object.id });
}

/**
 * One later item: opened, and its statement checked; a bad signature is told, loudly, beside the text. An author whose key
 * of then the roster no longer holds is `signer_unknown`: what they wrote can be read, but nobody can say that it is theirs.
 */
export async function readItem(caseId, entry, { keys, roster, reporter, chains }) {
  const { object, by, statement } = entry;
  const read = { id: object.id, kind: object.kind, ring: object.ring, epoch: object.epoch, by, at: entry.at, text: null, fault: null };
  try {
    const content = await openText(caseId, object, keys);
    if (!content) return { ...read, fault: "item_closed" };
    read.text = content.text;
  } catch {
    return { ...read, fault: "item_damaged" };
  }
  const author = chains[object.ring]?.epochs.get(object.epoch)?.readers.find(({ id }) => id === by);
  if (!author) return { ...read, fault: "author_not_reader" };
  const key = by === REPORTER ? reporter.sign : await signingKey(author, roster);
  try {
    const body = key ? await verifyStatement(key, statement, "item") : unverified(statement, "item");
    const fits = body.by === by && body.case === caseId && body.item === object.id && body.item_kind === object.kind
      && body.ring === object.ring && body.epoch === object.epoch && body.sha256 === (await sha256hex(unb64u(object.data)));
    if (!fits) return { ...read, fault: "signature_bad" };
    return key ? { ...read, at: body.at } : { ...read, fault: "signer_unknown" };
  } catch {
    return { ...read, fault: "signature_bad" };
  }
}
