// One's own relations: on record, declared anew, ended. A head sees those of the body's members, and changes none.

import { buildRelation, buildRelationEnd, standing } from "../../client/member.js";
import { get, post } from "./api.js";
import { $, busy, el, fault, notice, progress, replace, show } from "../dom.js";
import { body, learnNames, person } from "./people.js";
import { unlocked } from "./session.js";
import { onSubmit } from "./steps.js";
import { trusted } from "./trust.js";
import { day, explain, t } from "./words.js";

let me;
let told;
let choices = {};
let ending = null;

const today = () => new Date(Date.now() + 7 * 3600 * 1000).toISOString().slice(0, 10); // the day in Viet Nam
const label = (code) => told.kinds.find((kind) => kind.code === code)?.label ?? code;

function named(what, code) {
  if (what === "person") return person(code);
  if (what === "body") return body(code);
  return choices[what]?.[code] ? t("choice.offer", { name: choices[what][code], code }) : code;
}

/** A relation in one line; of one that somebody else declared, whose it is. */
function words(one) {
  const said = { person: person(one.person), kind: label(one.tie), other: named(one.what, one.code) };
  return t(one.person === me.code ? "line.own" : "line.of", said);
}

function source(one) {
  const values = { date: day(one.recorded), person: person(one.by ?? one.person), basis: one.basis };
  if (!one.declared) return t(one.by ? "line.official_by" : "line.official", values);
  return t(one.person === me.code ? "line.declared" : "line.declared_by", values);
}

function line(one) {
  const span = t(one.until ? "line.span" : "line.open", { since: day(one.since), until: day(one.until) });
  const mine = one.declared && one.person === me.code;
  const over = one.until && one.until <= today();
  const button = mine && !over && el("button", { type: "button", class: "quiet", "aria-label": t("line.end_which", { line: words(one) }) }, t("line.end"));
  if (button) button.addEventListener("click", () => ask(one));
  return el("li", { "data-relation": one.id },
    el("p", {}, el("strong", {}, words(one))),
    el("p", { class: "hint" }, `${span}; ${source(one)}`),
    button && el("p", { class: "actions" }, button));
}

function ask(one) {
  ending = one;
  $("#end-text").textContent = words(one);
  $("#end-day").min = one.since;
  $("#end-day").value = one.since > today() ? one.since : today();
  $("#end-dialog").showModal();
}

async function refresh() {
  told = await get("relations");
  choices = { ...choices, unit: told.units, inspection: told.inspections };
  replace($("#mine"), told.mine.map(line));
  show($("#none"), told.mine.length === 0);
  replace($("#members"), told.members.map(line));
  show($("#members-panel"), told.members.length > 0);
}

/** Who signs, with the roster as it is verified now: without a place in it nobody could verify what is signed. */
async function signer() {
  const trust = await trusted(await get("installation"), me.pins);
  if ((await standing(trust.roster, me.code, me.keys)) !== "rostered") {
    throw Object.assign(new Error("roster"), { code: "not_in_roster" });
  }
  return { code: me.code, keys: me.keys, checkpoint: trust.checkpoint };
}

function offerWhat() {
  const kind = told.kinds.find(({ code }) => code === $("#kind").value);
  $("#kind-hint").textContent = t(kind.ties.length ? "kind.ties" : "kind.hint", { hint: kind.hint, ties: kind.ties.join("; ") });
  const before = $("#what").value;
  const possible = ["person", "unit", "body", "inspection"].filter((what) => kind.within.includes(what) && Object.keys(choices[what]).length);
  replace($("#what"), possible.map((what) => el("option", { value: what }, t(`with.${what}`))));
  if (possible.includes(before)) $("#what").value = before;
  offerWhich();
}

function offerWhich() {
  const what = $("#what").value;
  $("#which-label").textContent = t(`which.${what}`);
  $("#which").value = "";
  const offered = Object.entries(choices[what]).filter(([code]) => what !== "person" || code !== me.code);
  replace($("#choices"), offered.map(([code, name]) => el("option", { value: t("choice.offer", { name, code }) })));
}

/** The code that was chosen: of the list's line, or typed as such. */
function chosen() {
  const typed = $("#which").value.trim();
  const code = /\(([^()]+)\)$/.exec(typed)?.[1] ?? typed.toUpperCase();
  if (!(code in choices[$("#what").value])) throw Object.assign(new Error("choice"), { code: "choice_unknown" });
  return code;
}

async function declare() {
  notice();
  const said = { tie: $("#kind").value, what: $("#what").value, code: chosen(), since: $("#since").value, until: $("#until").value };
  if (said.until && said.until < said.since) throw Object.assign(new Error("days"), { code: "until_before_since" });
  progress(t("signing"));
  await post("relations", await buildRelation(await signer(), said));
  progress();
  for (const field of ["#which", "#since", "#until"]) $(field).value = "";
  await refresh();
  done("done.declared");
}

async function end() {
  const { id } = ending;
  const until = $("#end-day").value;
  $("#end-dialog").close();
  fault();
  progress(t("signing"));
  await post(`relations/${id}/end`, await buildRelationEnd(await signer(), id, until));
  progress();
  await refresh();
  done("done.ended");
}

function done(key) {
  notice(t(key));
  $("#notice").scrollIntoView({ block: "nearest" });
}

async function start() {
  me = await unlocked();
  const installation = await get("installation");
  learnNames(installation);
  const names = (listed) => Object.fromEntries(Object.keys(listed ?? {}).sort().map((code) => [code, listed === installation.bodies ? body(code) : listed[code].name]));
  choices = { person: names(installation.names), body: names(installation.bodies) };
  await refresh();
  replace($("#kind"), told.kinds.map(({ code, label: text }) => el("option", { value: code }, text)));
  $("#kind").addEventListener("change", offerWhat);
  $("#what").addEventListener("change", offerWhich);
  offerWhat();
  onSubmit("#declare-form", declare);
  $("#end-leave").addEventListener("click", () => $("#end-dialog").close());
  $("#end-form").addEventListener("submit", (event) => {
    event.preventDefault();
    busy($("#end-form"), end).catch((error) => fault(explain(error)));
  });
}

start().catch((error) => fault(explain(error)));
