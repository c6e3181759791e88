// Giving a case to one more reader: what the giver's browser makes, and what everybody else's takes or refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGrant } from "../../static/js/client/member/granting.js";
import { openCase, openHeader } from "../../static/js/client/member/opening.js";
import { nextReaders } from "../../static/js/client/building.js";
import { verifyTrust } from "../../static/js/client/trust.js";
import { parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { signStatement } from "../../static/js/crypto/signing.js";
import { FACTS, READERS, answerFor, makeCase, makeEpoch, makeWorld } from "./member_world.mjs";

const NEW = "P-005";
const faulty = (code) => (error) => error.code === code;

async function setting() {
  const world = await makeWorld();
  const file = await makeCase(world);
  file.epochs.push(await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-001", readers: READERS }));
  const trust = await verifyTrust(world.installationAnswer(), world.org.keys.signPublic, { on: new Date("2026-11-24T00:00:00Z") });
  const me = (code) => ({ code, keys: world.people[code].keys });
  const actor = (code) => ({ ...me(code), checkpoint: trust.checkpoint });
  const open = async (code, extra) => openCase(await answerFor(world, file, code, extra), me(code), trust);
  const header = (await openHeader(await answerFor(world, file, "P-001"), world.people["P-001"].keys)).header;
  const give = async (code = NEW, by = "P-001") => (
    buildGrant(actor(by), file.id, { opened: await open(by), header, code, roster: trust.roster }));
  return { world, file, trust, me, actor, open, give, header };
}

/** What the API serves after these statements were taken in. */
const added = ({ file }, ...statements) => ({ epochs: file.epochs.map(({ row }) => ({ ...row, added: statements })) });

test("the new reader opens all that was written, and everybody takes them for a reader", async () => {
  const here = await setting();
  const made = await here.give();
  assert.deepEqual(made.facts, FACTS);
  assert.deepEqual(made.grants.map(({ ring, epoch, reader }) => [ring, epoch, reader]), [["internal", 1, NEW], ["report", 1, NEW]]);
  const answer = await answerFor(here.world, here.file, NEW, {
    ...added(here, made.statement), grants: made.grants, header: { object: made.header, by: "P-001" },
  });
  const { header } = await openHeader(answer, here.world.people[NEW].keys);
  assert.equal(header.made_by, "P-001");
  const opened = await openCase(answer, here.me(NEW), here.trust);
  assert.equal(opened.narrative.text, "Đoạn một.\n\nĐoạn hai.");
  assert.deepEqual(opened.added.map(({ id, by }) => [id, by]), [[NEW, "P-001"]]);
  const colleague = await here.open("P-002", added(here, made.statement));
  for (const ring of ["report", "internal"]) {
    assert.ok(colleague.rings[ring].trusted);
    assert.ok(colleague.rings[ring].readers.some(({ id }) => id === NEW));
  }
  const present = [...READERS, NEW].map((id) => ({ id, readerkey: here.world.people[id].readerkey }));
  const { readers, removed } = await nextReaders(colleague.rings.internal.readers, present, here.trust.roster, []);
  assert.deepEqual([readers.map(({ id }) => id), removed], [[...READERS, NEW], []]);
});

test("somebody added may add the next, in whatever order the server lists it", async () => {
  const here = await setting();
  const first = await here.give();
  const own = { ...added(here, first.statement), grants: first.grants };
  const second = await buildGrant(here.actor(NEW), here.file.id, {
    opened: await here.open(NEW, own), header: here.header, code: "P-006", roster: here.trust.roster,
  });
  const opened = await here.open("P-001", added(here, second.statement, first.statement));
  assert.deepEqual(opened.added.map(({ id }) => id).sort(), [NEW, "P-006"]);
  await assert.rejects(here.open("P-001", added(here, second.statement)), faulty("reader_forged"));
});

test("a reader whom nobody rightly added shuts the case", async () => {
  const here = await setting();
  const { statement } = await here.give();
  const said = parseJcs(unb64u(statement.stmt));
  const signed = (by, change = {}) => signStatement(here.world.people[by].keys.signSeed, { ...said, ...change });
  const forged = [
    await signed("P-004"), // in P-001's name by another key
    await signed("P-004", { by: "P-004" }), // a rostered member who doesn't read the case
    await signed("P-001", { case: crypto.randomUUID() }),
    await signed("P-001", { reader: "P-002" }), // a reader already: another key under their name
    await signed("P-001", { reader: "reporter" }),
    await signed("P-001", { rings: said.rings.map((one) => ({ ...one, statement: "0".repeat(64) })) }),
    await signed("P-001", { rings: [] }),
    { stmt: "AA", sig: "AA" },
  ];
  for (const one of forged) await assert.rejects(here.open("P-002", added(here, one)), faulty("reader_forged"));
});

test("whom the report names or its reporter keeps away is not given it, and is told of if a colleague did", async () => {
  const here = await setting();
  await assert.rejects(here.give("P-004"), faulty("reader_concerned")); // FACTS.objections
  const said = parseJcs(unb64u((await here.give()).statement.stmt));
  const other = { ...said, reader: "P-004", readerkey: here.world.people["P-004"].readerkey };
  const statement = await signStatement(here.world.people["P-001"].keys.signSeed, other);
  const { warnings } = await here.open("P-002", added(here, statement));
  assert.ok(warnings.some(({ code, who }) => code === "reader_concerned" && who === "P-004"));
});

test("nobody is given a case who left it, is in no roster, or whose ring waits for its key", async () => {
  const here = await setting();
  const opened = await here.open("P-001");
  const build = (change, code = NEW) => buildGrant(here.actor("P-001"), here.file.id, {
    opened: { ...opened, ...change }, header: here.header, code, roster: here.trust.roster,
  });
  await assert.rejects(build({ departed: [NEW] }), faulty("reader_departed"));
  await assert.rejects(build({}, "P-099"), faulty("reader_unrostered"));
  await assert.rejects(build({ pending: [{ name: "report", epoch: 2 }] }), faulty("ring_untrusted"));
  await assert.rejects(build({ warnings: [{ code: "departures_hidden" }] }), faulty("departures_hidden"));
  await assert.rejects(build({ body: "TTS" }), faulty("reader_outside_body"));
});
