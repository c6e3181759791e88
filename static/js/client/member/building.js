// What only a member's browser makes: declarations, withdrawals, the readers of the internal ring.

import { b64u, jcs } from "../../crypto/encoding.js";
import { objectBinding } from "../../crypto/binding.js";
import { seal } from "../../crypto/hpke.js";
import { pad } from "../../crypto/padding.js";
import { REPORTER, checked, newId, nextReaders, state } from "../building.js";
import { ClientFault } from "../faults.js";
import { rosteredMember } from "../trust.js";

/** The first readers of the internal ring: those whom the report ring's newest verified epoch holds, without the reporter. */
export async function internalReaders(reportReaders, entitled, roster, departed = []) {
  const handlers = reportReaders.filter(({ id }) => id !== REPORTER);
  return (await nextReaders(handlers, entitled, roster, departed)).readers;
}

/** A declaration about conflicts; with a conflict, an optional reason sealed to the head alone: `{statement, reason?}`. */
export async function buildDeclaration(actor, caseId, { conflict, headerHash, reason = "", head = null }, roster, at = new Date()) {
  let object = null;
  if (conflict && reason.trim() && head) {
    const member = await rosteredMember(roster, head.id);
    if (!member || member.readerkey !== head.readerkey) throw new ClientFault("reader_unrostered", { who: head.id });
    const place = { kind: "direct", id: newId(), reader: head.id, readerkey: head.readerkey };
    const frame = pad(jcs({ v: 1, text: checked(reason, "reason") }), 512);
    object = { ...place, data: b64u(await seal(member.kem, "direct", objectBinding(caseId, place), frame)) };
  }
  const fields = { case: caseId, conflict, header: headerHash, ...(object ? { reason: object.id } : {}) };
  const statement = await state(actor, "conflict", fields, at);
  return object ? { statement, reason: object } : { statement };
}

/** The statement with which a handler leaves a case. */
export async function buildWithdrawal(actor, caseId, headerHash, at = new Date()) {
  return { statement: await state(actor, "withdrawal", { case: caseId, header: headerHash }, at) };
}
