// A reporter who comes back with the code: what is opened, what is refused, what is written back (docs/sealing.md).

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { b64u, concat, jcs, parseJcs, randomBytes, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { signStatement } from "../../static/js/crypto/signing.js";
import { buildItem, state } from "../../static/js/client/building.js";
import { LIMITS, Refused, newCode } from "../../static/js/client/reporter.js";
import { makeCheckpoint, makeRoster } from "./member_world.mjs";
import { FACTS, Face, REPORT, aReport, aVisit, makeEpoch, refuses, routingKey } from "./reporter_world.mjs";

let face;
beforeEach(async () => {
  face = await Face.open();
});

/** A report that was taken in: the portal and the code. */
async function filed() {
  const { portal, code, sealed } = await aReport(face);
  await portal.submit(sealed);
  return { portal, code };
}

test("a wrong code finds nothing, in as many requests as a right one does", async () => {
  const { portal, code } = await filed();
  const before = face.sent.length;
  assert.equal(await portal.openMailbox(newCode()), null);
  assert.ok(await portal.openMailbox(code));
  assert.equal(face.sent.length, before + 4); // each asks for the second case of a pair as well
});

test("the code as people type it opens the mailbox with one's own words", async () => {
  const { portal, code } = await filed();
  const mailbox = await portal.openMailbox(` ${code.toUpperCase().replaceAll("-", " ")} `);
  assert.deepEqual([mailbox.number, mailbox.state, mailbox.lookAgainDays, mailbox.hasOlder], ["2026-0001", "received", 7, false]);
  assert.deepEqual([mailbox.summary, mailbox.narrative.text, mailbox.messages], [REPORT.summary, REPORT.text, []]);
  assert.deepEqual([mailbox.categories, mailbox.facts, mailbox.narrative.named], [["bribes", "gifts"], FACTS, true]);
});

test("answers are read oldest first, with the time that their author signed", async () => {
  const { portal, code } = await filed();
  await face.answer("P-001", "Xin chào");
  await face.answer("P-002", "Còn gì nữa không?");
  const { messages } = await portal.openMailbox(code);
  assert.deepEqual(messages.map(({ from, by, text, at }) => [from, by, text, at]), [
    ["handlers", "P-001", "Xin chào", "2026-11-24T10:00:00Z"], ["handlers", "P-002", "Còn gì nữa không?", "2026-11-24T10:00:00Z"],
  ]);
});

test("a message that its author did not sign, or could not read, fails alone and isn't shown", async () => {
  const cases = [
    ["signature_bad", "P-001", { signer: "P-002" }],
    ["signature_bad", "P-001", { change: (entry) => ({ ...entry, by: "P-002" }) }],
    ["signature_bad", "P-001", { change: (entry) => ({ ...entry, statement: null }) }],
    ["author_not_reader", "P-004", {}],
    ["author_not_reader", "P-099", { signer: "P-001" }], // not in the roster, and never was a reader
    ["item_damaged", "P-001", { change: (entry) => ({ ...entry, object: { ...entry.object, id: crypto.randomUUID() } }) }],
    ["item_closed", "P-001", { change: (entry) => ({ ...entry, object: { ...entry.object, epoch: 2 } }) }],
  ];
  const { portal, code } = await filed();
  await face.answer("P-002", "Chúng tôi đã nhận.");
  const { items } = face.file;
  for (const [fault, by, how] of cases) {
    face.file.items = items;
    await face.answer(by, "Giả", how);
    const mailbox = await portal.openMailbox(code);
    assert.deepEqual(told(mailbox), [["Chúng tôi đã nhận.", null], [null, fault]]);
    assert.equal(mailbox.narrative.text, REPORT.text);
    await mailbox.write("Cảm ơn.");
  }
});

const told = ({ messages }) => messages.map(({ text, fault }) => [text, fault]);
const sealing = (text) => (key, binding) => sealItem(key, binding, new TextEncoder().encode(text));
const UNREADABLE = [
  ["random bytes", async () => concat(Uint8Array.of(1), randomBytes(592))],
  ...["xx", "[1]", "null", "7", '{"v":1}', '{"text":7,"v":1}', '{"text":null,"v":1}'].map((text) => [text, sealing(text)]),
];

for (const [what, make] of UNREADABLE) {
  test(`a message of ${what} under a right signature is damaged, and the rest of the mailbox is there`, async () => {
    const { portal, code } = await filed();
    await face.answer("P-002", "Chúng tôi đã nhận.");
    await face.answerWith("P-001", make);
    const mailbox = await portal.openMailbox(code);
    assert.deepEqual(told(mailbox), [["Chúng tôi đã nhận.", null], [null, "item_damaged"]]);
    assert.deepEqual([mailbox.messages[1].by, mailbox.hasLong], ["P-001", false]);
    assert.equal(mailbox.narrative.text, REPORT.text);
    await mailbox.write("Cảm ơn.");
    assert.deepEqual(told(await mailbox.reload()).at(-1), ["Cảm ơn.", null]);
  });
}

test("other keys than the code's, and a submission that was not signed with them, are refused", async () => {
  const { portal, code } = await filed();
  const other = b64u(face.world.people["P-001"].keys.signPublic);
  const { stmt } = face.file.args.submission;
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, reporter: { ...answer.reporter, sign: other } });
  await refuses(portal.openMailbox(code), "keys_other");
  const forged = await signStatement(face.world.people["P-001"].keys.signSeed, parseJcs(unb64u(stmt)));
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, submission: forged });
  await refuses(portal.openMailbox(code), "submission_forged");
});

