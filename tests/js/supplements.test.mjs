// Adding to a report: what both sides open, of whom they take it, and that its size says nothing (docs/decisions/0023).

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";

import { b64u, concat, jcs, parseJcs, randomBytes, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { buildItem, state } from "../../static/js/client/building.js";
import { SUPPLEMENT_SIZES } from "../../static/js/client/limits.js";
import * as member from "../../static/js/client/member.js";
import { answerFor, makeCase, makeEpoch, makeWorld } from "./member_world.mjs";
import { Face, aReport, aVisit, refuses } from "./reporter_world.mjs";

const AT = new Date("2026-11-24T09:00:00Z");
const ADDED = { text: "  Ông ấy còn hỏi lần nữa. ", when: "tháng 11/2026", where: "", whom: "Trần Văn Mẫu" };
const KEPT = { ...ADDED, text: "Ông ấy còn hỏi lần nữa." };
const texts = ({ text, when, where, whom }) => ({ text, when, where, whom });

describe("in the mailbox", () => {
  let face;
  beforeEach(async () => {
    face = await Face.open();
  });

  async function filed() {
    const { portal, code, sealed } = await aReport(face);
    await portal.submit(sealed);
    return { portal, code };
  }

  const lost = (path) => {
    if (path.endsWith("answered")) throw new TypeError("connection lost");
  };

  test("what is added is signed and sealed, and no message; looking again shows the same", async () => {
    const { portal, code } = await filed();
    const mailbox = await portal.openMailbox(code);
    assert.equal(await mailbox.supplement(ADDED), "2026-11-24");
    const { object, statement } = face.asked.at(-1).args;
    assert.deepEqual([object.kind, object.ring, object.epoch], ["supplement", "report", 1]);
    assert.equal(parseJcs(unb64u(statement.stmt)).item_kind, "supplement");
    for (const shown of [mailbox, await portal.openMailbox(code)]) {
      assert.deepEqual(shown.supplements.map(texts), [KEPT]);
      assert.deepEqual([shown.messages, shown.supplements[0].at, shown.supplements[0].fault], [[], "2026-11-24T09:00:00Z", null]);
    }
  });

  test("a long and a short one have one size; only the longest in the widest letters takes another", async () => {
    const { portal, code } = await filed();
    const mailbox = await portal.openMailbox(code);
    const sizes = [];
    for (const added of [{ text: "a" }, { ...ADDED, text: "a".repeat(10_000) }, { text: "😀".repeat(10_000) }]) {
      await mailbox.supplement(added);
      sizes.push(unb64u(face.asked.at(-1).args.object.data).length - 81 - 4);
    }
    assert.deepEqual(sizes, [SUPPLEMENT_SIZES[0], SUPPLEMENT_SIZES[0], SUPPLEMENT_SIZES[1]]);
    const onTheWire = face.sent.slice(-3).map(({ length }) => length);
    assert.equal(onTheWire[0], onTheWire[1]);
    const whole = face.file.items[0];
    const { data, ...place } = whole.object;
    face.cheat["mailbox.open"] = (answer) => ({ ...answer, items: answer.items.map((one) => (one === whole ? { ...one, object: place, large: true } : one)) });
    const again = await portal.openMailbox(code);
    assert.deepEqual([again.supplements.map(({ text }) => text?.length ?? null), again.hasLong], [[1, 10_000, null], true]);
    await again.fetchLong();
    assert.deepEqual([[...again.supplements[2].text].length, again.hasLong], [10_000, false]);
  });

  test("none is made without a text, or with more than there is room for", async () => {
    const { portal, code } = await filed();
    const mailbox = await portal.openMailbox(code);
    await refuses(mailbox.supplement({ ...ADDED, text: " " }), "text_empty");
    await refuses(mailbox.supplement({ ...ADDED, text: "x".repeat(10_001) }), "text_too_long");
    await refuses(mailbox.supplement({ ...ADDED, whom: "x".repeat(501) }), "text_too_long");
  });

  test("one whose answer was lost is stored once, also where a message's was lost before it", async () => {
    const { portal, code } = await filed();
    const mailbox = await portal.openMailbox(code);
    face.fail = lost;
    await refuses(mailbox.write("Một thư"), "network");
    await refuses(mailbox.supplement(ADDED), "network");
    face.fail = () => {};
    await mailbox.supplement(ADDED);
    await mailbox.write("Một thư");
    assert.equal(face.file.written, 2);
    face.fail = lost;
    await refuses(mailbox.supplement(ADDED), "network");
    face.fail = () => {};
    await mailbox.reload(); // it did arrive
    await mailbox.supplement(ADDED);
    assert.deepEqual([face.file.written, mailbox.supplements.length], [4, 3]);
  });

  test("it makes the key that is pending, without those who left", async () => {
    const { portal, code } = await filed();
    face.file.epochs = [...face.file.epochs, { ring: "report", epoch: 2, state: "pending", statement: null }];
    face.present = ["P-001", "P-002"];
    await (await portal.openMailbox(code)).supplement(ADDED);
    const { args } = face.asked.at(-1);
    assert.deepEqual(parseJcs(unb64u(args.epoch.statement.stmt)).readers.map(({ id }) => id), ["P-001", "P-002", "reporter"]);
    assert.equal(args.object.epoch, 2);
  });

  test("a handler who writes one into the mailbox is not believed", async () => {
    const { portal, code } = await filed();
    const actor = { code: "P-001", keys: face.world.people["P-001"].keys, checkpoint: { no: 3, hash: "cd".repeat(32) } };
    const made = await buildItem(actor, face.file.args.case, await face.ringOf("P-001"), "supplement", ADDED, AT);
    for (const [by, fault] of [["P-001", "author_not_reporter"], ["reporter", "signature_bad"]]) {
      face.file.items = [{ ...made, by, at: "2026-11-24" }, ...face.file.items.filter(({ object }) => object.kind !== "supplement")];
      const { supplements, narrative } = await (await aVisit(face)).openMailbox(code);
      assert.deepEqual(supplements.map(({ text, whom, fault: told }) => [text, whom, told]), [[null, undefined, fault]]);
      assert.ok(narrative.text);
    }
  });
});

describe("on the desk", () => {
  let world;
  let file;
  let ring;
  let trust;
  before(async () => {
    world = await makeWorld();
    file = await makeCase(world);
    trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
    ring = { ...file.epochs[0].ring, trusted: true };
  });

  const actor = (code) => ({ code, keys: (code === "reporter" ? world.reporter : world.people[code]).keys, checkpoint: trust.checkpoint });
  const entryOf = (by, { object, statement }) => ({ object, by, at: "2026-11-24", statement });
  const open = async (code, items, epochs = []) => member.openCase(
    await answerFor(world, { ...file, items: [...file.items, ...items], epochs: [...file.epochs, ...epochs] }, code), actor(code), trust);
  const written = async (by, change = {}) => ({ ...entryOf(by, await buildItem(actor(by), file.id, ring, "supplement", ADDED, AT)), ...change });

  test("it stands beside the report, its signature verified, in the order in which it came", async () => {
    const message = entryOf("reporter", await buildItem(actor("reporter"), file.id, ring, "message", "Vâng.", AT));
    const second = await buildItem(actor("reporter"), file.id, ring, "supplement", { text: "Và nữa." }, AT);
    const opened = await open("P-002", [await written("reporter"), message, entryOf("reporter", second)]);
    assert.deepEqual(opened.supplements.map(({ text, whom, fault }) => [text, whom, fault]), [[KEPT.text, KEPT.whom, null], ["Và nữa.", "", null]]);
    assert.deepEqual([opened.messages.map(({ text }) => text), opened.notes], [["Vâng."], []]);
  });

  test("one that isn't signed with the reporter's key is told and not shown, whoever holds the ring's key", async () => {
    const message = await buildItem(actor("reporter"), file.id, ring, "message", "Vâng.", AT);
    const moved = entryOf("reporter", { ...message, object: { ...message.object, kind: "supplement" } });
    const bad = [
      [await written("P-001"), "author_not_reporter"], [await written("P-001", { by: "reporter" }), "signature_bad"],
      [await written("reporter", { by: "P-001" }), "author_not_reporter"], [await written("reporter", { statement: null }), "signature_bad"],
      [moved, "item_damaged"],
    ];
    for (const [entry, fault] of bad) {
      const { supplements, messages, narrative } = await open("P-002", [entry]);
      assert.deepEqual(supplements.map(({ text, whom, fault: told }) => [text, whom, told]), [[null, undefined, fault]]);
      assert.deepEqual([messages, narrative.where], [[], "Trụ sở"]);
    }
  });

  const sealing = (content) => (key, binding) => sealItem(key, binding, content);
  const NONSENSE = [
    ["random bytes", async () => concat(Uint8Array.of(1), randomBytes(592))], ["spaces", sealing(new TextEncoder().encode("   "))],
    ["a text alone", sealing(jcs({ v: 1, text: "x" }))], ["a name that is no text", sealing(jcs({ v: 1, text: "x", when: "", where: "", whom: ["y"] }))],
  ];
  for (const [what, make] of NONSENSE) {
    test(`one of ${what} under the right signature is damaged`, async () => {
      const place = { kind: "supplement", id: crypto.randomUUID(), ring: "report", epoch: 1 };
      const data = await make(ring.key, objectBinding(file.id, place));
      const about = { case: file.id, ring: "report", epoch: 1, item: place.id, item_kind: "supplement", sha256: await sha256hex(data) };
      const statement = await state(actor("reporter"), "item", about, AT);
      const { supplements } = await open("P-002", [entryOf("reporter", { object: { ...place, data: b64u(data) }, statement })]);
      assert.deepEqual(supplements.map(({ text, fault }) => [text, fault]), [[null, "item_damaged"]]);
    });
  }

  test("after somebody has left the next one is closed to them", async () => {
    const prev = file.epochs[0].hash;
    const second = await makeEpoch(world, file.id, { name: "report", epoch: 2, prev, by: "reporter", readers: ["P-001", "P-002", "reporter"], removed: ["P-003"] });
    const made = entryOf("reporter", await buildItem(actor("reporter"), file.id, { ...second.ring, trusted: true }, "supplement", ADDED, AT));
    assert.deepEqual((await open("P-002", [made], [second])).supplements.map(texts), [KEPT]);
    const left = (await open("P-003", [made], [second])).supplements; // with every byte that the server keeps
    assert.deepEqual(left.map(({ text, fault }) => [text, fault]), [[null, "item_closed"]]);
  });
});
