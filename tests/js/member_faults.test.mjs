// What one handler spoils shuts no colleague out: a later item, or a key made for others, fails alone (sealing.md, Epoch).

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { b64u, concat, parseJcs, randomBytes, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { signStatement, verifyStatement } from "../../static/js/crypto/signing.js";
import { state } from "../../static/js/client/building.js";
import * as member from "../../static/js/client/member.js";
import { blankPage, openPage, texts } from "./desk_page.mjs";
import { READERS, answerFor, makeCase, makeChain, makeEpoch, makeRoster, makeWorld } from "./member_world.mjs";

const AT = new Date("2026-11-23T09:00:00Z");
let world;
let file;
let trust;
let first; // the report ring's first epoch, with its key

before(async () => {
  world = await makeWorld();
  file = await makeCase(world);
  trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
  first = { ...file.epochs[0].ring, trusted: true };
});

const me = (code) => ({ code, keys: world.people[code].keys });
const actor = (code) => ({ code, keys: (code === "reporter" ? world.reporter : world.people[code]).keys, checkpoint: trust.checkpoint });
const refuses = (promise, code) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code, error.stack);
  return true;
});
const open = async (code, what = file, change = {}, under = trust) => member.openCase(await answerFor(world, what, code, change), me(code), under);
const told = (entries) => entries.map(({ text, fault }) => [text, fault]);
const said = (statement) => parseJcs(unb64u(statement.stmt));
const signAs = (code, statement, change = {}) => signStatement(actor(code).keys.signSeed, { ...said(statement), ...change });

/** What the server would hand out of an item. */
const entryOf = (by, { object, statement }) => ({ object, by, at: "2026-11-23T09:00:00Z", statement });
const written = async (by, text, ring = first, kind = "message") => entryOf(by, await member.buildItem(actor(by), file.id, ring, kind, text, AT));
const withItems = (...items) => ({ ...file, items: [...file.items, ...items] });
const withEpochs = (...epochs) => ({ ...file, epochs: [...file.epochs, ...epochs] });

// Later items

/** A rightly signed message of P-001's whose bytes are what `make` gives, `(key, binding)`. */
async function spoilt(make) {
  const place = { kind: "message", id: crypto.randomUUID(), ring: "report", epoch: 1 };
  const data = await make(first.key, objectBinding(file.id, place));
  const statement = await state(actor("P-001"), "item", {
    case: file.id, ring: "report", epoch: 1, item: place.id, item_kind: "message", sha256: await sha256hex(data),
  }, AT);
  return entryOf("P-001", { object: { ...place, data: b64u(data) }, statement });
}

const sealing = (text) => (key, binding) => sealItem(key, binding, new TextEncoder().encode(text));
const UNREADABLE = [
  ["random bytes", async () => concat(Uint8Array.of(1), randomBytes(592))],
  ["one byte", async () => Uint8Array.of(1)],
  ...["xx", "[1]", "null", "7", '{"v":1}', '{"text":7,"v":1}', '{"text":null,"v":1}', '{"text":["x"],"v":1}'].map((text) => [text, sealing(text)]),
];

for (const [what, make] of UNREADABLE) {
  test(`a message of ${what} under a right signature is damaged, and the rest of the case is there`, async () => {
    const opened = await open("P-003", withItems(await written("P-002", "Chúng tôi đã nhận."), await spoilt(make), await written("reporter", "Cảm ơn.")));
    assert.deepEqual(told(opened.messages), [["Chúng tôi đã nhận.", null], [null, "item_damaged"], ["Cảm ơn.", null]]);
    assert.equal(opened.messages[1].by, "P-001"); // who spoilt it can be seen
    assert.deepEqual([opened.summary.text, opened.narrative.where, opened.warnings], ["Một câu tóm tắt.", "Trụ sở", []]);
    assert.ok(await member.buildItem(actor("P-003"), file.id, opened.rings.report, "message", "Vâng."));
  });
}