test("a part of one's own report that was exchanged or taken away is noticed", async () => {
  const { portal, code } = await filed();
  const { items } = face.file;
  await face.exchange("narrative", "Khác");
  await refuses(portal.openMailbox(code), "object_swapped");
  face.file.items = items;
  const without = (wanted) => async (answer) => {
    const { id: gone } = face.file.args.objects.find(wanted);
    const { objects } = parseJcs(unb64u(answer.submission.stmt));
    const lines = objects.filter(({ id }) => id !== gone).map(({ id, sha256 }) => ({ id, sha256 }));
    return { ...answer, kept: { gone: [gone], hash: await sha256hex(jcs(lines)) } };
  };
  face.cheat["mailbox.open"] = without(({ kind }) => kind === "share");
  await refuses(portal.openMailbox(code), "object_missing");
  face.cheat["mailbox.open"] = without(({ kind, reader }) => kind === "grant" && reader === "P-003"); // who has left
  assert.ok(await portal.openMailbox(code));
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, kept: { ...answer.kept, hash: "ab".repeat(32) } });
  await refuses(portal.openMailbox(code), "object_swapped");
});

test("a grant of the first day that the manifest doesn't list is refused", async () => {
  const { portal, code } = await filed();
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, grants: answer.grants.map((grant) => ({ ...grant, id: crypto.randomUUID() })) });
  await refuses(portal.openMailbox(code), "object_swapped");
});

test("a mailbox says whether anybody entitled is left to read it", async () => {
  const { portal, code } = await filed();
  assert.equal((await portal.openMailbox(code)).readable, true);
  face.present = [];
  assert.equal((await portal.openMailbox(code)).readable, false);
});

/** A second epoch by a handler, as the server would serve it. */
async function secondEpoch({ by = "P-001", readers = ["P-001", "P-002", "reporter"], removed = ["P-003"], ...more } = {}) {
  const { args } = face.file;
  const { kem, key } = parseJcs(unb64u(args.submission.stmt));
  face.world.reporter = { ...face.world.reporter, keys: { kemPublic: unb64u(kem), signPublic: unb64u(key) }, readerkey: await sha256hex(unb64u(kem)) };
  const prev = await sha256hex(unb64u(args.epoch.stmt));
  const made = await makeEpoch(face.world, args.case, { name: "report", epoch: 2, prev, by, readers, removed, ...more });
  face.file.epochs = [face.file.epochs[0], made.row];
  face.file.grants = [...face.file.grants.filter(({ epoch }) => epoch !== 2), ...made.grants.filter(({ reader }) => reader === "reporter")];
  return made;
}

