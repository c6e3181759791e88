// Opening sealed things: grants, items, and what lists or signs them (sealing.md, Objects). Twin of intake/client/opening.py.

import { b64u, jcs, parseJcs, sha256hex, unb64u } from "../crypto/encoding.js";
import { objectBinding } from "../crypto/binding.js";
import { openSealed } from "../crypto/hpke.js";
import { openItem } from "../crypto/items.js";
import { unfill } from "../crypto/padding.js";
import { verifyStatement } from "../crypto/signing.js";
import { REPORTER } from "./building.js";
import { isSound } from "./contents.js";
import { isFirst, unverified } from "./epochs.js";
import { ClientFault } from "./faults.js";
import { signingKey } from "./trust.js";

export const ORIGINAL = ["first", "summary", "narrative"];
const ADDED = ["text", "when", "where", "whom"]; // of a supplement

/** Whether two JSON values say the same. */
export const same = (left, right) => b64u(jcs(left)) === b64u(jcs(right));

/**
 * The ring keys of the grants that are mine, by `ring/epoch`: a Map of `{key, grant}`. A grant that can't be opened has `key`
 * null: its maker's work, told where the epoch is verified. The report ring's first is part of the report: a fault.
 */
export async function grantedKeys(caseId, grants, me) {
  const keys = new Map();
  const mine = await sha256hex(me.keys.kemPublic);
  for (const grant of grants ?? []) {
    if (!("ring" in grant)) continue; // a reporter's own copy of a scope's key
    if (grant.reader !== me.code || grant.readerkey !== mine) continue; // an older key of mine: nothing to open with
    let key = null;
    try {
      key = await openSealed(me.keys.kemSeed, "grant", objectBinding(caseId, grant), unb64u(grant.data));
    } catch (error) {
      if (isFirst(grant)) throw new ClientFault("grant_damaged", { ring: grant.ring, epoch: grant.epoch }, error);
    }
    keys.set(`${grant.ring}/${grant.epoch}`, { key, grant });
  }
  return keys;
}

/** What an item says; null without the key of its epoch. */
export async function openText(caseId, object, keys) {
  const key = keys.get(`${object.ring}/${object.epoch}`)?.key;
  return key ? openWith(key, caseId, object) : null;
}

async function openWith(key, caseId, object) {
  const content = await openItem(key, objectBinding(caseId, object), unb64u(object.data));
  return parseJcs(object.kind === "supplement" ? unfill(content) : content);
}

/** The texts of a later item. Whoever holds the key may have sealed anything: another thing is damaged. */
async function textsOf(key, caseId, object) {
  const content = await openWith(key, caseId, object);
  if (!isSound(object.kind, content)) throw new TypeError("not what this kind holds");
  return Object.fromEntries((object.kind === "supplement" ? ADDED : ["text"]).map((name) => [name, content[name]]));
}

/** One object against the manifest: same place, same bytes. */
export async function verifyListed(object, listed) {
  const { data, ...place } = object;
  const { sha256, ...expected } = listed.get(object.id) ?? {};
  const fits = sha256 === (await sha256hex(unb64u(data))) && same(place, expected);
  if (!fits) throw new ClientFault("object_swapped", { kind: object.kind, id: object.id });
}

/**
 * One later item: opened with the verified key of its epoch, and its statement checked. It fails alone: `fault` says why, and
 * `text` is null. A supplement is the reporter's or nothing; it has `when`, `where` and `whom` beside its text. Only an author whose key of then the roster no longer holds is `signer_unknown` beside the text: what they
 * wrote can be read, but nobody can say that it is theirs.
 */
export async function readItem(caseId, entry, { roster, reporter, chains }) {
  const { object, by, statement } = entry;
  const read = { id: object.id, kind: object.kind, ring: object.ring, epoch: object.epoch, by, at: entry.at, text: null, fault: null };
  const epoch = chains[object.ring]?.epochs.get(object.epoch);
  if (!epoch?.key) return { ...read, fault: "item_closed" };
  if (object.kind === "supplement" && by !== REPORTER) return { ...read, fault: "author_not_reporter" };
  let texts;
  try {
    texts = await textsOf(epoch.key, caseId, object);
  } catch {
    return { ...read, fault: "item_damaged" };
  }
  const author = epoch.readers.find(({ id }) => id === by);
  if (!author) return { ...read, fault: "author_not_reader" };
  const key = by === REPORTER ? reporter.sign : await signingKey(author, roster);
  try {
    const body = key ? await verifyStatement(key, statement, "item") : unverified(statement, "item");
    const fits = body.by === by && body.case === caseId && body.item === object.id && body.item_kind === object.kind
      && body.ring === object.ring && body.epoch === object.epoch && body.sha256 === (await sha256hex(unb64u(object.data)));
    if (!fits) return { ...read, fault: "signature_bad" };
    return key ? { ...read, ...texts, at: body.at } : { ...read, ...texts, fault: "signer_unknown" };
  } catch {
    return { ...read, fault: "signature_bad" };
  }
}
