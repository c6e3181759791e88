// The member's browser: what it opens, what it refuses, what it makes (sealing.md: Roster, Objects, Member key).

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { b64u, jcs, parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { openSealed } from "../../static/js/crypto/hpke.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { unpad } from "../../static/js/crypto/padding.js";
import { signStatement, verifyStatement } from "../../static/js/crypto/signing.js";
import * as member from "../../static/js/client/member.js";
import { answerFor, makeCase, makeChain, makeCheckpoint, makeEpoch, makeRoster, makeWorld, READERS } from "./member_world.mjs";

let world;
let file;
let trust;

before(async () => {
  world = await makeWorld();
  file = await makeCase(world);
  trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
});

const me = (code) => ({ code, keys: world.people[code].keys });
const actor = (code) => ({ ...me(code), checkpoint: trust.checkpoint });
const refuses = (promise, code) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code, error.stack);
  return true;
});
const open = async (code, change = {}, seen = undefined, what = file) => (
  member.openCase(await answerFor(world, what, code, change), me(code), trust, seen));

/** A copy of the case that a test may alter. */
const copy = () => ({ ...file, epochs: [...file.epochs], items: [...file.items] });

async function withItem(code, ring, kind = "message", text = "Xin chào", extra = {}) {
  const made = await member.buildItem(actor(code), file.id, ring, kind, text, new Date("2026-11-23T09:00:00Z"));
  const altered = copy();
  altered.items.push({ object: made.object, by: code, at: "2026-11-23T09:00:00Z", statement: made.statement, ...extra });
  return { altered, made };
}

test("a roster of another organisation is refused", async () => {
  await refuses(member.verifyTrust(world.installationAnswer(), world.reporter.keys.signPublic), "roster_bad");
});

test("an expired roster is refused as expired", async () => {
  const roster = await makeRoster(world, { expires: "2026-11-02" });
  const late = { on: new Date("2026-11-24T00:00:00Z") };
  await refuses(member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic, late), "roster_expired");
});

test("a roster or checkpoint older than the last seen is refused", async () => {
  const key = world.org.keys.signPublic;
  const seeing = (seen) => member.verifyTrust(world.installationAnswer(), key, { seen: { ...member.emptySeen(), ...seen } });
  await refuses(seeing({ roster: 2 }), "roster_older");
  await refuses(seeing({ checkpoint: { no: 9, hash: null } }), "checkpoint_older");
  await refuses(seeing({ checkpoint: { no: 9, hash: "ab".repeat(32) } }), "checkpoint_older");
});

test("two checkpoints of one number, and a next one that doesn't follow, are two histories", async () => {
  const { seen, checkpoint } = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
  assert.deepEqual(seen.checkpoint, checkpoint);
  const then = async (no, change) => member.verifyTrust(
    { roster: world.roster, checkpoint: await makeCheckpoint(world, no, change) }, world.org.keys.signPublic, { seen });
  await refuses(then(3, { root: "cd".repeat(32) }), "checkpoint_forked");
  await refuses(then(4), "checkpoint_forked");
  assert.equal((await then(3)).checkpoint.hash, checkpoint.hash);
  assert.equal((await then(4, { prev: checkpoint.hash })).seen.checkpoint.no, 4);
  assert.equal((await then(6)).seen.checkpoint.no, 6); // what lies between was not seen here
});

test("a checkpoint that the rostered installation did not sign is refused", async () => {
  const forged = await makeCheckpoint({ installation: world.reporter });
  await refuses(member.verifyTrust({ roster: world.roster, checkpoint: forged }, world.org.keys.signPublic), "checkpoint_bad");
});

test("the roster warns three weeks before it expires", async () => {
  const roster = await makeRoster(world, { expires: "2026-12-14" });
  const answer = { roster, checkpoint: world.checkpoint };
  const far = await member.verifyTrust(answer, world.org.keys.signPublic, { on: new Date("2026-11-20T00:00:00Z") });
  const near = await member.verifyTrust(answer, world.org.keys.signPublic, { on: new Date("2026-11-24T00:00:00Z") });
  assert.deepEqual([far.warn, near.warn], [false, true]);
});