/** What is wrong with a message of P-001's: the fault, and how it is spoilt. */
const FAULTS = [
  ["signed by a colleague", "signature_bad", async (entry) => ({ statement: await signAs("P-002", entry.statement) })],
  ["under a colleague's name", "signature_bad", async () => ({ by: "P-003" })],
  ["under the reporter's name", "signature_bad", async () => ({ by: "reporter" })],
  ["without a statement", "signature_bad", async () => ({ statement: null })],
  ["with a statement of nonsense", "signature_bad", async ({ statement }) => ({ statement: { ...statement, stmt: b64u(randomBytes(90)) } })],
  ["with the statement of another one", "signature_bad", async () => ({ statement: (await written("P-001", "Khác")).statement })],
  ...Object.entries({
    by: "P-003", case: "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e", item: "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e", item_kind: "note",
    ring: "internal", epoch: 2, sha256: "ab".repeat(32), kind: "withdrawal",
  }).map(([field, value]) => [
    `whose statement has another ${field}`, "signature_bad", async (entry) => ({ statement: await signAs("P-001", entry.statement, { [field]: value }) }),
  ]),
  ["by a rostered member who is no reader", "author_not_reader", async () => ({ by: "P-004" })],
  ["by nobody known", "author_not_reader", async () => ({ by: "P-099" })],
  ["under an epoch that isn't there", "item_closed", async ({ object }) => ({ object: { ...object, epoch: 2 } })],
  ["under a ring that isn't there", "item_closed", async ({ object }) => ({ object: { ...object, ring: "internal" } })],
  ["moved to another place", "item_damaged", async ({ object }) => ({ object: { ...object, id: crypto.randomUUID() } })],
];

for (const [what, fault, spoil] of FAULTS) {
  test(`a message ${what} fails alone, and not a word of it is handed out`, async () => {
    const entry = await written("P-001", "Giả");
    const bad = { ...entry, ...await spoil(entry) };
    const opened = await open("P-002", withItems(await written("P-002", "Chúng tôi đã nhận."), bad, await written("P-003", "Vâng.")));
    assert.deepEqual(told(opened.messages), [["Chúng tôi đã nhận.", null], [null, fault], ["Vâng.", null]]);
    assert.equal(opened.narrative.where, "Trụ sở");
  });
}

test("what an unknown signer wrote keeps its text, and loses it with any other fault", async () => {
  const roster = await makeRoster(world, { no: 2, without: ["P-003"] });
  const later = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  const entry = await written("P-003", "Khi còn làm");
  const moved = { ...entry, statement: await signAs("P-003", entry.statement, { sha256: "ab".repeat(32) }) };
  const { messages } = await open("P-001", withItems(entry, moved, { ...entry, statement: null }, await written("P-002", "Vâng.")), {}, later);
  assert.deepEqual(told(messages), [["Khi còn làm", "signer_unknown"], [null, "signature_bad"], [null, "signature_bad"], ["Vâng.", null]]);
});

test("the desk shows what is verified or of an unknown signer, and under any other fault the alarm alone", async () => {
  const find = blankPage();
  const { showTalk } = await import("../../static/js/pages/staff/case_talk.js");
  const roster = await makeRoster(world, { no: 2, without: ["P-003"] });
  const later = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  const entry = await written("P-001", "Giả");
  const bad = [await spoilt(UNREADABLE[0][1]), { ...entry, statement: null }, { ...entry, by: "P-004" }, { ...entry, object: { ...entry.object, epoch: 2 } }];
  const talk = withItems(await written("P-002", "Chúng tôi đã nhận."), await written("P-003", "Khi còn làm"), ...bad);
  showTalk(await open("P-002", talk, {}, later), "P-002");
  assert.deepEqual(texts(find("#messages"), "typed"), ["Chúng tôi đã nhận.", "Khi còn làm"]);
  const faults = ["signer_unknown", "item_damaged", "signature_bad", "author_not_reader", "item_closed"];
  assert.deepEqual(texts(find("#messages"), "alarm"), faults.map((fault) => `fault.${fault}`));
  assert.equal(texts(find("#messages"), "good").length, 1);
});

