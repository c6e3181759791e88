// The page's sentences and lists, written by the server. They can be exchanged for the other language's in place.

import { $ } from "../dom.js";

export { day } from "../dates.js";

let strings = {};
let choices = {};

/** Read the sentences and lists that now stand in the page. */
export function readWords() {
  strings = JSON.parse($("#strings")?.textContent || "{}");
  choices = JSON.parse($("#lists")?.textContent || "{}");
}

export const lang = () => (document.documentElement.lang === "en" ? "en" : "vi");

export const lists = () => choices;

/** A sentence by its key, with `{name}` filled in. */
export function t(key, values = {}) {
  const sentence = strings[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const has = (key) => key in strings;

/** A sentence for a fault or a refusal: the page's own, else the server's, else a general one. */
export function explain(error) {
  // A proxy's own answer has a number only.
  const code = error?.code?.replace(/^http_4\d\d$/, "malformed").replace(/^http_\d+$/, "server_failed");
  if (code && has(`fault.${code}`)) return t(`fault.${code}`, error.detail ?? error.values ?? {});
  return (error?.name === "Refused" && error.message) || t("fault.unexpected");
}

/** The name of a body, the label of a role, kind of work, inspection or category; the code where the lists hold none. */
export const bodyName = (code) => choices.bodies?.find((body) => body.code === code)?.name ?? code;
export const roleLabel = (code) => choices.roles?.find((role) => role.code === code)?.label ?? code;
export const workLabel = (code) => choices.work_kinds?.find((kind) => kind.code === code)?.label ?? code;
export const inspectionLabel = (code) => choices.inspections?.find((one) => one.code === code)?.label ?? code;

export function categoryLabel(code) {
  const all = (choices.categories ?? []).flatMap((group) => group.items);
  return all.find((one) => one.code === code)?.label ?? code;
}

export function postLabel(person) {
  return choices.posts?.find((post) => post.person === person)?.post ?? person; // all that this person holds, in one
}

/** One person or body that a report concerns, in words. */
export const concernedLine = ({ body, role, name, outsider }) =>
  [[name?.trim(), roleLabel(role)].filter(Boolean).join(", "), bodyName(body), outsider && t("outsider")].filter(Boolean).join(" – ");
