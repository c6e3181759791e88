// The two cases of a linked pair in one mailbox page: which there are, and which one is being looked at and written to.

import { $, el, replace, show } from "../dom.js";
import { t } from "./words.js";

const lineOf = (mailbox) => t(mailbox.leads ? "linked.leading" : "linked.second", { number: mailbox.number, body: mailbox.bodyName });

/** Both cases with their states, the one shown marked; `turn(mailbox)` shows the other. Hidden where there is one case. */
export function drawLinked(mailbox, turn) {
  show($("#linked"), Boolean(mailbox.linked));
  show($("#writing-to"), Boolean(mailbox.linked));
  if (!mailbox.linked) {
    for (const drawn of ["#linked-cases", "#writing-to"]) $(drawn).replaceChildren();
    return;
  }
  const both = mailbox.leads ? [mailbox, mailbox.linked] : [mailbox.linked, mailbox];
  replace($("#linked-cases"), both.map((one) => {
    const what = `${lineOf(one)} ${t("linked.state", { state: one.stateText })}`;
    if (one === mailbox) return el("li", {}, el("strong", { "aria-current": "true" }, what), ` ${t("linked.shown")}`);
    const button = el("button", { type: "button", class: "quiet" }, t("linked.turn", { number: one.number }));
    button.addEventListener("click", () => turn(one));
    return el("li", {}, `${what} `, button);
  }));
  $("#writing-to").textContent = t("linked.writing_to", { number: mailbox.number, body: mailbox.bodyName });
}
