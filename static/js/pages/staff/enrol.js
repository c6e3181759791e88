// Enrolment page: the token from the fragment, a passphrase, keys, the recovery key on paper, the first code.

import { enrolMember, verifyTrust } from "../../client/member.js";
import { sha256hex, unb64u } from "../../crypto/encoding.js";
import { get, post } from "./api.js";
import { $, fault, progress, show } from "../dom.js";
import { drawQr, grouped } from "./figures.js";
import { passphraseForm } from "./passphrase_form.js";
import { recoverySheet } from "./sheets.js";
import { onSubmit, step } from "./steps.js";
import { stretchPassphrase } from "./stretching.js";
import { explain, t } from "./words.js";

const say = (error) => fault(explain(error));
const refusal = (code) => Object.assign(new Error(code), { code });

let begun;
let enrolled;
let finished = false;

const form = passphraseForm(() => begun.member);
const sheet = recoverySheet();

/** Take the one-time token out of the address, so that it stays in no history (sealing.md, Rules). */
function takeToken() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return /^[\w-]{16,200}$/.test(token) ? token : null;
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
  form.offer();
  step("passphrase");
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
  const passphrase = await form.chosen();
  const checkpoint = await newestCheckpoint();
  const stretched = await stretchPassphrase(passphrase, unb64u(begun.salt));
  progress(t("making"));
  enrolled = await enrolMember({ begun, stretched, checkpoint });
  progress();
  form.clear();
  sheet.show(enrolled.recoveryKey, begun.member);
  step("recovery");
}

async function keptRecovery() {
  sheet.kept();
  sheet.clear();
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

// A second link opened in this tab changes only the fragment: begin anew with it.
addEventListener("hashchange", () => location.reload());
// The link works once: leaving half-way costs a new one, so the browser asks first.
addEventListener("beforeunload", (event) => { if (begun && !finished) event.preventDefault(); });
onSubmit("#passphrase-form", makeKeys);
onSubmit("#recovery-form", keptRecovery);
onSubmit("#code-form", complete);
begin().catch(say);
