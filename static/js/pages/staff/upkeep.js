// The account page's own acts: sessions, passphrase, second factor, backup codes. The seed is only wrapped anew here.

import { authSecretOf, newerPins, rewrap, unlockSeed } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { get, post, remove } from "./api.js";
import { $, busy, el, fault, notice, progress, replace, show } from "../dom.js";
import { drawQr, grouped } from "./figures.js";
import { passphraseForm } from "./passphrase_form.js";
import { owner, saveSheet } from "./sheets.js";
import { onSubmit } from "./steps.js";
import { stretchPassphrase } from "./stretching.js";
import { explain, moment, t } from "./words.js";

let me;
let member;
let offered = null;

const say = (error) => fault(explain(error));

/** Say that something is done, where it is read aloud and seen. */
async function done(key, values = {}) {
  await refresh();
  notice(t(key, values));
  $("#notice").scrollIntoView({ block: "nearest" });
}

async function refresh() {
  const { backup_codes: left, sessions } = await get("account");
  $("#backup-left").textContent = t(left ? "backup.left" : "backup.none", { left });
  $("#backup-left").classList.toggle("bad", left === 0);
  replace($("#sessions"), sessions.map(line));
  show($("#end-others"), sessions.length > 1);
}

function line({ id, begun, seen, current }) {
  const text = t("session.begun", { begun: moment(begun), seen: moment(seen) });
  if (current) return el("li", {}, text, " ", el("strong", { class: "mark wait" }, t("session.this")));
  const button = el("button", { type: "button", class: "quiet", "aria-label": t("session.end_which", { begun: moment(begun) }) }, t("session.end"));
  const item = el("li", {}, text, " ", button);
  button.addEventListener("click", () => act(item, async () => {
    await remove(`account/sessions/${id}`);
    await done("done.session");
  }));
  return item;
}

function act(within, work) {
  fault();
  notice();
  busy(within, work).catch(say);
}

async function stretched(passphrase, salt) {
  return stretchPassphrase(passphrase, salt ?? unb64u((await post("session/salt", { username: member.username })).salt));
}

const proof = async (field) => authSecretOf(await stretched($(field).value));

async function changePassphrase(form) {
  notice();
  const chosen = await form.chosen();
  const salt = unb64u((await post("session/salt", { username: member.username })).salt);
  const old = await stretched($("#old-passphrase").value, salt);
  const auth = await authSecretOf(old);
  const { pepper, wrapped } = await post("session/unlock", { auth });
  const { seed, pins } = await unlockSeed({ stretched: old, pepper, wrapped, memberId: member.id });
  const renewed = await stretched(chosen, salt);
  progress(t("wrapping"));
  const request = await rewrap({ seed, pins: newerPins(pins, me.pins), stretched: renewed, pepper, memberId: member.id });
  seed.fill(0);
  await post("account/passphrase", { auth, ...request });
  progress();
  form.clear();
  $("#old-passphrase").value = "";
  $("#change-passphrase").open = false;
  await done("done.passphrase");
}

/** A new secret each time the part is opened; what is not proved changes nothing. */
async function offerFactor() {
  if (!$("#change-factor").open) return;
  offered = await post("account/second-factor/offer", {});
  replace($("#qr"), drawQr(offered.totp.rows, t("qr.title")));
  $("#totp-secret").textContent = grouped(offered.totp.secret);
}

async function changeFactor() {
  notice();
  const totp = $("#totp").value.replace(/\s/g, "");
  if (!/^\d{6}$/.test(totp)) throw Object.assign(new Error("code"), { code: "code_form" });
  await post("account/second-factor", { auth: await proof("#factor-passphrase"), ticket: offered.ticket, totp });
  for (const field of ["#factor-passphrase", "#totp"]) $(field).value = "";
  $("#change-factor").open = false;
  replace($("#qr"));
  $("#totp-secret").textContent = "";
  await done("done.factor");
}

async function makeCodes() {
  notice();
  const { codes } = await post("account/backup-codes", { auth: await proof("#backup-passphrase") });
  $("#backup-passphrase").value = "";
  $("#backup-who").textContent = owner(member);
  replace($("#backup-codes"), codes.map((code) => el("li", {}, code)));
  show($("#backup-form"), false);
  show($("#backup-made"));
  $("#backup-title").focus();
  await refresh();
}

function codesKept() {
  replace($("#backup-codes"));
  show($("#backup-made"), false);
  show($("#backup-form"));
  $("#backup").open = false;
  $("#backup summary").focus();
}

/** Bring the parts to life for this member, who has unlocked this tab. */
export async function upkeep(unlocked) {
  me = unlocked;
  member = me.member;
  const form = passphraseForm(() => member);
  $("#enrol-username").value = member.username;
  $("#change-passphrase").addEventListener("toggle", form.offer);
  $("#change-factor").addEventListener("toggle", () => offerFactor().catch(say));
  $("#end-others").addEventListener("click", () => act($("#sessions").parentElement, async () => {
    await done("done.sessions", await remove("account/sessions"));
  }));
  onSubmit("#passphrase-form", () => changePassphrase(form));
  onSubmit("#code-form", changeFactor);
  onSubmit("#backup-form", makeCodes);
  $("#backup-print").addEventListener("click", () => globalThis.print());
  $("#backup-save").addEventListener("click", () => saveSheet($("#backup-sheet"), t("backup.file", member)));
  $("#backup-kept").addEventListener("click", codesKept);
  await refresh();
}
