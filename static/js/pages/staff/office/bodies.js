// Bodies as a tree, each with its days and seats; entering, changing and merging them.

import { get } from "../api.js";
import { $, el, fault, replace, show } from "../../dom.js";
import { unlocked } from "../session.js";
import { day, explain, has, lang, t, word } from "../words.js";
import { beside, days, onSubmit, propose, row, stateMark, today, value } from "./changing.js";
import { listed } from "./pages_of_a_list.js";

let begin;
let open = null; // the code of the body that is shown

const kind = (code) => (has(`kind.${code}`) ? t(`kind.${code}`) : code);
const facts = (one) => t(one.single ? "body.one" : "body.facts", { ...one, kind: kind(one.kind) });
const lacking = (one) => el("p", { class: "alarm-text" }, t("body.lack", one).trim());

function line(one) {
  const name = el("a", { href: `#${one.code}` }, one.name || one.code, " ", el("span", { class: "code" }, one.code));
  return el("li", { "data-body": one.code, class: `depth-${Math.min(one.depth, 5)}` },
    name, el("p", { class: "hint" }, facts(one), one.seats ? ` · ${t("body.people", one)}` : ""), one.lacks.map(lacking));
}

function spanLine(one) {
  return el("li", { "data-body": one.code },
    el("a", { href: `#${one.code}` }, one.name[lang] || one.code, " ", el("span", { class: "code" }, one.code)), " ", stateMark(one.state),
    el("p", { class: "hint" }, `${facts(one)} · ${days(one, day)}`));
}

function fill(answer, more) {
  const lines = [...answer.lines.map(line), ...answer.spans.map(spanLine)];
  if (more) $("#bodies").append(...lines);
  else replace($("#bodies"), lines);
  $("#count").textContent = t("count", answer);
}

function span(one) {
  const above = one.parent ? `, ${t("body.below", one)}` : "";
  return el("li", { "data-state": one.state },
    t("span.names", one.name), " ", stateMark(one.state), el("p", { class: "hint" }, `${facts(one)}${above} · ${days(one, day)}`));
}

function seat(one) {
  const what = [word("function", one.function), ...one.roles.map((role) => word("role", role))].join(", ");
  const key = !one.enrolled ? t("seat.key") : one.state === "now" && !one.signed ? t("seat.unsigned") : null;
  const end = el("button", { type: "button", class: "quiet", "aria-label": t("seat.end_of", one) }, t("seat.end"));
  end.addEventListener("click", () => endSeat(one).catch((error) => fault(explain(error))));
  return el("li", { "data-person": one.person, "data-state": one.state },
    t("seat.who", { ...one, what }), " ", stateMark(one.state), key && one.state !== "ended" ? el("span", { class: "mark wait" }, key) : null,
    el("p", { class: "hint" }, days(one, day)),
    one.state === "now" ? el("div", { class: "actions" }, end) : null);
}

const orNone = (lines) => (lines.length ? lines : [el("li", { class: "hint" }, t("body.none"))]);

async function showBody(code) {
  const found = await get(`office/bodies/${encodeURIComponent(code)}`);
  open = found;
  const named = found.spans.find(({ state }) => state === "now") ?? found.spans.at(-1);
  $("#body-title").textContent = `${named.name[lang] || code} (${code})`;
  replace($("#body-lacks"), found.lacks.map((one) => el("li", {}, lacking(one))));
  replace($("#body-spans"), found.spans.map(span));
  replace($("#body-seats"), orNone(found.seats.map(seat)));
  replace($("#body-below"), orNone(found.below.map((one) => el("li", {}, el("a", { href: `#${one.code}` }, `${one.name || one.code} (${one.code})`)))));
  $("#body-successor").textContent = found.successor ? t("body.successor", { body: found.successor.body, since: day(found.successor.since) }) : "";
  show($("#body-successor"), found.successor !== null);
  show($("#body"));
  $("#body-title").focus();
}

async function followAddress() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (code) await showBody(code);
  else show($("#body"), false);
}

/** A seat ends with yesterday, so that it opens nothing from now on; of one that began today, with today. */
async function endSeat(one) {
  const now = today();
  const last = one.since >= now ? now : beside(now, -1);
  const file = JSON.stringify({ seats: [{ body: open.code, person: one.person, term_to: last }] });
  if (await propose("office/changes", { file, since: now })) await refresh();
}

async function enterBody() {
  const since = value("#edit-from");
  const name = row({ vi: value("#edit-vi"), en: value("#edit-en") });
  const number = (selector) => (value(selector) ? Number(value(selector)) : "");
  const body = row({
    code: value("#edit-code"), kind: value("#edit-kind"), level: number("#edit-level"), parent: value("#edit-parent"),
    quorum: number("#edit-quorum"), valid_to: value("#edit-to"),
  });
  if (Object.keys(name).length) body.name = name;
  const ends = body.valid_to && Object.keys(body).length === 2; // it only says when it ends
  if (!ends) body.valid_from = since;
  if (await propose("office/changes", { file: JSON.stringify({ bodies: [body] }), since })) {
    $("#body-form").reset();
    $("#edit-from").value = today();
    await refresh();
  }
}

async function merge() {
  const merger = { body: value("#merger-body"), into: value("#merger-into"), since: value("#merger-from") };
  if (await propose("office/mergers", merger)) {
    $("#merger-form").reset();
    $("#merger-from").value = today();
    await refresh();
  }
}

function change() {
  $("#enter-body").open = true;
  $("#edit-code").value = open.code;
  $("#edit-vi").focus();
}

async function refresh() {
  await begin();
  if (open && location.hash) await showBody(open.code);
}

async function start() {
  await unlocked();
  for (const field of ["#edit-from", "#merger-from"]) $(field).value = today();
  onSubmit($("#body-form"), enterBody);
  onSubmit($("#merger-form"), merge);
  $("#body-change").addEventListener("click", change);
  $("#body-close").addEventListener("click", () => {
    open = null;
    location.hash = "";
    $("#search").focus();
  });
  const follow = () => followAddress().catch((error) => fault(explain(error)));
  addEventListener("hashchange", follow);
  begin = listed({
    query: () => ({ search: value("#search"), state: value("#state") }),
    ask: (query) => get("office/bodies", query),
    fill,
    controls: [$("#search"), $("#state")],
  });
  await begin();
  await follow();
}

start().catch((error) => fault(explain(error)));
