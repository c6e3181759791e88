// The report as its writer sealed it, and whether the server told the same story.

import { compareWithHeader } from "../../client/member.js";
import { accused, linkedText, ruleText } from "./case_header.js";
import { $, el, facts, replace, show } from "../dom.js";
import { body, citations, person } from "./people.js";
import { day, has, t, word } from "./words.js";

/** One differing value in words, so that a reader can see what was changed. */
function inWords(name, value) {
  if (value === undefined || value === null || value.length === 0) return t("nothing");
  switch (name) {
    case "facts.accused": return value.map(accused).join("; ");
    case "facts.objections":
    case "decision.readers": return value.map(person).join("; ");
    case "facts.on": return day(value);
    case "facts.work_kind": return word("work", value);
    case "facts.reporter_unit":
    case "decision.body": return body(value);
    case "decision.rule": return ruleText(value);
    case "decision.citations": return citations(value).join("; ");
    case "decision.pair": return `${body(value.body)}: ${value.readers.map(person).join("; ")}`;
    case "linked": return linkedText(value);
    case "decision.external": return t(value ? "yes" : "no");
    default: return Array.isArray(value) ? value.join("; ") : String(value);
  }
}

const valueOf = (source, name) => name.split(".").reduce((part, key) => part?.[key], source);

/** Say loudly where header and first item differ; say quietly that they agree. */
export function showComparison(header, first) {
  const differing = compareWithHeader(header, first);
  show($("#comparison-good"), differing.length === 0);
  show($("#comparison-bad"), differing.length > 0);
  if (!differing.length) return;
  const rows = differing.map((name) => [
    has(`field.${name}`) ? t(`field.${name}`) : name,
    [
      t("comparison.header", { value: inWords(name, valueOf(header, name)) }),
      t("comparison.first", { value: inWords(name, name === "facts.objections" ? first.objections ?? valueOf(first, name) : valueOf(first, name)) }),
    ],
  ]);
  replace($("#comparison-bad"), el("p", {}, t("comparison.alarm")), facts(rows));
}

/** Text in paragraphs as it was typed. */
const paragraphs = (text) => text.split(/\n{2,}/).map((part) => el("p", { class: "typed" }, part));

export function showReport({ summary, narrative }) {
  $("#summary").textContent = summary?.text ?? "";
  if (!narrative) return;
  $("#named").textContent = t(narrative.named ? "report.named" : "report.unnamed");
  replace($("#narrative"), paragraphs(narrative.text ?? ""));
  const names = (narrative.accused_names ?? []).map((one) => {
    const role = one.role ? word("accused", one.role) : "";
    return [one.name, role, one.body ? body(one.body) : ""].filter(Boolean).join(", ");
  });
  replace($("#report-facts"), facts([
    [t("report.when"), narrative.when],
    [t("report.where"), narrative.where],
    [t("report.wants"), narrative.wants],
    [t("report.accused_names"), names],
    [t("report.keep_away"), narrative.keep_away],
    [t("report.language"), narrative.language ? word("report.language", narrative.language) : null],
  ]));
  $("#report-verified").textContent = t("report.verified");
}

/** One addition with its date; a signature that fails is shown instead of the words. */
function supplement({ at, text, when, where, whom, fault }) {
  const head = el("p", { class: "said-by" },
    el("strong", {}, t("added.on", { date: day(at) })), " ", fault ? null : el("span", { class: "good" }, t("talk.verified")));
  if (fault) return el("li", { class: "said theirs doubtful" }, head, el("p", { class: "alarm" }, t(`fault.${fault}`)));
  const apart = [[t("report.when"), when], [t("report.where"), where], [t("added.whom"), whom && el("span", { class: "typed" }, whom)]];
  return el("li", { class: "said theirs" }, head, paragraphs(text), apart.some(([, value]) => value) ? facts(apart) : null);
}

/** What the reporter added later, in order, beside the report and told from it. */
export function showSupplements({ supplements }) {
  replace($("#supplements"), supplements.map(supplement));
  show($("#added"), supplements.length > 0);
}
