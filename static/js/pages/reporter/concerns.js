// Whom it concerns: rows of body, role and name, kept here and drawn anew whenever their number or the language changes.

import { $, el, replace, show } from "../dom.js";
import { drawPicked } from "./fields.js";
import { MOST_ACCUSED, emptyAccused } from "./form.js";
import { lists, t } from "./words.js";

let rows = [emptyAccused()];

export const accused = () => rows.map((row) => ({ ...row }));

export function clearAccused() {
  rows = [emptyAccused()];
}

/** Listen for the button that adds a row, and draw the first. */
export function startAccused() {
  $("#accused-add").addEventListener("click", () => {
    rows.push(emptyAccused());
    drawAccused();
    $(`#accused-${rows.length - 1}-body`).focus();
  });
  drawAccused();
}

export function drawAccused() {
  replace($("#accused"), rows.map(rowNode));
  show($("#accused-add"), rows.length < MOST_ACCUSED);
}

function rowNode(row, place) {
  const id = (field) => `accused-${place}-${field}`;
  const bodies = lists().bodies.map(({ code, name }) => [code, name]);
  const roles = lists().roles.map(({ code, label }) => [code, label]);
  const children = [
    el("legend", {}, t("accused.legend", { no: place + 1 })),
    ...choice(row, "body", id("body"), t("accused.body"), bodies),
    ...choice(row, "role", id("role"), t("accused.role"), roles),
    ...nameField(row, id("name")),
    outsiderField(row, id("outsider")),
  ];
  if (rows.length > 1) children.push(removal(place));
  return el("fieldset", { class: "row" }, ...children);
}

function choice(row, field, id, label, options) {
  const select = el("select", { id, autocomplete: "off", "aria-required": "true", "aria-describedby": `${id}-fault` },
    el("option", { value: "" }, t("accused.choose")),
    ...options.map(([code, words]) => el("option", { value: code }, words)));
  select.value = row[field];
  const picked = el("p", { class: "picked", "aria-hidden": "true" });
  drawPicked(select, picked);
  select.addEventListener("change", () => {
    row[field] = select.value;
    drawPicked(select, picked);
  });
  return [el("label", { for: id }, label), select, picked, faultLine(id)];
}

function nameField(row, id) {
  const input = el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-fault` });
  input.value = row.name;
  input.addEventListener("input", () => { row.name = input.value; });
  return [el("label", { for: id }, t("accused.name")), input, faultLine(id)];
}

function outsiderField(row, id) {
  const box = el("input", { id, type: "checkbox" });
  box.checked = row.outsider;
  box.addEventListener("change", () => { row.outsider = box.checked; });
  return el("label", { class: "check" }, box, el("span", {}, t("accused.outsider")));
}

function removal(place) {
  const button = el("button", { type: "button", class: "quiet" }, t("accused.remove", { no: place + 1 }));
  button.addEventListener("click", () => {
    rows.splice(place, 1);
    drawAccused();
    $("#accused-add").focus();
  });
  return el("div", { class: "actions" }, button);
}

const faultLine = (id) => el("p", { class: "field-fault", id: `${id}-fault`, hidden: true });
