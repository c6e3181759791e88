// Names for codes: the roster has none, so the server tells members who is who; a code without a name stays a code.

import { lang, word } from "./words.js";

let names = {};
let bodies = {};
let rules = {};
let cited = {};

/** Take the names out of an installation answer. */
export function learnNames(installation) {
  names = installation.names ?? {};
  bodies = installation.bodies ?? {};
  rules = installation.rules ?? {};
  cited = installation.citations ?? {};
}

const said = (text) => (typeof text === "string" ? text : text?.[lang] ?? text?.vi ?? "");

/** `Nguyễn Văn A, Chủ nhiệm (P-001)`. */
export function person(code) {
  const known = names[code];
  if (!known) return code;
  const post = said(known.post);
  return `${known.name}${post ? `, ${post}` : ""} (${code})`;
}

export const shortName = (code) => names[code]?.name ?? code;

export const body = (code) => said(bodies[code]?.name ?? bodies[code]) || code;

export const rule = (id) => said(rules[id]) || "";

/** The clauses that a rule rests on, in full words, each once; several codes may stand for one clause. */
export const citations = (codes = []) => [...new Set(codes.map((code) => said(cited[code]) || code))].sort();

/** A seat in words: what somebody is in which body. */
export const seat = ({ body: code, function: what }) => `${body(code)}: ${word("function", what)}`;
