// Whose keys these are: the signed roster and the checkpoint, against what this browser saw before (sealing.md, Roster).

import { b64u, sha256hex, unb64u } from "../crypto/encoding.js";
import { checkKemPublic } from "../crypto/hpke.js";
import { verifyCheckpoint } from "../crypto/ledgers.js";
import { verifyDocument } from "../crypto/signing.js";
import { ClientFault } from "./faults.js";
import { formerKeys, signedRoster } from "./succession.js";

const SEEN = "niemphong.seen";
const DAY = 86_400_000;
const WARN_DAYS = 21;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const HASH = /^[0-9a-f]{64}$/;
const FORMER_KEPT = 32; // as many takeovers as anybody follows

/** Nothing seen yet. */
export const emptySeen = () => ({ roster: null, checkpoint: { no: 0, hash: null }, epochs: {} });

/** Number and hash out of a memory; older pages remembered the number alone. Null for nonsense. */
function seenPointer(told) {
  const { no, hash } = typeof told === "number" ? { no: told, hash: null } : told ?? {};
  return Number.isSafeInteger(no) && (hash === null || HASH.test(hash)) ? { no, hash } : null;
}

/** The newest roster seen, with the key that signed it and those before; null for nonsense. */
function seenRoster(told) {
  const pointer = seenPointer(told);
  if (!pointer || !told.org) return pointer && { ...pointer, org: null, former: [] };
  const sound = typeof told.org === "string" && pointer.hash && Array.isArray(told.former)
    && told.former.every((one) => typeof one?.org === "string" && Number.isSafeInteger(one.last));
  return sound ? { ...pointer, org: told.org, former: told.former } : null;
}

/** What this browser remembers in `localStorage`: numbers, hashes and public keys, never anything secret. */
export function readSeen(storage) {
  try {
    const seen = JSON.parse(storage.getItem(SEEN) ?? "null");
    const [roster, checkpoint] = [seenRoster(seen?.roster), seenPointer(seen?.checkpoint)];
    const sound = (roster || seen?.roster === null) && checkpoint && seen.epochs && typeof seen.epochs === "object";
    return sound ? { ...seen, roster, checkpoint } : emptySeen();
  } catch {
    return emptySeen(); // storage switched off or unreadable: as on a new machine
  }
}

export function writeSeen(storage, seen) {
  try {
    const held = readSeen(storage); // another tab may have seen something newer meanwhile
    const newer = (one, other) => ((one?.no ?? 0) >= (other?.no ?? 0) ? one : other);
    const epochs = { ...held.epochs };
    const compared = seen.compared ?? held.compared;
    for (const [name, made] of Object.entries(seen.epochs)) if (made[0] >= (epochs[name]?.[0] ?? 0)) epochs[name] = made;
    storage.setItem(SEEN, JSON.stringify({
      roster: newer(seen.roster, held.roster), checkpoint: newer(seen.checkpoint, held.checkpoint), epochs,
      ...(compared ? { compared } : {}),
    }));
  } catch { /* storage switched off: the check is weaker, the page still works */ }
}

/**
 * Verify roster and checkpoint of an installation answer with the pinned organisation key, or with the successor that it named.
 *
 * Refuses an expired roster, one older than the last seen or of another history, and a checkpoint that went backwards or doesn't
 * follow it. `orgKey` null: no key is pinned, the roster's own is taken (`isPinned` may still say which it has to be). `since` is the
 * roster `{no, hash}` that was pinned with the key; `takeover(no)` fetches the two rosters of a takeover.
 * Returns `{roster, orgKey, former, checkpoint:{no,hash}, expiresIn (days), warn, seen}`; `former` are the keys that successors
 * have replaced, oldest first, `seen` is the updated memory.
 */
export async function verifyTrust(installation, orgKey, {
  on = new Date(), seen = emptySeen(), since = null, takeover = null, isPinned = orgKey && ((org) => org === b64u(orgKey)),
} = {}) {
  if (!installation?.roster) throw new ClientFault("roster_missing");
  const roster = await newestRoster(installation.roster);
  const former = await formerKeys(roster, installation.takeovers, { isPinned, since, seen: seenRoster(seen.roster), takeover });
  if (roster.expires < on.toISOString().slice(0, 10)) throw new ClientFault("roster_expired");
  const checkpoint = await followingCheckpoint(installation.checkpoint, raw(roster.installation), seen.checkpoint);
  const expiresIn = Math.floor((Date.parse(`${roster.expires}T23:59:59Z`) - on.getTime()) / DAY);
  return {
    roster, orgKey: unb64u(roster.org), former, checkpoint, expiresIn, warn: expiresIn <= WARN_DAYS,
    seen: { ...seen, roster: { no: roster.no, hash: roster.hash, org: roster.org, former: former.slice(-FORMER_KEPT) }, checkpoint },
  };
}

async function newestRoster(document) {
  try {
    return await signedRoster(document);
  } catch (error) {
    throw new ClientFault(error?.name === "Expired" ? "roster_expired" : "roster_bad", {}, error);
  }
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