// Keys made for others that open nothing

const RINGS = {
  internal: () => ({ name: "internal", epoch: 1, by: "P-001", readers: READERS }),
  report: () => ({ name: "report", epoch: 2, prev: file.epochs[0].hash, by: "P-001", readers: ["P-001", "P-002", "reporter"], removed: ["P-003"] }),
};
const DAMAGES = {
  "another key than its commitment's": async (made) => {
    const other = await makeEpoch(world, file.id, { ...made.asked, key: undefined });
    return { ...made, grants: other.grants, ring: other.ring };
  },
  "random bytes": async (made) => ({
    ...made, grants: made.grants.map((grant) => ({ ...grant, data: b64u(concat(Uint8Array.of(1), randomBytes(1168))) })),
  }),
  "no bytes": async (made) => ({ ...made, grants: made.grants.map((grant) => ({ ...grant, data: "" })) }),
  "a grant that was moved from its place": async (made) => ({ ...made, grants: made.grants.map((grant) => ({ ...grant, id: crypto.randomUUID() })) }),
};

/** An epoch of P-001's in which every grant is damaged like this; `ring` has the key that a grant may hold. */
async function badEpoch(name, damage, change = {}) {
  const asked = { ...RINGS[name](), ...change };
  return DAMAGES[damage]({ ...await makeEpoch(world, file.id, asked), asked });
}
const wrong = (name) => ({ code: "epoch_key_wrong", ring: name, epoch: RINGS[name]().epoch, who: "P-001" });
const remaining = (name) => RINGS[name]().readers.filter((code) => code !== "reporter").map((id) => ({ id, readerkey: world.people[id].readerkey }));
const other = { internal: "report", report: "internal" };

for (const name of Object.keys(RINGS)) {
  for (const damage of Object.keys(DAMAGES)) {
    test(`under ${damage} the ${name} ring is bad and names its maker, and everything else opens and can be answered`, async () => {
      const made = await badEpoch(name, damage);
      const sound = await makeEpoch(world, file.id, RINGS.internal());
      const under = await written("P-001", "Dưới khóa xấu", { ...made.ring, trusted: true }, "note");
      const altered = { ...withEpochs(...(name === "report" ? [sound, made] : [made])), items: [...file.items, await written("P-003", "Trước đó"), under] };
      const opened = await open("P-002", altered);
      const { key, trusted, bad, by, epoch, hash } = opened.rings[name];
      assert.deepEqual({ key, trusted, bad, by, epoch, hash }, { key: null, trusted: false, bad: true, by: "P-001", epoch: RINGS[name]().epoch, hash: made.hash });
      assert.deepEqual(opened.warnings, [wrong(name)]);
      assert.deepEqual([opened.summary.text, opened.narrative.where, b64u(opened.reporter.kem)], ["Một câu tóm tắt.", "Trụ sở", b64u(world.reporter.keys.kemPublic)]);
      assert.deepEqual([told(opened.messages), told(opened.notes)], [[["Trước đó", null]], [[null, "item_closed"]]]);

      await refuses(member.buildItem(actor("P-002"), file.id, opened.rings[name], "note", "x"), "ring_untrusted");
      assert.ok(await member.buildItem(actor("P-002"), file.id, opened.rings[other[name]], "note", "x"));
    });

    test(`under ${damage} of the ${name} ring the summary in the queue opens all the same`, async () => {
      const { grants, items } = await answerFor(world, withEpochs(await badEpoch(name, damage)), "P-002");
      const summary = items.find(({ object }) => object.kind === "summary").object;
      assert.equal(grants.length, 2);
      for (const served of [grants, [...grants].reverse()]) {
        assert.equal(await member.openSummary({ id: file.id, summary, grants: served }, me("P-002")), "Một câu tóm tắt.");
      }
    });
  }

  test(`a bad ${name} key is replaced from the bad epoch's own list, and who made it can still be seen`, async () => {
    const made = await badEpoch(name, "random bytes");
    const { rings, reporter } = await open("P-002", withEpochs(made));
    const plan = await member.nextReaders(rings[name].readers, remaining(name), trust.roster);
    assert.deepEqual([plan.readers.map(({ id }) => id), plan.removed], [RINGS[name]().readers, []]);
    const next = { name, epoch: rings[name].epoch + 1, prev: rings[name].hash, ...plan };
    const { ring, statement, grants } = await member.buildEpoch(actor("P-002"), file.id, next, trust.roster, reporter.kem);
    const following = (signed) => withEpochs(made, { row: { ring: name, epoch: next.epoch, state: "open", statement: signed }, grants });
    const renewed = following(statement);
    renewed.items = [...file.items, await written("P-002", "Khóa mới", ring)];
    for (const code of ["P-001", "P-002"]) { // the maker of the bad key is still a reader
      const opened = await open(code, renewed);
      assert.deepEqual([opened.rings[name].by, opened.rings[name].trusted, opened.rings[name].bad], ["P-002", true, false]);
      assert.deepEqual([told(opened.messages), opened.warnings], [[["Khóa mới", null]], [wrong(name)]]);
      assert.ok(await member.buildItem(actor(code), file.id, opened.rings[name], "note", "x"));
    }
    const stranger = { id: "P-004", key: world.people["P-004"].readerkey };
    const wider = await signAs("P-002", statement, { readers: [...plan.readers.filter(({ id }) => id !== "reporter"), stranger] });
    await refuses(open("P-002", following(wider)), "epoch_widened");
    const before = name === "report" ? file.epochs[0].hash : "0".repeat(64);
    await refuses(open("P-002", following(await signAs("P-002", statement, { prev: before }))), "epoch_broken");
  });
}

