// Whose keys a reporter seals to: what a verified installation answer gives (docs/sealing.md, Roster). Twin of
// intake/client/trust.py.

import { fingerprint, parseJcs, unb64u } from "../../crypto/encoding.js";
import { nowText } from "../building.js";
import { ClientFault } from "../faults.js";
import { same } from "../opening.js";
import { emptySeen, verifyRouting, verifyTrust } from "../trust.js";

const LEADING = ["head", "deputy"];

/**
 * Verify roster, checkpoint and routing key of an installation answer.
 *
 * `printed` is the organisation key's fingerprint where somebody has it from the notice; without one the key is the one
 * that the roster names, and the page shows its fingerprint. `held` is what was verified here before: its key stays, and
 * nothing older is taken.
 * @returns {Promise<{orgKey, fingerprint, roster, checkpoint, salt, demo, routing: {id: string, key: Uint8Array}}>}
 */
export async function verifyInstallation(answer, { printed = null, held = null, at }) {
  if (!answer?.roster || !answer.checkpoint) throw new ClientFault("roster_missing");
  const orgKey = held?.orgKey ?? organisationKey(answer.roster);
  const shown = await fingerprint(orgKey);
  if (printed !== null && shown !== printed) throw new ClientFault("fingerprint_other");
  const seen = held ? { ...emptySeen(), roster: held.roster.no, checkpoint: held.checkpoint } : emptySeen();
  const { roster, checkpoint } = await verifyTrust(answer, orgKey, { on: at, seen });
  return Object.freeze({
    orgKey, fingerprint: shown, roster, checkpoint, salt: unb64u(answer.salt), demo: answer.demo === true,
    routing: await verifyRouting(answer.routing, roster.installation, nowText(at)),
  });
}

/** The key the roster says it is signed with: only its fingerprint can tell whether it is the right one. */
function organisationKey(document) {
  try {
    return unb64u(parseJcs(unb64u(document.doc)).org);
  } catch (error) {
    throw new ClientFault("roster_bad", {}, error);
  }
}

/** Number and hash of the verified roster, as statements name it. */
export const rosterPointer = ({ roster }) => ({ no: roster.no, hash: roster.hash });

/**
 * Whether a preview's readers and custodians are the roster's, and enough; the custodian set as the roster has it.
 * @throws {ClientFault} nobody_competent, roster_stale, reader_unrostered, below_quorum, set_unrostered, set_weak
 */
export function checkShown(trust, { decision, set, roster }) {
  if (decision.body === null) throw new ClientFault("nobody_competent");
  if (!same(roster, rosterPointer(trust))) throw new ClientFault("roster_stale");
  requireQuorum(trust.roster, decision.body, decision.readers);
  const keySet = rosteredSet(trust.roster, set);
  if (decision.custodians !== keySet.id) throw new ClientFault("set_unrostered");
  return keySet;
}

/** Each reader handles for the named body, and together they are enough (docs/sealing.md, Submission). */
function requireQuorum(roster, code, readers) {
  const body = roster.bodies.find(({ id }) => id === code);
  const handling = body ? roster.readersOf(code) : [];
  const stranger = readers.find((reader) => !handling.includes(reader));
  if (!body || stranger !== undefined) throw new ClientFault("reader_unrostered", { who: stranger });
  const persons = new Set(readers); // named twice is still one
  const leads = roster.seats.some((seat) => seat.body === code && persons.has(seat.person) && LEADING.includes(seat.function));
  const enough = persons.size === readers.length && persons.size >= (body.single ? 1 : body.quorum);
  if (!enough || !(body.single || leads)) throw new ClientFault("below_quorum");
}

function rosteredSet(roster, shown) {
  const found = roster.set(shown?.id);
  const told = (set, members) => ({ id: set.id, v: set.v, k: set.k, n: set.n, members });
  if (!found || !same(told(shown, shown.members), told(found, [...found.members].sort()))) throw new ClientFault("set_unrostered");
  if (found.k < 2 || found.n < 4 || new Set(found.members).size !== found.n || found.members.length !== found.n) {
    throw new ClientFault("set_weak");
  }
  const stranger = found.members.find((code) => !roster.member(code));
  if (stranger !== undefined) throw new ClientFault("reader_unrostered", { who: stranger });
  return found;
}