test("epochs that widen, break the chain, or were not signed by a reader are refused", async () => {
  const { portal, code } = await filed();
  await secondEpoch({ readers: ["P-001", "P-002", "P-004", "reporter"] });
  await refuses(portal.openMailbox(code), "epoch_widened");
  await secondEpoch({ prev: "ab".repeat(32) });
  await refuses(portal.openMailbox(code), "epoch_broken");
  await secondEpoch({ by: "P-003" });
  await refuses(portal.openMailbox(code), "epoch_readers");
  const { row } = await secondEpoch();
  row.statement = { ...row.statement, sig: face.file.args.epoch.sig };
  await refuses(portal.openMailbox(code), "epoch_forged");
  face.file.epochs = face.file.epochs.slice(1);
  await refuses(portal.openMailbox(code), "epoch_missing");
});

// A key that a handler made for others and that opens nothing

/** The second epoch with a bad grant for the reporter: another key than was signed, or no key at all. */
const BAD = [
  ["another key than its commitment's", async () => {
    const other = await secondEpoch();
    const made = await secondEpoch();
    face.file.grants = [...face.file.grants.filter(({ epoch }) => epoch !== 2), ...other.grants.filter(({ reader }) => reader === "reporter")];
    return { made, key: other.ring.key };
  }],
  ["random bytes", async () => {
    const made = await secondEpoch();
    const spoilt = (grant) => (grant.epoch === 2 ? { ...grant, data: b64u(concat(Uint8Array.of(1), randomBytes(1168))) } : grant);
    face.file.grants = face.file.grants.map(spoilt);
    return { made, key: made.ring.key };
  }],
  ["a grant that was moved from its place", async () => {
    const made = await secondEpoch();
    face.file.grants = face.file.grants.map((grant) => (grant.epoch === 2 ? { ...grant, id: crypto.randomUUID() } : grant));
    return { made, key: made.ring.key };
  }],
];

for (const [what, spoil] of BAD) {
  test(`under ${what} the mailbox opens, names who made it, and seals nothing with it`, async () => {
    const { portal, code } = await filed();
    await face.answer("P-002", "Chúng tôi đã nhận.");
    const { key } = await spoil();
    face.file.items = [await underSecond(key), ...face.file.items];
    const before = face.sent.length;
    const mailbox = await portal.openMailbox(code);
    assert.equal(face.sent.length, before + 2); // on the wire, opening looks the same whatever is in it
    assert.deepEqual(told(mailbox), [["Chúng tôi đã nhận.", null], [null, "item_closed"]]);
    assert.deepEqual(mailbox.warnings, [{ code: "epoch_key_wrong", ring: "report", epoch: 2, who: "P-001" }]);

    face.present = ["P-001", "P-002"];
    await mailbox.write("Dưới khoá mới.");
    await mailbox.write("Và nữa.");
    const { args } = face.asked.find(({ op }) => op === "mailbox.write");
    const epoch = parseJcs(unb64u(args.epoch.statement.stmt));
    assert.deepEqual([args.object.epoch, epoch.epoch, epoch.readers.map(({ id }) => id), epoch.removed], [3, 3, ["P-001", "P-002", "reporter"], []]);
    assert.equal(face.asked.filter(({ op }) => op === "mailbox.badkey").length, 1);
    const again = await portal.openMailbox(code);
    assert.deepEqual(told(again).slice(-2), [["Dưới khoá mới.", null], ["Và nữa.", null]]);
    assert.equal(again.warnings.length, 1); // who made it can still be seen
  });
}

/** A message of P-001's under the second epoch, sealed with this key. */
async function underSecond(key) {
  const ring = { name: "report", epoch: 2, key, trusted: true };
  const actor = { code: "P-001", keys: face.world.people["P-001"].keys, checkpoint: { no: 3, hash: "cd".repeat(32) } };
  const made = await buildItem(actor, face.file.args.case, ring, "message", "Dưới khoá xấu.", new Date("2026-11-24T10:00:00Z"));
  return { ...made, by: "P-001", at: "2026-11-24" };
}

