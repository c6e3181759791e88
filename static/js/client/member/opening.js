// Opening a case: every key, hash and signature is checked before a word is shown (sealing.md, Objects).

import { b64u, parseJcs, sha256hex, unb64u } from "../../crypto/encoding.js";
import { objectBinding } from "../../crypto/binding.js";
import { openSealed } from "../../crypto/hpke.js";
import { unpad } from "../../crypto/padding.js";
import { ringCommitment } from "../../crypto/rings.js";
import { verifyStatement } from "../../crypto/signing.js";
import { isSound } from "../contents.js";
import { areHidden, departuresOf, refuseReturned } from "../departures.js";
import { everRead, movedAway, movesOf, statementHash, verifyEpochs } from "../epochs.js";
import { ClientFault } from "../faults.js";
import { ORIGINAL, grantedKeys, openText, readItem, same, verifyListed } from "../opening.js";
import { leftIn } from "../packages.js";
import { emptySeen } from "../trust.js";
import { verifyCaseChain } from "./chain.js";
import { openReasons } from "./reasons.js";

const PUBLIC_DECISION = ["body", "external", "rule", "readers", "custodians", "ruleset", "citations", "pair"];
const LINK = ["case", "body", "leads"]; // the number is the server's

/** Open the header sealed to this reader: `{header, hash}`; all that is served before the declaration. */
export async function openHeader(answer, keys) {
  const { object } = answer.header;
  const data = unb64u(object.data);
  try {
    const frame = await openSealed(keys.kemSeed, "header", objectBinding(answer.id, object), data);
    const header = parseJcs(unpad(frame, 4096));
    if (!isSound("header", header) || header.case !== answer.id) throw new Error("no header of this case");
    return { header, hash: await sha256hex(data) };
  } catch (error) {
    throw new ClientFault("header_damaged", {}, error);
  }
}

/**
 * The sentence for the queue. Only sealing is checked here, not who sealed it: the case page checks everything,
 * and the queue therefore never acts on what it shows.
 */
export async function openSummary(entry, me) {
  const object = entry.summary?.object ?? entry.summary;
  if (!object || !entry.grants) return null;
  try {
    const keys = await grantedKeys(entry.id, entry.grants, me);
    if (!keys.get(`${object.ring}/${object.epoch}`)?.key) return null;
    const content = await openText(entry.id, object, keys);
    if (!isSound("summary", content)) throw new Error("no summary");
    return content.text;
  } catch {
    throw new ClientFault("item_damaged", { id: object.id });
  }
}

/** The reporter's keys, from the first item of the report ring and nowhere else. */
async function openFirst(answer, keys) {
  const entry = answer.items.find(({ object }) => object.kind === "first");
  const held = keys.get("report/1");
  if (!entry || !held) throw new ClientFault("first_missing");
  try {
    const first = await openText(answer.id, entry.object, keys);
    if (!isSound("first", first) || first.case !== answer.id) throw new Error("no first item of this case");
    return { first, reporter: { kem: unb64u(first.reporter.kem), sign: unb64u(first.reporter.sign) } };
  } catch (error) {
    throw new ClientFault("first_damaged", {}, error);
  }
}

async function verifyManifest(answer, reporter, keys, firstEpoch) {
  let body;
  try {
    body = await verifyStatement(reporter.sign, answer.submission, "submission");
  } catch (error) {
    throw new ClientFault("submission_forged", {}, error);
  }
  const held = keys.get("report/1");
  const commitment = body.rings.find(({ ring, epoch }) => ring === "report" && epoch === 1)?.commitment;
  const sound = body.case === answer.id
    && body.key === b64u(reporter.sign) && body.kem === b64u(reporter.kem)
    && commitment === (await ringCommitment(answer.id, "report", 1, held.key))
    && firstEpoch && body.epoch === (await statementHash(firstEpoch.statement));
  if (!sound) throw new ClientFault("submission_forged");
  const listed = new Map(body.objects.map((object) => [object.id, object]));
  // Who was given the case later has a copy that the reporter didn't sign for; that its key is the right one was seen above.
  if (listed.has(held.grant.id)) await verifyListed(held.grant, listed);
  const served = answer.items.filter(({ object }) => ORIGINAL.includes(object.kind)).map(({ object }) => object);
  for (const object of served) await verifyListed(object, listed);
  for (const object of body.objects) {
    const missing = ORIGINAL.includes(object.kind) && !served.some(({ id }) => id === object.id);
    if (missing) throw new ClientFault("object_missing", { kind: object.kind });
  }
  return body;
}

/**
 * Open a case that this member declared clear. Throws ClientFault when anything that the reporter signed, or a list of readers,
 * is wrong; a later item or a later key that is, is told in its place (`fault`, `warnings`).
 *
 * `answer` is GET desk/cases/<id>, `me` `{code, keys}`, `trust` the verified roster and checkpoint.
 * Returns the report, what its reporter added later, both conversations, the rings (newest epoch with its key), what is pending, who has `departed`,
 * the `reasons` of conflicts that were sealed to this reader, the packages that it `left` in, and `seen`.
 */
