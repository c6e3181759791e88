// The mailbox: opened with the code alone, verified here, left without a trace in the page.

import { $, busy, el, facts, fault, notice, progress, replace, show } from "../dom.js";
import { loadClient, loadClientSoon } from "./client.js";
import { readCode } from "./codes.js";
import { FIELD_LIMITS, clearFaults, drawCounters, keepFaults, showFaults } from "./fields.js";
import { isLeaving, onExit } from "./frame.js";
import { changeLanguageInPlace } from "./language.js";
import { drawLinked } from "./linked.js";
import { portal, showFingerprint } from "./portal.js";
import { clearRecord, drawRecord } from "./record.js";
import { drawAdded, isUnsent, putAway, redrawReview, watchSupplement } from "./supplement.js";
import { categoryLabel, concernedLine, day, explain, readWords, t } from "./words.js";

let entrance = null; // the portal that the mailbox was opened through
let mailbox = null;
let code = null; // until the page is left: another language opens the mailbox anew

const openForm = () => $("#open-form");
const writeForm = () => $("#write-form");

async function open() {
  clearFaults();
  notice();
  await loadClient();
  const read = readCode($("#code").value);
  if (read.fault) {
    showFaults([{ field: "code", ...read.fault }]);
    return;
  }
  progress(t("mailbox.opening"));
  entrance = await portal();
  const found = await entrance.openMailbox(read.text);
  progress();
  if (!found) {
    showFaults([{ field: "code", code: "wrong_code" }]);
    return;
  }
  mailbox = found;
  code = read.text;
  $("#code").value = "";
  show($("#open-panel"), false);
  show($("#mailbox-panel"));
  draw();
  $("#number").focus();
}

function draw() {
  if (!mailbox) return;
  showFingerprint(entrance);
  $("#number").textContent = t("mailbox.number", mailbox);
  drawLinked(mailbox, turnTo);
  document.title = `${t("title.page")} – ${t("title.site")}`;
  replace($("#standing"), [...facts([
    [t("mailbox.state"), mailbox.stateText],
    [t("mailbox.body"), mailbox.readable ? mailbox.bodyName : el("strong", { id: "nobody" }, t("mailbox.nobody", { body: mailbox.bodyName }))],
    [t("mailbox.moved"), mailbox.moves.map(({ to, why, at }) => (
      t(`mailbox.moved.${why === "quorum" ? why : "competence"}`, { date: day(at), body: mailbox.bodyNames[to] ?? to })))],
    [t("mailbox.received"), day(mailbox.received)],
    [t("mailbox.updated"), day(mailbox.updated)],
  ]).childNodes]);
  $("#look-again").textContent = t("mailbox.look_again", { days: mailbox.lookAgainDays });
  replace($("#left"), mailbox.left.map(leftLine));
  replace($("#bad-keys"), mailbox.warnings.map(({ code, who, epoch }) => el("p", { class: "alarm" }, t(`warning.${code}`, { who, epoch }))));
  replace($("#talk"), mailbox.messages.map(said));
  show($("#talk-empty"), !mailbox.messages.length && !mailbox.hasOlder);
  show($("#older"), mailbox.hasOlder);
  show($("#long"), mailbox.hasLong);
  drawOwnReport();
  drawAdded(mailbox.supplements);
  drawCounters(writeForm());
}

/** A package in which the case has left: to whom, when, and whether it has arrived. */
function leftLine({ to, name, made, received, signed }) {
  const words = { to: `${name} (${to})`, made: day(made), received: received ? day(received) : "" };
  const told = el("p", {}, t("left.line", words), " ", t(received ? "left.received" : "left.waiting", words), " ", t("left.answers", words));
  return el("div", { class: "warning" }, told, signed ? null : el("p", { class: "alarm" }, t("left.unsigned")));
}

function said({ from, text, at, fault: doubt }) {
  const mine = from === "me";
  const by = el("p", { class: "by" }, el("strong", {}, t(mine ? "mailbox.me" : "mailbox.handlers")), ` ${day(at)}`);
  const warning = doubt ? el("p", { class: "alarm" }, t(`fault.${doubt}`)) : null;
  const words = doubt && text === null ? null : el("p", { class: "typed" }, text ?? t("mailbox.long"));
  return el("li", { class: mine ? "said" : "said theirs" }, by, warning, words);
}

/** Whom it concerns: what was said for the server, with the names that only readers see. */
function concerned({ facts: known, narrative }) {
  if (!known) return null;
  if (!known.accused.length) return t("whom.unknown");
  const names = narrative?.accused_names ?? [];
  return known.accused.flatMap((one) => {
    const outsider = one.party_member === false;
    const named = names.filter(({ body, role }) => body === one.body && role === one.role);
    return (named.length ? named : [one]).map(({ name }) => concernedLine({ ...one, name, outsider }));
  });
}