test("a bad key that a handler has reported already is replaced without reporting it again", async () => {
  const { portal, code } = await filed();
  await BAD[1][1]();
  face.file.epochs = [...face.file.epochs, { ring: "report", epoch: 3, state: "pending", statement: null }];
  await (await portal.openMailbox(code)).write("Thư");
  assert.deepEqual(face.asked.map(({ op }) => op).filter((op) => op === "mailbox.badkey"), []);
  assert.equal(face.asked.at(-1).args.object.epoch, 3);
});

test("where the answer to the report of a bad key is lost, writing again goes on", async () => {
  const { portal, code } = await filed();
  await BAD[1][1]();
  const mailbox = await portal.openMailbox(code);
  face.fail = (path) => {
    if (path.endsWith("answered")) throw new TypeError("connection lost");
  };
  await refuses(mailbox.write("Thư"), "network");
  face.fail = () => {};
  await mailbox.write("Thư");
  assert.equal(face.file.written, 1);
});

test("the reporter's own first key stays a fault of the whole", async () => {
  const { portal, code } = await filed();
  const { stmt } = face.file.args.submission;
  const said = parseJcs(unb64u(stmt));
  const { epoch } = said.objects.find(({ kind, ring }) => kind === "grant" && ring === "report");
  assert.equal(epoch, 1);
  face.cheat["mailbox.open"] = (answer) => ({
    ...answer, grants: answer.grants.map((grant) => (grant.ring ? { ...grant, data: b64u(randomBytes(1169)) } : grant)),
  });
  await refuses(portal.openMailbox(code), "object_swapped");
});

test("a mailbox that goes back behind an epoch it has shown is refused", async () => {
  const { portal, code } = await filed();
  await secondEpoch();
  const mailbox = await portal.openMailbox(code);
  [face.file.epochs, face.file.grants] = [face.file.epochs.slice(0, 1), face.file.grants.filter(({ epoch }) => epoch !== 2)];
  await refuses(mailbox.reload(), "epoch_rolled_back");
});

// Handlers who have left the roster, or enrolled anew

const CHANGES = [["left", { without: ["P-001"] }], ["enrolled anew", { anew: ["P-001"] }]];

/** The next visit, under a roster signed since. */
async function laterVisit(change) {
  face.roster = await makeRoster(face.world, { no: 2, ...change });
  return aVisit(face);
}

for (const [how, change] of CHANGES) {
  test(`a mailbox with a message of a handler who ${how} opens, with a warning beside the message`, async () => {
    const { code } = await filed();
    await face.answer("P-001", "Chúng tôi đã nhận.");
    await face.answer("P-002", "Chúng tôi đang xem.");
    const mailbox = await (await laterVisit(change)).openMailbox(code);
    assert.deepEqual(mailbox.messages.map(({ text, fault }) => [text, fault]), [["Chúng tôi đã nhận.", "signer_unknown"], ["Chúng tôi đang xem.", null]]);
    assert.equal(mailbox.narrative.text, REPORT.text);
    await mailbox.write("Cảm ơn."); // the newest key is the reporter's own
    assert.deepEqual((await mailbox.reload()).messages.at(-1).fault, null);
  });

  test(`a key made by a handler who ${how} is read, and not written to until there is another`, async () => {
    const { code } = await filed();
    await secondEpoch({ by: "P-001" });
    const portal = await laterVisit(change);
    const mailbox = await portal.openMailbox(code);
    await assert.rejects(mailbox.write("Thư"), ({ code: fault, detail }) => fault === "reader_unrostered" && detail.who === "P-001");
    assert.equal(face.file.written, 0);
    face.file.epochs = [...face.file.epochs, { ring: "report", epoch: 3, state: "pending", statement: null }];
    face.present = ["P-001", "P-002"];
    await mailbox.reload();
    await mailbox.write("Thư");
    const { args } = face.asked.find(({ op }) => op === "mailbox.write");
    const made = parseJcs(unb64u(args.epoch.statement.stmt));
    assert.deepEqual([made.readers.map(({ id }) => id), made.removed], [["P-002", "reporter"], ["P-001"]]);
    await mailbox.write("Và nữa");
    assert.equal((await portal.openMailbox(code)).messages.length, 2);
  });
}

