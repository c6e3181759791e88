// The roster and checkpoint that a page acts on, verified against what is pinned and what this browser saw before; and what is
// said where a successor has taken the organisation's key over.

import { readSeen, renewedPins, rewrap, verifyTrust, writeSeen } from "../../client/member.js";
import { fingerprint, unb64u } from "../../crypto/encoding.js";
import { get, post } from "./api.js";
import { $, el, facts, replace, show } from "../dom.js";
import { t } from "./words.js";

/** Verify an installation answer with what is pinned in the member's blob. @throws {ClientFault} */
export async function trusted(installation, pins) {
  const how = { seen: readSeen(localStorage), since: pins.roster ?? null, takeover: (no) => get(`takeovers/${no}`) };
  const trust = await verifyTrust(installation, unb64u(pins.org), how);
  writeSeen(localStorage, trust.seen);
  await showKeyChange(trust);
  return trust;
}

/** Said on every page of this browser until somebody says that they have compared the new key. */
async function showKeyChange({ orgKey, former }) {
  const place = $("#key-changed");
  if (!place) return;
  const current = await fingerprint(orgKey);
  show(place, former.length > 0 && readSeen(localStorage).compared !== current);
  if (place.hidden) return;
  const button = el("button", { type: "button" }, t("key.compared"));
  button.addEventListener("click", () => {
    writeSeen(localStorage, { ...readSeen(localStorage), compared: current });
    show(place, false);
  });
  const old = await Promise.all(former.map(async ({ org, last }) => [t("key.former", { last }), await fingerprint(unb64u(org))]));
  replace(place, el("p", {}, t("key.changed")), facts([[t("key.new"), current], ...old]), el("p", { class: "actions" }, button));
}

/** The pins with the key and the roster of now; as they are where there is none in force. @throws {ClientFault} */
export async function pinsOfNow(pins) {
  try {
    return renewedPins(pins, await trusted(await get("installation"), pins));
  } catch (error) {
    if (error.code === "roster_missing" || error.code === "roster_expired") return pins; // the account page says so
    throw error;
  }
}

/**
 * Wrap the seed anew with newer pins, so that a former key and an older roster count no more on other machines either; `auth`
 * proves the passphrase that `stretched` came from. What the server can't keep now is kept at the next sign-in.
 */
export async function keepPins({ seed, pins }, renewed, { stretched, pepper, memberId, auth }) {
  if (pins.org === renewed.org && pins.roster?.no === renewed.roster?.no) return;
  const { wrapped } = await rewrap({ seed, pins: renewed, stretched, pepper, memberId });
  await post("account/pins", { auth, wrapped }).catch(() => {});
}
