// A server that cheats actively, before the browsers' own code; run by test_cheating_server_in_the_browser.py.

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";

import { objectBinding } from "../../static/js/crypto/binding.js";
import { b64u, jcs, parseJcs, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { signDocument, signStatement } from "../../static/js/crypto/signing.js";
import * as member from "../../static/js/client/member.js";
import { answerFor, holder, makeCase, makeCheckpoint, makeEpoch, makeRoster, makeWorld } from "../js/member_world.mjs";
import { Face, REPORT, aReport, aVisit, refuses, rosterWith, routingKey } from "../js/reporter_world.mjs";

const said = (statement) => parseJcs(unb64u(statement.stmt));
const keysOf = ({ keys }) => ({ kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic) });

/** The roster with P-005 in a body of its own beside the committee. */
const withAnotherBody = (world) => rosterWith(world, ({ bodies, seats }) => ({
  bodies: [...bodies, { ...bodies[0], id: "UBKT-X" }],
  seats: [...seats.filter(({ person }) => person !== "P-005"),
    { id: "UBKT-X/P-005", body: "UBKT-X", person: "P-005", function: "head", roles: ["intake"] }],
}));

describe("before the reporter's browser", () => {
  let face;
  let own; // keys of the server's
  beforeEach(async () => {
    face = await Face.open();
    own = await holder("server");
  });

  async function filed() {
    const { portal, code, sealed } = await aReport(face);
    await portal.submit(sealed);
    return { portal, code };
  }

  /** An epoch that the server serves behind the first. */
  async function served({ by = "P-001", readers, removed = ["P-003"], signer, number = 2, prev }) {
    const { args } = face.file;
    const { kem, key } = said(args.submission);
    const keys = { kemPublic: unb64u(kem), signPublic: unb64u(key), signSeed: own.keys.signSeed };
    face.world.reporter = { code: "reporter", keys, readerkey: await sha256hex(unb64u(kem)) };
    const made = await makeEpoch(face.world, args.case, {
      name: "report", epoch: number, prev: prev ?? await sha256hex(unb64u(args.epoch.stmt)), by, readers, removed,
    });
    if (signer) made.row.statement = await signStatement(signer.keys.signSeed, said(made.row.statement));
    face.file.epochs = [...face.file.epochs.slice(0, number - 1), made.row];
    face.file.grants = [...face.file.grants, ...made.grants.filter(({ reader }) => reader === "reporter")];
    return { ...made, hash: await sha256hex(unb64u(made.row.statement.stmt)) };
  }

  test("other keys for the reporter: keys_other, submission_forged", async () => {
    const { portal, code } = await filed();
    const other = keysOf(own);
    face.cheat["mailbox.open"] = (answer) => ({ ...answer, reporter: other });
    await refuses(portal.openMailbox(code), "keys_other");
    const body = { ...said(face.file.args.submission), key: other.sign, kem: other.kem };
    const submission = await signStatement(own.keys.signSeed, body);
    face.cheat["mailbox.open"] = (answer) => ({ ...answer, submission });
    await refuses(portal.openMailbox(code), "submission_forged");
  });

  test("a forged epoch, in a reader's name and in the reporter's: epoch_forged", async () => {
    const { portal, code } = await filed();
    for (const by of ["P-001", "reporter"]) {
      await served({ by, readers: ["P-001", "P-002", "reporter"], signer: own });
      await refuses(portal.openMailbox(code), "epoch_forged");
    }
  });

  test("a reader who was left out, brought back by a colleague in league: epoch_widened", async () => {
    const { portal, code } = await filed();
    const { hash } = await served({ readers: ["P-001", "P-002", "reporter"] });
    assert.ok(await portal.openMailbox(code));
    await served({ by: "P-002", number: 3, prev: hash, readers: ["P-001", "P-002", "P-003", "reporter"], removed: [] });
    await refuses(portal.openMailbox(code), "epoch_widened");
  });

  test("a reader brought back by hiding the key that was made without them: epoch_rolled_back", async () => {
    const { portal, code } = await filed();
    await served({ readers: ["P-001", "P-002", "reporter"] });
    const mailbox = await portal.openMailbox(code);
    face.file.epochs = face.file.epochs.slice(0, 1);
    face.file.grants = face.file.grants.filter(({ epoch }) => epoch !== 2);
    await refuses(mailbox.reload(), "epoch_rolled_back");
  });

  const previews = [
    ["a reader of another body", "reader_unrostered", (shown) => ({ decision: { ...shown.decision, readers: ["P-001", "P-005"] } })],
    ["a reader nobody knows", "reader_unrostered", (shown) => ({ decision: { ...shown.decision, readers: ["P-001", "P-099"] } })],
    ["another body's name", "reader_unrostered", (shown) => ({ decision: { ...shown.decision, body: "UBKT-X" } })],
    ["too few readers", "below_quorum", (shown) => ({ decision: { ...shown.decision, readers: ["P-001"] } })],
    ["one reader twice", "below_quorum", (shown) => ({ decision: { ...shown.decision, readers: ["P-001", "P-001"] } })],
    ["custodians of another set", "set_unrostered", (shown) => ({ set: { ...shown.set, members: ["P-001", "P-002", "P-003", "P-004"] } })],
    ["a set that one alone opens", "set_unrostered", (shown) => ({ set: { ...shown.set, k: 1 } })],
    ["another roster's number", "roster_stale", (shown) => ({ roster: { ...shown.roster, no: shown.roster.no + 1 } })],
  ];
  for (const [what, fault, change] of previews) {
    test(`a preview that names ${what}: ${fault}`, async () => {
      face.roster = await withAnotherBody(face.world);
      face.cheat.preview = (shown) => ({ ...shown, ...change(shown) });
      await refuses(aReport(face), fault);
      assert.equal(face.asked.some(({ op }) => op === "submit"), false);
    });
  }

  test("an old roster: roster_expired, and within one visit roster_older", async () => {
    face.roster = await makeRoster(face.world, { expires: "2026-11-20" });
    await refuses(aVisit(face), "roster_expired");
    face.roster = await makeRoster(face.world, { no: 2 });
    const { portal, code } = await filed();
    face.roster = await makeRoster(face.world, { no: 1 });
    face.routing = await routingKey(face.world.installation); // the former one is gone: the page looks again
    await refuses(portal.openMailbox(code), "roster_older");
  });

  test("a roster changed by hand, and one under another key than the printed: roster_bad, fingerprint_other", async () => {
    const honest = face.roster;
    const { fingerprint } = await aVisit(face);
    const body = parseJcs(unb64u(honest.doc));
    body.members[0].kem = keysOf(own).kem;
    face.roster = { doc: b64u(jcs(body)), sig: honest.sig };
    await refuses(aVisit(face), "roster_bad");
    face.roster = await signDocument(own.keys.signSeed, "roster", body);
    await refuses(aVisit(face), "roster_bad");
    face.roster = await signDocument(own.keys.signSeed, "roster", { ...body, org: keysOf(own).sign });
    await refuses(aVisit(face, { pinned: fingerprint }), "fingerprint_other");
  });

  test("a routing key and a checkpoint that the installation did not sign: routing_key_bad, checkpoint_bad", async () => {
    face.routing = await routingKey(own);
    await refuses(aVisit(face), "routing_key_bad");
    face.routing = await routingKey(face.world.installation);
    face.checkpoint = await makeCheckpoint({ installation: own });
    await refuses(aVisit(face), "checkpoint_bad");
  });

  test("two ledgers within one visit: checkpoint_forked", async () => {
    const { portal, code } = await filed();
    face.checkpoint = await makeCheckpoint(face.world, 3, { root: "cd".repeat(32) });
    face.routing = await routingKey(face.world.installation);
    await refuses(portal.openMailbox(code), "checkpoint_forked");
  });

  test("the same report to honest answers is sealed, sent and read: each fault above came of the cheat", async () => {
    const { portal, code } = await filed();
    assert.equal((await portal.openMailbox(code)).narrative.text, REPORT.text);
  });
});

