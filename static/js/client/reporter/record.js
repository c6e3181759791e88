// Checking the record: the case's ledger against all that this visit has verified, and against the signed checkpoints
// (docs/sealing.md, Ledger). Twin of intake/client/record.py.

import { parseJcs, sha256hex, unb64u } from "../../crypto/encoding.js";
import { readCheckpoint, verifyChain, verifyCheckpoint, verifyInclusion } from "../../crypto/ledgers.js";
import { REPORTER } from "../building.js";
import { ClientFault } from "../faults.js";
import { ORIGINAL } from "../opening.js";

const MINUTE = 60_000;
// A checkpoint is signed on the hour, and of a reporter's act the hour is recorded: what is older than this when one is
// signed must be in it. Some minutes more for who had to wait for the database.
const DUE = 65 * MINUTE;
const LATE = 130 * MINUTE;
const SUPPLEMENTED = "report_supplemented";
const ADDING = ["item_added", "reporter_wrote", SUPPLEMENTED];
const MOVED = "case_moved";
const GIVING = ["granted", MOVED];
const MARK = 20; // bytes of a hash that people compare

/** A hash as people compare it: its first 20 bytes, in groups of four. */
export const markOf = (hash) => hash.slice(0, 2 * MARK).replace(/(.{4})(?=.)/g, "$1 ");

/** Everything of the record: pages until nothing is left. `call` asks for one. */
export async function fetchRecord(call, first) {
  const entries = [];
  const checkpoints = [];
  for (;;) {
    const page = await call({ entry: entries.length + 1, checkpoint: first + checkpoints.length });
    if (page.more === true && !page.entries.length && !page.checkpoints.length) throw new ClientFault("answer_damaged");
    entries.push(...page.entries.map(unb64u));
    checkpoints.push(...page.checkpoints);
    if (page.more !== true) return { entries, checkpoints, proof: page.proof };
  }
}

/**
 * What a visit has verified and the record has to agree with. `entries` are the items it has seen, as they were served;
 * `sound` the ids of those whose signature was right; `complete` says whether all were listed.
 */
export async function knownOf({ answer, chain, entries, sound, complete }) {
  const submission = parseJcs(unb64u(answer.submission.stmt));
  const trusted = [...chain.epochs.values()].filter((made) => made.trusted).map(({ epoch }) => epoch);
  const epochs = answer.epochs.filter(({ epoch, statement }) => statement && trusted.includes(epoch)).map(({ statement }) => statement);
  const later = entries.filter(({ object }) => !ORIGINAL.includes(object.kind));
  const signed = later.filter(({ object, statement }) => statement && sound.includes(object.id)).map(({ statement }) => statement);
  return {
    caseId: answer.case, submission, complete, point: answer.ledger,
    manifest: await sha256hex(unb64u(answer.submission.stmt)),
    epochs: new Map([...chain.epochs.values()].map(({ epoch, hash }) => [epoch, hash])),
    items: new Map(await Promise.all(later.map(async ({ object }) => (
      [object.id, { kind: object.kind, sha256: object.data ? await sha256hex(unb64u(object.data)) : null }])))),
    added: new Set([...chain.epochs.values()].flatMap(({ added }) => added.map(({ statement }) => statement))),
    left: new Set(await Promise.all((answer.packages ?? []).map(({ statement }) => sha256hex(unb64u(statement.stmt))))),
    moves: [...chain.epochs.values()].map(({ move }) => move).filter(Boolean),
    named: [...epochs, ...signed].map(({ stmt }) => parseJcs(unb64u(stmt))).map(({ by, checkpoint }) => ({ by, ...checkpoint })),
  };
}

/**
 * Check a fetched record: what it says, in numbers.
 * @param {{installation: Uint8Array, seen: {no: number, hash: string}, now: Date}} trust the key that the roster names, the
 *   checkpoint that this visit verified, and the time
 * @throws {ClientFault} record_broken, record_differs, record_missing, record_withheld, checkpoint_bad, record_forked,
 *   record_older, record_excluded
 */
