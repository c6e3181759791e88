// Who opened a case and when, as a reader's browser takes it from the verified chain.

import assert from "node:assert/strict";
import { test } from "node:test";

import { b64u, jcs, randomBytes } from "../../static/js/crypto/encoding.js";
import { START, entryBytes, entryHash, privateDigest } from "../../static/js/crypto/ledgers.js";
import * as member from "../../static/js/client/member.js";

const CASE = crypto.randomUUID();

/** Lines as the desk serves them, from `[kind, pub, private]`; `told` says of which the private part is served. */
async function lines(acts, told = () => true) {
  const made = [];
  let prev = START;
  for (const [index, [kind, pub, priv]] of acts.entries()) {
    const salt = randomBytes(32);
    const at = `2026-11-24T0${index + 1}:00:07Z`;
    const entry = entryBytes({ chain: CASE, seq: index + 1, at, kind, prev, pub, priv: await privateDigest(salt, priv) });
    prev = await entryHash(entry);
    made.push({ entry: b64u(entry), hash: prev, private: told(kind) ? { salt: b64u(salt), part: b64u(jcs(priv)) } : null });
  }
  return made;
}

const ACTS = [
  ["report_received", { body: "UBKT-S" }, { readers: ["P-001", "P-002", "P-003"], headers: [] }],
  ["opened", {}, { person: "P-001", statement: "ab".repeat(32) }],
  ["item_added", { ring: "internal" }, { by: "P-001" }],
  ["conflict_declared", { pending: [] }, { person: "P-002", statement: "ab".repeat(32) }],
  ["epoch_opened", { ring: "report", epoch: 2 }, { by: "P-001", readers: ["P-001", "P-003", "reporter"], removed: ["P-002"], grants: [] }],
  ["withdrawn", { pending: [] }, { person: "P-003", statement: "ab".repeat(32) }],
  ["reporter_wrote", { ring: "report", epoch: { ring: "report", epoch: 3 } }, { by: "reporter", epoch: { by: "reporter", readers: [], removed: ["P-003"] } }],
  ["removed", { pending: [] }, { people: ["P-004", "P-005"] }],
  ["bad_key_reported", { ring: "report", epoch: 3, pending: 4 }, { by: "P-001", maker: "reporter" }],
];

test("the history names who did what and when, and notes nothing of what was only written", async () => {
  const chain = await member.verifyCaseChain(await lines(ACTS), CASE);
  assert.equal(chain.ok, true);
  const events = member.accessHistory(chain.entries);
  assert.deepEqual(events.map(({ kind, who, at }) => [kind, who, at.slice(11, 13)]), [
    ["received", "reporter", "01"], ["opened", "P-001", "02"], ["conflict", "P-002", "04"], ["key", "P-001", "05"],
    ["withdrawn", "P-003", "06"], ["key", "reporter", "07"], ["removed", "P-004 P-005", "08"], ["bad_key", "P-001", "09"],
  ]);
  assert.deepEqual(events.filter(({ kind }) => kind === "key").map(({ ring, epoch, removed }) => [ring, epoch, removed]), [
    ["report", 2, ["P-002"]], ["report", 3, ["P-003"]],
  ]);
  assert.deepEqual(events.filter(({ exact }) => !exact).map(({ kind }) => kind), ["received", "key"]); // of the reporter's acts the hour
  assert.equal(events[0].readers.length, 3);
});

test("a name that is not the one in the ledger breaks the chain at its entry", async () => {
  const told = await lines(ACTS);
  told[1].private.part = b64u(jcs({ ...ACTS[1][2], person: "P-003" }));
  assert.equal((await member.verifyCaseChain(told, CASE)).brokenAt, 2);
  told[1].private = { ...told[3].private };
  assert.equal((await member.verifyCaseChain(told, CASE)).brokenAt, 2);
});

test("a name that is kept back is told as kept back", async () => {
  const chain = await member.verifyCaseChain(await lines(ACTS, (kind) => kind !== "opened"), CASE);
  assert.deepEqual(member.accessHistory(chain.entries).filter(({ who }) => who === null).map(({ kind }) => kind), ["opened"]);
});
