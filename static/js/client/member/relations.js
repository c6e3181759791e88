// Declaring and ending relations (docs/decisions/0029). Twin of intake/client/relations.py.

import { state } from "../building.js";

/** A relation of one's own, `{tie, what, code, since, until}` with days as `2026-11-24`: `{statement}`. */
export async function buildRelation(actor, { tie, what, code, since, until }, at = new Date()) {
  return { statement: await state(actor, "relation", { tie, with: what, code, since, ...(until ? { until } : {}) }, at) };
}

/**
 * Which of one's own relations touch a case, whatever its header says of them: they may have been declared since. `facts` are the
 * header's; who sits in a body at issue is in the verified roster.
 */
export function touching(relations, facts, roster) {
  const bodies = new Set((facts.accused ?? []).map(({ body }) => body));
  const seated = roster.seats.filter(({ body }) => bodies.has(body)).map(({ person }) => person);
  const people = new Set([...(facts.accused ?? []).map(({ person }) => person), ...seated]);
  const touches = { person: people, body: bodies, unit: bodies, inspection: new Set([facts.inspection]) };
  return relations.filter(({ what, code, person }) => touches[what]?.has(code) || (what === "person" && people.has(person)));
}

/** That a declared relation counts until this day: `{statement}`. */
export async function buildRelationEnd(actor, relation, until, at = new Date()) {
  return { statement: await state(actor, "relation_end", { relation, until }, at) };
}
