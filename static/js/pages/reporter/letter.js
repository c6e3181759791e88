// The paper way: a letter made here from what is typed, and printed. Nothing of it is sent or stored.

import { $, $$, el, replace, show } from "../dom.js";
import { concernedLine, t } from "./words.js";

const FIELDS = ["to", "name", "address", "contact", "accused", "act", "wants", "enclosed"];
const DOTS = "…".repeat(28);

const field = (name) => $(`#letter-${name}`);
const typed = (name) => field(name).value.trim();
const sheet = () => $("#letter-sheet");

export const hasLetter = () => FIELDS.some((name) => typed(name));

/** A line of the letter: what was typed, or dots for the pen. */
function line(label, text, dots = 1) {
  const blank = Array.from({ length: dots }, () => el("p", {}, DOTS));
  return [el("p", {}, el("strong", {}, label)), ...(text ? [el("p", { class: "typed" }, text)] : blank)];
}

const short = (label, text) => el("p", {}, el("strong", {}, label), " ", text || DOTS);

function letterOf(now) {
  const date = { day: now.getDate(), month: now.getMonth() + 1, year: now.getFullYear() };
  return [
    el("p", { class: "centred" }, el("strong", {}, t("letter.nation")), el("br"), el("strong", {}, t("letter.motto"))),
    el("p", { class: "dated" }, t("letter.date", date)),
    el("h3", { class: "centred" }, t("letter.heading")),
    short(t("letter.to"), typed("to")),
    short(t("letter.name"), typed("name")),
    short(t("letter.address"), typed("address")),
    short(t("letter.contact"), typed("contact")),
    ...line(t("letter.accused"), typed("accused"), 2),
    ...line(t("letter.act"), typed("act"), 8),
    ...line(t("letter.wants"), typed("wants"), 2),
    ...(typed("enclosed") ? line(t("letter.enclosed"), typed("enclosed")) : []),
    el("p", {}, t("letter.truth")),
    el("div", { class: "signed" }, el("p", {}, el("strong", {}, t("letter.signed"))), el("p", {}, t("letter.by_hand"))),
  ];
}

/** Draw the letter anew, where it is shown: after a change of language too. */
export function drawLetter() {
  if (!sheet().hidden) replace(sheet(), letterOf(new Date()));
}

function showLetter() {
  show(sheet());
  sheet().classList.add("on"); // on paper: this and nothing else
  show($("#letter-ready"));
  drawLetter();
  sheet().focus();
}

/** Away with the sheet, so that another page of the form prints as itself; what was typed stays. */
export function hideLetter() {
  replace(sheet());
  sheet().classList.remove("on");
  show(sheet(), false);
  show($("#letter-ready"), false);
}

/** Nothing of the letter stays in the page. */
export function forgetLetter() {
  hideLetter();
  for (const name of FIELDS) field(name).value = "";
  show($("#letter"), false);
}

/** What is known from the form and the preview, where nobody has typed anything else. */
function prefill({ accused, unknown, name, address, phone, email }, addressee) {
  const known = {
    to: addressee ?? "", name, address, contact: [phone, email].filter((text) => text.trim()).join(", "),
    accused: unknown ? "" : accused.filter(({ body }) => body).map(concernedLine).join("\n"),
  };
  for (const [place, text] of Object.entries(known)) if (!typed(place)) field(place).value = text;
}

/** `form()` gives the form's values, `addressee()` the name of the competent body outside, or null. */
export function startLetter(form, addressee) {
  $("#letter-start").addEventListener("click", () => {
    prefill(form(), addressee());
    show($("#letter"));
    $("#letter-title").focus();
  });
  $("#letter-show").addEventListener("click", showLetter);
  $("#letter-print").addEventListener("click", () => print());
  for (const place of $$("#letter input, #letter textarea")) place.addEventListener("input", drawLetter);
}
