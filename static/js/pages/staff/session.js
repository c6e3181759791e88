// The unlocked session of a tab: the seed under a key that only the server holds, and the fifteen idle minutes.

import { openTab, sealTab, unlockSeed, authSecretOf } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { get, post, remove } from "./api.js";
import { $, $$, busy, fault, show } from "../dom.js";
import { explain, path, t } from "./words.js";
import { stretchPassphrase } from "./stretching.js";
import { keepPins, pinsOfNow } from "./trust.js";

const TAB = "niemphong.seed";
const WARNING = 60_000;
const PING = 60_000;

const say = (error) => fault(explain(error));

/** Leave for the sign-in page, which says why. */
function leave(why) {
  sessionStorage.removeItem(TAB);
  location.replace(`${path("/staff/sign-in")}#${why}`);
}

export const signedOut = (error) => error?.status === 401 && error.code !== "sign_in_failed";

/** Sign out everywhere in this browser: the server destroys the session's key, the tab its copy of the seed. */
export async function signOut(why = "out") {
  sessionStorage.removeItem(TAB);
  channel?.postMessage("out");
  try {
    await remove("session");
  } catch { /* the session had already ended */ }
  leave(why);
}

/** Keep the freshly opened seed for the pages that follow in this tab. */
export async function keepInTab(session, seed, pins) {
  sessionStorage.setItem(TAB, await sealTab({ sessionKey: session.key, memberId: session.member.id, seed, pins }));
}

/** The unlocked member `{code, keys, pins, member}`; asks for the passphrase in a tab that has no key yet. */
export async function unlocked() {
  for (const button of $$("[data-sign-out]")) {
    show(button);
    button.addEventListener("click", () => signOut());
  }
  if (!globalThis.isSecureContext) {
    show($("#insecure"));
    return new Promise(() => {});
  }
  let session;
  try {
    session = await get("session");
  } catch (error) {
    if (error.status === 401) leave("ended");
    else say(error);
    return new Promise(() => {});
  }
  watchIdle(session.idle_seconds ?? 900);
  const kept = sessionStorage.getItem(TAB);
  const opened = kept && await openTab({ sessionKey: session.key, memberId: session.member.id, text: kept });
  const { seed, keys, pins } = opened || await askPassphrase(session);
  seed.fill(0); // the derived keys stay in memory, the seed itself only under the session's key
  show($("#page"));
  return { code: session.member.code, member: session.member, keys, pins };
}

function askPassphrase(session) {
  const form = $("#unlock-form");
  show($("#unlock"));
  $("#unlock-passphrase").focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(form, async () => {
        fault();
        const opened = await unlockHere(session, $("#unlock-passphrase").value);
        $("#unlock-passphrase").value = "";
        show($("#unlock"), false);
        resolve(opened);
      }).catch((error) => {
        if (signedOut(error)) leave("ended");
        else if (error?.code === "sign_in_failed") fault(t("fault.passphrase_wrong")); // nothing else was asked for
        else say(error);
      });
    });
  });
}

async function unlockHere(session, passphrase) {
  const { salt } = await post("session/salt", { username: session.member.username });
  const stretched = await stretchPassphrase(passphrase, unb64u(salt));
  const auth = await authSecretOf(stretched);
  const { pepper, wrapped } = await post("session/unlock", { auth });
  const memberId = session.member.id;
  const opened = await unlockSeed({ stretched, pepper, wrapped, memberId });
  const pins = await pinsOfNow(opened.pins).catch(() => opened.pins); // the page that follows verifies for itself, and says what is wrong
  await keepPins(opened, pins, { stretched, pepper, memberId, auth });
  await keepInTab(session, opened.seed, pins);
  return { ...opened, pins };
}

// Tabs tell each other that somebody is there, so that no tab signs out the one being worked in.
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("niemphong") : null;

function watchIdle(seconds) {
  const dialog = $("#idle");
  let last = Date.now();
  let pinged = last;
  const active = (tell = true) => {
    last = Date.now();
    if (!tell) return;
    channel?.postMessage("here");
    if (last - pinged < PING) return;
    pinged = last;
    get("session").catch((error) => { if (error.status === 401) leave("ended"); });
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "touchstart"]) {
    addEventListener(kind, () => { if (!dialog?.open) active(); }, { passive: true });
  }
  $("#idle-stay")?.addEventListener("click", () => {
    pinged = 0;
    active();
    dialog.close();
  });
  dialog?.addEventListener("cancel", (event) => event.preventDefault());
  channel?.addEventListener("message", ({ data }) => {
    if (data === "out") leave("out");
    else {
      active(false);
      if (dialog?.open) dialog.close();
    }
  });
  setInterval(() => {
    const idle = Date.now() - last;
    if (idle >= seconds * 1000) signOut("idle");
    else if (idle >= seconds * 1000 - WARNING && dialog && !dialog.open) dialog.showModal();
  }, 1000);
}
