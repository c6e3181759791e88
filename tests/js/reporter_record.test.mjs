// The reporter checks the record: a sound one is told in numbers, every kind of other one is found out (docs/sealing.md, Ledger).

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { b64u, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { entryHash } from "../../static/js/crypto/ledgers.js";
import { markOf } from "../../static/js/client/reporter/record.js";
import { holder, makeCheckpoint } from "./member_world.mjs";
import { Ledger } from "./record_world.mjs";
import { Face, aReport, aVisit, makeEpoch, refuses, rosterWith, routingKey } from "./reporter_world.mjs";

const NINE = "2026-11-24T09:00:00Z";
const TEN = "2026-11-24T10:00:00Z";
const ELEVEN = "2026-11-24T11:00:02Z";

let face;
let ledger;
let code;

beforeEach(async () => {
  face = await Face.open();
  const made = await aReport(face);
  await made.portal.submit(made.sealed);
  ({ code } = made);
  ledger = await Ledger.of(face);
});

const lookIn = async (at = ELEVEN) => (await aVisit(face, { now: () => new Date(at) })).openMailbox(code);

/** A handler opened the case and answered; a checkpoint after each. */
async function handled() {
  await ledger.append("opened", "2026-11-24T09:30:12Z");
  await ledger.checkpoint(TEN);
  await face.answer("P-001", "Xin cho biết thêm.");
  await ledger.appendItem("item_added", "2026-11-24T10:20:00Z");
  await ledger.append("item_added", "2026-11-24T10:21:00Z", { ring: "internal" });
  await ledger.checkpoint(ELEVEN);
}

test("a sound record is told in numbers", async () => {
  await handled();
  const told = await (await lookIn()).checkRecord();
  const { entries, since, covered, waiting, late, opened, firstOpened, answers, notes, written, renewed, others, checkpoints, complete } = told;
  assert.deepEqual([entries, since, covered, waiting, late, complete], [4, NINE, 4, 0, false, true]);
  assert.deepEqual([opened, firstOpened, answers, notes, written, renewed, others], [1, "2026-11-24T09:30:12Z", 1, 1, 0, 0, 0]);
  assert.equal(told.witnesses, 1);
  assert.deepEqual([told.checkpoint.no, told.checkpoint.at, checkpoints], [5, ELEVEN, 3]);
  assert.equal(told.mark, markOf(await entryHash(ledger.entries[0])));
  assert.match(told.mark, /^([0-9a-f]{4} ){9}[0-9a-f]{4}$/);
});

test("a long record comes in pages and is checked as a whole", async () => {
  await handled();
  ledger.room = 2;
  assert.equal((await (await lookIn()).checkRecord()).entries, 4);
  assert.ok(face.asked.filter(({ op }) => op === "mailbox.record").length > 2);
  face.cheat["mailbox.record"] = () => ({ entries: [], checkpoints: [], proof: null, more: true });
  await refuses((await lookIn()).checkRecord(), "answer_damaged");
});

test("entries after the last checkpoint wait for the next, and too long a wait is told", async () => {
  await handled();
  await ledger.append("withdrawn", "2026-11-24T11:40:00Z", { pending: [{ ring: "report", epoch: 2 }] });
  await ledger.append("removed", "2026-11-24T11:41:00Z", { pending: [{ ring: "report", epoch: 2 }] });
  const told = await (await lookIn("2026-11-24T11:45:00Z")).checkRecord();
  assert.deepEqual([told.covered, told.waiting, told.left, told.removed, told.others, told.late], [4, 2, 1, 1, 0, false]);
  assert.equal((await (await lookIn("2026-11-24T14:00:00Z")).checkRecord()).late, true);
});

test("a report that no checkpoint holds yet is sound, and one that was left out of a later one is not", async () => {
  const told = await (await lookIn("2026-11-24T09:40:00Z")).checkRecord();
  assert.deepEqual([told.covered, told.waiting, told.late], [0, 1, false]);
  const others = [{ chain: "org", head: "ef".repeat(32), seq: 4 }];
  await ledger.checkpoint(TEN, { leaves: others }); // the report may have come in a moment later
  assert.equal((await (await lookIn(TEN)).checkRecord()).covered, 0);
  await ledger.checkpoint(ELEVEN, { leaves: others });
  await refuses((await lookIn()).checkRecord(), "record_excluded");
});

test("an altered, a missing and a foreign entry break the chain", async () => {
  await handled();
  const sound = [...ledger.entries];
  const mailbox = await lookIn();
  const broken = async (entries, at) => {
    ledger.entries = entries;
    await assert.rejects(mailbox.checkRecord(), (error) => error.code === "record_broken" && error.detail.at === at);
  };
  const altered = new TextEncoder().encode(new TextDecoder().decode(sound[1]).replace("09:30:12", "09:30:13"));
  await broken([sound[0], altered, sound[2], sound[3]], 3);
  await broken([sound[0], sound[2], sound[3]], 2);
  ledger.chain = crypto.randomUUID();
  await ledger.rewrite((entry) => entry);
  await broken(ledger.entries, 1);
});

test("a history that was written anew fits neither the mailbox nor its checkpoint", async () => {
  await handled();
  const mailbox = await lookIn();
  await ledger.rewrite((entry) => (entry.kind === "opened" ? { ...entry, at: NINE } : entry));
  await refuses(mailbox.checkRecord(), "record_differs");
  await refuses((await lookIn()).checkRecord(), "record_excluded"); // the mailbox tells the new one too
});

test("another report's beginning is refused", async () => {
  for (const change of [{ manifest: "ab".repeat(32) }, { body: "UBKT-TU" }]) {
    await ledger.rewrite((entry) => ({ ...entry, pub: { ...entry.pub, ...change } }));
    await refuses((await lookIn()).checkRecord(), "record_differs");
    await Ledger.of(face);
    ledger = face.ledger;
  }
});

test("a message that nothing records, or that was recorded otherwise, is found", async () => {
  await face.answer("P-001", "Không ghi sổ");
  await refuses((await lookIn()).checkRecord(), "record_missing");
  await ledger.appendItem("item_added", TEN, { sha256: "ab".repeat(32) });
  await refuses((await lookIn()).checkRecord(), "record_missing");
});

test("a message that was recorded and is kept back is found, once all messages are here", async () => {
  await handled();
  face.file.items = face.file.items.slice(1);
  await refuses((await lookIn()).checkRecord(), "record_withheld");
  const { "mailbox.open": open } = face.cheat;
  face.cheat["mailbox.open"] = async (answer) => ({ ...(await open(answer)), items: answer.items.slice(0, 1), more: true });
  const mailbox = await lookIn();
  assert.equal((await mailbox.checkRecord()).complete, false);
  await mailbox.older();
  await refuses(mailbox.checkRecord(), "record_withheld");
});

test("what came after the mailbox was opened is no reproach, and what is written meanwhile is recorded", async () => {
  const mailbox = await lookIn();
  await ledger.append("item_added", TEN, { ring: "report", item: crypto.randomUUID(), kind: "message", sha256: "ab".repeat(32) });
  assert.equal((await mailbox.checkRecord()).answers, 1);
  await mailbox.write("Tôi nhớ thêm.");
  await refuses(mailbox.checkRecord(), "record_missing");
  await ledger.appendItem("reporter_wrote", TEN);
  assert.equal((await mailbox.checkRecord()).written, 1);
});

test("what was added to the report is counted by itself, and one that nothing records or that is kept back is found", async () => {
  const mailbox = await lookIn();
  await mailbox.supplement({ text: "Tôi nhớ thêm." });
  await refuses(mailbox.checkRecord(), "record_missing");
  await ledger.appendItem("reporter_wrote", TEN);
  await refuses(mailbox.checkRecord(), "record_missing"); // a message is something else
  await ledger.rewrite((entry) => (entry.kind === "reporter_wrote" ? { ...entry, kind: "report_supplemented" } : entry));
  const { supplements, written, others } = await mailbox.checkRecord();
  assert.deepEqual([supplements, written, others], [1, 0, 0]);
  assert.equal((await (await lookIn()).checkRecord()).supplements, 1);
  face.file.items = face.file.items.slice(1);
  await refuses((await lookIn()).checkRecord(), "record_withheld");
});

/** A key that P-001 made after P-003 left, and what the ledger says of it. */
async function renewed(statementHash = null) {
  const { args } = face.file;
  const said = JSON.parse(new TextDecoder().decode(unb64u(args.submission.stmt)));
  face.world.reporter = { ...face.world.reporter, keys: { kemPublic: unb64u(said.kem), signPublic: unb64u(said.key) }, readerkey: await sha256hex(unb64u(said.kem)) };
  const prev = await sha256hex(unb64u(args.epoch.stmt));
  const made = await makeEpoch(face.world, args.case, { name: "report", epoch: 2, prev, by: "P-001", readers: ["P-001", "P-002", "reporter"], removed: ["P-003"], checkpoint: await ledger.named() });
  await ledger.append("withdrawn", NINE, { pending: [{ ring: "report", epoch: 2 }] });
  await ledger.append("epoch_opened", NINE, { ring: "report", epoch: 2, statement: statementHash ?? made.hash, readers: 3 });
  return made;
}

test("a key that nothing records, a recorded one that isn't shown, and another than was recorded are found", async () => {
  const made = await renewed();
  const show = () => {
    face.file.epochs = [face.file.epochs[0], made.row];
    face.file.grants = [...face.file.grants, ...made.grants.filter(({ reader }) => reader === "reporter")];
  };
  await refuses((await lookIn()).checkRecord(), "record_withheld");
  show();
  const told = await (await lookIn()).checkRecord();
  assert.deepEqual([told.renewed, told.left, told.others], [1, 1, 0]);
  await ledger.rewrite((entry) => (entry.kind === "epoch_opened" ? { ...entry, pub: { ...entry.pub, statement: "ab".repeat(32) } } : entry));
  await refuses((await lookIn()).checkRecord(), "record_missing");
  await ledger.rewrite((entry) => (entry.kind === "epoch_opened" ? null : entry));
  await refuses((await lookIn()).checkRecord(), "record_missing");
});

test("a checkpoint that another key signed, and one that does not follow, are refused", async () => {
  await handled();
  const sound = [...ledger.documents];
  const mailbox = await lookIn();
  ledger.documents = [sound[0], await makeCheckpoint({ installation: face.world.people["P-001"] }, 4), sound[2]];
  await refuses(mailbox.checkRecord(), "checkpoint_bad");
  ledger.documents = [sound[0], await makeCheckpoint(face.world, 4), sound[2]];
  await refuses(mailbox.checkRecord(), "record_forked");
  ledger.documents = [sound[0], sound[2]];
  await refuses(mailbox.checkRecord(), "record_forked");
  ledger.documents = [await makeCheckpoint(face.world, 3, { root: "cd".repeat(32) }), ...sound.slice(1)];
  await refuses(mailbox.checkRecord(), "record_forked"); // not the one that the report named
});

test("a record that ends before what was seen is refused", async () => {
  await handled();
  const mailbox = await lookIn();
  ledger.documents = ledger.documents.slice(0, 2);
  await refuses(mailbox.checkRecord(), "record_older");
});

test("two ledgers, one for the reporter and one for the handlers, are found out by what the handlers signed", async () => {
  const before = [...ledger.documents];
  await ledger.append("opened", NINE);
  await ledger.checkpoint(TEN); // the handlers see this one
  await face.answer("P-001", "Tôi thấy điểm kiểm này.");
  [ledger.documents, face.checkpoint] = [before, before[0]];
  await ledger.appendItem("item_added", TEN);
  await ledger.checkpoint(TEN, { change: { at: "2026-11-24T10:00:01Z" } }); // the reporter is shown another of the same number
  await ledger.checkpoint(ELEVEN);
  await refuses((await lookIn()).checkRecord(), "record_forked");
});

test("a proof of another place, another chain or another checkpoint is refused", async () => {
  await handled();
  const mailbox = await lookIn();
  const { proof } = ledger;
  for (const change of [
    { index: (proof.index + 1) % 3 }, { no: 4 }, { path: [] }, { leaf: { ...proof.leaf, chain: "org" } },
    { leaf: { ...proof.leaf, seq: 3 } }, { leaf: { ...proof.leaf, head: "ab".repeat(32) } }, { leaf: { ...proof.leaf, seq: 0 } },
  ]) {
    ledger.proof = { ...proof, ...change };
    await refuses(mailbox.checkRecord(), "record_excluded");
  }
});

/** The installation's next key, named by the next roster: what is signed from now on is signed with it. */
async function rotated() {
  const { world } = face;
  const former = world.installation;
  world.installation = await holder("the next installation key");
  const said = JSON.parse(new TextDecoder().decode(unb64u(world.roster.doc)));
  const named = { no: said.no + 1, prev: await sha256hex(unb64u(world.roster.doc)), installation: b64u(world.installation.keys.signPublic) };
  world.roster = face.roster = await rosterWith(world, () => named);
  face.routing = await routingKey(world.installation);
  return { ...world, installation: former };
}

test("a record goes on across a change of the installation's key, also in the middle of a visit", async () => {
  await handled();
  const mailbox = await lookIn("2026-11-24T12:00:00Z");
  await rotated();
  await ledger.append("withdrawn", "2026-11-24T11:50:00Z", { pending: [] });
  await ledger.checkpoint("2026-11-24T12:00:00Z");
  for (const visit of [mailbox, await lookIn("2026-11-24T12:00:00Z")]) {
    const told = await visit.checkRecord();
    assert.deepEqual([told.entries, told.covered, told.checkpoints, told.checkpoint.no], [5, 5, 4, 6]);
  }
});

test("whoever holds the former installation key can't go on with the record, nor put another beginning before it", async () => {
  await handled();
  const thief = await rotated();
  await refuses(lookIn(), "checkpoint_bad"); // the newest is still the former key's
  await ledger.checkpoint("2026-11-24T12:00:00Z");
  const sound = [...ledger.documents];
  const { proof } = ledger;
  const mailbox = await lookIn("2026-11-24T12:00:00Z");
  const refused = async (documents, code) => {
    ledger.documents = documents;
    await refuses(mailbox.checkRecord(), code);
    ledger.documents = [...sound];
  };
  // A checkpoint of theirs behind the change, and one in the place of the change.
  await ledger.checkpoint("2026-11-24T13:00:00Z", { world: thief });
  await refused(ledger.documents, "checkpoint_bad");
  const other = await makeCheckpoint(thief, 5, { prev: await sha256hex(unb64u(sound[1].doc)), root: "cd".repeat(32) });
  await refused([sound[0], sound[1], other, sound[3]], "record_forked");
  await refused([sound[0], sound[1], other], "checkpoint_bad");
  await refused(sound.slice(0, 3), "checkpoint_bad");
  Object.assign(ledger, { documents: sound, proof });
  assert.equal((await mailbox.checkRecord()).checkpoint.no, 6);
});

test("where no roster has come since the report, every checkpoint is signed with its key", async () => {
  await handled();
  const mailbox = await lookIn();
  ledger.documents[0] = { ...ledger.documents[0], sig: ledger.documents[1].sig };
  await refuses(mailbox.checkRecord(), "checkpoint_bad");
});