export async function openCase(answer, me, trust, seen = emptySeen()) {
  const keys = await grantedKeys(answer.id, answer.grants, me);
  const { first, reporter } = await openFirst(answer, keys);
  const firstEpoch = answer.epochs.find(({ ring, epoch }) => ring === "report" && epoch === 1);
  const submission = await verifyManifest(answer, reporter, keys, firstEpoch);
  const chains = await verifyEpochs(answer, { keys, roster: trust.roster, reporter, submission, seen });
  const departures = await departuresOf(answer.id, answer.departures, chains, trust.roster);
  const moves = movesOf(chains.report, submission.body);
  const left = [...new Set(departures.map(({ who }) => who))];
  const { entries } = await verifyCaseChain(answer.ledger ?? [], answer.id);
  const hidden = areHidden(entries, left);
  const departed = [...new Set([...left, ...movedAway(chains.report)])].sort();
  refuseReturned(chains, departed, hidden);
  const report = { first };
  const talk = []; // in the order in which the server took them in: of the reporter's only the hour is signed
  for (const entry of answer.items) {
    const { kind } = entry.object;
    if (kind === "first") continue;
    if (ORIGINAL.includes(kind)) report[kind] = await opened(answer.id, entry.object, keys);
    else talk.push(await readItem(answer.id, entry, { roster: trust.roster, reporter, chains }));
  }
  return {
    ...report, reporter, submission, departed, moves, everRead: everRead(chains.report).map(({ id }) => id),
    body: moves.at(-1)?.to ?? submission.body,
    supplements: talk.filter(({ kind }) => kind === "supplement"),
    messages: talk.filter(({ kind }) => kind === "message"),
    notes: talk.filter(({ kind }) => kind === "note"),
    reasons: await openReasons(answer.id, answer.direct, departures, me),
    left: await leftIn(answer.id, answer.packages, everRead(chains.report), trust.roster),
    added: (chains.report?.newest ? [...chains.report.epochs.values()] : []).flatMap(({ added }) => added),
    rings: Object.fromEntries(Object.entries(chains).map(([name, chain]) => [name, chain.newest])),
    keys: Object.entries(chains).flatMap(([ring, chain]) => (
      [...chain.epochs.values()].filter(({ key }) => key).map(({ epoch, key }) => ({ ring, epoch, key })))),
    pending: Object.entries(chains).filter(([, chain]) => chain.pending).map(([name, chain]) => ({ name, epoch: chain.pending })),
    warnings: [...Object.values(chains).flatMap((chain) => chain.warnings), ...concernedReaders(chains, first), ...(hidden ? [{ code: "departures_hidden" }] : [])],
    seen: { ...seen, epochs: { ...seen.epochs, ...Object.assign({}, ...Object.values(chains).map((chain) => chain.seen)) } },
  };
}

/** The people whom a reporter's facts name, accused or to be kept away: codes. */
export const concernedBy = (facts) => [
  ...(facts.accused ?? []).map(({ person }) => person).filter(Boolean), ...(facts.objections ?? []),
];

/** Readers who were added later although the report names them, or its reporter asked to keep them away. */
function concernedReaders({ report }, { facts }) {
  const concerned = concernedBy(facts);
  const added = [...report.epochs.values()].flatMap((epoch) => epoch.added.map(({ id }) => id));
  return [...new Set(added)].filter((id) => concerned.includes(id)).map((who) => ({ code: "reader_concerned", ring: "report", who }));
}

async function opened(caseId, object, keys) {
  try {
    const content = await openText(caseId, object, keys);
    if (!isSound(object.kind, content)) throw new Error("not what this kind holds");
    return content;
  } catch (error) {
    throw new ClientFault("item_damaged", { kind: object.kind }, error);
  }
}

/**
 * Where the server's header and the reporter's own first item differ: a list of names, empty when they agree. The decision of a
 * case that has moved is held against the last of its `moves`, which its mover signed.
 */
export function compareWithHeader(header, first, moves = []) {
  const differing = [];
  for (const name of new Set([...Object.keys(header.facts ?? {}), ...Object.keys(first.facts ?? {})])) {
    if (!same({ x: header.facts?.[name] ?? null }, { x: first.facts?.[name] ?? null })) differing.push(`facts.${name}`);
  }
  const move = moves.at(-1);
  const decided = move ? { body: move.to, ruleset: move.ruleset, readers: move.readers } : first.decision;
  for (const name of move ? Object.keys(decided) : PUBLIC_DECISION) {
    if (!same({ x: header.decision?.[name] ?? null }, { x: decided?.[name] ?? null })) differing.push(`decision.${name}`);
  }
  const objections = first.facts?.objections ?? [];
  if (!same({ x: [...(first.objections ?? [])].sort() }, { x: [...objections].sort() })) differing.push("facts.objections");
  const link = (source) => Object.fromEntries(LINK.map((name) => [name, source.linked?.[name] ?? null]));
  if (!same(link(header), link(first))) differing.push("linked");
  return [...new Set(differing)].sort();
}