test("what this browser remembers survives, and nonsense counts as nothing", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  assert.deepEqual(member.readSeen(storage), member.emptySeen());
  const seen = { roster: { no: 4, hash: "cd".repeat(32), org: "AA", former: [{ org: "BB", last: 2 }] }, checkpoint: { no: 7, hash: "ab".repeat(32) }, epochs: { a: [1, "b"] } };
  member.writeSeen(storage, { ...seen, secret: "no" });
  assert.deepEqual(member.readSeen(storage), seen);
  for (const nonsense of ["{broken", "7", JSON.stringify({ ...seen, checkpoint: { no: 7, hash: 7 } }), JSON.stringify({ ...seen, checkpoint: null })]) {
    kept.set("niemphong.seen", nonsense);
    assert.deepEqual(member.readSeen(storage), member.emptySeen());
  }
});

test("of a checkpoint remembered by its number alone, the number still counts", async () => {
  const storage = { getItem: () => JSON.stringify({ roster: 1, checkpoint: 3, epochs: {} }) };
  const seen = member.readSeen(storage);
  assert.deepEqual(seen.checkpoint, { no: 3, hash: null });
  const key = world.org.keys.signPublic;
  assert.deepEqual((await member.verifyTrust(world.installationAnswer(), key, { seen })).seen.checkpoint, trust.checkpoint);
  await refuses(member.verifyTrust({ roster: world.roster, checkpoint: await makeCheckpoint(world, 2) }, key, { seen }), "checkpoint_older");
});

test("a header opens for its reader and not for another", async () => {
  const answer = await answerFor(world, file, "P-001");
  const { header, hash } = await member.openHeader(answer, world.people["P-001"].keys);
  assert.equal(header.case, file.id);
  assert.match(hash, /^[0-9a-f]{64}$/);
  await refuses(member.openHeader(answer, world.people["P-002"].keys), "header_damaged");
});

test("a reader opens the report and gets the reporter's keys from the first item", async () => {
  const opened = await open("P-002");
  assert.equal(opened.summary.text, "Một câu tóm tắt.");
  assert.equal(opened.narrative.named, true);
  assert.equal(b64u(opened.reporter.sign), b64u(world.reporter.keys.signPublic));
  assert.deepEqual(opened.pending, []);
  assert.deepEqual(opened.warnings, []);
});

test("the queue's summary opens with the reader's own grant", async () => {
  const answer = await answerFor(world, file, "P-001");
  const summary = answer.items.find(({ object }) => object.kind === "summary").object;
  assert.equal(await member.openSummary({ id: file.id, summary, grants: answer.grants }, me("P-001")), "Một câu tóm tắt.");
  assert.equal(await member.openSummary({ id: file.id, summary, grants: [] }, me("P-001")), null);
});

test("a report without its first item is not opened", async () => {
  const items = (await answerFor(world, file, "P-001")).items.filter(({ object }) => object.kind !== "first");
  await refuses(open("P-001", { items }), "first_missing");
});

test("a part that the manifest lists and the server withholds is noticed", async () => {
  const items = (await answerFor(world, file, "P-001")).items.filter(({ object }) => object.kind !== "narrative");
  await refuses(open("P-001", { items }), "object_missing");
});

test("a part exchanged by a holder of the ring key is noticed", async () => {
  const { items } = await answerFor(world, file, "P-001");
  const { object } = items.find((one) => one.object.kind === "summary");
  const { data, ...place } = object;
  object.data = b64u(await sealItem(file.epochs[0].ring.key, objectBinding(file.id, place), jcs({ v: 1, text: "Khác" })));
  await refuses(open("P-001", { items }), "object_swapped");
});

test("a submission signed by somebody else is refused", async () => {
  const body = JSON.parse(new TextDecoder().decode(unb64u(file.submission.stmt)));
  await refuses(open("P-001", { submission: await signStatement(world.people["P-001"].keys.signSeed, body) }), "submission_forged");
});

test("a damaged grant is told as such", async () => {
  const { grants } = await answerFor(world, file, "P-001");
  const data = unb64u(grants[0].data);
  data[data.length - 1] ^= 1;
  await refuses(open("P-001", { grants: [{ ...grants[0], data: b64u(data) }] }), "grant_damaged");
});

test("a message is opened, its signature verified, its time taken from the statement", async () => {
  const opened = await open("P-001");
  const { altered } = await withItem("P-001", opened.rings.report);
  const [message] = (await open("P-002", {}, undefined, altered)).messages;
  assert.deepEqual([message.text, message.by, message.fault, message.at], ["Xin chào", "P-001", null, "2026-11-23T09:00:00Z"]);
});

