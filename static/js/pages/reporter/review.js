// Everything that was filled in, once more, with a way back to each part.

import { $, el, facts, replace } from "../dom.js";
import { decisionRows } from "./receivers.js";
import { categoryLabel, concernedLine, inspectionLabel, postLabel, t, workLabel } from "./words.js";

/** Draw the review; `change(step)` goes back to a step. */
export function drawReview(form, change) {
  const parts = [
    ["whom", "review.whom", [[t("review.whom"), accusedLines(form)]]],
    ["what", "review.what", [
      [t("review.work"), form.work ? workLabel(form.work) : t("review.work_none")],
      [t("review.inspection"), form.inspection ? inspectionLabel(form.inspection) : t("review.inspection_none")],
      [t("review.categories"), form.categories.map(categoryLabel)],
    ]],
    ["away", "review.away", [
      [t("review.objections"), form.objections.length ? [...new Set(form.objections)].map(postLabel) : t("nobody")],
      [t("review.keep_away"), form.keepAway.trim()],
    ]],
    ["receivers", "review.receivers", decisionRows()],
    ["story", "review.story", ["summary", "when", "where", "text", "wants"].map((field) => [t(`review.${field}`), form[field].trim()])],
    ["identity", "review.identity", identityRows(form)],
  ];
  replace($("#review"), parts.flatMap(([step, title, rows]) => [heading(step, t(title), change), facts(rows)]));
}

function heading(step, part, change) {
  const button = el("button", { type: "button", class: "quiet", "aria-label": t("review.change_of", { part }) }, t("review.change"));
  button.addEventListener("click", () => change(step));
  return el("h2", {}, part, button);
}

function accusedLines(form) {
  return form.unknown ? t("whom.unknown") : form.accused.map(concernedLine);
}

function identityRows(form) {
  if (!form.named) return [[t("review.identity"), t("review.unnamed")]];
  return ["name", "unit", "phone", "email", "other", "address"].map((field) => [t(`review.${field}`), form[field].trim()]);
}
