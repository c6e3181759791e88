// A head's signed word about somebody's rotation: an exception for a time, or that they have to be moved. The statement holds
// codes and the hash of the reason; its words travel beside it (docs/sealing.md, Statements). Twin of intake/client/rotation.py.

import { cleanText, sha256hex, utf8 } from "../../crypto/encoding.js";
import { state } from "../building.js";
import { ClientFault } from "../faults.js";
import { ROTATION_NOTE } from "../limits.js";

/**
 * What is posted, `{statement, note}`; `until` is the last day of an exception, and null of a requirement.
 * @throws {ClientFault} text_empty, text_too_long
 */
export async function buildRotation(actor, { act, person, over, reason, note, until = null }, at = new Date()) {
  const words = cleanText(note).split(/\s+/u).filter(Boolean).join(" ");
  if (!words) throw new ClientFault("text_empty");
  if ([...words].length > ROTATION_NOTE) throw new ClientFault("text_too_long", { limit: ROTATION_NOTE });
  const fields = { act, person, over, reason, note: await sha256hex(utf8(words)), ...(until ? { until } : {}) };
  return { statement: await state(actor, "rotation", fields, at), note: words };
}
