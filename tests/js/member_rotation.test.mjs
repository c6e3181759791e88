// A head's word about rotation: codes and a hash in the statement, the words beside it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildRotation } from "../../static/js/client/member/rotation.js";
import { parseJcs, sha256hex, unb64u, utf8 } from "../../static/js/crypto/encoding.js";
import { verifyStatement } from "../../static/js/crypto/signing.js";
import { makeWorld } from "./member_world.mjs";

const given = { act: "exception", person: "P-002", over: "field/inspection", reason: "no_successor", note: " Quyết định\n 12 ", until: "2027-03-31" };

async function head() {
  const world = await makeWorld();
  return { code: "P-001", keys: world.people["P-001"].keys, checkpoint: { no: 3, hash: "ab".repeat(32) } };
}

test("an exception names the day and holds the hash of the words, which have one blank between them", async () => {
  const actor = await head();
  const { statement, note } = await buildRotation(actor, given);
  assert.equal(note, "Quyết định 12");
  const said = await verifyStatement(actor.keys.signPublic, statement, "rotation");
  assert.deepEqual([said.act, said.person, said.over, said.reason, said.until], ["exception", "P-002", "field/inspection", "no_successor", "2027-03-31"]);
  assert.equal(said.note, await sha256hex(utf8("Quyết định 12")));
  assert.ok(!("case" in parseJcs(unb64u(statement.stmt))));
});

test("a requirement has no last day", async () => {
  const { statement } = await buildRotation(await head(), { ...given, act: "requirement", reason: "risk", until: null });
  assert.ok(!("until" in parseJcs(unb64u(statement.stmt))));
});

test("nothing is signed without words, or with too many; half a character becomes a sign", async () => {
  const actor = await head();
  await assert.rejects(buildRotation(actor, { ...given, note: " \n " }), ({ code }) => code === "text_empty");
  await assert.rejects(buildRotation(actor, { ...given, note: "x".repeat(401) }), ({ code }) => code === "text_too_long");
  assert.equal((await buildRotation(actor, { ...given, note: "a\ud800" })).note, "a\ufffd");
  assert.equal([...(await buildRotation(actor, { ...given, note: "𝔸".repeat(400) })).note].length, 400);
});
