// Enrolment page: the token from the fragment, a passphrase, keys, the recovery key on paper, the first code.

import { enrolMember, passphraseStrength, recoveryMatches, verifyTrust } from "../../client/member.js";
import { sha256hex, unb64u } from "../../crypto/encoding.js";
import { newPassphrase } from "../../crypto/passphrase.js";
import { get, post } from "./api.js";
import { $, $$, busy, fault, progress, show } from "../dom.js";
import { drawQr, grouped } from "./figures.js";
import { stretchPassphrase } from "./stretching.js";
import { day, explain, t } from "./words.js";

const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const say = (error) => fault(explain(error));
const refusal = (code) => Object.assign(new Error(code), { code });

let begun;
let enrolled;
let finished = false;

/** Take the one-time token out of the address, so that it stays in no history (sealing.md, Rules). */
function takeToken() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return /^[\w-]{16,200}$/.test(token) ? token : null;
}

function step(name) {
  fault();
  for (const section of $$("section[id^='step-']")) show(section, section.id === `step-${name}`);
  show($("#steps"));
  for (const item of $$("#steps li")) {
    if (item.dataset.step === name) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  const heading = $(`#step-${name} h1`);
  heading.tabIndex = -1;
  heading.focus();
}

async function begin() {
  if (!globalThis.isSecureContext) throw refusal("insecure");
  const token = takeToken();
  if (!token) {
    $("#begin-text").textContent = t("begin.none");
    return;
  }
  try {
    begun = await post("enrolment/begin", { token });
  } catch (error) {
    show($("#begin-text"), false);
    throw error.status >= 400 && error.status < 429 ? refusal("link_expired") : error;
  }
  $("#greeting").textContent = t("greeting", begun.member);
  $("#enrol-username").value = begun.member.username; // for password managers
  offer();
  step("passphrase");
}

function offer() {
  $("#offered").textContent = newPassphrase(random);
}

function takeOffer() {
  $("#reveal").checked = true;
  reveal();
  $("#passphrase").value = $("#offered").textContent;
  $("#again").value = "";
  judge();
  $("#again").focus();
}

function reveal() {
  for (const field of [$("#passphrase"), $("#again")]) field.type = $("#reveal").checked ? "text" : "password";
}

/** Judge what is typed; the vendored zxcvbn is large and comes only when it is needed. */
async function judged() {
  const { strength } = await import("../../../vendor/zxcvbn.js");
  const { member } = begun;
  return passphraseStrength($("#passphrase").value, [member.username, member.code, ...member.name.split(/\s+/), "niem", "phong"], strength);
}

async function judge() {
  const { ok, score, reason } = await judged();
  const length = [...$("#passphrase").value.normalize("NFC")].length;
  $("#strength").value = reason === "short" ? 0 : score;
  $("#strength-text").textContent = reason === "short" ? t("strength.short", { left: 12 - length })
    : t(ok ? (score > 3 ? "strength.best" : "strength.good") : "strength.weak");
}

/** The newest checkpoint, verified with the organisation's key as far as a first roster exists already. */
async function newestCheckpoint() {
  const installation = await get("installation");
  if (installation.roster) {
    try {
      return (await verifyTrust(installation, unb64u(begun.org))).checkpoint;
    } catch (error) {
      // An expired roster is no reason against a new key: a new roster is what the enrolment is for.
      if (error.code !== "roster_expired") throw refusal("organisation_differs");
    }
  }
  if (!installation.checkpoint) return { no: 0, hash: "0".repeat(64) };
  const bytes = unb64u(installation.checkpoint.doc);
  return { no: JSON.parse(new TextDecoder().decode(bytes)).no, hash: await sha256hex(bytes) };
}

async function makeKeys() {
  fault();
  const passphrase = $("#passphrase").value;
  const verdict = await judged();
  if (!verdict.ok) throw refusal(verdict.reason);
  if (passphrase.normalize("NFC") !== $("#again").value.normalize("NFC")) throw refusal("differs");
  const checkpoint = await newestCheckpoint();
  const stretched = await stretchPassphrase(passphrase, unb64u(begun.salt));
  progress(t("making"));
  enrolled = await enrolMember({ begun, stretched, checkpoint });
  progress();
  for (const field of [$("#passphrase"), $("#again")]) field.value = "";
  $("#offered").textContent = "";
  $("#recovery-key").textContent = enrolled.recoveryKey;
  $("#sheet-who").textContent = t("sheet.who", { ...begun.member, date: day(new Date().toISOString()) });
  step("recovery");
}

function saveRecovery() {
  const lines = [$(".print-sheet h2").textContent, $("#sheet-who").textContent, enrolled.recoveryKey, $(".only-print").textContent];
  const address = URL.createObjectURL(new Blob([`${lines.join("\r\n\r\n")}\r\n`], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = t("sheet.file", begun.member);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function keptRecovery() {
  if (!recoveryMatches(enrolled.recoveryKey, $("#recovery-typed").value)) throw refusal("recovery_typed");
  $("#recovery-key").textContent = "";
  $("#recovery-typed").value = "";
  enrolled.recoveryKey = "";
  $("#qr").replaceChildren(drawQr(begun.totp.rows, t("qr.title")));
  $("#totp-secret").textContent = grouped(begun.totp.secret);
  step("code");
}

async function complete() {
  const totp = $("#totp").value.replace(/\s/g, "");
  if (!/^\d{6}$/.test(totp)) throw refusal("code_form");
  try {
    await post("enrolment/complete", { ...enrolled.request, totp });
  } catch (error) {
    throw error.status === 401 || error.status === 410 ? refusal("enrolment_ended") : error;
  }
  finished = true;
  $("#qr").replaceChildren();
  $("#totp-secret").textContent = "";
  // The fingerprint is worked out here: the server's word for it would prove nothing.
  $("#fingerprint").textContent = enrolled.fingerprint;
  step("done");
}

function onSubmit(id, act) {
  const form = $(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, act).catch(say);
  });
}

// A second link opened in this tab changes only the fragment: begin anew with it.
addEventListener("hashchange", () => location.reload());
// The link works once: leaving half-way costs a new one, so the browser asks first.
addEventListener("beforeunload", (event) => { if (begun && !finished) event.preventDefault(); });
$("#another-offer").addEventListener("click", offer);
$("#take-offer").addEventListener("click", takeOffer);
$("#reveal").addEventListener("change", reveal);
$("#passphrase").addEventListener("input", () => judge().catch(say));
$("#print").addEventListener("click", () => globalThis.print());
$("#save").addEventListener("click", saveRecovery);
onSubmit("#passphrase-form", makeKeys);
onSubmit("#recovery-form", keptRecovery);
onSubmit("#code-form", complete);
begin().catch(say);
