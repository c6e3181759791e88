// The field for a one-time code, which takes a backup code too (templates/account/_macros.html).

import { secondFactor } from "../../client/member.js";
import { $, show } from "../dom.js";

/** Bring the field to life; the returned function gives what is typed, or a fault. */
export function secondFactorField() {
  const field = $("#totp");
  $("#use-backup").addEventListener("click", () => {
    // A keypad of figures has no letters.
    field.inputMode = "text";
    field.autocapitalize = "characters";
    field.classList.remove("figures");
    for (const one of ["name", "hint"]) {
      show($(`#totp-${one}`), false);
      show($(`#backup-${one}`));
    }
    field.setAttribute("aria-describedby", "backup-hint");
    show($("#use-backup"), false);
    field.focus();
  });
  return () => {
    const code = secondFactor(field.value);
    if (!code) throw Object.assign(new Error("code"), { code: "code_form" });
    return code;
  };
}