test("the talk stands in the order in which the server took it in, not by signed times, which are hours for the reporter", async () => {
  const { rings } = await open("P-001");
  const { altered } = await withItem("P-001", rings.report, "message", "Câu hỏi");
  const answer = await member.buildItem(actor("P-001"), file.id, rings.report, "message", "Câu trả lời", new Date("2026-11-23T08:00:00Z"));
  altered.items.push({ ...altered.items.at(-1), ...answer });
  const { messages } = await open("P-002", {}, undefined, altered);
  assert.deepEqual(messages.map(({ text }) => text), ["Câu hỏi", "Câu trả lời"]);
});

test("a browser marks what the reporter wrote since it showed the case, and remembers numbers under hashes alone", async () => {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  assert.equal(await member.hasNew(storage, file.id, "message", 0), false);
  assert.equal(await member.hasNew(storage, file.id, "message", 1), true);
  await member.rememberShown(storage, file.id, { message: 1, supplement: 0 });
  assert.equal(await member.hasNew(storage, file.id, "message", 1), false);
  assert.equal(await member.hasNew(storage, file.id, "message", 2), true);
  assert.equal(await member.hasNew(storage, crypto.randomUUID(), "message", 1), true);
  assert.equal(await member.hasNew(storage, file.id, "supplement", 1), true); // one doesn't hide the other
  assert.ok(!JSON.stringify([...kept]).includes(file.id));
  assert.deepEqual(Object.values(JSON.parse([...kept.values()][0])), [1, 0]);
  const off = { getItem: () => { throw new Error("off"); }, setItem: () => { throw new Error("off"); } };
  await member.rememberShown(off, file.id, { message: 1 });
  assert.equal(await member.hasNew(off, file.id, "message", 1), true);
});

test("a message under a colleague's name is shown with a warning", async () => {
  const { rings } = await open("P-001");
  const { altered } = await withItem("P-001", rings.report, "message", "Giả", { by: "P-003" });
  assert.equal((await open("P-002", {}, undefined, altered)).messages[0].fault, "signature_bad");
});

test("a message by a rostered member who is no reader is shown with a warning", async () => {
  const { rings } = await open("P-001");
  const { altered } = await withItem("P-004", rings.report);
  assert.equal((await open("P-002", {}, undefined, altered)).messages[0].fault, "author_not_reader");
});

test("a message without a statement is shown with a warning", async () => {
  const { rings } = await open("P-001");
  const { altered } = await withItem("P-001", rings.report, "message", "Xin chào", { statement: null });
  assert.equal((await open("P-002", {}, undefined, altered)).messages[0].fault, "signature_bad");
});

test("an empty or over-long text is not sealed", async () => {
  const { rings } = await open("P-001");
  await refuses(member.buildItem(actor("P-001"), file.id, rings.report, "message", "  \n"), "text_empty");
  await refuses(member.buildItem(actor("P-001"), file.id, rings.report, "note", "a".repeat(10_001)), "text_too_long");
});

test("the first opener makes the internal ring for the verified readers, not for the reporter", async () => {
  const { rings, reporter } = await open("P-001");
  const entitled = (await answerFor(world, file, "P-001")).readers;
  const stranger = { id: "P-004", readerkey: world.people["P-004"].readerkey };
  const readers = await member.internalReaders(rings.report.readers, [...entitled, stranger], trust.roster);
  assert.deepEqual(readers.map(({ id }) => id), READERS);
  const made = await member.buildEpoch(actor("P-001"), file.id, { name: "internal", epoch: 1, readers }, trust.roster, reporter.kem);
  const altered = copy();
  altered.epochs.push({ row: { ring: "internal", epoch: 1, state: "open", statement: made.statement }, grants: made.grants });
  const { altered: noted } = await withItem("P-001", made.ring, "note", "Chỉ nội bộ");
  noted.epochs = altered.epochs;
  const opened = await open("P-003", {}, undefined, noted);
  assert.equal(opened.notes[0].text, "Chỉ nội bộ");
  assert.equal(opened.notes[0].fault, null);
});

/** The case after P-003 has left: report epoch 2 pending, or made by `by` for `readers`. */
async function renewed(readers, { by = "P-001", removed = ["P-003"], prev = file.epochs[0].hash } = {}) {
  const altered = copy();
  altered.epochs.push(await makeEpoch(world, file.id, { name: "report", epoch: 2, prev, by, readers, removed }));
  return altered;
}

