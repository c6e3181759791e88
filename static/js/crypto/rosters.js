// The signed roster: whose keys these are (docs/sealing.md, Roster). Twin of crypto/rosters.py.

import { b64u, fingerprint, jcs, sha256hex, unb64u, requireBytes } from "./encoding.js";
import { BadSignature, Expired, Malformed, Stale } from "./errors.js";
import { verifyDocument } from "./signing.js";

const HANDLING = ["intake", "classify", "decide", "secretary"]; // roles that read (contracts: Seats)
const FIELDS = [
  "bodies", "expires", "installation", "issued", "members", "no", "org", "prev", "seats", "sets", "successor", "v",
].join();
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const HASH = /^[0-9a-f]{64}$/;

// A day of the calendar: Date takes 30 February too, and makes it March.
const isDay = (text) => DAY.test(text) && Boolean(new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text));

function requireSorted(rows, what, strictly = true) {
  const ids = Array.isArray(rows) ? rows.map((row) => row?.id) : [null];
  const sorted = ids.every((id, at) => typeof id === "string" && (at === 0 || ids[at - 1] < id || (!strictly && ids[at - 1] === id)));
  if (!sorted) throw new Malformed(`${what} must be sorted by id`);
}

function requireForm(said) {
  const texts = ["prev", "issued", "expires", "successor", "installation", "org"];
  const sound = Object.keys(said).sort().join() === FIELDS && texts.every((name) => typeof said[name] === "string")
    && Number.isInteger(said.no) && said.no >= 1 && HASH.test(said.prev) && isDay(said.issued) && isDay(said.expires);
  if (!sound) throw new Malformed("not a roster");
  for (const what of ["bodies", "seats", "members"]) requireSorted(said[what], what);
  requireSorted(said.sets, "sets", false); // one id may stand there in two versions
  requireBytes(unb64u(said.installation), 32, "the installation key");
}

async function readMember({ id, kem, sign, demo = false }) {
  const key = requireBytes(unb64u(kem), 1216, "a member's X-Wing key");
  return Object.freeze({
    id, kem: key, sign: requireBytes(unb64u(sign), 32, "a member's Ed25519 key"), readerkey: await sha256hex(key), demo,
  });
}

/** A verified roster. `said` is its JCS value, `installation` raw bytes, `members` `{id, kem, sign, readerkey, demo}` with raw keys. */
export class Roster {
  constructor(said, hash, members) {
    Object.assign(this, said, { said, hash, members, installation: requireBytes(unb64u(said.installation), 32, "the installation key") });
    Object.freeze(this);
  }

  /** The member of this code, or null. */
  member(code) {
    return this.members.find(({ id }) => id === code) ?? null;
  }

  /** Codes of those who hold a handling role in a body and have keys, sorted. @returns {string[]} */
  readersOf(body) {
    const handling = this.seats.filter((seat) => seat.body === body && seat.roles.some((role) => HANDLING.includes(role)));
    return [...new Set(handling.map(({ person }) => person))].filter((code) => this.member(code)).sort();
  }

  /** The custodian set of this id, its newest version, or null. */
  set(id) {
    return this.sets.filter((set) => set.id === id).sort((left, right) => right.v - left.v)[0] ?? null;
  }
}

const dayOf = (on) => (on instanceof Date ? on.toISOString().slice(0, 10) : on);

/**
 * Verify a roster document with the organisation's key.
 * @param {{doc: string, sig: string}} document @param {Uint8Array} orgKey @param {{on: string|Date}} when a day, `YYYY-MM-DD`
 * @returns {Promise<Roster>} @throws {WeakKey|BadSignature|Malformed} @throws {Expired} after its last day
 */
export async function verifyRoster(document, orgKey, { on }) {
  const said = await verifyDocument(orgKey, "roster", document);
  requireForm(said);
  if (said.org !== b64u(orgKey)) throw new BadSignature("a roster of another organisation");
  if (!DAY.test(dayOf(on))) throw new Malformed("not a day");
  if (said.expires < dayOf(on)) throw new Expired("the roster has expired");
  return new Roster(said, await sha256hex(unb64u(document.doc)), Object.freeze(await Promise.all(said.members.map(readMember))));
}

/**
 * Whether one verified roster follows another: next number, previous hash, and the same key or the successor it named.
 * @param {Roster|Object} previous @param {Roster|Object} next rosters, or their JCS values
 * @returns {Promise<void>} @throws {Stale} not newer @throws {BadSignature} another key @throws {Malformed} a gap or another past
 */
export async function checkSuccessor(previous, next) {
  if (next.no <= previous.no) throw new Stale("a roster that is not newer");
  const hash = previous.hash ?? (await sha256hex(jcs(previous)));
  if (next.no !== previous.no + 1 || next.prev !== hash) throw new Malformed("a roster that does not follow");
  if (next.org !== previous.org && (await fingerprint(unb64u(next.org))) !== previous.successor) {
    throw new BadSignature("a roster of a key that was not named as successor");
  }
}
