// Both cases of a linked pair: sealed apart for each body, sent at once, checked to name each other (docs/decisions/0032).
// Twin of intake/client/pairs.py.

import { newId } from "../building.js";
import { ClientFault } from "../faults.js";
import { same } from "../opening.js";
import { buildSubmission } from "./sealing.js";

/** What the decision of one case says of the other, from that other's own decision. */
const asLinked = ({ body, rule, readers }, leads) => ({ body, rule, readers: [...readers].sort(), leads });

/** The two decisions of a preview name each other, and the first one leads. @throws {ClientFault} answer_damaged */
export function checkPaired(decision, pair) {
  if (same(decision.pair, asLinked(pair.decision, false)) && same(pair.decision.pair, asLinked(decision, true))) return;
  throw new ClientFault("answer_damaged");
}

/** The arguments of one `submit` for both cases; the first item of each names the other. Else as buildSubmission. */
export async function buildPair(trust, keys, { report, facts, shown }, { at, onProgress = () => {} }) {
  const { pair } = shown;
  const ids = [newId(), newId()];
  const sides = [
    { shown, keys: keys.own, linked: { body: pair.decision.body, leads: false } },
    { shown: { ...pair, roster: shown.roster }, keys: keys.pair, linked: { body: shown.decision.body, leads: true } },
  ];
  const made = [];
  for (const [place, side] of sides.entries()) {
    const what = { report, facts, shown: side.shown, caseId: ids[place], linked: { case: ids[1 - place], ...side.linked } };
    made.push(await buildSubmission(trust, side.keys, what, { at, onProgress: (share) => onProgress((place + share) / 2) }));
  }
  const [args, other] = made;
  const { case: id, decision, objects, submission, epoch, mailbox } = other;
  return { ...args, pair: { case: id, decision, objects, submission, epoch, mailbox } };
}

/** A case's first item names the other mailbox that was found, or none where there is none. @throws {ClientFault} */
export function checkLinked(first, other) {
  const named = first.linked?.case ?? null;
  if (named === other) return;
  throw new ClientFault(other === null ? "linked_missing" : "linked_other");
}
