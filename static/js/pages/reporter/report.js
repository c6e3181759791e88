// The form, step by step in one page: nothing typed is lost by going back, by another language, or by a refusal.

import { $, $$, fault, notice, progress, show } from "../dom.js";
import { loadClientSoon } from "./client.js";
import { repeatFault } from "./codes.js";
import { accused, clearAccused, drawAccused, startAccused } from "./concerns.js";
import { clearFaults, drawChosen, drawCounters, FIELD_LIMITS, keepFaults, showFaults } from "./fields.js";
import { STEPS, faultsOf, hasText } from "./form.js";
import { isLeaving, onExit } from "./frame.js";
import { changeLanguageInPlace } from "./language.js";
import { drawLetter, forgetLetter, hasLetter, hideLetter, startLetter } from "./letter.js";
import { drawConsequences, readForm, startReading } from "./reading.js";
import { forgetCode, receiptCode, showCode, startReceipt } from "./receipt.js";
import { addressee, decided, forgetDecision, isDecided, lookAgain } from "./receivers.js";
import { drawReview } from "./review.js";
import { drawReceipt, isUncertain, send } from "./sending.js";
import { readWords, t } from "./words.js";

const DONE = "done";

let step = STEPS[0];
let receipt = null;
let lookFresh = false;

const place = (name) => STEPS.indexOf(name);

/** The first step before `wanted` that still lacks something, or `wanted` itself. */
function reachable(wanted) {
  const form = readForm();
  for (const name of STEPS.slice(0, place(wanted))) {
    if (faultsOf(name, form, FIELD_LIMITS).length || (name === "receivers" && !isDecided(form))) return name;
  }
  return wanted;
}

/** Show a step, with the focus on its heading; each is an entry of the history, so that the back button works. */
function go(wanted, { push = true } = {}) {
  step = wanted === DONE ? DONE : reachable(wanted);
  fault();
  notice();
  for (const part of $$("[data-step]")) show(part, part.dataset.step === step);
  if (push) history.pushState({ step }, "");
  drawFrame();
  $(`[data-step="${step}"] h1`).focus();
  scrollTo(0, 0);
  hideLetter();
  if (step === "receivers") {
    lookAgain(readForm(), { fresh: lookFresh });
    lookFresh = false;
  }
  if (step === "review") drawReview(readForm(), go);
  if (step === "code") showCode();
}

/** What depends on the step and the language: the progress and the page's title. */
function drawFrame() {
  const going = step !== DONE;
  show($("#bar"), going);
  show($("#step-of"), going);
  $("#bar").value = place(step) + 1;
  $("#step-of").textContent = t("step.of", { step: place(step) + 1, steps: STEPS.length });
  document.title = `${$(`[data-step="${step}"] h1`).textContent} – ${t("title.site")}`;
}

function next() {
  clearFaults();
  const faults = faultsOf(step, readForm(), FIELD_LIMITS);
  if (faults.length) showFaults(faults);
  else if (step === "code") sendNow();
  else if (step !== "receivers" || isDecided(readForm())) {
    const again = step === "receivers" && !$("#receivers-changed").hidden; // everything else has been filled in before
    show($("#receivers-changed"), false);
    go(again ? "review" : STEPS[place(step) + 1]);
  }
}

/** What was named as wrong is dropped as soon as it is right. */
function corrected() {
  const typed = () => (repeatFault($("#typed").value, receiptCode()) ? [{ field: "typed" }] : []);
  const wrong = step === "code" ? typed() : faultsOf(step, readForm(), FIELD_LIMITS);
  keepFaults((place) => wrong.some(({ field }) => field === place));
}

function sendNow() {
  send(readForm(), {
    done(answer) {
      receipt = answer;
      forget();
      drawReceipt(receipt);
      go(DONE);
    },
    changed() {
      forgetDecision();
      lookFresh = true;
      show($("#receivers-changed"));
      go("receivers");
    },
  });
}

/** Nothing that was typed stays in the page. */
function forget() {
  for (const form of $$("#way form")) form.reset();
  clearAccused();
  drawAccused();
  drawConsequences();
  forgetDecision();
  forgetLetter();
  forgetCode();
  for (const drawn of ["#review", "#receivers"]) $(drawn).replaceChildren();
}

/** The words have been exchanged: draw anew what scripts wrote. */
async function languageChanged() {
  readWords();
  progress();
  clearFaults();
  drawAccused();
  drawChosen();
  drawCounters();
  drawFrame();
  drawLetter();
  if (receipt) drawReceipt(receipt);
  if (isUncertain() || !decided()) return;
  await lookAgain(readForm()); // its words come from the server
  if (step === "review") drawReview(readForm(), go);
}

function start() {
  changeLanguageInPlace({ changed: languageChanged, failed: () => fault(t("language.failed")) });
  readWords();
  if (!globalThis.isSecureContext) return; // the page says why
  show($("#way"));
  startAccused();
  startReading();
  startReceipt();
  startLetter(readForm, addressee);
  loadClientSoon($("#way"));
  onExit(forget);
  for (const form of $$("#way form")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      next();
    });
  }
  for (const kind of ["input", "change"]) $("#way").addEventListener(kind, corrected);
  for (const button of $$("[data-back]")) button.addEventListener("click", () => go(STEPS[place(step) - 1]));
  $("#send-again").addEventListener("click", sendNow);
  $("#receivers-again").addEventListener("click", () => lookAgain(readForm(), { fresh: true }));
  history.replaceState({ step }, "");
  addEventListener("popstate", ({ state }) => {
    if (receipt || isUncertain()) history.pushState({ step }, ""); // there is nothing to go back to
    else go(state?.step ?? STEPS[0], { push: false });
  });
  addEventListener("beforeunload", (event) => {
    if (isLeaving() || receipt || !(hasLetter() || hasText({ ...readForm(), accused: accused() }))) return;
    event.preventDefault();
    event.returnValue = ""; // Chromium 109 asks only then
  });
  drawFrame();
}

start();
