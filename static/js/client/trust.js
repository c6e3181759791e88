// Whose keys these are: the signed roster and the checkpoint, against what this browser saw before (sealing.md, Roster).

import { sha256hex, unb64u } from "../crypto/encoding.js";
import { verifyDocument } from "../crypto/signing.js";
import { verifyRoster } from "../crypto/rosters.js";
import { ClientFault } from "./faults.js";

const SEEN = "niemphong.seen";
const DAY = 86_400_000;
const WARN_DAYS = 21;

/** Nothing seen yet. */
export const emptySeen = () => ({ roster: 0, checkpoint: 0, epochs: {} });

/** What this browser remembers in `localStorage`: numbers and hashes, never anything secret. */
export function readSeen(storage) {
  try {
    const seen = JSON.parse(storage.getItem(SEEN) ?? "null");
    const numbers = Number.isSafeInteger(seen?.roster) && Number.isSafeInteger(seen?.checkpoint);
    return numbers && seen.epochs && typeof seen.epochs === "object" ? seen : emptySeen();
  } catch {
    return emptySeen(); // storage switched off or unreadable: as on a new machine
  }
}

export function writeSeen(storage, seen) {
  try {
    storage.setItem(SEEN, JSON.stringify({ roster: seen.roster, checkpoint: seen.checkpoint, epochs: seen.epochs }));
  } catch { /* storage switched off: the check is weaker, the page still works */ }
}

/**
 * Verify roster and checkpoint of an installation answer with the pinned organisation key.
 *
 * Refuses an expired roster, one older than the last seen, and a checkpoint that went backwards.
 * Returns `{roster, checkpoint:{no,hash}, expiresIn (days), warn, seen}`; `seen` is the updated memory.
 */
export async function verifyTrust(installation, orgKey, { on = new Date(), seen = emptySeen() } = {}) {
  if (!installation?.roster) throw new ClientFault("roster_missing");
  let roster;
  try {
    roster = await verifyRoster(installation.roster, orgKey, { on: on.toISOString().slice(0, 10) });
  } catch (error) {
    throw new ClientFault(error?.name === "Expired" ? "roster_expired" : "roster_bad", {}, error);
  }
  if (roster.no < seen.roster) throw new ClientFault("roster_older", { no: roster.no, seen: seen.roster });
  const checkpoint = await verifyCheckpoint(installation.checkpoint, roster, seen);
  const expiresIn = Math.floor((Date.parse(`${roster.expires}T23:59:59Z`) - on.getTime()) / DAY);
  return {
    roster, checkpoint, expiresIn, warn: expiresIn <= WARN_DAYS,
    seen: { ...seen, roster: roster.no, checkpoint: checkpoint.no },
  };
}

async function verifyCheckpoint(document, roster, seen) {
  if (!document) throw new ClientFault("checkpoint_bad");
  let body;
  try {
    body = await verifyDocument(raw(roster.installation), "checkpoint", document);
  } catch (error) {
    throw new ClientFault("checkpoint_bad", {}, error);
  }
  if (body.no < seen.checkpoint) throw new ClientFault("checkpoint_older", { no: body.no, seen: seen.checkpoint });
  return { no: body.no, hash: await sha256hex(unb64u(document.doc)) };
}

/** A key that may stand in a document as base64url or already as bytes. */
export const raw = (key) => (typeof key === "string" ? unb64u(key) : key);

/** The rostered member, or null: `{id, kem, sign}` as bytes, and the reader key. */
export async function rosteredMember(roster, code) {
  const found = roster.members.find((member) => member.id === code);
  if (!found) return null;
  const kem = raw(found.kem);
  return { id: code, kem, sign: raw(found.sign), readerkey: await sha256hex(kem) };
}
