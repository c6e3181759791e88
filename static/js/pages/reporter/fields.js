// Fields of a form: how much has been typed, what is wrong and where, how many are ticked in a group.

import { REPORTING as LIMITS, SUPPLEMENTING, WRITING } from "../../client/limits.js";
import { $, $$, el, fault, show } from "../dom.js";
import { explain, t } from "./words.js";

/** Characters for each text: the sealed formats' own limits, and room on the page for the rest. */
export const FIELD_LIMITS = Object.freeze({
  when: 200, where: 200, wants: 2_000, keepAway: 1_000,
  name: 120, unit: 120, phone: 40, email: 120, other: 200, address: 300,
  summary: LIMITS.summary, text: LIMITS.text, message: LIMITS.message,
  supplement: WRITING.supplement, whom: SUPPLEMENTING.whom,
});

/** Show under each limited field how much of its room is used. */
export function drawCounters(root = document) {
  for (const field of $$("[data-limit]", root)) {
    const counter = $(`#${field.id}-counter`);
    const limit = FIELD_LIMITS[field.dataset.limit];
    const used = [...field.value.trim()].length;
    show(counter, used > limit * 0.5);
    counter.textContent = t("counter", { used, limit });
    counter.classList.toggle("over", used > limit);
  }
}

/** Say how many are ticked in each closed group. */
export function drawChosen(root = document) {
  for (const group of $$("details", root)) {
    const count = $$("input:checked", group).length;
    const place = $("[data-chosen]", group);
    if (place) place.textContent = count ? t("chosen", { count }) : "";
  }
}

let listed = []; // what the summary at the top names: `{field, item}`

/** A narrow screen cuts a choice off within its field: beneath it stands whole. */
export function drawPicked(select, line) {
  line.textContent = select.value ? select.selectedOptions[0].textContent : "";
}

export function clearFaults(root = document) {
  listed = [];
  fault();
  for (const line of $$(".field-fault", root)) show(line, false);
  for (const field of $$("[aria-invalid]", root)) field.removeAttribute("aria-invalid");
}

/** Say what is wrong beside each field, and all of it at the top, with the focus there and a way to each field. */
export function showFaults(faults, root = document) {
  clearFaults(root);
  const lines = faults.map(({ field, code, values }) => {
    const sentence = explain({ code, values });
    const line = $(`#${field}-fault`);
    const input = $(`#${field}`);
    if (line) {
      line.textContent = sentence;
      show(line);
    }
    if (input?.matches("input, select, textarea")) input.setAttribute("aria-invalid", "true");
    const link = el("a", { href: `#${field}` }, sentence);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      focusOn(field);
    });
    return { field, item: el("li", {}, link) };
  });
  fault(t("faults.title"), el("ul", {}, ...lines.map(({ item }) => item)));
  listed = lines;
}

/** While somebody corrects: drop what is no longer wrong, and leave the focus where it is. */
export function keepFaults(isWrong) {
  const right = listed.filter(({ field }) => !isWrong(field));
  if (!right.length) return;
  listed = listed.filter((one) => !right.includes(one));
  for (const { field, item } of right) {
    item.remove();
    show($(`#${field}-fault`), false);
    $(`#${field}`)?.removeAttribute("aria-invalid");
  }
  if (!listed.length) fault();
}

function focusOn(field) {
  const place = $(`#${field}`);
  const target = place?.matches("input, select, textarea") ? place : $("input, select, button, summary", place ?? document);
  target?.focus();
  target?.scrollIntoView({ block: "center" });
}
