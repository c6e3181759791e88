// Declaring and ending relations (docs/decisions/0029). Twin of intake/client/relations.py.

import { state } from "../building.js";

/** A relation of one's own, `{tie, what, code, since, until}` with days as `2026-11-24`: `{statement}`. */
export async function buildRelation(actor, { tie, what, code, since, until }, at = new Date()) {
  return { statement: await state(actor, "relation", { tie, with: what, code, since, ...(until ? { until } : {}) }, at) };
}

/** That a declared relation counts until this day: `{statement}`. */
export async function buildRelationEnd(actor, relation, until, at = new Date()) {
  return { statement: await state(actor, "relation_end", { relation, until }, at) };
}
