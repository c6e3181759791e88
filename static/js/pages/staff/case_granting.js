// Giving the case to a colleague who may read it now: who could, who can't and why, and the signed act.

import { buildGrant, callCase } from "../../client/member.js";
import { postSealed } from "./api.js";
import { $, busy, el, fault, notice, progress, replace, show } from "../dom.js";
import { person } from "./people.js";
import { explain, t, word } from "./words.js";

/** Shown where somebody new holds a seat of this body; whom the facts keep away is asked for on demand. */
export function showNewcomers({ newcomers }) {
  show($("#granting"), Boolean(newcomers?.length));
  replace($("#eligible"));
}

const call = ({ caseId, installation, trust }, op, args) => callCase(op, args, {
  installation, roster: trust.roster, send: (wire) => postSealed(`desk/cases/${caseId}/envelope`, wire),
});

function line({ code }, choose) {
  const button = el("button", { type: "button", class: "quiet", "aria-label": t("grant.give_to", { person: person(code) }) }, t("grant.give"));
  button.addEventListener("click", () => choose(code));
  return el("li", {}, person(code), " ", button);
}

/** `current()` gives `{context, opened}`, `header` is openHeader's, `done()` reads the case again. */
export function watchGranting(current, header, done) {
  const dialog = $("#grant-dialog");
  const sure = $("#grant-sure");
  let chosen = null;
  const choose = (code) => {
    chosen = code;
    $("#grant-who").textContent = person(code);
    sure.checked = false;
    $("#grant-confirm").disabled = true;
    dialog.returnValue = "";
    dialog.showModal();
    $("#grant-stay").focus();
  };
  const look = async () => {
    fault();
    const { readers, excluded } = await call(current().context, "eligible", { facts: header.header.facts });
    const reasons = (list) => list.map((reason) => word("reason", reason)).join(", ");
    const barred = excluded.map((one) => el("li", {}, t("grant.excluded", { person: person(one.person), reasons: reasons(one.reasons) })));
    const nobody = readers.length ? [] : [el("li", {}, t("grant.nobody"))];
    replace($("#eligible"), readers.map((code) => line({ code }, choose)), nobody, barred);
  };
  $("#grant-look").addEventListener("click", () => busy($("#granting"), look).catch((error) => fault(explain(error))));
  sure.addEventListener("change", () => { $("#grant-confirm").disabled = !sure.checked; });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "grant" || !sure.checked) return;
    busy($("#granting"), async () => {
      fault();
      progress(t("signing"));
      const { context, opened } = current();
      const { trust, actor, caseId } = context;
      const made = await buildGrant(actor, caseId, { opened, header: header.header, code: chosen, roster: trust.roster });
      await call(context, "grant", made);
      await done();
      notice(t("grant.done", { person: person(chosen) }));
    }).catch((error) => fault(explain(error))).finally(() => progress());
  });
}
