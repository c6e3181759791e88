// A report, sealed: exactly the objects that the server takes, signed over as a whole (docs/sealing.md, Submission).
// Twin of intake/client/submitting.py.

import { objectBinding } from "../../crypto/binding.js";
import { b64u, cleanText, jcs, sha256hex, unb64u } from "../../crypto/encoding.js";
import { seal } from "../../crypto/hpke.js";
import { sealItem } from "../../crypto/items.js";
import { fill } from "../../crypto/padding.js";
import { ringCommitment, scopeCommitment } from "../../crypto/rings.js";
import { split } from "../../crypto/shamir.js";
import { REPORTER, buildEpoch, byId, newId, newKey, state } from "../building.js";
import { statementHash } from "../epochs.js";
import { ClientFault } from "../faults.js";
import { REPORTING as LIMITS } from "../limits.js";
import { checkShown, rosterPointer } from "./trust.js";

export { LIMITS };
const SCOPES = ["address", "contact", "name", "originals", "signature"];
const IDENTITY = ["name", "unit", "phone", "email", "other", "address"];
const HOUR = 3_600_000;

/** Of a reporter's act only the hour is written down, also inside what they sign. */
export const hourOf = (at) => new Date(Math.floor(at.getTime() / HOUR) * HOUR);

/** A reporter as the author of statements. */
export const reporterAs = (keys, trust) => ({ code: REPORTER, keys, checkpoint: trust.checkpoint });

/** Every text of a form's values, fit for JSON and UTF-8. */
export function clean(value) {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clean(each)]));
}

function requireLength(text, limit, field) {
  if ([...text].length > limit) throw new ClientFault("text_too_long", { field, limit });
}

/** Who reports, in scopes that open separately; all empty when nobody wants to be named. */
const scopesOf = ({ name, unit, phone, email, other, address }) => ({
  name: { v: 1, name, unit }, contact: { v: 1, phone, email, other }, address: { v: 1, address },
  signature: { v: 1 }, originals: { v: 1 },
});

const narrativeOf = (report, identity) => ({
  v: 1, named: Object.values(identity).some(Boolean), text: report.text, when: report.when ?? "", where: report.where ?? "",
  wants: report.wants ?? "", accused_names: report.accusedNames ?? [], keep_away: report.keepAway ?? "", language: report.language,
});

async function sealedItem(caseId, ring, kind, content) {
  const place = { kind, id: newId(), ring: ring.name, epoch: ring.epoch };
  return { ...place, data: b64u(await sealItem(ring.key, objectBinding(caseId, place), jcs(content))) };
}

/** An HPKE copy for one reader: a grant, a share. */
async function sealedTo(caseId, { id, kem, readerkey }, kind, content, place) {
  const whole = { kind, id: newId(), ...place, reader: id, readerkey };
  return { ...whole, data: b64u(await seal(kem, kind, objectBinding(caseId, whole), content)) };
}

/** An object's line in the manifest: its place and the hash of its bytes. */
async function manifestLine({ data, ...place }) {
  return { ...place, sha256: await sha256hex(unb64u(data)) };
}

async function identityObject(caseId, scope, key, content) {
  const place = { kind: "identity", id: newId(), scope };
  const text = jcs(content);
  if (text.length > LIMITS.identity) throw new ClientFault("text_too_long", { field: scope, limit: LIMITS.identity });
  return { ...place, data: b64u(await sealItem(key, objectBinding(caseId, place), fill(text, [LIMITS.identity]))) };
}

/** One scope, an empty one too: its content, the reporter's own copy of its key, one share for each custodian. */
async function sealScope(caseId, scope, content, keySet, roster, me, step) {
  const key = newKey();
  const objects = [await identityObject(caseId, scope, key, content), await sealedTo(caseId, me, "grant", key, { scope })];
  step();
  const told = { scope, set: keySet.id, setv: keySet.v, k: keySet.k, n: keySet.n };
  const shares = await split(key, keySet.k, keySet.n);
  for (const [place, code] of keySet.members.entries()) {
    const share = shares[place];
    objects.push(await sealedTo(caseId, roster.member(code), "share", share, { ...told, x: share[share.length - 1] }));
    step();
  }
  return { objects, commitment: { scope, commitment: await scopeCommitment(caseId, scope, key) } };
}

/**
 * The arguments of `submit`, after checking again that the preview's people and custodians are the roster's.
 * `onProgress` is told the share that is done, 0..1; `linked` is what the first item says of the other case of a pair: `{case, body, leads}`.
 * @throws {ClientFault} as checkShown; text_too_long
 */
export async function buildSubmission(trust, keys, { report: written, facts, shown, caseId = newId(), linked = null }, { at, onProgress = () => {} }) {
  const report = clean(written);
  const identity = Object.fromEntries(IDENTITY.map((field) => [field, report.identity?.[field] ?? ""]));
  requireLength(report.summary, LIMITS.summary, "summary");
  requireLength(report.text, LIMITS.text, "text");
  const keySet = checkShown(trust, shown);
  const { decision } = shown;
  const actor = reporterAs(keys, trust);
  const me = { id: REPORTER, kem: keys.kemPublic, readerkey: await sha256hex(keys.kemPublic) };
  const steps = 1 + SCOPES.length * (1 + keySet.n);
  let done = 0;
  const step = () => onProgress((done += 1) / steps);

  const handlers = decision.readers.map((code) => ({ id: code, key: trust.roster.member(code).readerkey }));
  const readers = [...handlers, { id: REPORTER, key: me.readerkey }];
  const { ring, statement: epoch, grants } = await buildEpoch(actor, caseId, { name: "report", epoch: 1, readers }, trust.roster, me.kem, at);
  const first = {
    v: 1, case: caseId, reporter: { kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic) },
    facts, objections: facts.objections ?? [], decision, roster: rosterPointer(trust), linked,
  };
  const objects = [
    await sealedItem(caseId, ring, "first", first),
    await sealedItem(caseId, ring, "summary", { v: 1, text: report.summary }),
    await sealedItem(caseId, ring, "narrative", narrativeOf(report, identity)),
    ...grants,
  ];
  step();
  const scopes = [];
  for (const scope of SCOPES) {
    const made = await sealScope(caseId, scope, scopesOf(identity)[scope], keySet, trust.roster, me, step);
    objects.push(...made.objects);
    scopes.push(made.commitment);
  }
  const categories = [...new Set(report.categories)].sort();
  const submission = await state(actor, "submission", {
    case: caseId, key: b64u(keys.signPublic), kem: b64u(keys.kemPublic), roster: rosterPointer(trust),
    objects: (await Promise.all(objects.map(manifestLine))).sort(byId),
    rings: [{ ring: ring.name, epoch: 1, commitment: await ringCommitment(caseId, ring.name, 1, ring.key) }],
    scopes, set: { id: keySet.id, v: keySet.v, k: keySet.k, n: keySet.n },
    body: decision.body, readers: [...decision.readers].sort(), categories, epoch: await statementHash(epoch),
  }, at);
  return { lang: report.language, case: caseId, facts, categories, decision, objects, submission, epoch, mailbox: keys.mailboxHash };
}
