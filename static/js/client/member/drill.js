// A custodian's drill: a practice share is opened with the key that real ones are sealed to, and answered with a signature
// (docs/sealing.md, Drills). Twin of intake/client/drill.py.

import { b64u, sha256hex, unb64u } from "../../crypto/encoding.js";
import { objectBinding } from "../../crypto/binding.js";
import { openSealed } from "../../crypto/hpke.js";
import { state } from "../building.js";
import { ClientFault } from "../faults.js";
import { rosteredMember } from "../trust.js";

const SHARE = 33;

/** The custodian sets of a verified roster in which somebody sits: `[{id, k, n, members}]`. */
export const setsOf = (roster, code) => roster.sets.filter(({ members }) => members.includes(code));

/**
 * Open a drill and sign what was in it: `{statement}`. The share has to be sealed to the very key that the signed roster names
 * for this custodian, because real ones are.
 * @throws {ClientFault} not_a_custodian, drill_other_key, drill_closed
 */
export async function answerDrill(actor, roster, drill, at = new Date()) {
  const rostered = await rosteredMember(roster, actor.code);
  if (!rostered || !setsOf(roster, actor.code).length) throw new ClientFault("not_a_custodian");
  const mine = await sha256hex(actor.keys.kemPublic);
  const sealedToMe = drill.reader === actor.code && drill.readerkey === mine && rostered.readerkey === mine;
  if (!sealedToMe || b64u(rostered.sign) !== b64u(actor.keys.signPublic)) throw new ClientFault("drill_other_key");
  let share;
  try {
    share = await openSealed(actor.keys.kemSeed, "drill", objectBinding(null, drill), unb64u(drill.data));
    if (share.length !== SHARE) throw new Error("not a share");
  } catch (error) {
    throw new ClientFault("drill_closed", {}, error);
  }
  const fields = { drill: drill.id, readerkey: mine, sha256: await sha256hex(share) };
  return { statement: await state(actor, "drill", fields, at) };
}
