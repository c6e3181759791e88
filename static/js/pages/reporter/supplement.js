// Adding to the report: its form, one look more before it is sent for good, and what has been added so far.

import { $, el, facts, notice, progress, replace, show } from "../dom.js";
import { FIELD_LIMITS, clearFaults, drawCounters, keepFaults, showFaults } from "./fields.js";
import { day, t } from "./words.js";

const LIMITS = { text: FIELD_LIMITS.supplement, when: FIELD_LIMITS.when, where: FIELD_LIMITS.where, whom: FIELD_LIMITS.whom };
const form = () => $("#supplement-form");
const review = () => $("#supplement-review");
const field = (name) => $(`#added-${name}`);
const typed = () => Object.fromEntries(Object.keys(LIMITS).map((name) => [name, field(name).value.trim()]));

/** Whether something stands in the form that was not sent. */
export const isUnsent = () => Object.values(typed()).some(Boolean);

/** What is wrong with the form: `[{field, code, values}]`. */
function wrong() {
  const written = typed();
  const faults = written.text ? [] : [{ field: "added-text", code: "supplement_empty" }];
  for (const [name, limit] of Object.entries(LIMITS)) {
    const over = [...written[name]].length - limit;
    if (over > 0) faults.push({ field: `added-${name}`, code: "too_long", values: { over } });
  }
  return faults;
}

const rows = ({ text, when, where, whom }) => [
  [t("added.text"), el("span", { class: "typed" }, text)], [t("added.when"), when], [t("added.where"), where],
  [t("added.whom"), whom && el("span", { class: "typed" }, whom)],
];

/** Which of the three is on the page: the button, the form, or the look at what was written. */
function turnTo(part) {
  show($("#supplement-offer"), part === "offer");
  show(form(), part === "form");
  show(review(), part === "review");
}

function begin() {
  turnTo("form");
  drawCounters(form());
  $("#supplement-title").focus();
}

function lookOver() {
  clearFaults();
  notice();
  const faults = wrong();
  if (faults.length) {
    showFaults(faults);
    return;
  }
  turnTo("review");
  redrawReview();
  $("#supplement-review-title").focus();
}

/** In the page's language of now. */
export function redrawReview() {
  if (!review().hidden) replace($("#supplement-shown"), facts(rows(typed())));
}

/** Put the form away; `empty` also what stands in it. */
export function putAway(empty = false) {
  if (empty) form().reset();
  $("#supplement-shown").replaceChildren();
  turnTo("offer");
}

/** One addition as it stands below the report. */
function added({ at, fault: doubt, ...written }) {
  const head = el("p", { class: "by" }, el("strong", {}, t("added.on", { date: day(at) })));
  if (doubt) return el("li", { class: "said" }, head, el("p", { class: "alarm" }, t(`fault.${doubt}`)));
  if (written.text === null) return el("li", { class: "said" }, head, el("p", {}, t("added.long")));
  return el("li", { class: "said" }, head, facts(rows(written)));
}

/** What has been added, in order. */
export function drawAdded(supplements) {
  replace($("#supplements"), supplements.map(added));
  show($("#added"), supplements.length > 0);
  const told = $("#added-told");
  told.textContent = supplements.length ? t("added.told", { count: supplements.length, date: day(supplements.at(-1).at) }) : "";
  show(told, supplements.length > 0);
}

/**
 * Let the three work. `send` seals and sends what was written and returns the day it counts as; `attempt` runs an act of a form and
 * tells what went wrong; `drawn` draws the mailbox anew.
 */
export function watchSupplement({ send, attempt, drawn }) {
  const submit = async () => {
    clearFaults();
    notice();
    progress(t("added.sealing"));
    const at = await send(typed());
    progress();
    putAway(true);
    drawn();
    $("#own-report").closest("details").open = true; // there it stands now
    notice(t("added.done", { date: day(at ?? new Date().toISOString()) }));
    $("#supplement-start").focus();
  };
  const on = (node, act) => node.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(node, act);
  });
  on(form(), async () => lookOver());
  on(review(), submit);
  $("#supplement-start").addEventListener("click", begin);
  $("#supplement-change").addEventListener("click", begin);
  $("#supplement-later").addEventListener("click", () => {
    clearFaults();
    putAway();
    $("#supplement-start").focus();
  });
  form().addEventListener("input", () => {
    drawCounters(form());
    keepFaults((name) => wrong().some((one) => one.field === name));
  });
}
