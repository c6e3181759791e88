// A change of the organisation: the server says what it would do, and does it once exactly that is agreed with.

import { post } from "../api.js";
import { $, busy, el, fault, notice, replace } from "../../dom.js";
import { explain, t } from "../words.js";

const told = (line) => el("li", {},
  el("span", { class: "sign", "aria-hidden": "true" }, line.sign), " ", line.text,
  line.facts.length ? el("ul", {}, line.facts.map((fact) => el("li", {}, fact))) : null);

/** What an answer says, for a reader who has to agree with it. */
function effect(answer) {
  const more = answer.more_changes ? el("p", { class: "hint" }, t("change.more", { more: answer.more_changes })) : null;
  const warnings = ["nobody", "below_quorum"].filter((what) => answer[what])
    .map((what) => el("p", { class: "alarm" }, t(`change.${what}`, answer)));
  return [
    el("ul", { class: "plain changes" }, answer.changes.map(told)), more,
    answer.cases ? el("p", {}, t("change.cases", answer)) : null,
    ...warnings,
    answer.unfilled.length ? el("p", { class: "hint" }, t("change.unfilled", { sets: answer.unfilled.join(", ") })) : null,
  ];
}

/** What is wrong, where there is no file whose lines could be named. */
export function wrong(answer) {
  const lines = answer.faults.map(({ text, about }) => el("li", {}, about ? `${text} (${about})` : text));
  fault(t("change.faults"), el("ul", {}, lines));
}

function agreed(answer) {
  const dialog = $("#change");
  replace($("#change-told"), effect(answer));
  dialog.showModal();
  $("#change-title").focus();
  return new Promise((resolve) => {
    $("#change-yes").onclick = () => dialog.close("yes");
    $("#change-no").onclick = () => dialog.close("no");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Propose, show, and do it if it is agreed with; whether it was done. `faulty` shows what is wrong with it. */
export async function propose(where, asked, faulty = wrong) {
  fault();
  notice();
  const answer = await post(where, asked);
  if (answer.faults.length) {
    faulty(answer);
    return false;
  }
  if (!answer.changes.length) {
    notice(t("change.none"));
    return false;
  }
  if (!await agreed(answer)) return false;
  const done = await post(where, { ...asked, confirmed: answer.plan });
  if (done.applied) notice(t("change.done"));
  return done.applied;
}

/** A form whose sending is `act`; what goes wrong is said. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, act).catch((error) => fault(explain(error)));
  });
}

/** Rows of an organisation's file, without what was left empty. */
export function row(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== null && value !== undefined));
}

export const value = (selector) => $(selector).value.trim();

/** Today in Viet Nam, as a field for dates has it. */
export const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());

/** The day before or after a day. */
export function beside(day, by) {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}

/** From when until when something is so. */
export function days({ since, until }, day) {
  return until ? t("days.between", { since: day(since), until: day(until) }) : t("days.from", { since: day(since) });
}

/** A mark for what isn't in force today; nothing for what is. */
export const stateMark = (state) => (state === "now" ? null : el("span", { class: "mark wait" }, t(`state.${state}`)));
