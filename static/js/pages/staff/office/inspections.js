// The registry of inspections: entering teams, adding people, saying when they ended.

import { get, post } from "../api.js";
import { $, el, facts, fault, notice, replace, show } from "../../dom.js";
import { unlocked } from "../session.js";
import { day, explain, lang, t, word } from "../words.js";
import { days, onSubmit, row, today, value } from "./changing.js";
import { listed } from "./pages_of_a_list.js";

const PARTS = ["directing", "heads", "members"];
let begin;
let chosen; // the code of the inspection that a dialogue is about

const codes = (selector) => value(selector).split(",").map((code) => code.trim()).filter(Boolean);

function team(one, { names, bodies }) {
  const person = (code) => (names[code] ? `${names[code]} (${code})` : code);
  const body = (code) => (bodies[code]?.[lang] ? `${bodies[code][lang]} (${code})` : code);
  const button = (what, act) => {
    const made = el("button", { type: "button", class: "quiet", "aria-label": t(`team.${what === "join" ? "join_to" : "end_of"}`, one) }, t(`team.${what}`));
    made.addEventListener("click", () => act(one));
    return made;
  };
  return el("li", { "data-inspection": one.code },
    el("h2", {}, t("team.title", { ...one, kind: word("work", one.work_kind) })),
    facts([
      [t("team.body"), body(one.body)], [t("team.units"), one.units.map(body)],
      ...PARTS.map((part) => [t(`team.${part}`), one[part].map(person)]), [t("team.period"), days(one, day)],
    ]),
    el("div", { class: "actions" }, button("join", askJoin), button("end", askEnd)));
}

function fill(answer, more) {
  const lines = answer.inspections.map((one) => team(one, answer));
  if (more) $("#teams").append(...lines);
  else replace($("#teams"), lines);
  show($("#teams-none"), !more && lines.length === 0);
}

async function enter() {
  fault();
  notice();
  const asked = {
    ...row({
      code: value("#team-code"), decision: value("#team-decision"), work_kind: value("#team-kind"), body: value("#team-body"),
      since: value("#team-from"), until: value("#team-to"),
    }),
    directing: codes("#team-directing"), heads: codes("#team-heads"), members: codes("#team-members"), units: codes("#team-units"),
  };
  const told = await post("office/inspections", asked);
  $("#inspection-form").reset();
  $("#team-from").value = today();
  await begin();
  notice(t("done.added", asked));
  warn(told);
}

/** Of a team that is over: who should not have been in it, by the relations on record. */
function warn({ clashes }) {
  if (clashes.length) fault(clashes.map((one) => t("team.clash", one)).join(" "));
}

function ask(dialog, title, one) {
  fault();
  notice();
  chosen = one.code;
  $(`#${dialog}-title`).textContent = t(title, one);
  $(`#${dialog}-form`).reset();
  $(`#${dialog}`).showModal();
}

const askJoin = (one) => ask("join", "team.join_to", one);

function askEnd(one) {
  ask("end", "team.end_of", one);
  $("#end-day").value = one.until ?? today();
}

/** What goes wrong is said on the page, so the dialogue is closed first. */
async function join() {
  const asked = Object.fromEntries(PARTS.map((part) => [part, codes(`#join-${part}`)]));
  $("#join").close();
  if (!PARTS.some((part) => asked[part].length)) throw Object.assign(new Error(), { code: "nobody_given" });
  const told = await post(`office/inspections/${chosen}/people`, asked);
  await begin();
  notice(t("done.joined", { code: chosen }));
  warn(told);
}

async function end() {
  $("#end").close();
  await post(`office/inspections/${chosen}/end`, { until: value("#end-day") });
  await begin();
  notice(t("done.ended", { code: chosen }));
}

async function start() {
  await unlocked();
  $("#team-from").value = today();
  onSubmit($("#inspection-form"), enter);
  onSubmit($("#join-form"), join);
  onSubmit($("#end-form"), end);
  for (const dialog of ["join", "end"]) $(`#${dialog}-no`).addEventListener("click", () => $(`#${dialog}`).close());
  begin = listed({ query: () => ({}), ask: (query) => get("office/inspections", query), fill, controls: [] });
  await begin();
}

start().catch((error) => fault(explain(error)));