test("whom a bad report key left out does not come back with the next", async () => {
  const made = await badEpoch("report", "random bytes");
  const third = await makeEpoch(world, file.id, { name: "report", epoch: 3, prev: made.hash, by: "P-002", readers: [...READERS, "reporter"] });
  await refuses(open("P-002", withEpochs(made, third)), "epoch_widened");
});

test("only who got a bad grant is told, and an epoch of which one holds none is closed without anybody's fault", async () => {
  const made = await makeEpoch(world, file.id, RINGS.internal());
  const [own, ...others] = made.grants;
  const altered = withEpochs({ ...made, grants: [{ ...own, data: "" }, ...others] });
  assert.deepEqual((await open("P-001", altered)).warnings, [wrong("internal")]); // and be it the maker
  const good = await open("P-002", altered);
  assert.deepEqual([good.warnings, good.rings.internal.bad, good.rings.internal.trusted], [[], false, true]);
  const none = await open("P-001", withEpochs({ ...made, grants: others }));
  assert.deepEqual([none.warnings, none.rings.internal.bad, none.rings.internal.key], [[], false, null]);
  await refuses(member.buildItem(actor("P-001"), file.id, none.rings.internal, "note", "x"), "ring_untrusted");
  const older = await open("P-001", withEpochs({ ...made, grants: [{ ...own, readerkey: "ab".repeat(32), data: "" }, ...others] }));
  assert.deepEqual([older.warnings, older.rings.internal.bad], [[], false]);
});

test("a bad key excuses no other fault of its epoch", async () => {
  const spoil = async (change) => open("P-002", withEpochs(await badEpoch("report", "random bytes", change)));
  await refuses(spoil({ readers: ["P-001", "P-002", "P-004", "reporter"] }), "epoch_widened");
  await refuses(spoil({ prev: "ab".repeat(32) }), "epoch_broken");
  await refuses(spoil({ by: "P-003" }), "epoch_readers");
  const forged = await badEpoch("report", "random bytes");
  forged.row.statement = await signAs("P-002", forged.row.statement);
  await refuses(open("P-002", withEpochs(forged)), "epoch_forged");
});

