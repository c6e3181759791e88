// Who has left a case by their own signed word, and what the server says against it (sealing.md, Epoch). The list of who is
// present is the server's alone: without this it could bring a reader back while a key is pending. Twin of
// intake/client/departures.py.

import { parseJcs, unb64u } from "../crypto/encoding.js";
import { verifyStatement } from "../crypto/signing.js";
import { REPORTER } from "./building.js";
import { everRead, unverified } from "./epochs.js";
import { signingKey } from "./trust.js";

const LEAVING = ["conflict", "withdrawal"];
const ENTRIES = ["conflict_declared", "withdrawn"];

async function leaver(caseId, statement, readers, roster) {
  try {
    const { kind } = parseJcs(unb64u(statement.stmt));
    if (!LEAVING.includes(kind)) return null;
    const body = unverified(statement, kind);
    const mine = readers.filter(({ id }) => id === body.by && id !== REPORTER);
    if (!mine.length) return null;
    const keys = await Promise.all(mine.map((reader) => signingKey(reader, roster)));
    const key = keys.find(Boolean); // they may have read under an older key too
    if (key) await verifyStatement(key, statement, kind);
    const left = body.case === caseId && (kind === "withdrawal" || body.conflict === true);
    return left ? { who: body.by, at: body.at, reason: body.reason ?? null, checked: Boolean(key) } : null;
  } catch {
    return null;
  }
}

/**
 * What readers said when they left, `{who, at, reason, checked}`: `reason` is the id of the object that holds one, `checked` is
 * false where the roster holds no key of theirs any more. A statement that is not rightly signed counts for nothing, as if it
 * were kept back.
 */
export async function departuresOf(caseId, statements, chains, roster) {
  const readers = chains.report ? everRead(chains.report) : [];
  const found = await Promise.all((statements ?? []).map((statement) => leaver(caseId, statement, readers, roster)));
  return found.filter(Boolean);
}

/**
 * The readers who declared a conflict or withdrew: their codes. Whose key the roster holds no more counts as departed
 * unchecked: it can only keep somebody out.
 */
export async function departedOf(caseId, statements, chains, roster) {
  const left = await departuresOf(caseId, statements, chains, roster);
  return [...new Set(left.map(({ who }) => who))].sort();
}

/**
 * Trust no newest key that names somebody who has left, and none at all where departures are `hidden`. By rule leaving closes
 * every newest key and makes the next one pending: where none is, it was made after they left, whatever time its maker, who
 * may be the one who left, has written on it.
 */
export function refuseReturned(chains, departed, hidden = false) {
  for (const [ring, chain] of Object.entries(chains)) {
    const { newest, pending } = chain;
    if (newest && hidden) newest.trusted = false;
    if (!newest || pending) continue;
    const returned = newest.readers.map(({ id }) => id).filter((id) => departed.includes(id)).sort();
    if (!returned.length) continue;
    Object.assign(newest, { trusted: false, returned });
    chain.warnings = [...chain.warnings, ...returned.map((who) => ({ code: "reader_returned", ring, epoch: newest.epoch, who }))];
  }
}

/** Whether a case's own chain, already parsed, tells of more departures than were served. */
export const areHidden = (entries, departed) => entries.filter(({ kind }) => ENTRIES.includes(kind)).length > departed.length;
