// Whose keys these are: the signed roster and the checkpoint, against what this browser saw before (sealing.md, Roster).

import { sha256hex, unb64u } from "../crypto/encoding.js";
import { checkKemPublic } from "../crypto/hpke.js";
import { verifyCheckpoint } from "../crypto/ledgers.js";
import { verifyRoster } from "../crypto/rosters.js";
import { verifyDocument } from "../crypto/signing.js";
import { ClientFault } from "./faults.js";

const SEEN = "niemphong.seen";
const DAY = 86_400_000;
const WARN_DAYS = 21;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const HASH = /^[0-9a-f]{64}$/;

/** Nothing seen yet. */
export const emptySeen = () => ({ roster: 0, checkpoint: { no: 0, hash: null }, epochs: {} });

/** The checkpoint of a memory; older pages remembered its number alone. Null for nonsense. */
function seenCheckpoint(told) {
  const { no, hash } = typeof told === "number" ? { no: told, hash: null } : told ?? {};
  return Number.isSafeInteger(no) && (hash === null || HASH.test(hash)) ? { no, hash } : null;
}

/** What this browser remembers in `localStorage`: numbers and hashes, never anything secret. */
export function readSeen(storage) {
  try {
    const seen = JSON.parse(storage.getItem(SEEN) ?? "null");
    const checkpoint = seenCheckpoint(seen?.checkpoint);
    const sound = Number.isSafeInteger(seen?.roster) && checkpoint && seen.epochs && typeof seen.epochs === "object";
    return sound ? { ...seen, checkpoint } : emptySeen();
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
 * Refuses an expired roster, one older than the last seen, and a checkpoint that went backwards or doesn't follow it.
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
  const checkpoint = await followingCheckpoint(installation.checkpoint, raw(roster.installation), seen.checkpoint);
  const expiresIn = Math.floor((Date.parse(`${roster.expires}T23:59:59Z`) - on.getTime()) / DAY);
  return {
    roster, checkpoint, expiresIn, warn: expiresIn <= WARN_DAYS,
    seen: { ...seen, roster: roster.no, checkpoint },
  };
}

async function followingCheckpoint(document, key, seen) {
  let said;
  try {
    said = await verifyCheckpoint(key, document);
  } catch (error) {
    throw new ClientFault("checkpoint_bad", {}, error);
  }
  const { no, hash } = said;
  if (no < seen.no) throw new ClientFault("checkpoint_older", { no, seen: seen.no });
  try {
    if (seen.hash) await verifyCheckpoint(key, document, seen);
  } catch (error) {
    throw new ClientFault("checkpoint_forked", { no, seen: seen.no }, error); // signed, and yet not the history seen before
  }
  return { no, hash };
}

/** The routing key of an installation answer, signed with the key that the roster names and valid now: `{id, key}`. */
export async function verifyRouting(document, installation, now) {
  try {
    const said = await verifyDocument(installation, "routing-key", document);
    const valid = STAMP.test(said.from) && STAMP.test(said.until) && said.from <= now && now < said.until;
    if (!valid) throw new Error("not valid at this time");
    return { id: said.id, key: checkKemPublic(unb64u(said.kem)) };
  } catch (error) {
    throw new ClientFault("routing_key_bad", {}, error);
  }
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

/**
 * What a reader signs with whom a verified list names as `{id, key}`. Null where the roster doesn't hold that key of theirs
 * any more, because they left it or enrolled anew: their signatures are then neither right nor wrong, but unknown.
 */
export async function signingKey(reader, roster) {
  const member = await rosteredMember(roster, reader.id);
  return member?.readerkey === reader.key ? member.sign : null;
}
