// The queue: number, state, date and categories from the server, the summary opened here once declared.

import { hasNew, openSummary, standing } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { get } from "./api.js";
import { $, el, fault, notice, show } from "../dom.js";
import { unlocked } from "./session.js";
import { trusted } from "./trust.js";
import { day, explain, path, t } from "./words.js";

async function summary(entry, me) {
  if (entry.declared !== "clear") return el("span", { class: "hint" }, t("summary.undeclared"));
  try {
    const text = await openSummary(entry, me);
    return text ?? el("span", { class: "hint" }, t("summary.none"));
  } catch {
    return el("span", { class: "alarm-text" }, t("summary.damaged"));
  }
}

/** A cell that carries its column's name, for the cards of narrow screens. */
const cell = (name, ...content) => el("td", { "data-label": t(`column.${name}`) }, el("div", {}, ...content));

async function row(entry, me) {
  const link = el("a", { href: path(`/staff/desk/${entry.id}`), class: "code" }, entry.number);
  const written = entry.messages && await hasNew(localStorage, entry.id, "message", entry.messages);
  const added = entry.supplements && await hasNew(localStorage, entry.id, "supplement", entry.supplements);
  const marks = [
    added ? el("span", { class: "mark new" }, t("mark.supplement")) : null,
    written ? el("span", { class: "mark new" }, t("mark.message")) : null,
    entry.new ? el("span", { class: "mark new" }, t("mark.new")) : null,
    entry.pending?.length ? el("span", { class: "mark wait" }, t("mark.pending")) : null,
  ];
  return el("tr", {},
    el("th", { scope: "row", "data-label": t("column.number") }, el("div", {}, link, ...marks)),
    cell("state", entry.state_text),
    cell("received", day(entry.received)),
    cell("updated", day(entry.updated)),
    cell("categories", el("ul", { class: "labels" }, entry.categories.map(({ label }) => el("li", {}, label)))),
    cell("summary", await summary(entry, me)));
}

/** What another page did before it came here: only a case number travels, in the fragment. */
function cameFrom() {
  const [what, number] = location.hash.slice(1).split("/");
  history.replaceState(null, "", location.pathname + location.search);
  if (["withdrawn", "conflict", "moved"].includes(what) && /^\d{4}-\d{4,}$/.test(number ?? "")) notice(t(`done.${what}`, { number }));
}

/** One page of lines below those that are shown; its first link takes the focus when a button asked for it. */
async function append({ cases, next }, me, { focus = false } = {}) {
  const rows = await Promise.all(cases.map((entry) => row(entry, me)));
  $("#cases tbody").append(...rows);
  show($("#more"), Boolean(next));
  $("#more").onclick = () => more(next, me);
  if (focus) rows[0]?.querySelector("a").focus();
}

async function more(next, me) {
  $("#more").disabled = true; // a second press would show the same page twice
  try {
    await append(await get("desk/cases", { after: next }), me, { focus: true });
  } catch (error) {
    fault(explain(error));
  } finally {
    $("#more").disabled = false;
  }
}

async function start() {
  cameFrom();
  const me = await unlocked();
  const [first, installation] = await Promise.all([get("desk/cases"), get("installation")]);
  const trust = await trusted(installation, me.pins);
  if (trust.warn) {
    $("#roster-warning").textContent = t("roster.warning", { date: day(trust.roster.expires), days: trust.expiresIn });
    show($("#roster-warning"));
  }
  const place = await standing(trust.roster, me.code, me.keys);
  if (place !== "rostered") {
    $("#standing-warning").textContent = t(`standing.${place}`);
    show($("#standing-warning"));
  }
  $("#cases tbody").replaceChildren();
  await append(first, me);
  show($("#cases"), first.cases.length > 0);
  show($("#empty"), first.cases.length === 0);
}

start().catch((error) => {
  $("#title").textContent = document.title = t("refused.title"); // below it nothing can be said of cases
  for (const part of $("#page").children) show(part, part === $("#title"));
  fault(explain(error));
});
