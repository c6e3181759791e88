// One portal for the page: opened when it is first needed, and again for another language or after a change.

import { $$, el, facts, replace, show } from "../dom.js";
import { showWork } from "../working.js";
import { loadClient } from "./client.js";
import { lang, t } from "./words.js";

let opening = null;
let spoken = "";
let held = null; // what this page has verified: a portal opened anew takes nothing older

const plainFetch = (address, options = {}) =>
  fetch(address, { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer", ...options });

const atWork = (act) => showWork(act, (percent) => t("work.share", { percent }), t("work.stop"));

/** The verified portal in the page's language. `fresh` fetches and verifies everything anew. */
export async function portal({ fresh = false } = {}) {
  if (!opening || fresh || spoken !== lang()) {
    spoken = lang();
    const how = { fetch: plainFetch, language: spoken, now: () => new Date(), work: atWork, held };
    opening = loadClient().then(({ openPortal }) => openPortal(how));
  }
  const mine = opening;
  try {
    const open = await mine;
    ({ held } = open);
    return open;
  } catch (error) {
    if (opening === mine) opening = null;
    throw error;
  }
}

/** Write the verified fingerprint wherever the page shows it; where successors have taken over, the former ones too. */
export function showFingerprint({ fingerprint, former }) {
  for (const place of $$("[data-fingerprint]")) place.textContent = fingerprint;
  const rows = [[t("key.today"), fingerprint], ...former.map(({ fingerprint: old, last }) => [t("key.former", { last }), old])];
  for (const place of $$("[data-key-changed]")) {
    replace(place, el("p", {}, t("key.changed")), facts(rows));
    show(place, former.length > 0);
  }
}
