// One portal for the page: opened when it is first needed, and again for another language or after a change.

import { $$ } from "../dom.js";
import { showWork } from "../working.js";
import { loadClient } from "./client.js";
import { lang, t } from "./words.js";

let opening = null;
let spoken = "";

const plainFetch = (address, options = {}) =>
  fetch(address, { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer", ...options });

const atWork = (act) => showWork(act, (percent) => t("work.share", { percent }), t("work.stop"));

/** The verified portal in the page's language. `fresh` fetches and verifies everything anew. */
export async function portal({ fresh = false } = {}) {
  if (!opening || fresh || spoken !== lang()) {
    spoken = lang();
    const how = { fetch: plainFetch, language: spoken, now: () => new Date(), work: atWork };
    opening = loadClient().then(({ openPortal }) => openPortal(how));
  }
  const mine = opening;
  try {
    return await mine;
  } catch (error) {
    if (opening === mine) opening = null;
    throw error;
  }
}

/** Write the verified fingerprint wherever the page shows it. */
export function showFingerprint(text) {
  for (const place of $$("[data-fingerprint]")) place.textContent = text;
}
