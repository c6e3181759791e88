// What every writer's browser makes: items, epochs, statements (docs/sealing.md, Objects and Statements). Twin of
// intake/client/sealing.py.

import { b64u, jcs, sha256hex, unb64u } from "../crypto/encoding.js";
import { objectBinding } from "../crypto/binding.js";
import { seal } from "../crypto/hpke.js";
import { sealItem } from "../crypto/items.js";
import { fill } from "../crypto/padding.js";
import { ringCommitment } from "../crypto/rings.js";
import { signStatement } from "../crypto/signing.js";
import { ClientFault } from "./faults.js";
import { SUPPLEMENTING, SUPPLEMENT_SIZES, WRITING } from "./limits.js";
import { raw, rosteredMember } from "./trust.js";

export const LIMITS = WRITING;
export const ZERO = "0".repeat(64);
export const REPORTER = "reporter";

/** Seconds in UTC, as statements write time. */
export const nowText = (at = new Date()) => `${at.toISOString().slice(0, 19)}Z`;

export const newId = () => crypto.randomUUID();
export const newKey = () => crypto.getRandomValues(new Uint8Array(32));
export const byId = (left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);

/** A signed statement of this actor, `{code, keys, checkpoint}`: `{stmt, sig}`. */
export async function state(actor, kind, fields, at) {
  return signStatement(actor.keys.signSeed, {
    v: 1, kind, id: newId(), at: nowText(at), by: actor.code, checkpoint: actor.checkpoint, ...fields,
  });
}

/** A text to be sealed, without blanks around it. */
export function checked(text, kind) {
  const clean = text.trim();
  if (!clean) throw new ClientFault("text_empty");
  if ([...clean].length > LIMITS[kind]) throw new ClientFault("text_too_long", { limit: LIMITS[kind] });
  return clean;
}

/** What is added to a report, `{text, when, where, whom}`, of which the text alone has to be there. */
function supplementOf(written) {
  const said = { text: checked(written.text, "supplement") };
  for (const [field, limit] of Object.entries(SUPPLEMENTING)) {
    said[field] = (written[field] ?? "").trim();
    if ([...said[field]].length > limit) throw new ClientFault("text_too_long", { field, limit });
  }
  return said;
}

const contentOf = (kind, written) => (kind === "supplement"
  ? fill(jcs({ v: 1, ...supplementOf(written) }), SUPPLEMENT_SIZES)
  : jcs({ v: 1, text: checked(written, kind) }));

/**
 * A `message`, `note` or `supplement` for the newest open epoch of its ring, with its statement: `{object, statement}`. What is
 * `written` is a text, of a supplement `{text, when, where, whom}`.
 */
export async function buildItem(actor, caseId, ring, kind, written, at = new Date()) {
  if (!ring?.key || !ring.trusted) throw new ClientFault("ring_untrusted"); // seal nothing to a key that nobody rostered made
  const place = { kind, id: newId(), ring: ring.name, epoch: ring.epoch };
  const data = await sealItem(ring.key, objectBinding(caseId, place), contentOf(kind, written));
  const statement = await state(actor, "item", {
    case: caseId, ring: ring.name, epoch: ring.epoch, item: place.id, item_kind: kind, sha256: await sha256hex(data),
  }, at);
  return { object: { ...place, data: b64u(data) }, statement };
}

/** The newest key of a verified ring is none: the statement that has the server wait for the next, `{statement}`. */
export async function buildBadKey(actor, caseId, ring, at = new Date()) {
  return { statement: await state(actor, "badkey", { case: caseId, ring: ring.name, epoch: ring.epoch, statement: ring.hash }, at) };
}

/** Narrow a verified list of readers to those still entitled, not `departed`, and rostered with the same key; never widens it. */
export async function nextReaders(previous, entitled, roster, departed = []) {
  const allowed = new Map(entitled.filter(({ id }) => !departed.includes(id)).map((reader) => [reader.id, reader.readerkey]));
  const readers = [];
  const removed = [];
  for (const { id, key } of previous) {
    const member = id === REPORTER ? { readerkey: key } : await rosteredMember(roster, id);
    const stays = id === REPORTER || (allowed.get(id) === key && member?.readerkey === key);
    if (stays) readers.push({ id, key });
    else removed.push(id);
  }
  return { readers: readers.sort(byId), removed: removed.sort() };
}

async function publicKeyOf(id, roster, reporterKem) {
  if (id === REPORTER) return reporterKem;
  return (await rosteredMember(roster, id))?.kem;
}

/** A new epoch of a ring: a fresh key, its commitment, one grant a reader: `{ring, statement, grants}`. */
export async function buildEpoch(actor, caseId, { name, epoch, prev = ZERO, readers, removed = [] }, roster, reporterKem, at = new Date()) {
  if (!readers.some(({ id }) => id === actor.code)) throw new ClientFault("not_a_reader");
  const key = newKey();
  const grants = [];
  for (const reader of readers) {
    const kem = await publicKeyOf(reader.id, roster, reporterKem);
    if (!kem || (await sha256hex(raw(kem))) !== reader.key) throw new ClientFault("reader_unrostered", { who: reader.id });
    const place = { kind: "grant", id: newId(), ring: name, epoch, reader: reader.id, readerkey: reader.key };
    grants.push({ ...place, data: b64u(await seal(raw(kem), "grant", objectBinding(caseId, place), key)) });
  }
  const statement = await state(actor, "epoch", {
    case: caseId, ring: name, epoch, prev, commitment: await ringCommitment(caseId, name, epoch, key),
    readers: [...readers].sort(byId), removed: [...removed].sort(),
  }, at);
  const ring = { name, epoch, key, readers, by: actor.code, signed: true, bad: false, trusted: true, hash: await sha256hex(unb64u(statement.stmt)) };
  return { ring, statement, grants };
}