test("an unknown signer can't widen, and doesn't escape a check that needs no key", async () => {
  const { code } = await filed();
  await secondEpoch({ readers: ["P-001", "P-002", "P-004", "reporter"] });
  const portal = await laterVisit({ anew: ["P-001"] });
  await refuses(portal.openMailbox(code), "epoch_widened");
  face.file.epochs = face.file.epochs.slice(0, 1);
  await face.answer("P-001", "Giả", { change: (entry) => ({ ...entry, statement: null }) });
  assert.deepEqual(told(await portal.openMailbox(code)), [[null, "signature_bad"]]);
});

test("two histories of checkpoints within one visit are noticed", async () => {
  const { portal, code } = await filed();
  face.checkpoint = await makeCheckpoint(face.world, 3, { root: "cd".repeat(32) });
  face.routing = await routingKey(face.world.installation); // the former one is gone: the page looks again
  await refuses(portal.openMailbox(code), "checkpoint_forked");
});

// Writing back

test("what the reporter writes is signed, sealed, and there after looking again", async () => {
  const { portal, code } = await filed();
  const mailbox = await portal.openMailbox(code);
  assert.equal(await mailbox.write("  Tôi nhớ thêm.  "), "2026-11-24");
  const expected = [["me", "reporter", "Tôi nhớ thêm.", "2026-11-24T09:00:00Z"]];
  const told = () => mailbox.messages.map(({ from, by, text, at }) => [from, by, text, at]);
  assert.deepEqual(told(), expected);
  assert.deepEqual((await mailbox.reload(), told()), expected);
  await refuses(mailbox.write(" "), "text_empty");
  await refuses(mailbox.write("x".repeat(LIMITS.message + 1)), "text_too_long");
});

test("a message whose answer was lost is stored once", async () => {
  const { portal, code } = await filed();
  const mailbox = await portal.openMailbox(code);
  face.fail = (path) => {
    if (path.endsWith("answered")) throw new TypeError("connection lost");
  };
  await refuses(mailbox.write("Một lần"), "network");
  face.fail = () => {};
  await mailbox.write("Một lần");
  assert.equal(face.file.written, 1);
  await mailbox.write("Một lần"); // and again on purpose
  assert.equal(face.file.written, 2);
});

test("a message that did arrive, as looking again shows, is not taken for the next of the same words", async () => {
  const { portal, code } = await filed();
  const mailbox = await portal.openMailbox(code);
  face.fail = (path) => {
    if (path.endsWith("answered")) throw new TypeError("connection lost");
  };
  await refuses(mailbox.write("Vâng"), "network");
  face.fail = () => {};
  await mailbox.reload();
  await mailbox.write("Vâng");
  assert.deepEqual([face.file.written, mailbox.messages.length], [2, 2]);
});

test("where an epoch is pending the reporter's message makes it, without those who left", async () => {
  const { portal, code } = await filed();
  face.file.epochs = [...face.file.epochs, { ring: "report", epoch: 2, state: "pending", statement: null }];
  face.present = ["P-001", "P-002"];
  const mailbox = await portal.openMailbox(code);
  await mailbox.write("Dưới khoá mới");
  await mailbox.write("Và nữa");
  const { args } = face.asked.find(({ op }) => op === "mailbox.write");
  const epoch = parseJcs(unb64u(args.epoch.statement.stmt));
  assert.deepEqual([epoch.epoch, epoch.readers.map(({ id }) => id), epoch.removed], [2, ["P-001", "P-002", "reporter"], ["P-003"]]);
  assert.deepEqual(args.epoch.grants.map(({ reader }) => reader), ["P-001", "P-002", "reporter"]);
  assert.equal(face.asked.at(-1).args.epoch, undefined);
  assert.deepEqual((await portal.openMailbox(code)).messages.map(({ text }) => text), ["Dưới khoá mới", "Và nữa"]);
});