test("a pending ring is narrowed to the readers who remain, and opens for them", async () => {
  const remaining = (await answerFor(world, file, "P-001")).readers.filter(({ id }) => id !== "P-003");
  const epochs = [...(await answerFor(world, file, "P-001")).epochs, { ring: "report", epoch: 2, state: "pending", statement: null }];
  const opened = await open("P-001", { epochs });
  assert.deepEqual(opened.pending, [{ name: "report", epoch: 2 }]);
  const plan = await member.nextReaders(opened.rings.report.readers, remaining, trust.roster);
  assert.deepEqual([plan.readers.map(({ id }) => id), plan.removed], [["P-001", "P-002", "reporter"], ["P-003"]]);
  const next = { name: "report", epoch: 2, prev: opened.rings.report.hash, ...plan };
  const made = await member.buildEpoch(actor("P-001"), file.id, next, trust.roster, opened.reporter.kem);
  assert.deepEqual(made.grants.map(({ reader }) => reader).sort(), ["P-001", "P-002", "reporter"]);
  const altered = copy();
  altered.epochs.push({ row: { ring: "report", epoch: 2, state: "open", statement: made.statement }, grants: made.grants });
  assert.equal((await open("P-002", {}, undefined, altered)).rings.report.epoch, 2);
});

test("who is out of the list makes no epoch", async () => {
  const { rings, reporter } = await open("P-001");
  const readers = rings.report.readers.filter(({ id }) => id !== "P-001");
  await refuses(member.buildEpoch(actor("P-001"), file.id, { name: "report", epoch: 2, readers }, trust.roster, reporter.kem), "not_a_reader");
});

test("nothing is granted to a key that the signed roster does not hold", async () => {
  const { rings, reporter } = await open("P-001");
  const readers = rings.report.readers.map((one) => (one.id === "P-002" ? { ...one, key: world.people["P-004"].readerkey } : one));
  await refuses(member.buildEpoch(actor("P-001"), file.id, { name: "report", epoch: 2, readers }, trust.roster, reporter.kem), "reader_unrostered");
});

test("an epoch that adds a reader is refused", async () => {
  await refuses(open("P-001", {}, undefined, await renewed(["P-001", "P-004", "reporter"])), "epoch_widened");
});

test("an epoch that does not follow the one before is refused", async () => {
  const altered = await renewed(["P-001", "reporter"], { prev: "ef".repeat(32) });
  await refuses(open("P-001", {}, undefined, altered), "epoch_broken");
});

test("an epoch made by somebody outside its list is refused", async () => {
  await refuses(open("P-001", {}, undefined, await renewed(["P-001", "reporter"], { by: "P-003" })), "epoch_readers");
});

test("an epoch with a forged signature is refused", async () => {
  const altered = await renewed(["P-001", "P-002", "reporter"]);
  const { row } = altered.epochs[1];
  const body = JSON.parse(new TextDecoder().decode(unb64u(row.statement.stmt)));
  row.statement = await signStatement(world.people["P-002"].keys.signSeed, body);
  await refuses(open("P-001", {}, undefined, altered), "epoch_forged");
});

test("a browser that saw epoch 2 does not accept epoch 1 as the newest again", async () => {
  const altered = await renewed(["P-001", "P-002", "reporter"]);
  const { seen } = await open("P-001", {}, undefined, altered);
  await refuses(open("P-001", {}, seen), "epoch_rolled_back");
  const other = await renewed(["P-001", "P-002", "reporter"]);
  await refuses(open("P-001", {}, seen, other), "epoch_rolled_back");
});

