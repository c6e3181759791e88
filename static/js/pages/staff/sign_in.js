// Sign-in: the passphrase is stretched here, only its auth branch is sent, and the seed is opened and checked here.

import { authSecretOf, renewedPins, standing, unlockSeed } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { get, post, remove } from "./api.js";
import { $, busy, fault, notice, progress, show } from "../dom.js";
import { keepInTab } from "./session.js";
import { secondFactorField } from "./second_factor.js";
import { stretchPassphrase } from "./stretching.js";
import { keepPins, trusted } from "./trust.js";
import { explain, has, path, t } from "./words.js";

const refusal = (code) => Object.assign(new Error(code), { code });

/** The public keys that follow from the seed must be those which the signed roster holds, if it holds any. The pins of now. */
async function checkKeys({ keys, pins }, code) {
  let trust;
  try {
    trust = await trusted(await get("installation"), pins);
  } catch (error) {
    if (error.code === "roster_missing" || error.code === "roster_expired") return pins; // the account page says so
    throw error;
  }
  if ((await standing(trust.roster, code, keys)) === "other_key") throw refusal("key_differs");
  return renewedPins(pins, trust);
}

const code = secondFactorField();

async function signIn() {
  fault();
  notice();
  const username = $("#username").value.trim().toLowerCase();
  const totp = code();
  const { salt } = await post("session/salt", { username });
  const stretched = await stretchPassphrase($("#passphrase").value, unb64u(salt));
  const auth = await authSecretOf(stretched);
  const session = await post("session", { username, auth, totp });
  $("#passphrase").value = "";
  progress(t("opening"));
  try {
    const { pepper, wrapped, member: { id: memberId } } = session;
    const opened = await unlockSeed({ stretched, pepper, wrapped, memberId });
    const pins = await checkKeys(opened, session.member.code);
    await keepPins(opened, pins, { stretched, pepper, memberId, auth });
    await keepInTab(session, opened.seed, pins);
  } catch (error) {
    await remove("session").catch(() => {}); // a session that can't read is of no use and stays open for nobody
    throw error;
  }
  location.replace(path("/staff/"));
}

function start() {
  const why = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  if (why && has(`why.${why}`)) notice(t(`why.${why}`));
  const form = $("#sign-in");
  if (!globalThis.isSecureContext) {
    show($("#insecure"));
    show(form, false);
    return;
  }
  $("#reveal").addEventListener("change", ({ target }) => { $("#passphrase").type = target.checked ? "text" : "password"; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, signIn).catch((error) => {
      $("#totp").value = "";
      fault(explain(error));
    });
  });
  $("#username").focus();
}

start();
