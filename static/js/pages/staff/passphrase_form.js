// Choosing a passphrase: one is offered, what is typed is judged, and it is typed twice (templates/account/_macros.html).

import { passphraseStrength } from "../../client/member.js";
import { newPassphrase } from "../../crypto/passphrase.js";
import { $, fault } from "../dom.js";
import { explain, t } from "./words.js";

const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const refusal = (code) => Object.assign(new Error(code), { code });

/** Bring the form to life. `about` gives the words that anybody would guess first: `{username, code, name}`. */
export function passphraseForm(about) {
  const fields = () => [$("#passphrase"), $("#again")];
  const offer = () => { $("#offered").textContent = newPassphrase(random); };
  const reveal = () => { for (const field of fields()) field.type = $("#reveal").checked ? "text" : "password"; };

  /** Judge what is typed; the vendored zxcvbn is large and comes only when it is needed. */
  async function judged() {
    const { strength } = await import("../../../vendor/zxcvbn.js");
    const { username, code, name } = about();
    return passphraseStrength($("#passphrase").value, [username, code, ...name.split(/\s+/), "niem", "phong"], strength);
  }

  async function judge() {
    const { ok, score, reason } = await judged();
    const length = [...$("#passphrase").value.normalize("NFC")].length;
    $("#strength").value = reason === "short" ? 0 : score;
    $("#strength-text").textContent = reason === "short" ? t("strength.short", { left: 12 - length })
      : t(ok ? (score > 3 ? "strength.best" : "strength.good") : "strength.weak");
  }

  function takeOffer() {
    $("#reveal").checked = true;
    reveal();
    $("#passphrase").value = $("#offered").textContent;
    $("#again").value = "";
    judge().catch((error) => fault(explain(error)));
    $("#again").focus();
  }

  $("#another-offer").addEventListener("click", offer);
  $("#take-offer").addEventListener("click", takeOffer);
  $("#reveal").addEventListener("change", reveal);
  $("#passphrase").addEventListener("input", () => judge().catch((error) => fault(explain(error))));

  return {
    offer,
    /** The passphrase, strong enough and typed twice alike; a fault says what is missing. */
    async chosen() {
      const verdict = await judged();
      if (!verdict.ok) throw refusal(verdict.reason);
      const [first, second] = fields().map((field) => field.value);
      if (first.normalize("NFC") !== second.normalize("NFC")) throw refusal("differs");
      return first;
    },
    clear() {
      for (const field of fields()) field.value = "";
      $("#offered").textContent = "";
      $("#strength").value = 0;
      $("#strength-text").textContent = "";
    },
  };
}
