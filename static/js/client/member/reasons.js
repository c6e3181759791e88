// Why colleagues declared a conflict of interest: sealed to the head of the receiving body and to nobody else, opened here
// (docs/sealing.md, Objects). Who declared, and that they gave this reason, is signed; its wording is not. Twin of
// intake/client/reasons.py.

import { parseJcs, unb64u } from "../../crypto/encoding.js";
import { objectBinding } from "../../crypto/binding.js";
import { openSealed } from "../../crypto/hpke.js";
import { unpad } from "../../crypto/padding.js";

async function wording(caseId, object, me) {
  try {
    const frame = await openSealed(me.keys.kemSeed, "direct", objectBinding(caseId, object), unb64u(object.data));
    const { text } = parseJcs(unpad(frame));
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

/**
 * The reasons that were sealed to this reader, `{who, at, text, fault}`. `direct` is what the server serves of them, `departures`
 * are verified statements (departuresOf). One that no signed declaration names is nobody's: not a word of it is shown.
 */
export function openReasons(caseId, direct, departures, me) {
  return Promise.all((direct ?? []).map(async ({ object, by }) => {
    const declared = departures.find(({ who, reason }) => who === by && reason === object.id);
    if (!declared) return { who: by, at: null, text: null, fault: "reason_unsigned" };
    const text = await wording(caseId, object, me);
    const doubt = declared.checked ? null : "signer_unknown";
    return { who: declared.who, at: declared.at, text, fault: text === null ? "item_damaged" : doubt };
  }));
}
