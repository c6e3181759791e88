// Moving an opened case to the body that is competent now (docs/sealing.md, Moving a case). Twin of intake/client/moving.py.

import { jcs } from "../../crypto/encoding.js";
import { pad } from "../../crypto/padding.js";
import { state } from "../building.js";
import { ClientFault } from "../faults.js";
import { rosteredMember } from "../trust.js";
import { HEADER_FRAME, digestOf, sealedTo } from "./granting.js";
import { concernedBy } from "./opening.js";

const LEADING = ["head", "deputy"];

/** What this browser can see for itself: enough people of the body named, and nobody whom the report or the case rules out. */
function checkReaders(opened, { body, readers }, facts, roster) {
  if (opened.warnings.some(({ code }) => code === "departures_hidden")) throw new ClientFault("departures_hidden");
  const concerned = [...concernedBy(opened.first.facts), ...concernedBy(facts)];
  for (const who of readers) {
    if (opened.departed.includes(who) || opened.everRead.includes(who)) throw new ClientFault("reader_departed", { who });
    if (concerned.includes(who)) throw new ClientFault("reader_concerned", { who });
    if (!roster.readersOf(body).includes(who)) throw new ClientFault("reader_outside_body", { who });
  }
  const there = roster.bodies.find(({ id }) => id === body);
  const leads = roster.seats.some((seat) => seat.body === body && readers.includes(seat.person) && LEADING.includes(seat.function));
  const enough = new Set(readers).size === readers.length && readers.length >= (there?.single ? 1 : there?.quorum ?? Infinity);
  if (!enough || !(there.single || leads)) throw new ClientFault("below_quorum");
}

/** The newest epoch of every ring, each with a key that may be written to. */
function ringsOf(opened) {
  return Object.entries(opened.rings).filter(([, newest]) => newest).sort().map(([ring, newest]) => {
    const waits = opened.pending.some(({ name }) => name === ring);
    if (waits || !newest.key || !newest.trusted) throw new ClientFault("ring_untrusted", { ring });
    return { ring, epoch: newest.epoch, statement: newest.hash };
  });
}

/**
 * What moves a case as `found`, the answer of operation `route` to these `facts`, says: `{facts, leaving, statement, headers, grants}`.
 * @throws {ClientFault} reader_unrostered, reader_outside_body, reader_concerned, reader_departed, below_quorum, ring_untrusted,
 *   departures_hidden
 */
export async function buildMove(actor, caseId, { opened, header, found, facts, leaving = false, roster }, at = new Date()) {
  const { decision, why } = found;
  checkReaders(opened, decision, facts, roster);
  const rings = ringsOf(opened);
  const frame = pad(jcs({ ...header, facts, decision, made_by: actor.code }), HEADER_FRAME);
  const [headers, grants, readers] = [[], [], []];
  for (const code of [...decision.readers].sort()) {
    const reader = await rosteredMember(roster, code);
    if (!reader) throw new ClientFault("reader_unrostered", { who: code });
    readers.push({ id: code, key: reader.readerkey });
    headers.push(await sealedTo(caseId, reader, "header", frame));
    for (const { epoch, key } of opened.keys.filter(({ ring }) => ring === "report")) {
      grants.push(await sealedTo(caseId, reader, "grant", key, { ring: "report", epoch }));
    }
  }
  const statement = await state(actor, "move", {
    case: caseId, from: opened.body, body: decision.body, why, ruleset: decision.ruleset, readers, rings,
    headers: await digestOf(headers), grants: await digestOf(grants),
  }, at);
  return { facts, leaving, statement, headers, grants };
}
