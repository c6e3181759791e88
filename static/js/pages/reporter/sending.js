// Sealing and sending: sealed once, sent until an answer comes, and never twice under another number.

import { $, busy, facts, fault, progress, replace, show } from "../dom.js";
import { loaded } from "./client.js";
import { repeatFault } from "./codes.js";
import { showFaults } from "./fields.js";
import { reportOf } from "./form.js";
import { portal } from "./portal.js";
import { receiptCode } from "./receipt.js";
import { decided } from "./receivers.js";
import { day, explain, lang, t } from "./words.js";

// Who receives it is no longer what was agreed to: it is shown again, and sealed anew if they agree.
const CHANGED = ["decision_changed", "roster_stale", "routing_key_gone", "unknown_reader", "roster_expired"];
// No answer, or none that says whether the report was taken in.
const UNCERTAIN = ["network", "answer_damaged", "server_failed", "busy", "work_stopped", "work_needed"];

let sealed = null; // what was sealed, by which portal; kept until an answer says that it was or wasn't taken in
let uncertain = false;

/** What an error at sending means for the report: "changed", "uncertain" or "refused". */
export function meaning(error) {
  if (CHANGED.includes(error?.code)) return "changed";
  return UNCERTAIN.includes(error?.code) || error?.status >= 500 ? "uncertain" : "refused";
}

/** While it is not known whether the report arrived, nothing of it may be changed. */
export const isUncertain = () => uncertain;

/**
 * Send the report of this form. `hooks.done(receipt)` when it was taken in, `hooks.changed()` when who receives it has
 * changed; everything else is said on the page.
 */
export async function send(form, hooks) {
  const wrong = uncertain ? null : repeatFault($("#typed").value, receiptCode());
  if (wrong) {
    showFaults([{ field: "typed", ...wrong }]);
    return;
  }
  fault();
  show($("#again"), false);
  try {
    const receipt = await busy($('form[data-step="code"]'), () => sealAndSubmit(form));
    settle();
    progress();
    hooks.done(receipt);
  } catch (error) {
    failed(error, hooks);
  }
}

async function sealAndSubmit(form) {
  if (!sealed) {
    progress(t("sending.sealing"));
    const by = await portal();
    const onProgress = (share) => progress(t("sending.sealing_share", { percent: Math.round(share * 100) }));
    const what = { report: reportOf(form, lang()), ...decided(), code: receiptCode(), onProgress };
    sealed = { by, report: await by.seal(what), sent: false };
  }
  progress(t("sending.sending"));
  sealed.sent = true;
  return sealed.by.submit(sealed.report);
}

function failed(error, hooks) {
  progress();
  const meant = sealed?.sent ? meaning(error) : "refused"; // what was never sent can't have arrived
  if (meant === "uncertain") {
    setUncertain(true);
    fault(explain(error));
    show($("#again"));
    $("#again").focus();
    return;
  }
  settle();
  if (CHANGED.includes(error?.code)) hooks.changed();
  fault(explain(error));
}

function settle() {
  sealed = null;
  setUncertain(false);
}

function setUncertain(now) {
  uncertain = now;
  show($("#again"), now);
  show($("#send"), !now);
  show($('form[data-step="code"] [data-back]'), !now);
  $("#typed").readOnly = now;
}

export function drawReceipt({ number, received, stateText, bodyName, ledger, pair }) {
  replace($("#receipt"), [...facts([
    [t("receipt.number"), number],
    [t("receipt.received"), day(received)],
    [t("receipt.state"), stateText],
    [t("receipt.body"), bodyName],
    [t("receipt.mark"), loaded().markOf(ledger.hash)],
    [t("receipt.second"), pair && t("receipt.second_value", { number: pair.number, body: pair.bodyName })],
    [t("receipt.second_mark"), pair && loaded().markOf(pair.ledger.hash)],
  ]).childNodes]);
}
