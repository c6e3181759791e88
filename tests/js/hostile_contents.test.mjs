// A reporter, or a reader who gave the case on, may have sealed anything under right signatures: it is a clear fault, or text.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ClientFault } from "../../static/js/client/faults.js";
import * as member from "../../static/js/client/member.js";
import { blankPage, openPage } from "./desk_page.mjs";
import { answerFor, makeCase, makeWorld } from "./member_world.mjs";

const HTML = "<img src=x onerror=alert(1)><script>alert(2)</script>";
let world;
let trust;

before(async () => {
  world = await makeWorld();
  trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
});

const only = (kind, change) => (of, content) => (of === kind ? change(content) : content);
const me = () => ({ code: "P-001", keys: world.people["P-001"].keys });
const open = async (file) => member.openCase(await answerFor(world, file, "P-001"), me(), trust);
const refuses = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof ClientFault, error.stack);
  assert.equal(error.code, code);
  return true;
});

const NOTHING = [null, [], [1], 7, "text", {}, true];
const spoilt = (changes) => changes.map((change) => (content) => ({ ...content, ...change }));
const UNSOUND = {
  first: [
    ...NOTHING.map((value) => () => value),
    ...spoilt([
      { v: 2 }, { v: "1" }, { v: true }, { reporter: null }, { reporter: { kem: 1, sign: [] } }, { reporter: { kem: "!", sign: "!" } },
      { facts: null }, { facts: { on: 1, accused: "all" } }, { facts: { on: "2026-11-23", accused: [null] } },
      { facts: { on: "2026-11-23", accused: [], objections: {} } }, { objections: 7 }, { objections: [{}] }, { decision: [] },
      { decision: { readers: "P-001" } }, { case: ["x"] },
    ]),
    ({ reporter, ...content }) => content,
  ],
  summary: [...NOTHING.map((value) => () => value), ...spoilt([{ v: 2 }, { text: null }, { text: [HTML] }, { text: { toString: "x" } }])],
  narrative: [
    ...NOTHING.map((value) => () => value),
    ...spoilt([
      { v: 0 }, { text: 7 }, { named: "yes" }, { accused_names: "x" }, { accused_names: [null] }, { accused_names: [{ name: [] }] },
      { accused_names: [{ name: "A", body: { x: 1 } }] }, { when: {} }, { keep_away: null }, { language: [] },
    ]),
  ],
};

for (const [kind, changes] of Object.entries(UNSOUND)) {
  test(`a ${kind} that is none, under right signatures, is a clear fault`, async () => {
    for (const change of changes) await refuses(open(await makeCase(world, only(kind, change))), kind === "first" ? "first_damaged" : "item_damaged");
  });
}

test("a summary that is none is a fault of its line in the queue", async () => {
  for (const change of UNSOUND.summary) {
    const answer = await answerFor(world, await makeCase(world, only("summary", change)), "P-001");
    const summary = answer.items.find(({ object }) => object.kind === "summary");
    await refuses(member.openSummary({ id: answer.id, summary, grants: answer.grants }, me()), "item_damaged");
  }
});

test("a header that is none is a clear fault before anybody declares", async () => {
  const changes = [...NOTHING.map((value) => () => value), ...spoilt([{ v: 2 }, { facts: {} }, { facts: null }, { decision: null }, { made_by: {} }])];
  const file = await makeCase(world);
  for (const change of changes) {
    await refuses(member.openHeader(await answerFor(world, file, "P-001", {}, change), me().keys), "header_damaged");
  }
});

test("keys that some code takes for special pollute nothing, and stay out of what is shown", async () => {
  const special = (content) => ({ ...content, ["__proto__"]: { polluted: true }, constructor: { prototype: { polluted: true } }, hasOwnProperty: 1 });
  const opened = await open(await makeCase(world, (kind, content) => special(content)));
  assert.equal(opened.summary.text, "Một câu tóm tắt.");
  assert.equal({}.polluted, undefined);
  await refuses(open(await makeCase(world, only("summary", () => JSON.parse('{"__proto__": {"v": 1, "text": "x"}}')))), "item_damaged");
});

test("the page shows markup in a report as the text that it is, a long one whole", async () => {
  const long = HTML + "x".repeat(100_000);
  const hostile = { summary: { text: HTML }, narrative: { text: long, where: HTML, accused_names: [{ name: HTML, role: HTML, body: HTML }] } };
  const file = await makeCase(world, (kind, content) => ({ ...content, ...hostile[kind] }));
  const { find } = await openPage(world, file, "P-001");
  assert.equal(find("#fault").hidden, true);
  assert.equal(find("#summary").textContent, HTML);
  assert.deepEqual(find("#narrative").children.map(({ textContent }) => textContent), [long]);
  assert.ok(find("#report-facts").textContent.includes(HTML));
});

test("the page of a report whose parts are none shows a fault, and nothing of the report", async () => {
  for (const kind of Object.keys(UNSOUND)) {
    const { find } = await openPage(world, await makeCase(world, only(kind, () => null)), "P-001");
    assert.equal(find("#fault").hidden, false, kind);
    assert.equal(find("#opened").hidden, true, kind);
    blankPage();
  }
});
