// The page's sentences, written by the server in the reader's language.

import { clock, day } from "../dates.js";
import { $ } from "../dom.js";

export { clock, day };

const strings = JSON.parse($("#strings")?.textContent ?? "{}");

export const lang = document.documentElement.lang === "en" ? "en" : "vi";

/** A sentence by its key, with `{name}` filled in. */
export function t(key, values = {}) {
  const sentence = strings[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const has = (key) => key in strings;

/** One of the page's own lists of words, e.g. `word("role", "team_head")`; the code itself when nobody named it. */
export const word = (list, code) => strings[`${list}.${code}`] ?? code;

/** Day and time of a member's act; the reporter's acts are known to the hour and shown to the day. */
export const moment = (text, exact = true) => (exact && /T/.test(text ?? "") ? `${clock(text)} ${day(text)}` : day(text));

/** A link that keeps the language. */
export const path = (where) => (lang === "en" ? `${where}?lang=en` : where);

/** A sentence for a refusal or a fault, whoever it came from. */
export function explain(error) {
  const code = error?.code;
  if (code && has(`fault.${code}`)) return t(`fault.${code}`, error.detail ?? {});
  return error?.sentence || t("fault.unexpected");
}
