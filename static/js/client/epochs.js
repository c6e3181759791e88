// The chain of a ring's epochs: signatures, previous hashes, commitments, and readers that only grow fewer (sealing.md, Epoch).

import { parseJcs, sha256hex, unb64u } from "../crypto/encoding.js";
import { Malformed } from "../crypto/errors.js";
import { ringCommitment } from "../crypto/rings.js";
import { verifyStatement } from "../crypto/signing.js";
import { REPORTER, ZERO, byId } from "./building.js";
import { ClientFault } from "./faults.js";
import { rosteredMember, signingKey } from "./trust.js";

const RINGS = ["report", "internal"]; // that every case has, sooner or later

/** Whether this is the key of the first day: the reporter made it and signed for every copy. */
export const isFirst = ({ ring, epoch }) => ring === "report" && epoch === 1;

/** SHA-256 of a statement's canonical bytes, in hex. */
export const statementHash = (statement) => sha256hex(unb64u(statement.stmt));

/** What a statement says, where the key that could verify it isn't known. @throws {Malformed} */
export function unverified(statement, kind) {
  const body = parseJcs(unb64u(statement.stmt));
  if (body.kind !== kind) throw new Malformed("another kind of statement");
  return body;
}

/** Under what name a ring's highest epoch is remembered: a hash, so that the memory names no case. */
const memoryName = (caseId, ring) => sha256hex(new TextEncoder().encode(`${caseId}/${ring}`));

/**
 * Verify every ring's epochs: `{ring: {newest, epochs, pending, warnings, seen}}`.
 *
 * A grant of mine that is damaged, or holds another key than the commitment's, is one maker's fault and shuts nobody out: that
 * epoch is `bad`, without a key and never written to, and a warning names its maker.
 */
export async function verifyEpochs(answer, context) {
  const chains = {};
  // The report ring first: its lists, the first of which the reporter signed, say with which keys anybody may read.
  const names = [...new Set(answer.epochs.map(({ ring }) => ring))].sort((left, right) => (right === "report") - (left === "report"));
  for (const name of names) {
    const rows = answer.epochs.filter(({ ring }) => ring === name).sort((left, right) => left.epoch - right.epoch);
    const origin = chains.report ? everRead(chains.report) : [];
    chains[name] = await verifyRing(answer.id, name, rows, { ...context, origin });
  }
  for (const name of RINGS) if (!chains[name]) await requireHighest(answer.id, name, new Map(), context.seen); // hidden as a whole
  return chains;
}

async function verifyRing(caseId, name, rows, context) {
  const fault = (code, epoch) => new ClientFault(code, { ring: name, epoch });
  const chain = { newest: null, epochs: new Map(), pending: null, warnings: [], seen: {} };
  for (const [index, row] of rows.entries()) {
    if (row.epoch !== index + 1) throw fault("epoch_missing", index + 1);
    if (row.state === "pending") {
      if (index !== rows.length - 1) throw fault("epoch_broken", row.epoch);
      chain.pending = row.epoch;
      break;
    }
    const made = await verifyEpoch(caseId, name, row, chain.newest, context, fault);
    chain.newest = await widened(caseId, made, row.added ?? [], context.roster);
    chain.epochs.set(row.epoch, chain.newest);
  }
  if (!chain.newest) { // pending from the start: an internal ring that nobody has made yet
    await requireHighest(caseId, name, chain.epochs, context.seen);
    return chain;
  }
  chain.warnings = [...keyWarnings(name, chain), ...await rosterWarnings(name, chain.newest, context.roster)];
  await requireHighest(caseId, name, chain.epochs, context.seen);
  chain.seen = { [await memoryName(caseId, name)]: [chain.newest.epoch, chain.newest.hash] };
  return chain;
}

/** Everybody whom a ring's verified lists have ever named, each with each key of theirs: `[{id, key}]`. */
export function everRead({ epochs }) {
  const found = [...epochs.values()].flatMap(({ readers }) => readers);
  return [...new Map(found.map((reader) => [`${reader.id}/${reader.key}`, reader])).values()];
}

function isMove(statement) {
  try {
    return parseJcs(unb64u(statement.stmt)).kind === "move";
  } catch {
    return false;
  }
}

/**
 * The moves of a case in their order, each from the body that had it: `[{from, to, why, by, at, ...}]`; `body` is the first's code.
 * @throws {ClientFault} reader_forged
 */
export function movesOf({ epochs }, body) {
  const moves = [...epochs.values()].map(({ move }) => move).filter(Boolean);
  moves.reduce((at, { from, to }) => {
    if (from !== at) throw new ClientFault("reader_forged", { ring: "report" });
    return to;
  }, body);
  return moves;
}

/** Whose reading ended when a case moved on: all that the list named and the move did not. */
export function movedAway({ epochs }) {
  const moved = [...epochs.values()].filter(({ move }) => move);
  const gone = moved.flatMap(({ readers, move }) => readers.map(({ id }) => id).filter((id) => id !== REPORTER && !move.readers.includes(id)));
  return [...new Set(gone)];
}

