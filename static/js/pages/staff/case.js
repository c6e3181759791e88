// The case page: header, declaration, then everything that the browser has verified and opened.

import {
  buildBadKey, buildEpoch, internalReaders, nextReaders, openCase, openHeader, readSeen, rememberShown, verifyCaseChain,
  writeSeen,
} from "../../client/member.js";
import { get, post } from "./api.js";
import { showAccess, showReasons, watchWithdrawal } from "./case_access.js";
import { showNewcomers, watchGranting } from "./case_granting.js";
import { showMoves } from "./case_moves.js";
import { watchMoving } from "./case_moving.js";
import { showDeclaration, showHeader } from "./case_header.js";
import { showLeaving, watchLeaving } from "./case_leaving.js";
import { showRelations } from "./case_relations.js";
import { showComparison, showReport, showSupplements } from "./case_report.js";
import { showTalk, watchTalk } from "./case_talk.js";
import { $, el, facts, fault, notice, progress, show } from "../dom.js";
import { body, learnNames, shortName } from "./people.js";
import { unlocked } from "./session.js";
import { trusted } from "./trust.js";
import { day, explain, t } from "./words.js";

const caseId = $("#page").dataset.case;

function showFacts(answer) {
  $("#number").textContent = t("case.title", { number: answer.number });
  document.title = t("case.title", { number: answer.number });
  $("#case-facts").replaceChildren(facts([
    [t("case.state"), answer.state_text],
    [t("case.received"), day(answer.received)],
    [t("case.body"), answer.body_name ?? body(answer.body)],
    [t("case.categories"), answer.categories?.map(({ label }) => label).join("; ")],
  ]));
  if (answer.sealed_at === "server") $("#warnings").append(el("p", { class: "alarm" }, t("case.sealed_at_server")));
}

/** Everything one act on this page needs: who acts, on what, and with which verified roster. */
async function gather(me) {
  const [answer, installation] = await Promise.all([get(`desk/cases/${caseId}`), get("installation")]);
  learnNames(installation);
  const trust = await trusted(installation, me.pins);
  const actor = { code: me.code, keys: me.keys, checkpoint: trust.checkpoint };
  return { answer, installation, trust, actor, caseId };
}

/** The next epoch of one pending ring, narrowed from the last verified list (sealing.md, Rules). */
async function plannedEpoch(context, opened, name) {
  const { answer, trust, actor } = context;
  const previous = opened.rings[name];
  if (!previous) {
    const readers = await internalReaders(opened.rings.report.readers, answer.readers, trust.roster, opened.departed);
    return { name, epoch: 1, readers, removed: [] };
  }
  const { readers, removed } = await nextReaders(previous.readers, answer.readers, trust.roster, opened.departed);
  if (!readers.some(({ id }) => id === actor.code)) return null;
  return { name, epoch: previous.epoch + 1, prev: previous.hash, readers, removed };
}

/** Say which newest keys open nothing here, so that the server waits for the next; their maker's own word counts for nothing. */
async function disownKeys({ actor }, opened) {
  const waiting = opened.pending.map(({ name }) => name);
  const bad = Object.values(opened.rings).filter((ring) => ring?.bad && ring.by !== actor.code && !waiting.includes(ring.name));
  for (const ring of bad) {
    try {
      await post(`desk/cases/${caseId}/bad-keys`, await buildBadKey(actor, caseId, ring));
    } catch (error) {
      if (error.status !== 409) throw error; // somebody has made the next already: it is read below
    }
  }
  return bad.map(({ name }) => name);
}