export async function checkRecord({ entries, checkpoints, proof }, known, { roster, installation, seen, now }) {
  const chain = await readChain(entries, known.caseId);
  const headAt = (seq) => (seq === chain.seq ? chain.head : chain.entries[seq]?.prev);
  const { point, manifest, submission } = known;
  const [received] = chain.entries;
  const own = received.kind === "report_received" && received.pub.manifest === manifest && received.pub.body === submission.body;
  if (!own || headAt(point.seq) !== point.head) throw new ClientFault("record_differs");
  checkRecorded(chain.entries, known);
  const newest = await readCheckpoints(checkpoints, known, { roster, installation, seen });
  const covered = proof ? await coveredBy(newest, proof, known.caseId, headAt) : 0;
  const waiting = chain.entries[covered]; // the first that the next checkpoint will hold
  if (waiting && elapsed(waiting.at, newest.at) >= DUE) throw new ClientFault("record_excluded");
  return {
    entries: chain.seq, since: received.at, mark: markOf(headAt(1)), covered, waiting: chain.seq - covered,
    late: Boolean(waiting) && now.getTime() - Date.parse(waiting.at) >= LATE,
    checkpoint: { no: newest.no, at: newest.at, mark: markOf(newest.hash) }, checkpoints: checkpoints.length,
    complete: known.complete, witnesses: known.named.filter(({ by }) => by !== REPORTER).length, ...counted(chain.entries),
  };
}

const elapsed = (from, to) => Date.parse(to) - Date.parse(from);

async function readChain(entries, caseId) {
  try {
    return await verifyChain(entries, caseId);
  } catch (error) {
    throw new ClientFault("record_broken", { at: (error.index ?? 0) + 1 }, error);
  }
}

/** The items and report keys that entries name, with their numbers: `[{seq, item?, sha256?, added?, epoch?, statement?}]`. */
function namedIn(entries) {
  const named = [];
  for (const { seq, kind, pub } of entries) {
    if (ADDING.includes(kind) && pub.ring === "report") named.push({ seq, item: pub.item, sha256: pub.sha256, added: kind === SUPPLEMENTED });
    const made = kind === "epoch_opened" ? pub : pub.epoch;
    if (made?.ring === "report") named.push({ seq, epoch: made.epoch, statement: made.statement });
  }
  return named;
}

/** What was verified is recorded as it is, and what is recorded up to the mailbox's own point was shown. */
function checkRecorded(entries, { items, epochs, added, left, moves, complete, point }) {
  const named = namedIn(entries);
  const recordedItems = new Map(named.filter(({ item }) => item).map((one) => [one.item, one]));
  const recordedEpochs = new Map(named.filter(({ epoch }) => epoch).map(({ epoch, statement }) => [epoch, statement]));
  for (const [id, { kind, sha256 }] of items) {
    const recorded = recordedItems.get(id);
    const fits = recorded && recorded.added === (kind === "supplement") && (!sha256 || recorded.sha256 === sha256);
    if (!fits) throw new ClientFault("record_missing", { id });
  }
  // The first key is the report's own: its statement is named in the manifest, and the manifest in the first entry.
  for (const [epoch, hash] of epochs) if (epoch > 1 && recordedEpochs.get(epoch) !== hash) throw new ClientFault("record_missing", { epoch });
  for (const { seq, item, epoch } of named) {
    const hidden = item ? complete && !items.has(item) : !epochs.has(epoch);
    if (seq <= point.seq && hidden) throw new ClientFault("record_withheld", { at: seq });
  }
  for (const [shown, kinds] of [[added, GIVING], [left, ["package_made"]]]) {
    const listed = entries.filter(({ kind }) => kinds.includes(kind)).map(({ seq, pub }) => ({ seq, statement: pub.statement }));
    if (![...shown].every((hash) => listed.some(({ statement }) => statement === hash))) throw new ClientFault("record_missing");
    const kept = listed.find(({ seq, statement }) => seq <= point.seq && !shown.has(statement));
    if (kept) throw new ClientFault("record_withheld", { at: kept.seq });
  }
  const recorded = entries.filter(({ kind, pub }) => kind === MOVED && added.has(pub.statement));
  const told = ({ statement, from, to, why }) => [statement, from, to, why].join(" ");
  if (recorded.map(({ pub }) => told(pub)).sort().join() !== moves.map(told).sort().join()) throw new ClientFault("record_differs");
}

