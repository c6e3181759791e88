// The receipt code: made once, shown once, kept on paper or in a file, typed back.

import { $, show } from "../dom.js";
import { loaded } from "./client.js";
import { t } from "./words.js";

let code = null;

export const receiptCode = () => code;

export function showCode() {
  code ??= loaded().newCode();
  $("#code").textContent = code.replaceAll("-", " ");
  $("#sheet").classList.add("on");
}

/** Nothing of the code stays in the page. */
export function forgetCode() {
  code = null;
  $("#code").textContent = "";
  $("#code-kept").textContent = "";
  $("#typed").value = "";
  $("#sheet").classList.remove("on");
}

export function startReceipt() {
  const say = (key) => { $("#code-kept").textContent = t(key); };
  show($("#code-copy"), Boolean(navigator.clipboard));
  $("#code-print").addEventListener("click", () => print());
  $("#code-save").addEventListener("click", () => {
    save();
    say("code.saved");
  });
  $("#code-copy").addEventListener("click", () => {
    navigator.clipboard.writeText(code.replaceAll("-", " ")).then(() => say("code.copied"), () => say("code.not_copied"));
  });
}

/** As a file that, like its name, doesn't say what the words are for. */
function save() {
  const lines = [t("code.file"), code.replaceAll("-", " ")];
  const address = URL.createObjectURL(new Blob([`${lines.join("\r\n\r\n")}\r\n`], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "notes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
