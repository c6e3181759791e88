// The administrator's office: who is enrolled, and one-time links, each shown once.

import { get, post, remove } from "./api.js";
import { $, busy, el, fault, notice, replace, show } from "../dom.js";
import { learnNames, seat } from "./people.js";
import { unlocked } from "./session.js";
import { day, explain, moment, t, word } from "./words.js";

let me;
let people = [];

const posts = (one) => [...one.posts.map(seat), ...one.duties.map((duty) => word("role", duty))];

function row(one) {
  const key = one.enrolled
    ? [el("p", {}, t("key.since", { date: day(one.enrolled) })), el("p", { class: "hint" }, one.fingerprint)]
    : [el("span", { class: "mark wait" }, t("key.none"))];
  return el("tr", { "data-person": one.code },
    el("th", { scope: "row", "data-label": t("column.person") }, el("div", {}, one.name, " ", el("span", { class: "code" }, one.code))),
    el("td", { "data-label": t("column.posts") }, el("ul", { class: "labels" }, posts(one).map((text) => el("li", {}, text)))),
    el("td", { "data-label": t("column.key") }, el("div", {}, key)),
    el("td", { "data-label": t("column.link") }, el("div", {}, link(one))));
}

function link(one) {
  if (one.code === me.code) return [el("span", { class: "hint" }, t("link.own"))];
  const make = el("button", { type: "button", class: "quiet", "aria-label": t("link.make_for", one) }, t("link.make"));
  make.addEventListener("click", () => (one.enrolled ? ask(one) : act(() => makeLink(one))));
  if (!one.link_until) return [make];
  const end = el("button", { type: "button", class: "quiet", "aria-label": t("link.end_for", one) }, t("link.end"));
  end.addEventListener("click", () => act(() => endLink(one)));
  return [el("p", {}, t("link.until", { until: moment(one.link_until) })), el("div", { class: "actions" }, make, end)];
}

function act(work) {
  fault();
  notice();
  busy($("#people"), work).catch((error) => fault(explain(error)));
}

/** A link for somebody who has a key is asked about first: it may end that key. */
function ask(one) {
  const dialog = $("#replace");
  $("#replace-text").textContent = t("replace.text", one);
  $("#replace-yes").onclick = () => {
    dialog.close();
    act(() => makeLink(one));
  };
  $("#replace-no").onclick = () => dialog.close();
  dialog.showModal();
}

async function makeLink(one) {
  const { address, until } = await post("office/links", { person: one.code });
  await refresh();
  $("#link-for").textContent = t("link.for", { ...one, until: moment(until) });
  $("#link-address").textContent = address;
  show($("#link"));
  $("#link-title").focus();
}

async function endLink(one) {
  await remove(`office/links/${one.code}`);
  await refresh();
  notice(t("done.ended", one));
}

function hideLink() {
  $("#link-address").textContent = "";
  show($("#link"), false);
  $("#search").focus();
}

function list() {
  const wanted = $("#search").value.trim().toLowerCase();
  const found = people.filter((one) => [one.name, one.code, one.username, ...posts(one)].join(" ").toLowerCase().includes(wanted));
  replace($("#people tbody"), found.map(row));
  const enrolled = people.filter((one) => one.enrolled).length;
  $("#count").textContent = t("count", { shown: found.length, all: people.length, enrolled });
}

async function refresh() {
  const answer = await get("office/people");
  people = answer.people;
  learnNames({ bodies: answer.bodies });
  list();
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
  me = await unlocked();
  $("#search").addEventListener("input", list);
  $("#link-hide").addEventListener("click", hideLink);
  $("#link-copy").addEventListener("click", () => {
    navigator.clipboard.writeText($("#link-address").textContent)
      .then(() => notice(t("done.copied")), (error) => fault(explain(error)));
  });
  await refresh();
  await custodians();
}

start().catch((error) => fault(explain(error)));
