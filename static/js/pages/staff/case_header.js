// The sealed header in words, and the declaration that opens the rest.

import { buildDeclaration } from "../../client/member.js";
import { post } from "./api.js";
import { $, busy, el, facts, fault, progress, replace, show } from "../dom.js";
import { body, citations, person, rule } from "./people.js";
import { day, explain, path, t, word } from "./words.js";

/** One person or group concerned, in words. */
export function accused(one) {
  // The form's words for an employee are of one who is no Party member; facts may say otherwise.
  const role = word("accused", one.role === "employee" && one.party_member === true ? "ordinary" : one.role);
  const who = one.person ? t("header.person", { role, body: body(one.body), person: person(one.person) })
    : t("header.role", { role, body: body(one.body) });
  return one.party_member === false ? t("header.not_party", { who }) : who;
}

/** A rule in words where the server has them, else the row of the table by its number. */
export function ruleText(id) {
  const row = /^row-(\d+)$/.exec(id ?? "");
  return [rule(id), row ? t("decision.row", { no: row[1] }) : id].filter(Boolean).join(" ");
}

/** The other case of a pair: at which body, under which number, and which of the two leads. */
export function linkedText(linked, pair) {
  if (!linked) return pair ? t("linked.not_sent", { body: body(pair.body) }) : null;
  return t(linked.leads ? "linked.leads" : "linked.follows", { number: linked.number ?? linked.case, body: body(linked.body) });
}

export function showHeader({ facts: known, decision, linked, made_by: maker }) {
  if (maker !== "server") $("#header-hint").textContent = t("header.made_by_reader");
  replace($("#header-facts"), facts([
    [t("header.who"), known.accused?.length ? known.accused.map(accused) : t("header.unknown")],
    [t("header.on"), day(known.on)],
    [t("header.work"), known.work_kind ? word("work", known.work_kind) : null],
    [t("header.inspection"), known.inspection],
    [t("header.unit"), known.reporter_unit ? body(known.reporter_unit) : null],
    [t("header.objections"), known.objections?.map(person)],
    [t("header.given"), maker === "server" ? null : person(maker)],
  ]));
  const reasons = (list) => list.map((reason) => word("reason", reason)).join(", ");
  replace($("#header-decision"), facts([
    [t("decision.body"), decision.external ? t("decision.external", { body: body(decision.body) }) : body(decision.body)],
    [t("decision.rule"), ruleText(decision.rule)],
    [t("decision.citations"), citations(decision.citations)],
    [t("decision.ruleset"), day(decision.ruleset)],
    [t("decision.readers"), decision.readers?.map(person)],
    [t("decision.excluded"), decision.excluded?.map((one) => t("decision.excluded_one", { person: person(one.person), reasons: reasons(one.reasons) }))],
    [t("decision.escalated"), decision.escalated?.map((one) => t("decision.escalated_one", { body: body(one.from), why: word("why", one.why) }))],
    [t("decision.linked"), linkedText(linked, decision.pair)],
    [t("decision.copies"), decision.copies?.map(body)],
    [t("decision.custodians"), decision.custodians],
  ]));
  show($("#header"));
}

/** Offer the two declarations; a conflict leads back to the desk, a clear one goes on with `opened`. */
export function showDeclaration({ answer, trust, actor, caseId }, header, opened) {
  show($("#declare"));
  show($("#reason-field"), Boolean(answer.head));
  show($("#no-reason"), !answer.head);
  if (answer.without_me !== "enough") {
    $("#conflict-left").textContent = t(`conflict.${answer.without_me}`);
    show($("#conflict-left"));
  }
  if (answer.head) $("#reason-reader").textContent = person(answer.head.id);
  const sign = async (conflict, reason = "") => {
    fault();
    progress(t("signing"));
    const declaration = await buildDeclaration(actor, caseId, { conflict, headerHash: header.hash, reason, head: answer.head ?? null }, trust.roster);
    await post(`desk/cases/${caseId}/declaration`, declaration);
    progress();
  };
  const onSubmit = (form, act) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, act).catch((error) => fault(el("p", {}, explain(error))));
  });
  onSubmit($("#clear-form"), async () => {
    await sign(false);
    opened();
  });
  onSubmit($("#conflict-form"), async () => {
    await sign(true, $("#reason").value);
    location.replace(`${path("/staff/desk")}#conflict/${answer.number}`);
  });
}
