// A case has moved to another body: what its reporter's browser shows, seals to, and holds against the record.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { signStatement } from "../../static/js/crypto/signing.js";
import { Ledger } from "./record_world.mjs";
import { Face, aReport, aVisit, refuses, rosterWith } from "./reporter_world.mjs";

const UPPER = ["P-005", "P-006"];
const NINE = "2026-11-24T09:00:00Z";
const TEN = "2026-11-24T10:00:00Z";
const ELEVEN = "2026-11-24T11:00:02Z";
const ZERO = "0".repeat(64);

let face;
let ledger;
let code;

/** P-005 and P-006 handle for the committee above, unless `there` says where else. */
const seatedAbove = (there = "UBKT-TU", no = 1) => rosterWith(face.world, (said) => ({
  no,
  bodies: ["UBKT-S", "UBKT-TU"].map((id) => ({ ...said.bodies[0], id })),
  seats: said.seats.map((seat) => (UPPER.includes(seat.person) ? { ...seat, id: `${there}/${seat.person}`, body: there } : seat))
    .sort((left, right) => (left.id < right.id ? -1 : 1)),
}));

beforeEach(async () => {
  face = await Face.open();
  face.roster = face.world.roster = await seatedAbove();
  const made = await aReport(face);
  await made.portal.submit(made.sealed);
  ({ code } = made);
  ledger = await Ledger.of(face);
});

const lookIn = async () => (await aVisit(face, { now: () => new Date(ELEVEN) })).openMailbox(code);

/** P-001 moves the case: the statement that is served, and its entry with `change`. */
async function moved(change = {}) {
  const [first] = face.file.epochs;
  const { case: chain, epoch } = face.file.args;
  const said = { from: "UBKT-S", body: "UBKT-TU", why: "quorum" };
  const statement = await signStatement(face.world.people["P-001"].keys.signSeed, {
    v: 1, kind: "move", id: crypto.randomUUID(), at: NINE, by: "P-001", checkpoint: await ledger.named(), case: chain, ...said,
    ruleset: "2026-11-01", readers: UPPER.map((id) => ({ id, key: face.world.people[id].readerkey })),
    rings: [{ ring: "report", epoch: 1, statement: await sha256hex(unb64u(epoch.stmt)) }], headers: ZERO, grants: ZERO,
  });
  face.file.epochs = [{ ...first, state: "closed", added: [statement] }, { ring: "report", epoch: 2, state: "pending", statement: null }];
  face.present = UPPER;
  const pub = { from: said.from, to: said.body, why: said.why, statement: await sha256hex(unb64u(statement.stmt)), pending: [{ ring: "report", epoch: 2 }] };
  await ledger.append("case_moved", "2026-11-24T09:30:00Z", { ...pub, ...change });
  await ledger.checkpoint(TEN);
}

test("the mailbox names the body, the day and the reason, and seals to its readers alone", async () => {
  await moved();
  face.present = ["P-001", ...UPPER]; // the server would bring back somebody who had the case
  const mailbox = await lookIn();
  assert.deepEqual(mailbox.moves, [{ to: "UBKT-TU", why: "quorum", at: NINE }]);
  await mailbox.write("Xin cảm ơn.");
  const { args } = face.asked.find(({ op }) => op === "mailbox.write");
  assert.deepEqual(args.epoch.grants.map(({ reader }) => reader), [...UPPER, "reporter"]);
});

test("nothing is sealed to somebody who does not belong to that body by the roster", async () => {
  await moved();
  face.roster = await seatedAbove("UBKT-S", 2);
  await refuses((await lookIn()).write("Xin cảm ơn."), "reader_outside_body");
  assert.ok(face.asked.every(({ op }) => op !== "mailbox.write"));
});

test("a move that the record tells of otherwise, that it lacks, or that is kept back is found", async () => {
  await moved();
  const told = await (await lookIn()).checkRecord();
  assert.deepEqual([told.moved, told.granted, told.others], [1, 0, 0]);
  const { epochs } = face.file;
  const change = (pub) => ledger.rewrite((entry) => (entry.kind === "case_moved" ? pub && { ...entry, pub: { ...entry.pub, ...pub } } : entry));
  for (const other of [{ why: "competence" }, { to: "UBKT-S" }]) {
    await change(other);
    await refuses((await lookIn()).checkRecord(), "record_differs");
    await change({ why: "quorum", to: "UBKT-TU" });
  }
  face.file.epochs = [{ ...epochs[0], state: "open", added: [] }];
  await refuses((await lookIn()).checkRecord(), "record_withheld");
  face.file.epochs = epochs;
  await change(null);
  await refuses((await lookIn()).checkRecord(), "record_missing");
});
