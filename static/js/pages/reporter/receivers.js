// Who will receive it: asked before anything is written, and again whenever it may have changed.

import { $, facts as factList, fault, progress, replace, show } from "../dom.js";
import { factsOf, today } from "./form.js";
import { portal, showFingerprint } from "./portal.js";
import { day, explain, t } from "./words.js";

let shown = null; // what the preview said, checked by the portal
let asked = null; // the facts it was asked with

const isAlone = () => Boolean(shown?.pair) && $("#alone").checked;

export const decided = () => shown && { shown, facts: asked, alone: isAlone() };

export function forgetDecision() {
  shown = asked = null;
}

const lasting = ({ on, ...rest }) => JSON.stringify(rest); // the day may turn while somebody writes

/** Whether what was shown is the answer for this form. */
export const isDecided = (form) => Boolean(shown?.decision.body) && lasting(asked) === lasting(factsOf(form, ""));

/** Ask who receives it, and show it; null when that is not known now. `fresh` takes in newer signed lists. */
export async function lookAgain(form, { fresh = false } = {}) {
  if (!isDecided(form)) forgetDecision(); // asked again in another language, it stays agreed to meanwhile
  draw(null);
  progress(t("receivers.looking"));
  try {
    const facts = factsOf(form, today(new Date()));
    const open = await portal({ fresh });
    const answer = await open.preview(facts);
    showFingerprint(open);
    shown = answer;
    asked = facts;
    draw(answer, open);
    progress();
    return answer;
  } catch (error) {
    fault(explain(error));
    show($("#receivers-again"));
    return null;
  }
}

function draw(answer, open) {
  const known = Boolean(answer?.decision.body);
  show($("#receivers-known"), known);
  show($("#receivers-nobody"), Boolean(answer) && !known);
  show($("#receivers-next"), known);
  show($("#receivers-again"), false);
  if (answer && !known) $("#guidance").textContent = answer.guidance ?? "";
  if (!known) return;
  replace($("#receivers"), [...factList([...receiverRows(answer), ...listRows(open)]).childNodes]);
  show($("#receivers-pair"), Boolean(answer.pair));
  replace($("#receivers-second"), answer.pair ? [...factList(receiverRows(answer.pair)).childNodes] : []);
}

function receiverRows({ bodyName, readers, ruleText, set, pair }) {
  return [
    [t("receivers.body"), bodyName],
    [t("receivers.count"), String(readers)],
    [t("receivers.rule"), ruleText],
    [t("receivers.leads"), pair && t("receivers.leads_yes")],
    [t("receivers.set"), set && t("receivers.set_value", set)],
  ];
}

const listRows = (open) => [[t("receivers.roster"), t("receivers.roster_value", { no: open.rosterNo, date: day(open.expires) })]];

/** Of the second body, as a review repeats it: nothing where there is no pair. */
function secondRows() {
  if (!shown?.pair) return [];
  if (isAlone()) return [[t("receivers.second"), t("receivers.second_none")]];
  const { bodyName, readers, ruleText } = shown.pair;
  return [[t("receivers.second"), bodyName], [t("receivers.count"), String(readers)], [t("receivers.rule"), ruleText]];
}

/** The rows that a review repeats. */
export const decisionRows = () => [
  [t("receivers.body"), shown?.bodyName],
  [t("receivers.count"), shown && String(shown.readers)],
  [t("receivers.rule"), shown?.ruleText],
  ...secondRows(),
];
