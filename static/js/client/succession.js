// From a key of the organisation's that somebody trusts to the one of today (docs/sealing.md, Roster). Twin of
// intake/client/succession.py.
//
// A roster names the fingerprint of the one key that may take over. Whoever trusts the former key, by a pin or a printed notice,
// is led to the new one by two neighbouring rosters: the last by the former key, which names the new one, and the first by the
// new key, which names the hash of the last. Several takeovers are followed one after the other.

import { parseJcs, unb64u } from "../crypto/encoding.js";
import { Malformed } from "../crypto/errors.js";
import { checkSuccessor, verifyRoster } from "../crypto/rosters.js";
import { ClientFault } from "./faults.js";

const MOST = 32; // takeovers that are followed: each costs two rosters

const bad = (error) => new ClientFault("roster_bad", {}, error);

/**
 * A roster under the key that it names itself, as of the day it was issued: whether to trust that key comes after.
 * @throws {Malformed|BadSignature|WeakKey} @throws {Expired} one that ended before it began, as those of a rehearsal do
 */
export async function signedRoster(document) {
  const said = parseJcs(unb64u(document?.doc));
  if (typeof said?.org !== "string" || typeof said.issued !== "string") throw new Malformed("not a roster");
  return verifyRoster(document, unb64u(said.org), { on: said.issued });
}

/** Refuse a roster older than one that was verified, or one that can't follow it. `seen` is null, or has `hash` null where only the number is known. */
export function requireAfter({ no, hash, prev }, seen) {
  if (!seen) return;
  if (no < seen.no) throw new ClientFault("roster_older", { no, seen: seen.no });
  const forked = seen.hash && ((no === seen.no && hash !== seen.hash) || (no === seen.no + 1 && prev !== seen.hash));
  if (forked) throw new ClientFault("roster_forked", { no, seen: seen.no });
}

/**
 * The keys before the newest roster's, oldest first, as `{org: base64url, last: number of the last roster by it}`: those passed
 * from the pinned one, or all where none is pinned (`isPinned` null).
 *
 * `since` `{no, hash}` is the roster that was pinned with the key, `seen` `{no, hash, org, former}` what this browser remembers: of
 * both the newer counts, so that an old wrapped seed, played back, brings no former key back.
 * @param {(no: number) => Promise<{last, first}>} takeover fetches the two rosters of a takeover
 * @throws {ClientFault} roster_older, roster_forked (another history than was verified before), roster_bad (nothing signed leads
 *   to the new key)
 */
export async function formerKeys(newest, takeovers, { isPinned, since = null, seen = null, takeover = null }) {
  requireAfter(newest, seen);
  if (!seen?.org) { // nothing remembered, or by an older page, which kept the number alone
    if (!isPinned) return formers(await succession(newest, takeovers, takeover));
    return follow(newest, takeovers, isPinned, since, takeover);
  }
  if (!isPinned || await leadsTo(seen, isPinned, since)) {
    const start = since && since.no > seen.no ? since : seen;
    return [...seen.former, ...await follow(newest, takeovers, (org) => org === seen.org, start, takeover)];
  }
  const passed = await follow(newest, takeovers, isPinned, since, takeover);
  // Somebody else's pin, on the same machine, may have been of another line.
  if (seen.org !== newest.org && !passed.some(({ org }) => org === seen.org)) return passed;
  return [...seen.former.filter(({ org, last }) => !passed.some((one) => one.org === org && one.last === last)), ...passed];
}

/** Whether the pinned key is the remembered one, or one that it came after. */
async function leadsTo(seen, isPinned, since) {
  if (await isPinned(seen.org)) {
    if (since && since.no === seen.no && since.hash !== seen.hash) throw new ClientFault("roster_forked", { no: since.no, seen: seen.no });
    return true;
  }
  for (const { org, last } of seen.former) {
    if (!(await isPinned(org))) continue;
    if (since && since.no > last) throw new ClientFault("roster_forked", { no: since.no, seen: last });
    return true;
  }
  return false;
}

async function follow(newest, takeovers, isPinned, since, takeover) {
  requireAfter(newest, since);
  if (await isPinned(newest.org)) return [];
  const line = await succession(newest, takeovers, takeover, since?.no ?? 0);
  while (line.length && !(await isPinned(line[0].last.org))) line.shift();
  if (!line.length) throw bad();
  requireAfter(line[0].last, since);
  return formers(line);
}

const formers = (line) => line.map(({ last }) => ({ org: last.org, last: last.no }));

/**
 * Every takeover after a roster's number, `{last, first}`, up to the newest roster, without a key left out between.
 * @throws {ClientFault} roster_bad, roster_forked
 */
export async function succession(newest, takeovers, takeover, after = 0) {
  const line = [];
  for (const no of numbers(takeovers, newest.no)) {
    if (no <= after) continue;
    const pair = await fetched(no, takeover);
    if (line.length) requireSameRule(line.at(-1).first, pair.last);
    line.push(pair);
  }
  if (line.length) requireSameRule(line.at(-1).first, newest);
  return line;
}

function numbers(told, newest) {
  const found = told ?? [];
  const rising = Array.isArray(found) && found.length <= MOST
    && found.every((no, at) => Number.isSafeInteger(no) && no > (at ? found[at - 1] : 1) && no <= newest);
  if (!rising) throw bad();
  return found;
}

async function fetched(no, takeover) {
  if (!takeover) throw bad();
  let last;
  let first;
  try {
    const told = await takeover(no);
    last = await signedRoster(told.last);
    first = await signedRoster(told.first);
    await checkSuccessor(last, first);
  } catch (error) {
    const away = error?.code === "network" || (error?.status !== undefined && error.status !== 404);
    throw away ? error : bad(error); // a server that is only busy or out of reach is no cheat
  }
  if (first.no !== no || first.org === last.org) throw bad();
  return { last, first };
}

/** Between two takeovers, and since the last one, the key is the same. */
function requireSameRule(first, later) {
  if (first.org !== later.org) throw bad();
  requireAfter(later, first);
}
