// Oversight: who has been in charge of a field or an area for how long. Supervisors look; the head of a body signs exceptions here.

import { buildRotation } from "../../client/member.js";
import { get, post } from "./api.js";
import { $, busy, el, fault, notice, progress, replace, show } from "../dom.js";
import { learnNames, person } from "./people.js";
import { unlocked } from "./session.js";
import { trusted } from "./trust.js";
import { day, explain, lang, t, word } from "./words.js";

const ACTS = ["exception", "requirement"];
let me;
let reasons = {};
let lastDay = "";
let today = "";
let warnBefore = 0;
let asked = null;

const said = (words) => words[lang] ?? words.vi;
const reasonOf = (act, code) => said(reasons[act].find((one) => one.code === code)?.label ?? { vi: code });

function toldAct(act, one) {
  const values = { since: day(one.since), until: day(one.until), reason: reasonOf(act, one.reason), note: one.note, by: one.by ? person(one.by) : "" };
  return el("p", { class: "hint" }, t(one.by ? `said.${act}` : `said.${act}.server`, values));
}

function follows(one) {
  if (one.exception) return el("span", { class: "wait-text" }, t("follows.exception", { until: day(one.exception.until) }));
  if (one.kept_out) return el("span", { class: "alarm-text" }, t("follows.due", { on: day(one.due_on ?? one.since) }));
  if (one.state === "warning") return el("span", { class: "wait-text" }, t(one.due_on ? "follows.warning" : "follows.ended", { on: day(one.due_on) }));
  return el("span", {}, one.due_on ? t("follows.free", { on: day(one.due_on) }) : t("follows.ended"));
}

function signing(one) {
  if (!one.may_sign) return null;
  const wanted = one.kept_out ? ["exception"] : one.state === "free" ? ["requirement"] : ACTS;
  return el("div", { class: "actions" }, wanted.map((act) => {
    const button = el("button", { type: "button", class: "quiet", "data-act": act, "aria-label": t(`sign.${act}.for`, { who: person(one.person), what: said(one.label) }) }, t(`sign.${act}`));
    button.addEventListener("click", () => ask(act, one));
    return button;
  }));
}

function row(one) {
  const time = t("time", { months: one.months, limit: one.limit });
  return el("tr", { "data-person": one.person, "data-over": one.over, "data-state": one.state },
    el("th", { scope: "row", "data-label": t("column.person") }, el("div", {}, person(one.person))),
    el("td", { "data-label": t("column.charge") }, el("div", {}, el("p", {}, said(one.label)), el("p", { class: "hint" }, said(one.basis)))),
    el("td", { "data-label": t("column.time") }, el("div", {},
      el("p", {}, time), bar(one, time),
      el("p", { class: "hint" }, t(one.ongoing ? "since" : "since.ended", { since: day(one.since) })))),
    el("td", { "data-label": t("column.follows") }, el("div", {}, follows(one),
      ACTS.filter((act) => one[act]).map((act) => toldAct(act, one[act])), signing(one))));
}

/** Time in charge against the limit; browsers colour what lies in the warning and beyond. */
function bar({ months, limit }, label) {
  const value = Math.min(months, limit);
  return el("meter", { min: 0, max: limit, low: limit - warnBefore - 0.5, high: limit - 0.5, optimum: 0, value, "aria-label": label });
}

/** The dialog for one act about one charge. */
function ask(act, one) {
  const same = asked?.act === act && asked.person === one.person && asked.over === one.over;
  asked = { act, person: one.person, over: one.over };
  const dialog = $("#sign");
  $("#sign-title").textContent = t(`sign.${act}`);
  $("#sign-whom").textContent = t("sign.whom", { who: person(one.person), what: said(one.label) });
  $("#sign-what").textContent = t(`sign.${act}.what`);
  const until = $("#sign-until");
  until.min = today;
  until.max = lastDay;
  until.required = act === "exception";
  show($("#sign-until-part"), act === "exception");
  if (!same) { // what was typed for one that failed stays
    replace($("#sign-reason"), reasons[act].map(({ code, label }) => el("option", { value: code }, said(label))));
    until.value = "";
    $("#sign-note").value = "";
  }
  dialog.showModal();
}

async function sign() {
  fault();
  notice();
  progress(t("sign.working"));
  try {
    const installation = await get("installation");
    const { checkpoint } = await trusted(installation, me.pins);
    const until = asked.act === "exception" ? $("#sign-until").value : null;
    const given = { ...asked, reason: $("#sign-reason").value, note: $("#sign-note").value, until };
    await post("oversight/rotation", await buildRotation({ code: me.code, keys: me.keys, checkpoint }, given));
    const { act, person: whom } = asked;
    asked = null;
    await refresh();
    notice(t(`signed.${act}`, { who: person(whom), until: day(until) }));
  } finally {
    progress();
  }
}

async function refresh() {
  const answer = await get("oversight/rotation");
  ({ reasons, last_day: lastDay, on: today, warn_before: warnBefore } = answer);
  learnNames({ names: answer.names });
  const [free, near] = [answer.charges.filter(({ state }) => state === "free"), answer.charges.filter(({ state }) => state !== "free")];
  replace($("#near tbody"), near.map(row));
  replace($("#free tbody"), free.map(row));
  show($("#near"), near.length > 0);
  show($("#nobody"), near.length === 0);
  show($("#others"), free.length > 0);
  const count = (wanted) => near.filter(({ state }) => state === wanted).length;
  $("#count").textContent = t("count", { all: answer.charges.length, due: count("due"), warned: count("warning"), on: day(answer.on) });
  $("#others-title").textContent = t("others", { count: free.length });
}

async function start() {
  me = await unlocked();
  await refresh();
  const supervises = me.member.roles.includes("supervisor");
  $("#whose").textContent = t(supervises ? "whose.all" : "whose.mine");
  $("#sign-form").addEventListener("submit", (event) => {
    event.preventDefault();
    busy($("#sign-form"), sign).then(() => $("#sign").close(), (error) => {
      $("#sign").close();
      fault(explain(error));
    });
  });
  $("#sign-no").addEventListener("click", () => $("#sign").close());
}

start().catch((error) => fault(explain(error)));