test("a key that a colleague made first is the server's refusal, and looking again helps", async () => {
  const { portal, code } = await filed();
  const mailbox = await portal.openMailbox(code);
  face.file.epochs = [...face.file.epochs, { ring: "report", epoch: 2, state: "pending", statement: null }];
  await refuses(mailbox.write("Chờ"), "epoch_pending", Refused);
  await mailbox.reload();
  await mailbox.write("Chờ");
  assert.deepEqual(mailbox.messages.map(({ text }) => text), ["Chờ"]);
});

test("older messages come page by page, verified like the first", async () => {
  const { portal, code } = await filed();
  for (const text of ["một", "hai", "ba"]) await face.answer("P-001", text);
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, items: answer.items.slice(0, 1), more: true });
  const mailbox = await portal.openMailbox(code);
  assert.deepEqual([mailbox.messages.map(({ text }) => text), mailbox.hasOlder, mailbox.summary], [["ba"], true, null]);
  await mailbox.older();
  assert.deepEqual([mailbox.messages.map(({ text }) => text), mailbox.hasOlder], [["một", "hai", "ba"], false]);
  assert.deepEqual([mailbox.summary, mailbox.narrative.text], [REPORT.summary, REPORT.text]);
  const again = await portal.openMailbox(code);
  face.file.items[1].by = "P-002";
  await again.older();
  assert.deepEqual(told(again), [["một", null], [null, "signature_bad"], ["ba", null]]);
});

test("what is too long to be listed is fetched when it is asked for", async () => {
  const { portal, code } = await filed();
  await face.answer("P-001", "rất dài");
  const leaveOut = (entry) => {
    const { data, ...place } = entry.object;
    return ["message", "narrative"].includes(place.kind) ? { ...entry, object: place, large: true } : entry;
  };
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, items: answer.items.map(leaveOut) });
  const mailbox = await portal.openMailbox(code);
  assert.deepEqual([mailbox.messages[0].text, mailbox.narrative, mailbox.hasLong], [null, null, true]);
  await mailbox.fetchLong();
  assert.deepEqual([mailbox.messages[0].text, mailbox.narrative.text, mailbox.hasLong], ["rất dài", REPORT.text, false]);
  face.cheat["mailbox.item"] = () => face.file.items.find(({ object }) => object.kind === "first");
  await refuses((await portal.openMailbox(code)).fetchLong(), "object_swapped");
});

// Who has left by their own signed word

test("the reporter makes no key for who has left, and seals nothing under one that names them", async () => {
  const { portal, code } = await filed();
  const actor = { code: "P-003", keys: face.world.people["P-003"].keys, checkpoint: { no: 3, hash: "cd".repeat(32) } };
  const departures = [await state(actor, "withdrawal", { case: face.file.args.case, header: "ab".repeat(32) })];
  face.cheat["mailbox.open"] = (answer) => ({ ...answer, departures });
  const [first] = face.file.epochs;
  await secondEpoch({ by: "P-003", readers: ["P-001", "P-002", "P-003", "reporter"], removed: [] });
  const mailbox = await portal.openMailbox(code);
  assert.deepEqual(mailbox.warnings, [{ code: "reader_returned", ring: "report", epoch: 2, who: "P-003" }]);
  await refuses(mailbox.write("Thư"), "ring_untrusted");
  face.file.epochs = [first, { ring: "report", epoch: 2, state: "pending", statement: null }];
  face.file.grants = face.file.grants.filter(({ epoch }) => epoch !== 2);
  const again = await portal.openMailbox(code);
  assert.deepEqual(again.warnings, []);
  await again.write("Thư");
  const { epoch } = face.asked.at(-1).args;
  assert.deepEqual(parseJcs(unb64u(epoch.statement.stmt)).readers.map(({ id }) => id), ["P-001", "P-002", "reporter"]);
});
