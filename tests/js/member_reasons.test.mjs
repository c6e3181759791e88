// Why a colleague declared a conflict: opened by the head it was sealed to, under a signed declaration, and by nobody else.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { signStatement } from "../../static/js/crypto/signing.js";
import { parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import * as member from "../../static/js/client/member.js";
import { answerFor, makeCase, makeRoster, makeWorld } from "./member_world.mjs";

const AT = new Date("2026-11-24T09:00:00Z");
let world;
let file;
let trust;
let made;

before(async () => {
  world = await makeWorld();
  file = await makeCase(world);
  trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
  made = await declared("P-002", "Là em rể của trưởng đoàn.");
});

const actor = (code) => ({ code, keys: world.people[code].keys, checkpoint: trust.checkpoint });

function declared(code, reason) {
  const head = { id: "P-001", readerkey: world.people["P-001"].readerkey };
  return member.buildDeclaration(actor(code), file.id, { conflict: true, headerHash: "ab".repeat(32), reason, head }, trust.roster, AT);
}

const direct = (by = "P-002", object = made.reason) => [{ object, by, at: "2026-11-24T09:00:00Z", statement: null }];
const reasons = async (code, { served = direct(), departures = [made.statement], under = trust } = {}) => {
  const answer = await answerFor(world, file, code, { direct: served, departures });
  return (await member.openCase(answer, actor(code), under)).reasons;
};

test("the head reads who declared, when, and why", async () => {
  assert.deepEqual(await reasons("P-001"), [{ who: "P-002", at: "2026-11-24T09:00:00Z", text: "Là em rể của trưởng đoàn.", fault: null }]);
  assert.deepEqual(await reasons("P-001", { served: [] }), []);
});

test("another reader can't open it, even with the bytes in hand", async () => {
  assert.deepEqual(await reasons("P-003"), [{ who: "P-002", at: "2026-11-24T09:00:00Z", text: null, fault: "item_damaged" }]);
});

test("one that no signed declaration names is nobody's, and not a word of it is shown", async () => {
  const signer = world.people["P-003"].keys.signSeed;
  const forged = { ...made.statement, sig: (await signStatement(signer, parseJcs(unb64u(made.statement.stmt)))).sig };
  const none = [{ who: "P-002", at: null, text: null, fault: "reason_unsigned" }];
  assert.deepEqual(await reasons("P-001", { departures: [] }), none);
  assert.deepEqual(await reasons("P-001", { departures: [forged] }), none);
  assert.deepEqual(await reasons("P-001", { departures: [(await declared("P-002", "Khác")).statement] }), none);
  assert.deepEqual((await reasons("P-001", { served: direct("P-003") })).map(({ who, fault }) => [who, fault]), [["P-003", "reason_unsigned"]]);
});

test("one that was moved to another place is damaged", async () => {
  const moved = direct("P-002", { ...made.reason, readerkey: world.people["P-003"].readerkey });
  assert.deepEqual((await reasons("P-001", { served: moved })).map(({ text, fault }) => [text, fault]), [[null, "item_damaged"]]);
});

test("where the roster lost the declarer's key the reason is shown with a doubt", async () => {
  const roster = await makeRoster(world, { no: 2, without: ["P-002"] });
  const under = await member.verifyTrust({ roster, checkpoint: world.checkpoint }, world.org.keys.signPublic);
  assert.deepEqual((await reasons("P-001", { under })).map(({ text, fault }) => [text, fault]), [["Là em rể của trưởng đoàn.", "signer_unknown"]]);
});
