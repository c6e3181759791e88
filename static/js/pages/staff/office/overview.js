// The office's first page: what is missing, what waits for the roster's signature, and the custodians' drills.

import { get } from "../api.js";
import { $, el, fault, replace, show } from "../../dom.js";
import { unlocked } from "../session.js";
import { day, explain, moment, path, t } from "../words.js";

function lack(one) {
  const key = one.kind === "body" ? (one.name ? "missing.body" : "missing.nameless") : `missing.${one.kind}`;
  const text = [t(key, one), one.told].filter(Boolean).join(" ");
  const content = one.kind === "body" ? el("a", { href: `${path("/staff/office/bodies")}#${one.about}` }, text) : text;
  return el("li", { "data-about": one.about, "data-why": one.why }, content);
}

function difference(one) {
  return el("li", { "data-part": one.part, "data-id": one.id },
    el("span", { class: "mark wait" }, t(`waiting.${one.kind}`)), " ", one.text,
    one.fingerprint && one.kind !== "removed" ? el("p", { class: "hint" }, t("waiting.fingerprint", one)) : null,
    one.alarm ? el("p", { class: "alarm" }, t("waiting.alarm")) : null);
}

function more(node, count) {
  node.textContent = count ? t("more", { more: count }) : "";
  show(node, count > 0);
}

function roster(one) {
  const line = $("#roster");
  if (!one) {
    line.textContent = t("roster.none");
    line.className = "alarm";
    return;
  }
  const key = one.days < 0 ? "expired" : one.soon ? "soon" : "good";
  line.textContent = t(`roster.${key}`, { no: one.no, expires: day(one.expires) });
  line.className = key === "good" ? "" : "alarm";
}

async function overview() {
  const found = await get("office/overview");
  replace($("#missing"), found.missing.map(lack));
  more($("#missing-more"), found.more_missing);
  show($("#missing-none"), found.missing.length === 0);
  roster(found.roster);
  replace($("#waiting"), found.waiting.map(difference));
  more($("#waiting-more"), found.more_waiting);
  show($("#waiting-none"), found.waiting.length === 0);
  show($("#waiting-told"), found.waiting.length > 0);
}

function keeper(one) {
  const last = t(one.last ? (one.due ? "custody.due" : "custody.good") : "custody.never", { at: one.last ? moment(one.last) : "" });
  return el("li", { class: one.due ? "alarm-text" : null }, t("custody.keeper", { ...one, last }));
}

async function custodians() {
  const { sets } = await get("custody/sets");
  replace($("#custodians"), sets.map((one) => el("li", { "data-set": one.code },
    el("p", {}, t("custody.set", { set: one.code, proved: one.proved, all: one.keepers.length, k: one.k })),
    one.proved < one.k ? el("p", { class: "alarm" }, t("custody.too_few")) : null,
    el("details", {}, el("summary", {}, t("custody.people")), el("ul", {}, one.keepers.map(keeper))))));
  show($("#custody"), sets.length > 0);
}

async function start() {
  await unlocked();
  await overview();
  await custodians();
}

start().catch((error) => fault(explain(error)));
