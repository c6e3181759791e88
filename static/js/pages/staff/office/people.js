// People: who is enrolled, one-time links, each shown once, and entering people and seats.

import { get, post, remove } from "../api.js";
import { $, busy, el, fault, notice, replace, show } from "../../dom.js";
import { learnNames, seat } from "../people.js";
import { unlocked } from "../session.js";
import { day, explain, moment, t, word } from "../words.js";
import { onSubmit, propose, row, today, value } from "./changing.js";
import { listed } from "./pages_of_a_list.js";

let me;
let begin;
let shown = 0;

const posts = (one) => [...one.posts.map(seat), ...one.duties.map((duty) => word("role", duty))];

function line(one) {
  const key = one.enrolled
    ? [el("p", {}, t("key.since", { date: day(one.enrolled) })), el("p", { class: "hint" }, one.fingerprint),
      one.signed ? null : el("span", { class: "mark wait" }, t("key.unsigned"))]
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
  await begin();
  $("#link-for").textContent = t("link.for", { ...one, until: moment(until) });
  $("#link-address").textContent = address;
  show($("#link"));
  $("#link-title").focus();
}

async function endLink(one) {
  await remove(`office/links/${one.code}`);
  await begin();
  notice(t("done.ended", one));
}

function hideLink() {
  $("#link-address").textContent = "";
  show($("#link"), false);
  $("#search").focus();
}

/** A page of people; a further one goes on below. */
function fill(answer, more) {
  learnNames({ bodies: { ...(more ? known : {}), ...answer.bodies } });
  known = { ...(more ? known : {}), ...answer.bodies };
  const lines = answer.people.map(line);
  if (more) $("#people tbody").append(...lines);
  else replace($("#people tbody"), lines);
  shown = (more ? shown : 0) + lines.length;
  $("#count").textContent = t("count", { shown, ...answer });
  if (!$("#person-form").contains(document.activeElement)) $("#person-code").value = answer.free;
}

let known = {};

const DUTIES = {
  "": {},
  none: { supervisor: false, administrator: false },
  supervisor: { supervisor: true, administrator: false },
  administrator: { supervisor: false, administrator: true },
};

async function enterPerson() {
  const person = row({
    code: value("#person-code"), name: value("#person-name"), username: value("#person-username"), mail: value("#person-mail"),
  });
  const file = JSON.stringify({ people: [{ ...person, ...DUTIES[value("#person-duty")] }] });
  if (!await propose("office/changes", { file })) return;
  $("#person-form").reset();
  $("#seat-person").value = person.code;
  await begin();
}

async function enterSeat() {
  const roles = [...document.querySelectorAll("#seat-form input[name=role]:checked")].map((box) => box.value);
  const seat = row({
    body: value("#seat-body"), person: value("#seat-person"), function: value("#seat-function"),
    term_from: value("#seat-from"), term_to: value("#seat-to"),
  });
  const file = JSON.stringify({ seats: [{ ...seat, roles }] });
  const since = seat.term_from < today() ? today() : seat.term_from;
  if (!await propose("office/changes", { file, since })) return;
  $("#seat-form").reset();
  $("#seat-from").value = today();
  await begin();
}

async function start() {
  me = await unlocked();
  $("#link-hide").addEventListener("click", hideLink);
  $("#link-copy").addEventListener("click", () => {
    navigator.clipboard.writeText($("#link-address").textContent)
      .then(() => notice(t("done.copied")), (error) => fault(explain(error)));
  });
  $("#seat-from").value = today();
  onSubmit($("#person-form"), enterPerson);
  onSubmit($("#seat-form"), enterSeat);
  begin = listed({
    query: () => ({ search: value("#search"), state: $("#unenrolled").checked ? "unenrolled" : "all" }),
    ask: (query) => get("office/people", query),
    fill,
    controls: [$("#search"), $("#unenrolled")],
  });
  await begin();
}

start().catch((error) => fault(explain(error)));
