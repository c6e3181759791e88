// What every public page does: the quick exit, and saying so where the browser would refuse to seal.

import { $, $$, show } from "../dom.js";

const TWICE = 1500; // milliseconds between two presses of Esc

let forget = () => {};
let leaving = false;
let lastEscape = -Infinity;

/** What has to be cleared when somebody leaves in haste. */
export function onExit(clear) {
  forget = clear;
}

export const isLeaving = () => leaving;

function exit() {
  leaving = true;
  const address = $("[data-exit]").href;
  try {
    forget();
    for (const form of $$("form")) form.reset();
  } finally {
    document.title = "…";
    document.body.replaceChildren();
    location.replace(address); // in place of this page: the back button doesn't bring it back
  }
}

$("[data-exit]")?.addEventListener("click", (event) => {
  event.preventDefault();
  exit();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.repeat) return;
  if (event.timeStamp - lastEscape < TWICE) exit();
  else lastEscape = event.timeStamp;
});
// A page that a browser kept in memory would show again what was typed.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
if (!globalThis.isSecureContext) show($("#insecure"));
