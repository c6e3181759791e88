// The recovery key's page: proof, the seed opened here with the printed key, a new passphrase, a new printed key.

import { openRecovery, recoveryProof, renewRecovered } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { post } from "./api.js";
import { $, progress, show } from "../dom.js";
import { passphraseForm } from "./passphrase_form.js";
import { secondFactorField } from "./second_factor.js";
import { recoverySheet } from "./sheets.js";
import { onSubmit, step } from "./steps.js";
import { stretchPassphrase } from "./stretching.js";
import { pinsOfNow } from "./trust.js";
import { t } from "./words.js";

let begun;
let opened;
let renewed;
let finished = false;

const form = passphraseForm(() => begun.member);
const sheet = recoverySheet();
const code = secondFactorField();

async function prove() {
  const typed = $("#recovery").value;
  const username = $("#username").value.trim().toLowerCase();
  const totp = code();
  const proof = await recoveryProof(typed);
  try {
    begun = await post("recovery/begin", { username, recovery_auth: proof, totp });
  } finally {
    $("#totp").value = "";
  }
  opened = await openRecovery(typed, begun);
  opened.pins = await pinsOfNow(opened.pins); // the printed key opens what was pinned when it was printed
  $("#recovery").value = "";
  $("#greeting").textContent = t("greeting", begun.member);
  $("#enrol-username").value = begun.member.username; // for password managers
  form.offer();
  step("passphrase");
}

async function choose() {
  const stretched = await stretchPassphrase(await form.chosen(), unb64u(begun.salt));
  progress(t("wrapping"));
  renewed = await renewRecovered({ begun, seed: opened.seed, pins: opened.pins, stretched });
  progress();
  form.clear();
  sheet.show(renewed.recoveryKey, begun.member);
  step("recovery");
}

/** Only now does the new key count, and the old one end: whoever loses it before this has the old one still. */
async function finish() {
  sheet.kept();
  await post("recovery", renewed.request);
  finished = true;
  opened.seed.fill(0);
  sheet.clear();
  step("done");
}

function start() {
  if (!globalThis.isSecureContext) {
    show($("#insecure"));
    show($("#step-prove"), false);
    return;
  }
  addEventListener("beforeunload", (event) => { if (begun && !finished) event.preventDefault(); });
  onSubmit("#prove-form", prove);
  onSubmit("#passphrase-form", choose);
  onSubmit("#recovery-form", finish);
  $("#username").focus();
}

start();