/** The case as if the reporter had signed for another first key than the one in the grants. */
async function otherFirst() {
  const [{ row, ...rest }] = file.epochs;
  const statement = await signAs("reporter", row.statement, { commitment: "ab".repeat(32) });
  const epoch = await sha256hex(unb64u(statement.stmt));
  return { ...file, epochs: [{ ...rest, row: { ...row, statement } }], submission: await signAs("reporter", file.submission, { epoch }) };
}

test("of the report's first key the reporter is the maker: a bad one is a fault of the whole", async () => {
  await refuses(open("P-002", await otherFirst()), "epoch_key_wrong");
  const [grant] = (await answerFor(world, file, "P-002")).grants;
  await refuses(open("P-002", file, { grants: [{ ...grant, data: b64u(randomBytes(1169)) }] }), "grant_damaged");
});

// What is said of a bad key, and by whom

test("the statement of a bad key names case, ring, epoch and the statement that made it, and nothing else", async () => {
  for (const name of Object.keys(RINGS)) {
    const made = await badEpoch(name, "random bytes");
    const { rings } = await open("P-002", withEpochs(made));
    const { statement } = await member.buildBadKey(actor("P-002"), file.id, rings[name], AT);
    const { id, ...body } = await verifyStatement(world.people["P-002"].keys.signPublic, statement, "badkey");
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(body, {
      v: 1, kind: "badkey", at: "2026-11-23T09:00:00Z", by: "P-002", checkpoint: trust.checkpoint,
      case: file.id, ring: name, epoch: RINGS[name]().epoch, statement: await sha256hex(unb64u(made.row.statement.stmt)),
    });
  }
});

/** The case with a bad key, where the other ring has a good one. */
async function withBad(name) {
  const sound = name === "report" ? [await makeEpoch(world, file.id, RINGS.internal())] : [];
  const made = await badEpoch(name, "random bytes");
  return { made, altered: withEpochs(...sound, made) };
}
const acts = ({ posted }) => posted.map(([act]) => act);

for (const name of Object.keys(RINGS)) {
  test(`the page of a reader with a bad ${name} key says so, makes the next from the bad one's list, and shows the case`, async () => {
    const { made, altered } = await withBad(name);
    for (const refusing of [[], ["bad-keys"]]) { // a colleague may have said it already
      const page = await openPage(world, altered, "P-002", { extra: { readers: remaining(name) }, refusing });
      assert.deepEqual(acts(page), ["bad-keys", "epochs"]);
      const [disowned, next] = page.posted.map(([, { statement }]) => said(statement));
      assert.deepEqual([disowned.kind, disowned.by, disowned.ring, disowned.statement], ["badkey", "P-002", name, made.hash]);
      assert.deepEqual([next.ring, next.epoch, next.prev, next.removed], [name, RINGS[name]().epoch + 1, made.hash, []]);
      assert.deepEqual(next.readers, said(made.row.statement).readers);
      assert.ok(page.find("#warnings").textContent.includes("warning.epoch_key_wrong"));
      assert.deepEqual([page.find("#summary").textContent, page.find("#fault").hidden], ["Một câu tóm tắt.", true]);
    }
  });

  test(`the page of the maker of a bad ${name} key says nothing and makes nothing, and shows the case`, async () => {
    const { altered } = await withBad(name);
    const page = await openPage(world, altered, "P-001", { extra: { readers: remaining(name) } });
    assert.deepEqual(acts(page), []);
    assert.equal(page.find("#summary").textContent, "Một câu tóm tắt.");
  });
}

