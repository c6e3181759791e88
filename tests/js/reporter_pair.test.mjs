// A linked pair in the reporter's browser: sealed to two bodies, sent at once, found under one code (docs/decisions/0032).

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { objectBinding } from "../../static/js/crypto/binding.js";
import { b64u, parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { openSealed } from "../../static/js/crypto/hpke.js";
import { openItem } from "../../static/js/crypto/items.js";
import { newCode } from "../../static/js/client/reporter.js";
import { DECISION, holder } from "./member_world.mjs";
import { FACTS, Face, READERS, REPORT, aVisit, refuses, rosterWith } from "./reporter_world.mjs";

const DIRECTOR = "P-022";
const linked = (decision, leads) => ({ body: decision.body, rule: decision.rule, readers: decision.readers, leads });
let face;
let sides;

beforeEach(async () => {
  face = await Face.open();
  face.world.people[DIRECTOR] = await holder(DIRECTOR);
  const { keys } = face.world.people[DIRECTOR];
  face.roster = await rosterWith(face.world, ({ bodies, seats, members }) => ({
    bodies: [{ id: "GDS", kind: "director", level: 3, quorum: 1, single: true }, ...bodies],
    seats: [{ id: `GDS/${DIRECTOR}`, body: "GDS", person: DIRECTOR, function: "head", roles: ["intake"] }, ...seats],
    members: [...members, { id: DIRECTOR, kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic) }],
  }));
  const state = { ...DECISION, body: "GDS", rule: "row-14", readers: [DIRECTOR] };
  const party = { ...DECISION, rule: "row-14" };
  sides = { state: { ...state, pair: linked(party, false) }, party: { ...party, pair: linked(state, true) } };
  face.cheat.preview = (answer) => ({
    ...answer, decision: sides.state, body_name: "Giám đốc", readers: 1,
    pair: { decision: sides.party, body_name: "Uỷ ban", rule_text: "Theo cấp", readers: READERS.length, set: answer.set },
  });
});

async function paired({ alone = false } = {}) {
  const portal = await aVisit(face);
  const shown = await portal.preview(FACTS);
  const code = newCode();
  return { portal, shown, code, sealed: await portal.seal({ report: REPORT, facts: FACTS, shown, code, alone }) };
}

/** What the first item of a sending says, opened by one of its readers. */
async function firstOf(args, code) {
  const grant = args.objects.find(({ kind, reader }) => kind === "grant" && reader === code);
  const { kemSeed } = face.world.people[code].keys;
  const key = await openSealed(kemSeed, "grant", objectBinding(args.case, grant), unb64u(grant.data));
  const object = args.objects.find(({ kind }) => kind === "first");
  return parseJcs(await openItem(key, objectBinding(args.case, object), unb64u(object.data)));
}

test("each body's readers can open their own case alone, and its first item names the other", async () => {
  const { sealed: { args } } = await paired();
  const { pair } = args;
  const readers = ({ objects }) => objects.filter(({ kind, ring }) => kind === "grant" && ring === "report").map(({ reader }) => reader).sort();
  assert.deepEqual(readers(args), [DIRECTOR, "reporter"]);
  assert.deepEqual(readers(pair), [...READERS, "reporter"]);
  const [lead, other] = [await firstOf(args, DIRECTOR), await firstOf(pair, READERS[0])];
  assert.deepEqual(lead.linked, { case: pair.case, body: "UBKT-S", leads: false });
  assert.deepEqual(other.linked, { case: args.case, body: "GDS", leads: true });
  assert.notEqual(lead.reporter.sign, other.reporter.sign);
  assert.notEqual(args.mailbox, pair.mailbox);
  assert.deepEqual(Object.keys(pair).sort(), ["case", "decision", "epoch", "mailbox", "objects", "submission"]);
});

test("one code opens both mailboxes, and what is written goes to one of them", async () => {
  const { portal, code, sealed } = await paired();
  const receipt = await portal.submit(sealed);
  assert.ok(receipt.pair.number);
  assert.deepEqual(await portal.submit(sealed), receipt);
  const lead = await portal.openMailbox(code);
  assert.ok(lead.leads && !lead.linked.leads && lead.linked.linked === lead);
  assert.deepEqual([lead.caseId, lead.linked.caseId], [sealed.args.case, sealed.args.pair.case]);
  await lead.linked.write("Cho tổ chức đảng.");
  const again = await portal.openMailbox(code);
  assert.deepEqual([again.messages.length, again.linked.messages.map(({ text }) => text)], [0, ["Cho tổ chức đảng."]]);
});

test("a reporter who chooses the leading body alone sends one case", async () => {
  const { portal, code, sealed } = await paired({ alone: true });
  assert.equal(sealed.args.pair, undefined);
  assert.equal((await firstOf(sealed.args, DIRECTOR)).linked, null);
  assert.equal((await portal.submit(sealed)).pair, null);
  assert.equal((await portal.openMailbox(code)).linked, null);
});

test("an answer that takes in one of the two is not taken for a receipt", async () => {
  const { portal, sealed } = await paired();
  face.cheat.submit = (answer) => ({ ...answer, pair: null });
  await refuses(portal.submit(sealed), "answer_damaged");
  delete face.cheat.submit;
  assert.ok((await portal.submit(sealed)).pair);
});

test("after a lost answer the same two are sent again", async () => {
  const { portal, sealed } = await paired();
  face.fail = (path) => {
    if (path.endsWith(" answered") && path.includes("envelope")) throw new TypeError("fetch failed");
  };
  await refuses(portal.submit(sealed), "network");
  face.fail = () => {};
  await portal.submit(sealed);
  assert.equal(face.cases.size, 2);
});

test("a mailbox that the server hides, and one that is another's, are found out", async () => {
  const { portal, code, sealed } = await paired();
  await portal.submit(sealed);
  const { mailbox } = sealed.args.pair;
  const file = face.cases.get(mailbox);
  face.cases.delete(mailbox);
  await refuses(portal.openMailbox(code), "linked_missing");
  face.cases.set(mailbox, file);
  const another = await portal.seal({ report: REPORT, facts: FACTS, shown: await portal.preview(FACTS), code });
  face.cases.set(mailbox, fileOf(another.args.pair));
  await refuses(portal.openMailbox(code), "linked_other");
});

/** The rows that the face would hold of this sending. */
function fileOf(args) {
  const cases = new Map();
  face.store.call({ cases }, args);
  return cases.get(args.mailbox);
}

test("a preview whose two decisions don't name each other, or whose second isn't the roster's, is refused", async () => {
  const portal = await aVisit(face);
  const { party } = sides;
  sides.party = { ...party, pair: { ...party.pair, leads: false } };
  await refuses(portal.preview(FACTS), "answer_damaged");
  sides.party = { ...party, readers: [...READERS, DIRECTOR] };
  await refuses(portal.preview(FACTS), "reader_unrostered");
  sides.party = party;
  sides.state = { ...sides.state, pair: null };
  await refuses(portal.preview(FACTS), "answer_damaged");
});

test("a wrong code asks for two mailboxes as a right one does", async () => {
  const { portal, code, sealed } = await paired();
  await portal.submit(sealed);
  const asked = async (words) => {
    const before = face.asked.length;
    await portal.openMailbox(words);
    return face.asked.slice(before).map(({ op }) => op);
  };
  assert.deepEqual(await asked(newCode()), await asked(code));
});