/** Make every key that is pending or bad, and the internal ring if nobody has; returns sentences that tell of it. */
async function renewKeys(context, opened) {
  // Whoever left and is kept back could be among those who are said to be present.
  if (opened.warnings.some(({ code }) => code === "departures_hidden")) return { told: [], tried: false };
  const wanted = [...opened.pending.map(({ name }) => name), ...await disownKeys(context, opened)];
  if (!opened.rings.internal && !wanted.includes("internal")) wanted.push("internal");
  const told = [];
  for (const name of wanted) {
    const plan = await plannedEpoch(context, opened, name);
    if (!plan) continue;
    const made = await buildEpoch(context.actor, caseId, plan, context.trust.roster, opened.reporter.kem);
    try {
      await post(`desk/cases/${caseId}/epochs`, { statement: made.statement, grants: made.grants });
    } catch (error) {
      if (error.status === 409) continue; // a colleague or the reporter was first: theirs is read below
      throw error;
    }
    if (plan.epoch === 1) told.push(t("pending.internal_made", { count: plan.readers.length }));
    else told.push(plan.removed.length ? t("pending.made", { removed: plan.removed.map(shortName).join(", ") }) : t("pending.made_same"));
  }
  return { told: [...new Set(told)], tried: wanted.length > 0 };
}

function showWarnings(opened) {
  const sentences = opened.warnings.map(({ code, who, ring, epoch }) => (
    t(`warning.${code}`, { who: shortName(who), ring: t(`ring.${ring}`), epoch })));
  for (const sentence of new Set(sentences)) $("#warnings").append(el("p", { class: "alarm" }, sentence));
}

/** Read the case again and show it; `renew` is false on the second pass, so that no page goes round in circles. */
async function showOpened(me, context, header, renew = true) {
  progress(t("opening"));
  const seen = readSeen(localStorage);
  const opened = await openCase(context.answer, me, context.trust, seen);
  writeSeen(localStorage, opened.seen);
  if (renew) {
    const { told, tried } = await renewKeys(context, opened);
    if (tried) {
      const again = await showOpened(me, await gather(me), header, false);
      if (told.length) notice(told.join(" "));
      return again;
    }
  }
  $("#warnings").replaceChildren();
  showFacts(context.answer);
  showWarnings(opened);
  showComparison(header.header, opened);
  showReport(opened);
  showSupplements(opened);
  showTalk(opened, me.code);
  const byReporter = (entries) => entries.filter(({ by }) => by === "reporter").length;
  await rememberShown(localStorage, caseId, { message: byReporter(opened.messages), supplement: byReporter(opened.supplements) });
  showReasons(opened);
  showMoves(opened);
  showNewcomers(context.answer);
  showLeaving(opened);
  showAccess(context.answer, opened, await verifyCaseChain(context.answer.ledger ?? [], caseId));
  show($("#opened"));
  progress();
  return { context, opened };
}

async function start() {
  const me = await unlocked();
  progress(t("opening"));
  const context = await gather(me);
  showFacts(context.answer);
  const header = await openHeader(context.answer, me.keys);
  showHeader(header.header);
  await showRelations(context, header.header);
  progress();
  if (context.answer.declared !== "clear") {
    showDeclaration(context, header, () => location.reload());
    return;
  }
  let current = await showOpened(me, context, header);
  watchTalk(() => current, async () => { current = await showOpened(me, await gather(me), header); });
  watchWithdrawal(() => current.context, header, watchMoving(() => current, header));
  watchLeaving(() => current, header, async () => { current = await showOpened(me, await gather(me), header); });
  watchGranting(() => current, header, async () => { current = await showOpened(me, await gather(me), header); });
}

start().catch((error) => {
  if (!$("#case-facts").hasChildNodes()) $("#number").textContent = document.title = t("refused.title"); // no case is shown
  fault(explain(named(error)));
});

/** Names and words in place of codes, where a fault speaks of a person, a ring or a part of the report. */
function named(error) {
  const { who, ring, kind, ...rest } = error?.detail ?? {};
  const detail = {
    ...rest, ...(who ? { who: shortName(who) } : {}), ...(ring ? { ring: t(`ring.${ring}`) } : {}), ...(kind ? { kind: t(`kind.${kind}`) } : {}),
  };
  return { code: error?.code, sentence: error?.sentence, detail };
}