const isSigned = (installation, document) => verifyCheckpoint(installation, document).then(() => true, (error) => {
  if (error?.name === "BadSignature") return false;
  throw error;
});

/**
 * All checkpoints from the one that the report names: each following the one before, signed, and none that was seen left out.
 * Those from before the installation's key changed are held by their hashes, which the later ones sign over
 * (docs/decisions/0022). Where no roster has come since the report, no key can have changed.
 */
async function readCheckpoints(documents, { submission, named }, { roster, installation, seen }) {
  const first = submission.checkpoint;
  let earlier = roster > submission.roster.no; // whether an earlier key may have signed what comes now
  const hashes = new Map();
  let newest = null;
  for (const document of documents) {
    let said;
    try {
      said = await readCheckpoint(document);
      earlier = earlier && !(await isSigned(installation, document));
      if (!earlier) await verifyCheckpoint(installation, document);
    } catch (error) {
      throw new ClientFault("checkpoint_bad", {}, error);
    }
    const follows = newest ? said.no === newest.no + 1 && said.prev === newest.hash : said.no === first.no && said.hash === first.hash;
    if (!follows) throw new ClientFault("record_forked", { no: said.no });
    hashes.set(said.no, said.hash);
    newest = said;
  }
  if (newest && earlier) throw new ClientFault("checkpoint_bad"); // nothing that the roster's key signed stands behind any of it
  if (!newest || seen.no > newest.no) throw new ClientFault("record_older", { no: newest?.no ?? 0, seen: seen.no });
  // Others' statements name the checkpoints that they have seen: two people can't be shown two histories.
  for (const { no, hash } of [seen, ...named]) {
    if (no >= first.no && hashes.get(no) !== hash) throw new ClientFault("record_forked", { no });
  }
  return newest;
}

/** How many entries the newest checkpoint covers. */
async function coveredBy(newest, { no, leaf, index, path }, caseId, headAt) {
  const { chain, head, seq } = leaf;
  const mine = no === newest.no && chain === caseId && Number.isInteger(seq) && seq >= 1 && headAt(seq) === head;
  if (!mine || !(await verifyInclusion(newest, { chain, head, seq }, { index, path }))) throw new ClientFault("record_excluded");
  return seq;
}

/** What happened, counted by what a lay person would call it; `firstOpened` is a time. */
function counted(entries) {
  const of = (kind, test = () => true) => entries.filter((entry) => entry.kind === kind && test(entry));
  const answers = of("item_added", ({ pub }) => pub.ring === "report").length;
  const notes = of("item_added", ({ pub }) => pub.ring !== "report").length;
  const opened = of("opened");
  const written = of("reporter_wrote").length;
  const supplements = of(SUPPLEMENTED).length;
  const left = of("withdrawn").length;
  const conflicts = of("conflict_declared").length;
  const removed = of("removed").length;
  const renewed = namedIn(entries).filter(({ epoch }) => epoch > 1).length;
  const keyEntries = of("epoch_opened", ({ pub }) => pub.ring === "report").length;
  const granted = of("granted").length;
  const moved = of(MOVED).length;
  const packages = of("package_made").length;
  const given = granted + moved + packages + of("package_received").length;
  const told = 1 + given + opened.length + answers + notes + written + supplements + left + conflicts + removed + keyEntries;
  return {
    opened: opened.length, firstOpened: opened[0]?.at ?? null, answers, notes, written, supplements, left, conflicts, removed, renewed, granted, moved, packages,
    others: entries.length - told,
  };
}
