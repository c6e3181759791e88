// What is shown once and kept on paper: the recovery key and backup codes, to print or to save as a file.

import { recoveryMatches } from "../../client/member.js";
import { $, $$ } from "../dom.js";
import { day, t } from "./words.js";

/** Offer a sheet's lines as a text file. */
export function saveSheet(sheet, name) {
  const lines = $$("h2, p, output, li", sheet).map((part) => part.textContent).filter(Boolean);
  const address = URL.createObjectURL(new Blob([`${lines.join("\r\n\r\n")}\r\n`], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Whose sheet it is, and of which day. */
export const owner = (member) => t("sheet.who", { ...member, date: day(new Date().toISOString()) });

/** The sheet with the recovery key: `show(key, member)`, and `kept()` once its first groups are typed back. */
export function recoverySheet() {
  let key = "";
  let member = {};
  $("#print").addEventListener("click", () => globalThis.print());
  $("#save").addEventListener("click", () => saveSheet($("#recovery-sheet"), t("sheet.file", member)));
  return {
    show(recoveryKey, who) {
      key = recoveryKey;
      member = who;
      $("#recovery-key").textContent = recoveryKey;
      $("#sheet-who").textContent = owner(who);
    },
    kept() {
      if (!recoveryMatches(key, $("#recovery-typed").value)) throw Object.assign(new Error("kept"), { code: "recovery_typed" });
    },
    clear() {
      key = "";
      $("#recovery-key").textContent = "";
      $("#recovery-typed").value = "";
    },
  };
}