describe("before a member's browser", () => {
  let world;
  let file;
  let trust;
  let own;
  before(async () => {
    world = await makeWorld();
    file = await makeCase(world);
    own = await holder("server");
    trust = await member.verifyTrust(world.installationAnswer(), world.org.keys.signPublic);
  });

  const me = (code) => ({ code, keys: world.people[code].keys });
  const open = async (code, change = {}, seen = undefined, what = file) => (
    member.openCase(await answerFor(world, what, code, change), me(code), trust, seen));
  const withEpochs = (...made) => ({ ...file, epochs: [...file.epochs, ...made] });
  const epoch = (number, prev, readers, more = {}) => (
    makeEpoch(world, file.id, { name: "report", epoch: number, prev, by: "P-001", readers, ...more }));
  const narrowed = () => epoch(2, file.epochs[0].hash, ["P-001", "P-002", "reporter"], { removed: ["P-003"] });

  test("the honest case opens", async () => {
    assert.deepEqual((await open("P-001")).warnings, []);
  });

  test("other keys for the reporter: submission_forged; those in the server's table are not looked at", async () => {
    const other = keysOf(own);
    const body = { ...said(file.submission), key: other.sign, kem: other.kem };
    await refuses(open("P-001", { submission: await signStatement(own.keys.signSeed, body), reporter: other }), "submission_forged");
    const opened = await open("P-001", { reporter: other });
    assert.equal(b64u(opened.reporter.kem), b64u(world.reporter.keys.kemPublic));
  });

  test("the reporter's keys exchanged inside the first item by a reader in league: submission_forged", async () => {
    const { items } = await answerFor(world, file, "P-001");
    const { object } = items.find((one) => one.object.kind === "first");
    const { data, ...place } = object;
    const first = { ...(await open("P-001")).first, reporter: keysOf(own) };
    object.data = b64u(await sealItem(file.epochs[0].ring.key, objectBinding(file.id, place), jcs(first)));
    assert.notEqual(object.data, data);
    await refuses(open("P-001", { items }), "submission_forged");
  });

  test("a forged epoch: epoch_forged", async () => {
    const made = await narrowed();
    made.row.statement = await signStatement(own.keys.signSeed, said(made.row.statement));
    await refuses(open("P-001", {}, undefined, withEpochs(made)), "epoch_forged");
  });

  test("a reader who was left out, brought back: epoch_widened, epoch_rolled_back", async () => {
    const second = await narrowed();
    const { seen } = await open("P-001", {}, undefined, withEpochs(second));
    const third = await epoch(3, second.hash, ["P-001", "P-002", "P-003", "reporter"], { by: "P-002" });
    await refuses(open("P-001", {}, undefined, withEpochs(second, third)), "epoch_widened");
    await refuses(open("P-001", {}, seen), "epoch_rolled_back");
    const another = await epoch(2, file.epochs[0].hash, ["P-001", "P-002", "P-003", "reporter"]);
    await refuses(open("P-001", {}, seen, withEpochs(another)), "epoch_rolled_back");
  });

  test("a ring that was shown, hidden as a whole: epoch_rolled_back", async () => {
    const internal = await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-001", readers: ["P-001", "P-002", "P-003"] });
    const { seen } = await open("P-001", {}, undefined, withEpochs(internal));
    await refuses(open("P-001", {}, seen), "epoch_rolled_back");
    const waiting = { row: { ring: "internal", epoch: 1, state: "pending", statement: null }, grants: [] };
    await refuses(open("P-001", {}, seen, withEpochs(waiting)), "epoch_rolled_back");
  });

  test("a reader from outside the submission's list: epoch_readers, epoch_widened", async () => {
    const first = await makeEpoch(world, file.id, {
      name: "report", epoch: 1, by: "reporter", readers: ["P-001", "P-002", "P-003", "P-004", "reporter"],
    });
    const answer = await answerFor(world, file, "P-001");
    await assert.rejects(open("P-001", { epochs: [first.row, ...answer.epochs.slice(1)] }), (error) => (
      assert.ok(["submission_forged", "epoch_readers"].includes(error.code), error.stack), true));
    const outsider = await epoch(2, file.epochs[0].hash, ["P-001", "P-002", "P-003", "P-004", "reporter"]);
    await refuses(open("P-001", {}, undefined, withEpochs(outsider)), "epoch_widened");
  });

  test("nothing is granted to a key that no signed roster holds: reader_unrostered", async () => {
    const opened = await open("P-001");
    const readers = opened.rings.report.readers.map((one) => (one.id === "P-002" ? { ...one, key: own.readerkey } : one));
    const actor = { ...me("P-001"), checkpoint: trust.checkpoint };
    await refuses(
      member.buildEpoch(actor, file.id, { name: "report", epoch: 2, readers }, trust.roster, opened.reporter.kem), "reader_unrostered");
  });

  test("an old roster: roster_older, roster_expired; another organisation's: roster_bad", async () => {
    const key = world.org.keys.signPublic;
    const newer = { roster: await makeRoster(world, { no: 2 }), checkpoint: world.checkpoint };
    const { seen } = await member.verifyTrust(newer, key);
    await refuses(member.verifyTrust(world.installationAnswer(), key, { seen }), "roster_older");
    const late = { on: new Date("2100-01-01T00:00:00Z") };
    await refuses(member.verifyTrust(world.installationAnswer(), key, late), "roster_expired");
    const other = await rosterWith({ ...world, roster: world.roster }, () => ({}));
    await refuses(member.verifyTrust({ ...newer, roster: { ...other, sig: (await signDocument(own.keys.signSeed, "roster", parseJcs(unb64u(other.doc)))).sig } }, key), "roster_bad");
  });

  test("two ledgers: checkpoint_forked, checkpoint_older", async () => {
    const key = world.org.keys.signPublic;
    const { seen } = await member.verifyTrust(world.installationAnswer(), key);
    const then = async (no, change) => member.verifyTrust(
      { roster: world.roster, checkpoint: await makeCheckpoint(world, no, change) }, key, { seen });
    await refuses(then(3, { root: "cd".repeat(32) }), "checkpoint_forked");
    await refuses(then(4), "checkpoint_forked");
    await refuses(then(2), "checkpoint_older");
    assert.ok(await then(4, { prev: seen.checkpoint.hash }));
  });
});
