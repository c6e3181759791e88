// Opening a mailbox: every key, hash and signature is checked before a word is shown (docs/sealing.md, Objects). Twin of
// intake/client/opening.py and of ReporterClient.open_mailbox.

import { b64u, jcs, sha256hex } from "../../crypto/encoding.js";
import { verifyStatement } from "../../crypto/signing.js";
import { REPORTER } from "../building.js";
import { isSound } from "../contents.js";
import { departedOf, refuseReturned } from "../departures.js";
import { movedAway, movesOf, verifyEpochs } from "../epochs.js";
import { ClientFault } from "../faults.js";
import { ORIGINAL, grantedKeys, openText, readItem, same, verifyListed } from "../opening.js";

/**
 * What an answer of `mailbox.open` rests on, verified: `{caseId, submission, listed, chain, context, readers,
 * departed, moves}`.
 * The reporter's keys are those of the code: what the server says of them must be the same.
 */
export async function verifyMailbox(answer, keys, trust, seen) {
  const caseId = answer.case;
  const reporter = { kem: keys.kemPublic, sign: keys.signPublic };
  if (!same(answer.reporter, { kem: b64u(reporter.kem), sign: b64u(reporter.sign) })) throw new ClientFault("keys_other");
  const submission = await verifySubmission(caseId, answer.submission, reporter);
  const listed = new Map(submission.objects.map((line) => [line.id, line]));
  // The manifest lists the first day's grants; later ones are covered by their epoch's statement.
  for (const grant of answer.grants) if ([undefined, 1].includes(grant.epoch)) await verifyListed(grant, listed);
  const held = await grantedKeys(caseId, answer.grants, { code: REPORTER, keys });
  const context = { keys: held, roster: trust.roster, reporter };
  const chains = await verifyEpochs({ id: caseId, epochs: answer.epochs }, { ...context, submission, seen });
  const chain = chains.report;
  if (!chain?.newest) throw new ClientFault("epoch_missing", { ring: "report" });
  if (chain.epochs.get(1).hash !== submission.epoch) throw new ClientFault("submission_forged");
  const moves = movesOf(chain, submission.body);
  const departed = [...await departedOf(caseId, answer.departures, chains, trust.roster), ...movedAway(chain)];
  refuseReturned(chains, departed);
  await checkKept(submission, answer.kept);
  return { caseId, submission, listed, chain, context: { ...context, chains }, readers: answer.readers, departed, moves };
}

async function verifySubmission(caseId, statement, reporter) {
  let body;
  try {
    body = await verifyStatement(reporter.sign, statement, "submission");
  } catch (error) {
    throw new ClientFault("submission_forged", {}, error);
  }
  const own = body.case === caseId && body.key === b64u(reporter.sign) && body.kem === b64u(reporter.kem);
  if (!own) throw new ClientFault("submission_forged");
  return body;
}

/** What was submitted is still kept, unchanged; only grants of people who left may be gone. */
async function checkKept(submission, { gone, hash }) {
  for (const { id, kind, reader } of submission.objects) {
    if (gone.includes(id) && (kind !== "grant" || reader === REPORTER)) throw new ClientFault("object_missing", { kind });
  }
  const lines = submission.objects.filter(({ id }) => !gone.includes(id)).map(({ id, sha256 }) => ({ id, sha256 }));
  if (hash !== (await sha256hex(jcs(lines)))) throw new ClientFault("object_swapped");
}

/** One part of the reporter's own report: listed in the manifest, and opened. */
async function openOwn({ caseId, listed, context }, object) {
  await verifyListed(object, listed);
  let content;
  try {
    content = await openText(caseId, object, context.keys);
    if (content !== null && !isSound(object.kind, content)) throw new Error("not what this kind holds");
  } catch (error) {
    throw new ClientFault("item_damaged", { kind: object.kind }, error);
  }
  if (content === null) throw new ClientFault("item_closed", { id: object.id });
  return content;
}

const from = (by) => (by === REPORTER ? "me" : "handlers");

/** One later item; what is wrong with it is told in its place, so that no single one shuts the mailbox. */
async function openLater({ caseId, context }, entry) {
  const { kind, ring, epoch, ...read } = await readItem(caseId, entry, context);
  return { ...read, from: from(read.by) };
}

/**
 * Open a page of items, newest first as the server lists them: `{own, messages, supplements, long}`, both oldest first.
 * What is too long to be listed comes without its bytes: it has `text` null, and `long` names all such ids.
 */
export async function openItems(verified, entries) {
  const own = {};
  const later = { message: [], supplement: [] };
  const long = [];
  for (const entry of entries) {
    const { kind, id } = entry.object;
    if (entry.large) long.push(id);
    if (kind in later) {
      const { by, at } = entry;
      const closed = { id, from: from(by), by, text: null, at, fault: null };
      later[kind].unshift(entry.large ? closed : await openLater(verified, entry));
    } else if (ORIGINAL.includes(kind) && !entry.large) own[kind] = await openOwn(verified, entry.object);
  }
  return { own, messages: later.message, supplements: later.supplement, long };
}
