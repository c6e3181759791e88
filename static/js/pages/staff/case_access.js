// Who can read, whether the ledger holds together, and leaving the case.

import { buildWithdrawal } from "../../client/member.js";
import { get, post } from "./api.js";
import { $, el, fault, progress, replace, show } from "../dom.js";
import { showHistory } from "./case_history.js";
import { person } from "./people.js";
import { day, explain, moment, path, t } from "./words.js";

/** The access list: the server's word, held against the verified list of keys. */
export function showAccess(answer, opened, chain) {
  const verified = new Map(opened.rings.report.readers.map(({ id, key }) => [id, key]));
  const line = ({ id, readerkey, since }) => {
    const sure = verified.get(id) === readerkey;
    const words = { person: person(id), date: day(since) };
    return el("li", { class: sure ? null : "alarm-text" }, t(sure ? "access.since" : "access.unconfirmed", words));
  };
  replace($("#readers"), (answer.readers ?? []).filter(({ id }) => id !== "reporter").map(line), el("li", {}, t("access.reporter")));
  const sentence = $("#chain");
  sentence.textContent = chain.ok ? t("chain.good", { count: chain.count }) : t("chain.bad", { at: chain.brokenAt, count: chain.count });
  sentence.className = chain.ok ? "standing good" : "standing alarm";
  showHistory(chain);
}

function reason({ who, at, text, fault: doubt }) {
  const words = { person: person(who), moment: moment(at) };
  return el("li", {},
    el("p", {}, t(at ? "reasons.declared" : "reasons.unnamed", words)),
    doubt ? el("p", { class: "alarm" }, t(`fault.${doubt}`)) : null,
    text === null ? null : el("p", { class: "typed" }, text));
}

/** Why colleagues declared a conflict: told to the head alone, to whom it was sealed. */
export function showReasons({ reasons }) {
  replace($("#reasons"), reasons.map(reason));
  show($("#reasons-panel"), reasons.length > 0);
}

/** Ask once more, in a dialog that says what follows; then sign and go back to the desk. `moveOn` moves the case instead. */
export function watchWithdrawal(context, header, moveOn) {
  const dialog = $("#withdraw-dialog");
  const sure = $("#withdraw-sure");
  const open = async () => {
    const { without_me: left } = await get(`desk/cases/${context().caseId}`); // colleagues may have left since
    const warning = $("#withdraw-left");
    warning.textContent = left === "enough" ? "" : t(`withdraw.${left}`);
    show(warning, left !== "enough");
    show($("#withdraw-move"), left !== "enough");
    sure.checked = false;
    sure.disabled = left === "nobody"; // the server refuses it too
    $("#withdraw-confirm").disabled = true;
    dialog.returnValue = "";
    dialog.showModal();
    $("#withdraw-stay").focus();
  };
  $("#withdraw").addEventListener("click", () => open().catch((error) => fault(explain(error))));
  sure.addEventListener("change", () => { $("#withdraw-confirm").disabled = !sure.checked; });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue === "move") await moveOn().catch((error) => fault(explain(error)));
    if (dialog.returnValue !== "withdraw" || !sure.checked) return;
    const { answer, actor, caseId } = context();
    try {
      fault();
      progress(t("signing"));
      await post(`desk/cases/${caseId}/withdrawal`, await buildWithdrawal(actor, caseId, header.hash));
      location.replace(`${path("/staff/desk")}#withdrawn/${answer.number}`);
    } catch (error) {
      fault(explain(error));
    }
  });
}
