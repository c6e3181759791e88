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

/** The bodies there are, by their names. */
export const bodyCodes = () => Object.keys(bodies).sort((left, right) => body(left).localeCompare(body(right), "vi"));

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();

/** Whose names hold every word of what was typed, marks aside; everybody for nothing. Looked up here: no name is sent. */
export function searchPeople(typed) {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  const fits = (code) => wanted.every((one) => plain(person(code)).includes(one));
  return Object.keys(names).filter(fits).sort((left, right) => person(left).localeCompare(person(right), "vi"));
}

export const rule = (id) => said(rules[id]) || "";

/** The clauses that a rule rests on, in full words, each once; several codes may stand for one clause. */
export const citations = (codes = []) => [...new Set(codes.map((code) => said(cited[code]) || code))].sort();

/** A seat in words: what somebody is in which body. */
export const seat = ({ body: code, function: what }) => `${body(code)}: ${word("function", what)}`;
