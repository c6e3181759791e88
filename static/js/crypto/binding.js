// Bindings: what ties sealed bytes to their place (docs/sealing.md, Places and bindings). Twin of crypto/binding.py.

import { jcs } from "./encoding.js";
import { Malformed } from "./errors.js";

const FIELDS = ["epoch", "id", "k", "n", "reader", "readerkey", "request", "ring", "scope", "set", "setv", "x"];

/**
 * JCS of `{v, kind, case?, ...fields}`; absent fields (undefined or null) are left out.
 * @param {string} kind @param {?string} caseId @param {Object} fields @returns {Uint8Array}
 * @throws {Malformed} on a field that no binding has
 */
export function binding(kind, caseId = null, fields = {}) {
  if (typeof kind !== "string" || !kind) throw new Malformed("a binding without a kind");
  const place = { v: 1, kind };
  if (caseId !== null && caseId !== undefined) place.case = caseId;
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.includes(name)) throw new Malformed(`no binding has a field ${name}`);
    if (value !== undefined && value !== null) place[name] = value;
  }
  return jcs(place);
}

/** The binding of an object's JSON form: its place, without its bytes. @throws {Malformed} */
export function objectBinding(caseId, object) {
  if (typeof object?.id !== "string") throw new Malformed("an object without an id");
  const fields = Object.fromEntries(FIELDS.filter((name) => name in object).map((name) => [name, object[name]]));
  return binding(object.kind, caseId, fields);
}