test("where the next key is pending already the page makes it without saying anything, narrowed to who remains", async () => {
  const { made, altered } = await withBad("internal");
  const pending = { ring: "internal", epoch: 2, state: "pending", statement: null };
  const readers = remaining("internal").filter(({ id }) => id !== "P-003");
  const page = await openPage(world, altered, "P-002", { extra: { readers, epochs: [...altered.epochs.map(({ row }) => row), pending] } });
  assert.deepEqual(acts(page), ["epochs"]);
  const next = said(page.posted[0][1].statement);
  assert.deepEqual([next.epoch, next.prev, next.readers.map(({ id }) => id), next.removed], [2, made.hash, ["P-001", "P-002"], ["P-003"]]);
});

test("of the report's first key the page says nothing to the server: it shows the fault", async () => {
  const page = await openPage(world, await otherFirst(), "P-002");
  assert.deepEqual([acts(page), page.find("#opened").hidden, page.find("#fault").hidden], [[], true, false]);
});

// Who has left by their own signed word

const leaving = (code, kind, fields = {}) => state(actor(code), kind, { case: file.id, header: "ab".repeat(32), ...fields }, AT);
const pendingSecond = () => [...file.epochs.map(({ row }) => row), { ring: "report", epoch: 2, state: "pending", statement: null }];

test("who has left gets no next key of the page, though the server lists them", async () => {
  for (const departure of [await leaving("P-003", "withdrawal"), await leaving("P-003", "conflict", { conflict: true })]) {
    const page = await openPage(world, file, "P-001", { extra: { departures: [departure], epochs: pendingSecond() } });
    const made = page.posted.map(([, { statement }]) => said(statement)).map(({ ring, readers }) => [ring, readers.map(({ id }) => id)]);
    assert.deepEqual(made, [["report", ["P-001", "P-002", "reporter"]], ["internal", ["P-001", "P-002"]]]);
  }
});

test("nothing is sealed under a key that names who has left, while none is pending", async () => {
  const made = await makeEpoch(world, file.id, { ...RINGS.report(), by: "P-003", readers: [...READERS, "reporter"], removed: [] });
  const departures = [await leaving("P-003", "withdrawal")];
  const opened = await open("P-001", withEpochs(made), { departures });
  assert.deepEqual(opened.warnings, [{ code: "reader_returned", ring: "report", epoch: 2, who: "P-003" }]);
  await refuses(member.buildItem(actor("P-001"), file.id, opened.rings.report, "message", "x"), "ring_untrusted");
  assert.deepEqual((await open("P-001", file, { departures, epochs: pendingSecond() })).warnings, []);
});

test("a departure counts only if its own reader signed it about this case", async () => {
  const forged = { ...await leaving("P-003", "withdrawal"), sig: (await leaving("P-002", "withdrawal")).sig };
  const departures = [
    forged, null, { stmt: "", sig: "" }, await leaving("P-002", "conflict", { conflict: false }), await leaving("reporter", "withdrawal"),
    await leaving("P-004", "withdrawal"), await leaving("P-002", "withdrawal", { case: crypto.randomUUID() }),
  ];
  assert.deepEqual((await open("P-001", file, { departures })).departed, []);
  const roster = await makeRoster(world, { no: 2, without: ["P-003"] });
  const later = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  assert.deepEqual((await open("P-001", file, { departures }, later)).departed, ["P-003"]); // nobody can check it: it keeps them out
});

test("where the record tells of more departures than are served, the page makes no key and seals nothing", async () => {
  const ledger = await makeChain(file.id, 2, "withdrawn");
  const extra = { ledger, departures: [await leaving("P-003", "withdrawal")], epochs: pendingSecond() };
  const opened = await open("P-001", file, extra);
  assert.deepEqual(opened.warnings, [{ code: "departures_hidden" }]);
  await refuses(member.buildItem(actor("P-001"), file.id, opened.rings.report, "message", "x"), "ring_untrusted");
  const page = await openPage(world, file, "P-001", { extra });
  assert.deepEqual(acts(page), []);
  assert.ok(page.find("#warnings").textContent.includes("warning.departures_hidden"));
  const told = { ...extra, ledger: ledger.slice(0, 1) };
  assert.deepEqual((await open("P-001", file, told)).warnings, []);
});
