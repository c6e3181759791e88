// Moving a case to another body: what the mover's browser makes, and what everybody else's takes or refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildMove } from "../../static/js/client/member/moving.js";
import { compareWithHeader, openCase, openHeader } from "../../static/js/client/member/opening.js";
import { verifyTrust } from "../../static/js/client/trust.js";
import { parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { signStatement } from "../../static/js/crypto/signing.js";
import { FACTS, READERS, answerFor, makeCase, makeEpoch, makeRoster, makeWorld } from "./member_world.mjs";

const UPPER = ["P-005", "P-006"];
const faulty = (code) => (error) => error.code === code;
const FOUND = { why: "quorum", stays: false, decision: { body: "UBKT-TU", external: false, rule: "row-2", readers: UPPER, custodians: "KS-S", ruleset: "2025", citations: [] } };

/** P-005 leads the committee above, P-006 sits there too; everybody else sits below. */
async function setting() {
  const world = await makeWorld();
  const body = (code) => (UPPER.includes(code) ? "UBKT-TU" : "UBKT-S");
  world.roster = await makeRoster(world, {
    bodies: ["UBKT-S", "UBKT-TU"].map((id) => ({ id, kind: "committee", level: 2, quorum: 2 })),
    seats: Object.keys(world.people).map((code) => ({
      id: `${body(code)}/${code}`, body: body(code), person: code, function: ["P-001", "P-005"].includes(code) ? "head" : "member", roles: ["intake"],
    })).sort((left, right) => (left.id < right.id ? -1 : 1)),
  });
  const file = await makeCase(world);
  file.epochs.push(await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-001", readers: READERS }));
  const trust = await verifyTrust(world.installationAnswer(), world.org.keys.signPublic, { on: new Date("2026-11-24T00:00:00Z") });
  const me = (code) => ({ code, keys: world.people[code].keys });
  const open = async (code, extra) => openCase(await answerFor(world, file, code, extra), me(code), trust);
  const { header } = await openHeader(await answerFor(world, file, "P-001"), world.people["P-001"].keys);
  const move = async (found = FOUND, facts = FACTS) => (
    buildMove({ ...me("P-001"), checkpoint: trust.checkpoint }, file.id, { opened: await open("P-001"), header, found, facts, roster: trust.roster }));
  return { world, file, trust, me, open, move, header };
}

/** What the API serves after these statements: the next keys wait. */
const moved = ({ file }, ...statements) => ({
  epochs: [
    ...file.epochs.map(({ row }) => ({ ...row, state: "closed", added: statements })),
    ...["report", "internal"].map((ring) => ({ ring, epoch: 2, state: "pending", statement: null, added: [] })),
  ],
});

test("the readers of the next body open the report and everybody who had the case is gone", async () => {
  const here = await setting();
  const made = await here.move();
  assert.deepEqual(made.grants.map(({ ring, epoch, reader }) => [ring, epoch, reader]), UPPER.map((code) => ["report", 1, code]));
  assert.deepEqual(made.headers.map(({ reader }) => reader), UPPER);
  const answer = await answerFor(here.world, here.file, "P-005", {
    ...moved(here, made.statement), grants: made.grants.filter(({ reader }) => reader === "P-005"), header: { object: made.headers[0], by: "P-001" },
  });
  const { header } = await openHeader(answer, here.world.people["P-005"].keys);
  const opened = await openCase(answer, here.me("P-005"), here.trust);
  assert.equal(opened.body, "UBKT-TU");
  assert.deepEqual(opened.departed, READERS);
  assert.deepEqual(opened.moves.map(({ from, to, why, by }) => [from, to, why, by]), [["UBKT-S", "UBKT-TU", "quorum", "P-001"]]);
  assert.equal(opened.rings.internal.key, null);
  assert.deepEqual(compareWithHeader(header, opened.first, opened.moves), []);
  const corrected = { ...header, facts: { ...header.facts, accused: [] } };
  assert.deepEqual(compareWithHeader(corrected, opened.first, opened.moves), ["facts.accused"]);
  assert.deepEqual(compareWithHeader({ ...header, decision: { ...header.decision, body: "UBKT-S" } }, opened.first, opened.moves), ["decision.body"]);
});

test("a new key that names somebody who had the case is not trusted", async () => {
  const here = await setting();
  const made = await here.move();
  const next = await makeEpoch(here.world, here.file.id, {
    name: "internal", epoch: 2, by: "P-005", readers: ["P-001", ...UPPER], prev: (await here.open("P-002")).rings.internal.hash,
  });
  const epochs = [...moved(here, made.statement).epochs.filter(({ ring, epoch }) => ring === "report" || epoch === 1), next.row];
  const opened = await here.open("P-002", { epochs });
  assert.equal(opened.rings.internal.trusted, false);
  assert.ok(opened.warnings.some(({ code, who }) => code === "reader_returned" && who === "P-001"));
});

test("a move that nobody rightly signed shuts the case", async () => {
  const here = await setting();
  const { statement } = await here.move();
  const said = parseJcs(unb64u(statement.stmt));
  const signed = (by, change = {}) => signStatement(here.world.people[by].keys.signSeed, { ...said, ...change });
  const forged = [
    await signed("P-005"), // in P-001's name by another key
    await signed("P-005", { by: "P-005" }),
    await signed("P-001", { case: crypto.randomUUID() }),
    await signed("P-001", { readers: [...said.readers, { id: "P-002", key: "0".repeat(64) }] }),
    await signed("P-001", { readers: [{ id: "reporter", key: "0".repeat(64) }] }),
    await signed("P-001", { rings: [] }),
    await signed("P-001", { from: "UBKT-X" }),
  ];
  for (const wrong of forged) await assert.rejects(here.open("P-002", moved(here, wrong)), faulty("reader_forged"));
  await assert.rejects(here.open("P-002", moved(here, statement, await signed("P-002", { by: "P-002" }))), faulty("reader_forged"));
});

test("a browser moves no case to people whom the roster, the report or the case rules out", async () => {
  const here = await setting();
  const to = (change) => ({ ...FOUND, decision: { ...FOUND.decision, ...change } });
  await assert.rejects(here.move(to({ readers: ["P-005"] })), faulty("below_quorum"));
  await assert.rejects(here.move(to({ readers: ["P-005", "P-007"] })), faulty("reader_outside_body"));
  await assert.rejects(here.move(to({ readers: ["P-004", "P-005"] })), faulty("reader_concerned")); // whom the reporter keeps away
  await assert.rejects(here.move(to({ readers: ["P-005", "P-002"] })), faulty("reader_departed"));
  await assert.rejects(here.move(to({ body: "UBKT-X" })), faulty("reader_outside_body"));
  const named = { ...FACTS, accused: [{ body: "UBKT-TU", role: "head", person: "P-006" }] };
  await assert.rejects(here.move(FOUND, named), faulty("reader_concerned"));
});
