// Giving an opened case to somebody who may read it now (docs/sealing.md, Later grants). Twin of intake/client/granting.py.

import { b64u, jcs, sha256, sha256hex, unb64u } from "../../crypto/encoding.js";
import { objectBinding } from "../../crypto/binding.js";
import { openAnswer, sealEnvelope } from "../../crypto/envelopes.js";
import { seal } from "../../crypto/hpke.js";
import { pad } from "../../crypto/padding.js";
import { byId, newId, nowText, state } from "../building.js";
import { ClientFault, Refused } from "../faults.js";
import { rosteredMember, verifyRouting } from "../trust.js";
import { concernedBy } from "./opening.js";

export const HEADER_FRAME = 4096;

/** What this browser can see for itself: whom the report names or its reporter keeps away is never given it. */
function checkReader(opened, code, roster) {
  if (opened.warnings.some((warning) => warning.code === "departures_hidden")) throw new ClientFault("departures_hidden");
  if (opened.departed.includes(code)) throw new ClientFault("reader_departed", { who: code });
  if (concernedBy(opened.first.facts).includes(code)) throw new ClientFault("reader_concerned", { who: code });
  if (!roster.readersOf(opened.body).includes(code)) throw new ClientFault("reader_outside_body", { who: code });
}

/** A sealed copy for one reader, `{id, kem, readerkey}`. */
export async function sealedTo(caseId, reader, kind, content, place = {}) {
  const whole = { kind, id: newId(), ...place, reader: reader.id, readerkey: reader.readerkey };
  return { ...whole, data: b64u(await seal(reader.kem, kind, objectBinding(caseId, whole), content)) };
}

const hashOf = (object) => sha256hex(unb64u(object.data));

/** SHA-256 over the JCS of the ids and hashes of sealed copies, sorted by id: what a statement says of them. */
export async function digestOf(grants) {
  const listed = await Promise.all(grants.map(async (grant) => ({ id: grant.id, sha256: await hashOf(grant) })));
  return sha256hex(jcs(listed.sort(byId)));
}

/**
 * What gives a case to one more reader: `{facts, statement, header, grants}`. `opened` is openCase's, `header` openHeader's.
 * @throws {ClientFault} reader_unrostered, reader_outside_body, reader_concerned, reader_departed, ring_untrusted, departures_hidden
 */
export async function buildGrant(actor, caseId, { opened, header, code, roster }, at = new Date()) {
  const reader = await rosteredMember(roster, code);
  if (!reader) throw new ClientFault("reader_unrostered", { who: code });
  checkReader(opened, code, roster);
  const head = await sealedTo(caseId, reader, "header", pad(jcs({ ...header, made_by: actor.code }), HEADER_FRAME));
  const rings = [];
  const grants = [];
  for (const [name, newest] of Object.entries(opened.rings).sort()) {
    if (!newest) continue;
    const waits = opened.pending.some((one) => one.name === name);
    if (waits || !newest.key || !newest.trusted) throw new ClientFault("ring_untrusted", { ring: name });
    rings.push({ ring: name, epoch: newest.epoch, statement: newest.hash });
    for (const { epoch, key } of opened.keys.filter(({ ring }) => ring === name)) {
      grants.push(await sealedTo(caseId, reader, "grant", key, { ring: name, epoch }));
    }
  }
  const statement = await state(actor, "grant", {
    case: caseId, reader: code, readerkey: reader.readerkey, header: await hashOf(head), rings, grants: await digestOf(grants),
  }, at);
  return { facts: header.facts, statement, header: head, grants };
}

/**
 * One operation on a case in a sealed envelope, so that a proxy that records learns nothing of the facts. `send` posts bytes
 * and gives bytes back. @throws {Refused} with the code inside @throws {ClientFault}
 */
export async function callCase(op, args, { installation, roster, send, now = new Date() }) {
  const routing = await verifyRouting(installation.routing, roster.installation, nowText(now));
  const { wire, answerKey } = await sealEnvelope(routing.id, routing.key, { op, args });
  const answer = await send(wire);
  let said;
  try {
    said = await openAnswer(answerKey, await sha256(wire), answer);
  } catch (error) {
    throw new ClientFault("answer_damaged", {}, error);
  }
  if (said?.error) throw new Refused(200, said);
  if (!said?.ok || typeof said.ok !== "object") throw new ClientFault("answer_damaged");
  return said.ok;
}
