// What checking the record came to, in words.

import { clock } from "../dates.js";
import { $, el, facts, replace, show } from "../dom.js";
import { day, t } from "./words.js";

/** Nothing of a former check stays in the page. */
export function clearRecord() {
  $("#record").replaceChildren();
  show($("#record"), false);
}

const hour = (at) => `${clock(at)} ${day(at)}`;
const count = (number) => (number ? String(number) : t("record.none"));

/** What was checked, a sentence each. */
function checks({ entries, since, mark, complete, checkpoint, checkpoints, covered, waiting, witnesses }) {
  const chain = t("record.chain", { entries, since: day(since) });
  const begins = t("record.begins", { mark });
  const items = t(complete ? "record.complete" : "record.incomplete");
  const signed = t("record.signed", { checkpoints, no: checkpoint.no, at: hour(checkpoint.at) });
  const included = covered ? t("record.covered", { covered, entries }) : t("record.uncovered");
  return [chain, begins, items, `${signed} ${included}`, waiting && covered ? t("record.waiting", { waiting }) : null, witnesses ? t("record.shared") : null];
}

function happened({ since, opened, firstOpened, answers, written, supplements, notes, renewed, left, conflicts, removed, granted, moved, packages, others }) {
  return facts([
    [t("record.received"), day(since)],
    [t("record.opened"), opened ? t("record.opened_by", { opened, date: day(firstOpened) }) : t("record.opened_none")],
    [t("record.answers"), count(answers)],
    [t("record.written"), count(written)],
    [t("record.supplements"), count(supplements)],
    [t("record.notes"), count(notes)],
    [t("record.renewed"), count(renewed)],
    [t("record.left"), count(left)],
    [t("record.conflicts"), count(conflicts)],
    [t("record.removed"), count(removed)],
    [t("record.moved"), moved ? String(moved) : null],
    [t("record.granted"), granted ? String(granted) : null],
    [t("record.packages"), packages ? String(packages) : null],
    [t("record.others"), others ? String(others) : null],
  ]);
}

export function drawRecord(told) {
  const sentences = checks(told).filter(Boolean).map((sentence) => el("li", {}, sentence));
  replace(
    $("#record"),
    el("p", { class: "done" }, t("record.good")),
    told.late ? el("p", { class: "warning" }, t("record.late")) : null,
    el("h3", {}, t("record.happened")),
    happened(told),
    el("h3", {}, t("record.checked")),
    el("ul", {}, sentences),
    el("p", { class: "hint" }, t("record.limits")),
  );
  show($("#record"));
  $("#record").focus();
}