function drawOwnReport() {
  const { summary, narrative, categories } = mailbox;
  replace($("#own-report"), facts([
    [t("mailbox.whom"), concerned(mailbox)],
    [t("mailbox.categories"), categories.map(categoryLabel)],
    [t("mailbox.summary"), summary],
    [t("mailbox.text"), narrative?.text],
    [t("mailbox.when"), narrative?.when],
    [t("mailbox.where"), narrative?.where],
    [t("mailbox.wants"), narrative?.wants],
    [t("mailbox.identity"), narrative && t(narrative.named ? "mailbox.named" : "mailbox.unnamed")],
  ]));
  if (!narrative) $("#own-report").append(el("p", { class: "hint" }, t("mailbox.own_later")));
}

function messageFault() {
  const text = $("#message").value.trim();
  const over = [...text].length - FIELD_LIMITS.message;
  return !text ? { code: "message_empty" } : over > 0 ? { code: "too_long", values: { over } } : null;
}

async function write() {
  clearFaults();
  notice();
  const text = $("#message").value;
  const wrong = messageFault();
  if (wrong) {
    showFaults([{ field: "message", ...wrong }]);
    return;
  }
  progress(t("mailbox.sealing"));
  const at = await inTurn(() => mailbox.write(text));
  $("#message").value = "";
  progress();
  draw();
  notice(t("mailbox.sent", { date: day(at ?? new Date().toISOString()) }));
}

/** Show the other case of a pair; what was typed and not sent stays in the form, which names where it would go. */
function turnTo(other) {
  clearFaults();
  notice();
  clearRecord();
  mailbox = other;
  putAway();
  draw();
  $("#number").focus();
}

let last = Promise.resolve();

/** One thing after the other: what is sent while the mailbox is opened anew is sent from the new one, and seen in it. */
const inTurn = (act) => (last = last.catch(() => {}).then(act));

/** Do something with the open mailbox and draw what came of it. */
async function refresh(act, told) {
  clearFaults();
  notice();
  clearRecord(); // it spoke of what was here before
  progress(t("mailbox.loading"));
  await inTurn(act);
  progress();
  draw();
  if (told) notice(t(told));
}

async function checkRecord() {
  clearFaults();
  notice();
  clearRecord();
  progress(t("record.checking"));
  const told = await mailbox.checkRecord();
  progress();
  drawRecord(told);
}

/** Nothing of the mailbox stays in the page. */
function forget() {
  clearRecord();
  mailbox = code = null;
  for (const drawn of ["#standing", "#left", "#bad-keys", "#talk", "#own-report", "#supplements", "#number", "#look-again", "#linked-cases", "#writing-to"]) $(drawn).replaceChildren();
  for (const form of [openForm(), writeForm()]) form.reset();
  putAway(true);
  drawAdded([]);
  show($("#mailbox-panel"), false);
  show($("#open-panel"));
}

function leave() {
  clearFaults();
  forget();
  notice(t("mailbox.left"));
  $("#code").focus();
}

async function languageChanged() {
  readWords();
  clearFaults();
  notice();
  progress();
  drawCounters();
  redrawReview();
  if (!code) return;
  await attempt(writeForm(), () => refresh(async () => { // the state's words come from the server
    entrance = await portal();
    const found = await entrance.openMailbox(code);
    if (found) mailbox = mailbox.leads ? found : found.linked ?? found;
  }));
}

async function attempt(form, act) {
  try {
    await busy(form, act);
  } catch (error) {
    progress();
    fault(explain(error));
  }
}

function start() {
  changeLanguageInPlace({ changed: languageChanged, failed: () => fault(t("language.failed")) });
  readWords();
  if (!globalThis.isSecureContext) return; // the page says why
  show(openForm());
  onExit(forget);
  loadClientSoon(openForm());
  const on = (form, act) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, act);
  });
  on(openForm(), open);
  on(writeForm(), write);
  watchSupplement({ send: (written) => inTurn(() => mailbox.supplement(written)), attempt, drawn: draw });
  const panel = $("#mailbox-panel");
  const press = (button, act, told) => $(button).addEventListener("click", () => attempt(panel, () => refresh(act, told)));
  press("#reload", () => mailbox.reload(), "mailbox.news");
  press("#older", () => mailbox.older());
  press("#long", () => mailbox.fetchLong());
  $("#check-record").addEventListener("click", () => attempt(panel, checkRecord));
  $("#leave").addEventListener("click", leave);
  openForm().addEventListener("input", () => keepFaults(() => Boolean(readCode($("#code").value).fault)));
  writeForm().addEventListener("input", () => {
    drawCounters(writeForm());
    keepFaults(() => Boolean(messageFault()));
  });
  addEventListener("beforeunload", (event) => {
    if (isLeaving() || !($("#message").value.trim() || isUnsent())) return;
    event.preventDefault();
    event.returnValue = "";
  });
}

start();