/** An epoch with one more reader, or with those of another body; null where no present reader rightly says so. */
async function oneMore(caseId, epoch, statement, roster) {
  try {
    const kind = isMove(statement) ? "move" : "grant";
    const body = unverified(statement, kind);
    const giver = epoch.readers.find(({ id }) => id === body.by && id !== REPORTER);
    if (!giver) return null;
    const sign = await signingKey(giver, roster);
    if (sign) await verifyStatement(sign, statement, kind);
    const named = body.rings.some((one) => one.ring === epoch.name && one.epoch === epoch.epoch && one.statement === epoch.hash);
    const hash = await statementHash(statement);
    const readers = kind === "move" ? body.readers.map(({ id, key }) => ({ id, key })) : [{ id: body.reader, key: body.readerkey }];
    const known = readers.some((reader) => reader.id === REPORTER || epoch.readers.some(({ id }) => id === reader.id));
    if (body.case !== caseId || !named || known || epoch.move) return null;
    const added = readers.map((reader) => ({ ...reader, by: body.by, at: body.at, statement: hash }));
    const { from, body: to, why, ruleset } = body;
    const move = kind === "move" ? { from, to, why, ruleset, by: body.by, at: body.at, statement: hash, readers: readers.map(({ id }) => id) } : null;
    return {
      ...epoch, readers: [...epoch.readers, ...readers].sort(byId), added: [...epoch.added, ...added], move,
      trusted: epoch.trusted && Boolean(sign),
    };
  } catch {
    return null;
  }
}

/**
 * An epoch with those who were given its key later, each by the signed act of somebody who read it then; in any order. A move to
 * another body adds its readers in the same way, once, and after it the epoch takes nothing more. A giver whose key the roster no longer holds leaves an epoch that is read and never written to.
 */
async function widened(caseId, made, statements, roster) {
  let epoch = made;
  const waiting = [...statements].sort((left, right) => isMove(left) - isMove(right)); // before a move what was given before it
  while (waiting.length) {
    let grown = null;
    for (const statement of waiting) {
      grown = await oneMore(caseId, epoch, statement, roster);
      if (!grown) continue;
      waiting.splice(waiting.indexOf(statement), 1);
      break;
    }
    if (!grown) throw new ClientFault("reader_forged", { ring: epoch.name, epoch: epoch.epoch });
    epoch = grown;
  }
  return epoch;
}

async function verifyEpoch(caseId, name, row, previous, { keys, roster, reporter, submission, origin }, fault) {
  const before = previous?.readers ?? origin; // who named the maker, and with which key
  let by;
  let sign;
  let body;
  try {
    body = unverified(row.statement, "epoch");
    ({ by } = body);
    const maker = before.find(({ id }) => id === by);
    sign = by === REPORTER ? reporter.sign : maker && await signingKey(maker, roster);
    // A maker who has left the roster leaves an epoch that can be read but, `trusted` being false, not written to.
    if (sign) await verifyStatement(sign, row.statement, "epoch");
  } catch (error) {
    throw new ClientFault("epoch_forged", { ring: name, epoch: row.epoch, who: by }, error);
  }
  const inPlace = body.case === caseId && body.ring === name && body.epoch === row.epoch
    && body.prev === (previous ? previous.hash : ZERO);
  if (!inPlace) throw fault("epoch_broken", row.epoch);
  checkReaders(name, body, by, { first: !previous, before, submission }, fault);
  const held = keys.get(`${name}/${row.epoch}`);
  const fits = Boolean(held?.key) && body.commitment === (await ringCommitment(caseId, name, row.epoch, held.key));
  const bad = Boolean(held) && !fits;
  if (bad && isFirst(row)) throw fault("epoch_key_wrong", row.epoch);
  return {
    name, epoch: row.epoch, key: fits ? held.key : null, readers: body.readers, removed: body.removed, by, at: body.at,
    signed: Boolean(sign), bad, trusted: Boolean(sign) && !bad, added: [], move: null, hash: await statementHash(row.statement),
  };
}

/** Who made a key that opens nothing here, for every such epoch: what was sealed under it stays closed. */
function keyWarnings(name, { epochs }) {
  const bad = [...epochs.values()].filter((epoch) => epoch.bad);
  return bad.map(({ epoch, by }) => ({ code: "epoch_key_wrong", ring: name, epoch, who: by }));
}

/** Who reads: the first list is the reporter's (or the first opener's), every later one is part of the one before. */
function checkReaders(name, body, by, { first, before, submission }, fault) {
  const ids = body.readers.map(({ id }) => id);
  const held = new Map(before.map(({ id, key }) => [id, key]));
  const narrowed = body.readers.every(({ id, key }) => held.get(id) === key);
  if (first) {
    const handlers = ids.filter((id) => id !== REPORTER).sort();
    const fits = name === "report"
      ? by === REPORTER && ids.includes(REPORTER) && handlers.join() === [...submission.readers].sort().join()
      : !ids.includes(REPORTER) && narrowed;
    if (!fits) throw fault("epoch_readers", body.epoch);
  } else if (!narrowed) throw fault("epoch_widened", body.epoch);
  if (!ids.includes(by) || body.removed.some((id) => ids.includes(id))) throw fault("epoch_readers", body.epoch);
}

/** Readers of the newest epoch whose key the roster of today doesn't hold (they left, or have a new key): told, not fatal. */
async function rosterWarnings(name, newest, roster) {
  const warnings = newest.signed ? [] : [{ code: "epoch_signer_unknown", ring: name, who: newest.by }];
  for (const { id, key } of newest.readers) {
    if (id === REPORTER) continue;
    const member = await rosteredMember(roster, id);
    if (member?.readerkey !== key) warnings.push({ code: "reader_unrostered", ring: name, who: id });
  }
  return warnings;
}

/** Two histories of one ring can't be shown to one browser: its highest epoch never goes back, and never changes. */
async function requireHighest(caseId, name, epochs, seen) {
  const [epoch, hash] = seen?.epochs?.[await memoryName(caseId, name)] ?? [0, null];
  if (epoch && epochs.get(epoch)?.hash !== hash) throw new ClientFault("epoch_rolled_back", { ring: name, epoch });
}
