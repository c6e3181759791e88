// Routing the case again and moving it on: facts corrected in codes, the decision in words, and the signed act.
//
// A name that somebody types here to look a person up is matched in this page and never sent: only codes are.

import { buildMove, callCase } from "../../client/member.js";
import { postSealed } from "./api.js";
import { showMark } from "./case_moves.js";
import { ruleText } from "./case_header.js";
import { $, $$, busy, el, facts, fault, notice, progress, replace, show } from "../dom.js";
import { bodyCodes, body, citations, person, searchPeople } from "./people.js";
import { explain, path, t, word } from "./words.js";

const ROLES = "accused.";

const call = ({ caseId, installation, trust }, op, args) => callCase(op, args, {
  installation, roster: trust.roster, send: (wire) => postSealed(`desk/cases/${caseId}/envelope`, wire),
});

const options = (list, chosen) => list.map(([value, label]) => el("option", { value, selected: value === chosen }, label));

/** Buttons change the facts too: what was found before is about others. */
const changed = (node) => node.dispatchEvent(new Event("input", { bubbles: true }));

/** Whoever the searched name fits, and always who is chosen already. */
function drawPeople(select, typed, chosen) {
  const found = searchPeople(typed).filter((code) => code !== chosen);
  replace(select, options([["", t("route.nobody_named")], ...[...(chosen ? [chosen] : []), ...found].map((code) => [code, person(code)])], chosen ?? ""));
}

/** One person concerned: body, role, and perhaps who it is. What isn't asked here stays as it was (`kept`). */
function concernedFields(one, index, roles) {
  const label = (text, field) => el("label", {}, text, " ", field);
  const where = el("select", { name: "body" }, options(bodyCodes().map((code) => [code, body(code)]), one.body));
  const role = el("select", { name: "role" }, options(roles.map((code) => [code, word("accused", code)]), one.role));
  const search = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const who = el("select", { name: "person" });
  drawPeople(who, "", one.person);
  search.addEventListener("input", () => drawPeople(who, search.value, who.value || null));
  const remove = el("button", { type: "button", class: "quiet" }, t("route.remove"));
  const set = el("fieldset", {}, el("legend", {}, t("route.concerned", { no: index + 1 })),
    label(t("route.body"), where), label(t("route.role"), role), label(t("route.search"), search), label(t("route.person"), who), remove);
  remove.addEventListener("click", () => {
    changed(set);
    set.remove();
  });
  set.kept = one;
  return set;
}

/** The facts as the form has them now: codes alone. */
function correctedFacts(header) {
  const accused = $$("#route-concerned fieldset").map((set) => {
    const said = { body: $("[name=body]", set).value, role: $("[name=role]", set).value, person: $("[name=person]", set).value || null };
    const kept = Object.fromEntries(Object.entries(set.kept).filter(([name]) => !(name in said)));
    if (!said.person && !("person" in set.kept)) delete said.person;
    return { ...kept, ...said };
  });
  return { ...header.facts, accused };
}

const reasons = (list) => list.map((reason) => word("reason", reason)).join(", ");

/** Where it belongs, in words: stays, goes there, or nobody here can receive it. */
function verdict({ decision, stays, guidance }) {
  const names = { body: body(decision.body), count: decision.readers.length };
  if (stays) return t("route.stays", names);
  return guidance === null ? t("route.moves", names) : t("route.nowhere");
}

function showDecision(found) {
  const { decision, guidance } = found;
  replace($("#route-result"),
    el("p", { class: "lead" }, verdict(found)),
    guidance === null ? null : el("p", {}, guidance),
    facts([
      [t("decision.rule"), ruleText(decision.rule)],
      [t("decision.citations"), citations(decision.citations)],
      [t("route.readers"), decision.readers.map(person)],
      [t("decision.excluded"), decision.excluded.map((one) => t("decision.excluded_one", { person: person(one.person), reasons: reasons(one.reasons) }))],
      [t("decision.escalated"), decision.escalated.map((one) => t("decision.escalated_one", { body: body(one.from), why: word("why", one.why) }))],
    ]));
  show($("#move"), !found.stays && guidance === null);
}

/** `current()` gives `{context, opened}`, `header` is openHeader's. */
export function watchMoving(current, { header }) {
  const form = $("#route-form");
  const dialog = $("#move-dialog");
  const sure = $("#move-sure");
  const roles = JSON.parse($("#strings").textContent);
  const roleCodes = Object.keys(roles).filter((key) => key.startsWith(ROLES)).map((key) => key.slice(ROLES.length));
  const list = $("#route-concerned");
  const add = (one) => list.append(concernedFields(one, list.children.length, roleCodes));
  let asked = null;

  (header.facts.accused ?? []).forEach(add);
  $("#route-add").addEventListener("click", () => {
    add({ body: current().opened.body, role: "ordinary" });
    changed(list);
  });
  form.addEventListener("input", () => { // what was found is about other facts
    asked = null;
    replace($("#route-result"));
    show($("#move"), false);
  });

  const look = async () => {
    fault();
    notice();
    const args = { facts: correctedFacts(header), leaving: $("#route-leaving").checked };
    const found = await call(current().context, "route", args);
    asked = { ...args, found };
    showDecision(found);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, look).catch((error) => fault(explain(error)));
  });

  const ask = async () => {
    const { decision } = asked.found;
    $("#move-where").textContent = body(decision.body);
    const { roster } = current().context.trust;
    replace($("#move-readers"), await Promise.all(decision.readers.map(async (code) => (
      el("li", {}, person(code), el("br"), el("code", {}, await showMark(roster, code)))))));
    sure.checked = false;
    $("#move-confirm").disabled = true;
    dialog.returnValue = "";
    dialog.showModal();
    $("#move-stay").focus();
  };
  $("#move").addEventListener("click", () => ask().catch((error) => fault(explain(error))));
  sure.addEventListener("change", () => { $("#move-confirm").disabled = !sure.checked; });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "move" || !sure.checked || !asked) return;
    busy(form, async () => {
      fault();
      progress(t("signing"));
      const { context, opened } = current();
      const { trust, actor, caseId, answer } = context;
      const made = await buildMove(actor, caseId, { opened, header, ...asked, roster: trust.roster });
      await call(context, "move", made);
      location.replace(`${path("/staff/desk")}#moved/${answer.number}`);
    }).catch((error) => fault(explain(error))).finally(() => progress());
  });

  /** For whoever has to leave and is needed: the case is routed as if they had left, and moved in the same act. */
  return async () => {
    $("#route-leaving").checked = true;
    $("#moving details").open = true;
    $("#moving").scrollIntoView();
    await busy(form, look);
    if (asked.found.stays || asked.found.guidance !== null) return;
    await ask();
  };
}