test("readers and makers who left the roster are told, and nothing more is sealed to their epoch", async () => {
  const roster = await makeRoster(world, { no: 2, without: ["P-003"] });
  const later = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  const altered = copy();
  altered.epochs.push(await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-003", readers: READERS }));
  const opened = await member.openCase(await answerFor(world, altered, "P-001"), me("P-001"), later);
  assert.deepEqual(new Set(opened.warnings.map(({ code }) => code)), new Set(["reader_unrostered", "epoch_signer_unknown"]));
  await refuses(member.buildItem(actor("P-001"), file.id, opened.rings.internal, "note", "x"), "ring_untrusted");
});

/** The case with an internal epoch and a note of P-003's, as P-001 opens it under a later roster. */
async function afterwards(change, alter = async () => {}) {
  const altered = copy();
  const made = await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-003", readers: READERS });
  altered.epochs.push(made);
  const noted = await member.buildItem(actor("P-003"), file.id, { ...made.ring, trusted: true }, "note", "Khi còn làm", new Date("2026-11-23T09:00:00Z"));
  altered.items.push({ object: noted.object, by: "P-003", at: "2026-11-23T09:00:01Z", statement: noted.statement });
  await alter(altered);
  const roster = await makeRoster(world, { no: 2, ...change });
  const later = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  return member.openCase(await answerFor(world, altered, "P-001"), me("P-001"), later);
}

test("what somebody wrote who left the roster, or enrolled anew, is shown as of an unknown signer", async () => {
  for (const change of [{ without: ["P-003"] }, { anew: ["P-003"] }]) {
    const opened = await afterwards(change);
    assert.deepEqual([opened.rings.internal.trusted, opened.rings.report.trusted], [false, true]);
    assert.deepEqual(opened.notes.map(({ text, fault }) => [text, fault]), [["Khi còn làm", "signer_unknown"]]);
    await refuses(member.buildItem(actor("P-001"), file.id, opened.rings.internal, "note", "x"), "ring_untrusted");
  }
  const { notes, rings } = await afterwards({});
  assert.deepEqual([notes[0].fault, rings.internal.trusted], [null, true]);
});

test("an unknown signer's statement has to fit all the same, and a known one's signature has to be right", async () => {
  const elsewhere = async ({ items }) => {
    const said = parseJcs(unb64u(items.at(-1).statement.stmt));
    items.at(-1).statement = await signStatement(world.people["P-003"].keys.signSeed, { ...said, item: crypto.randomUUID() });
  };
  assert.equal((await afterwards({ anew: ["P-003"] }, elsewhere)).notes[0].fault, "signature_bad");
  const byAnother = ({ stmt }) => signStatement(world.people["P-002"].keys.signSeed, parseJcs(unb64u(stmt)));
  const forged = async ({ items }) => {
    items.at(-1).statement = await byAnother(items.at(-1).statement);
  };
  assert.equal((await afterwards({}, forged)).notes[0].fault, "signature_bad");
  const forgedEpoch = async ({ epochs }) => {
    epochs.at(-1).row.statement = await byAnother(epochs.at(-1).row.statement);
  };
  await refuses(afterwards({}, forgedEpoch), "epoch_forged");
});

test("nobody becomes an unknown signer by being listed with another key than the reporter sealed to", async () => {
  const relisted = async ({ epochs }) => {
    const said = parseJcs(unb64u(epochs.at(-1).row.statement.stmt));
    const readers = said.readers.map((reader) => (reader.id === "P-003" ? { ...reader, key: "ab".repeat(32) } : reader));
    epochs.at(-1).row.statement = await signStatement(world.people["P-002"].keys.signSeed, { ...said, readers });
  };
  await refuses(afterwards({}, relisted), "epoch_forged");
  await refuses(afterwards({ anew: ["P-003"] }, relisted), "epoch_readers");
});

test("header and first item are compared field by field", async () => {
  const { first } = await open("P-001");
  const { header } = await member.openHeader(await answerFor(world, file, "P-001"), world.people["P-001"].keys);
  assert.deepEqual(member.compareWithHeader(header, first), []);
  header.facts = { ...header.facts, accused: [] };
  header.decision = { ...header.decision, readers: ["P-001"], rule: "row-29" };
  assert.deepEqual(member.compareWithHeader(header, first), ["decision.readers", "decision.rule", "facts.accused"]);
});

test("a declared conflict's reason opens for the head alone", async () => {
  const head = { id: "P-001", readerkey: world.people["P-001"].readerkey };
  const wanted = { conflict: true, headerHash: "ab".repeat(32), reason: "Người nhà", head };
  const { statement, reason } = await member.buildDeclaration(actor("P-002"), file.id, wanted, trust.roster);
  const body = await verifyStatement(world.people["P-002"].keys.signPublic, statement, "conflict");
  assert.deepEqual([body.conflict, body.reason, body.case], [true, reason.id, file.id]);
  const opened = await openSealed(world.people["P-001"].keys.kemSeed, "direct", objectBinding(file.id, reason), unb64u(reason.data));
  assert.equal(JSON.parse(new TextDecoder().decode(unpad(opened, 512))).text, "Người nhà");
  const clear = await member.buildDeclaration(actor("P-002"), file.id, { ...wanted, conflict: false }, trust.roster);
  assert.deepEqual(Object.keys(clear), ["statement"]);
  const other = { id: "P-001", readerkey: "00".repeat(32) };
  await refuses(member.buildDeclaration(actor("P-002"), file.id, { ...wanted, head: other }, trust.roster), "reader_unrostered");
});

test("a withdrawal carries case and header under the member's signature", async () => {
  const { statement } = await member.buildWithdrawal(actor("P-003"), file.id, "ab".repeat(32));
  const body = await verifyStatement(world.people["P-003"].keys.signPublic, statement, "withdrawal");
  assert.deepEqual([body.case, body.header, body.by], [file.id, "ab".repeat(32), "P-003"]);
});

test("an unbroken chain is counted, a broken one names the entry", async () => {
  const entries = await makeChain(file.id, 3);
  assert.deepEqual([(await member.verifyCaseChain(entries, file.id)).ok, (await member.verifyCaseChain(entries, file.id)).count], [true, 3]);
  assert.equal((await member.verifyCaseChain([entries[0], entries[2]], file.id)).brokenAt, 2);
  assert.equal((await member.verifyCaseChain(entries, crypto.randomUUID())).brokenAt, 1);
  assert.equal((await member.verifyCaseChain([], file.id)).ok, false);
});

test("an enrolled seed opens with the passphrase's branch, and the keys prove themselves", async () => {
  const begun = {
    member: { id: crypto.randomUUID(), code: "P-009" }, org: b64u(world.org.keys.signPublic), pepper: b64u(crypto.getRandomValues(new Uint8Array(32))),
  };
  const stretched = crypto.getRandomValues(new Uint8Array(32));
  const made = await member.enrolMember({ begun, stretched, checkpoint: trust.checkpoint });
  const body = await verifyStatement(made.keys.signPublic, made.request.statement, "enrolment");
  assert.deepEqual([body.kem, body.sign, body.member], [made.request.kem, made.request.sign, "P-009"]);
  assert.equal(made.request.auth, await member.authSecretOf(stretched));
  const released = { stretched, pepper: begun.pepper, wrapped: made.request.wrapped, memberId: begun.member.id };
  const opened = await member.unlockSeed(released);
  assert.equal(opened.pins.org, begun.org);
  assert.equal(b64u(opened.keys.signPublic), made.request.sign);
  await refuses(member.unlockSeed({ ...released, memberId: crypto.randomUUID() }), "seed_damaged");
  assert.equal(member.recoveryMatches(made.recoveryKey, made.recoveryKey.slice(0, 9).toLowerCase()), true);
  assert.equal(member.recoveryMatches(made.recoveryKey, "AAAA-AAAB"), false);
});

test("standing says whether the roster holds exactly these keys", async () => {
  const { keys } = world.people["P-001"];
  assert.equal(await member.standing(trust.roster, "P-001", keys), "rostered");
  assert.equal(await member.standing(trust.roster, "P-002", keys), "other_key");
  assert.equal(await member.standing(trust.roster, "P-099", keys), "absent");
});

test("the tab's copy opens under its session and no other", async () => {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const memberId = crypto.randomUUID();
  const sessionKey = b64u(crypto.getRandomValues(new Uint8Array(32)));
  const text = await member.sealTab({ sessionKey, memberId, seed, pins: { org: "x" } });
  assert.equal(b64u((await member.openTab({ sessionKey, memberId, text })).seed), b64u(seed));
  assert.equal(await member.openTab({ sessionKey: b64u(new Uint8Array(32)), memberId, text }), null);
  assert.equal(await member.openTab({ sessionKey, memberId: crypto.randomUUID(), text }), null);
});

test("a passphrase is judged by length first, then by how hard it is to guess", () => {
  const strength = (text) => ({ score: text.includes("khó") ? 4 : 1 });
  assert.equal(member.passphraseStrength("ngắn", [], strength).reason, "short");
  assert.equal(member.passphraseStrength("dài nhưng dễ đoán", [], strength).reason, "weak");
  assert.equal(member.passphraseStrength("cụm dài và rất khó đoán", [], strength).ok, true);
});
