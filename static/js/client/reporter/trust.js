// Whose keys a reporter seals to: what a verified installation answer gives (docs/sealing.md, Roster). Twin of
// intake/client/trust.py.

import { fingerprint, unb64u } from "../../crypto/encoding.js";
import { nowText } from "../building.js";
import { ClientFault } from "../faults.js";
import { same } from "../opening.js";
import { emptySeen, verifyRouting, verifyTrust } from "../trust.js";

const LEADING = ["head", "deputy"];

/**
 * Verify roster, checkpoint and routing key of an installation answer.
 *
 * `printed` is the organisation key's fingerprint where somebody has it from the notice; without one the key is the one
 * that the roster names, and the page shows its fingerprint. A named successor may have taken over: `former` are the keys before,
 * oldest first, so that an old notice can be told from a false one. `held` is what was verified here before: nothing older is
 * taken, and no other key but its successor. `takeover(no)` fetches the two rosters of a takeover.
 * @returns {Promise<{orgKey, fingerprint, former: {fingerprint: string, last: number}[], roster, checkpoint, seen, salt, demo, routing: {id: string, key: Uint8Array}}>}
 */
export async function verifyInstallation(answer, { printed = null, held = null, takeover = null, at }) {
  if (!answer?.roster || !answer.checkpoint) throw new ClientFault("roster_missing");
  const isPinned = printed === null ? null : async (org) => (await fingerprint(unb64u(org))) === printed;
  const seen = held?.seen ?? emptySeen();
  const { roster, orgKey, former, checkpoint, seen: now } = await verifyTrust(answer, null, { on: at, seen, takeover, isPinned })
    .catch((error) => { throw isPinned && error?.code === "roster_bad" ? new ClientFault("fingerprint_other", {}, error) : error; });
  return Object.freeze({
    orgKey, fingerprint: await fingerprint(orgKey), roster, checkpoint, seen: now, salt: unb64u(answer.salt), demo: answer.demo === true,
    former: await Promise.all(former.map(async ({ org, last }) => ({ fingerprint: await fingerprint(unb64u(org)), last }))),
    routing: await verifyRouting(answer.routing, roster.installation, nowText(at)),
  });
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
