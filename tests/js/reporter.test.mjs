// The reporter's browser: what it seals and to whom, what it refuses, how it comes back (docs/sealing.md).

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { objectBinding } from "../../static/js/crypto/binding.js";
import { b64u, fingerprint, parseJcs, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { openSealed } from "../../static/js/crypto/hpke.js";
import { openItem } from "../../static/js/crypto/items.js";
import { ringCommitment, scopeCommitment } from "../../static/js/crypto/rings.js";
import { join } from "../../static/js/crypto/shamir.js";
import { signDocument, verifyStatement } from "../../static/js/crypto/signing.js";
import { CodeError, LIMITS, Refused, newCode, openPortal } from "../../static/js/client/reporter.js";
import { AT, FACTS, Face, READERS, REPORT, aReport, aVisit, refuses, rosterWith, routingKey } from "./reporter_world.mjs";

let face;
beforeEach(async () => {
  face = await Face.open();
});

const visit = (more) => aVisit(face, more);
const sealedReport = (change) => aReport(face, change);

// What everything else hangs on

test("the portal shows the organisation's fingerprint and the roster that it verified", async () => {
  const portal = await visit();
  const shown = await fingerprint(face.world.org.keys.signPublic);
  assert.deepEqual([portal.demo, portal.fingerprint, portal.rosterNo, portal.expires], [true, shown, 1, "2099-12-31"]);
  assert.deepEqual(portal.salt, face.salt);
  assert.equal((await visit({ pinned: shown })).fingerprint, shown);
});

test("another key than the printed one stops everything", async () => {
  await refuses(visit({ pinned: await fingerprint(face.world.reporter.keys.signPublic) }), "fingerprint_other");
});

test("without a roster or checkpoint nothing goes on", async () => {
  face.roster = null;
  await refuses(visit(), "roster_missing");
});

test("an expired roster is refused as expired", async () => {
  face.roster = await rosterWith(face.world, () => ({ expires: "2026-11-23" }));
  await refuses(visit(), "roster_expired");
});

test("a roster in which a reader's key was swapped after signing is refused", async () => {
  const said = parseJcs(unb64u(face.roster.doc));
  said.members[0].kem = b64u(face.world.reporter.keys.kemPublic);
  const forged = await signDocument(face.world.reporter.keys.signSeed, "roster", said);
  face.roster = { doc: forged.doc, sig: forged.sig };
  await refuses(visit(), "roster_bad");
});

test("a checkpoint or routing key that the rostered installation did not sign is refused", async () => {
  const { routing } = face;
  face.routing = await routingKey(face.world.reporter);
  await refuses(visit(), "routing_key_bad");
  face.routing = routing;
  face.checkpoint = await signDocument(face.world.reporter.keys.signSeed, "checkpoint", { v: 1, no: 3 });
  await refuses(visit(), "checkpoint_bad");
});

test("a routing key is taken on its days alone", async () => {
  face.routing = await routingKey(face.world.installation, { from: "2026-11-24T09:05:08Z" });
  await refuses(visit(), "routing_key_bad");
  face.routing = await routingKey(face.world.installation, { until: "2026-11-24T09:05:07Z" });
  await refuses(visit(), "routing_key_bad");
});

test("no network, and a server that fails, are told apart", async () => {
  face.fail = () => {
    throw new TypeError("fetch failed");
  };
  await refuses(visit(), "network");
  await refuses(openPortal({ fetch: async () => new Response("<p>Bad gateway", { status: 502 }), now: () => AT }), "http_502", Refused);
});

// Who will read

test("a preview names body, rule and number of readers", async () => {
  const shown = await (await visit()).preview(FACTS);
  assert.deepEqual([shown.bodyName, shown.ruleText, shown.readers, shown.guidance], ["Uỷ ban", "Theo cấp", 3, null]);
  assert.equal(shown.decision.body, "UBKT-S");
});

test("where nobody is competent the guidance is shown and nothing is sealed", async () => {
  face.cheat.preview = (answer) => ({
    ...answer, decision: { ...answer.decision, body: null, readers: [], custodians: null }, set: null, body_name: null, guidance: "Xin gửi giấy.",
  });
  const portal = await visit();
  const shown = await portal.preview(FACTS);
  assert.deepEqual([shown.decision.body, shown.guidance, shown.readers], [null, "Xin gửi giấy.", 0]);
  await refuses(portal.seal({ report: REPORT, facts: FACTS, shown, code: newCode() }), "nobody_competent");
});

const readersAre = (readers) => {
  face.cheat.preview = (answer) => ({ ...answer, decision: { ...answer.decision, readers } });
};
const previewed = async () => (await visit()).preview(FACTS);

test("a reader who handles nothing in the named body is refused", async () => {
  readersAre([...READERS, "P-099"]);
  await refuses(previewed(), "reader_unrostered");
});

test("too few readers, one named twice, or nobody who leads is below quorum", async () => {
  for (const readers of [["P-001"], ["P-001", "P-001"], ["P-002", "P-003"]]) {
    readersAre(readers);
    await refuses(previewed(), "below_quorum");
  }
});

test("one person is enough only where the roster says that the body is one person", async () => {
  readersAre(["P-002"]);
  face.roster = await rosterWith(face.world, ({ bodies }) => ({ bodies: bodies.map((body) => ({ ...body, single: true })) }));
  assert.equal((await previewed()).readers, 1);
});

test("custodians who are not the roster's are refused", async () => {
  for (const change of [{ members: ["P-001", "P-006", "P-007", "P-008"] }, { v: 2 }, { id: "KS-X" }]) {
    face.cheat.preview = (answer) => ({ ...answer, set: { ...answer.set, ...change } });
    await refuses(previewed(), "set_unrostered");
  }
  face.cheat.preview = (answer) => ({ ...answer, decision: { ...answer.decision, custodians: "KS-X" } });
  await refuses(previewed(), "set_unrostered");
});

test("a custodian set that one person or three could open is too weak", async () => {
  for (const change of [{ k: 1 }, { n: 3, members: ["P-005", "P-006", "P-007"] }, { members: ["P-005", "P-006", "P-007"] }]) {
    face.roster = await rosterWith(face.world, ({ sets }) => ({ sets: [{ ...sets[0], ...change }] }));
    await refuses(previewed(), "set_weak");
  }
});

test("a roster signed since the page was opened is fetched and verified; another hash is stale", async () => {
  const portal = await visit();
  face.roster = await rosterWith(face.world, () => ({ no: 2 }));
  await portal.preview(FACTS);
  assert.equal(portal.rosterNo, 2);
  face.cheat.preview = (answer) => ({ ...answer, roster: { no: 2, hash: "ef".repeat(32) } });
  await refuses(portal.preview(FACTS), "roster_stale");
});

test("a roster older than the one on this page is refused", async () => {
  const older = face.roster;
  face.roster = await rosterWith(face.world, () => ({ no: 2 }));
  const portal = await visit();
  face.roster = older;
  await refuses(portal.preview(FACTS), "roster_older");
});

test("an answer altered on its way, or to another question, is damaged", async () => {
  face.cheat.wire = (sealed) => {
    sealed[sealed.length - 1] ^= 1;
    return sealed;
  };
  await refuses(previewed(), "answer_damaged");
  face.cheat = { preview: () => ({ decision: null }) };
  await refuses(previewed(), "answer_damaged");
});

test("a refusal from inside keeps code, sentence and detail", async () => {
  face.cheat.preview = undefined;
  face.perform = async () => ({ error: { code: "malformed", message: "Không đọc được.", detail: { kind: "facts" } } });
  await assert.rejects(previewed(), { name: "Refused", status: 200, code: "malformed", message: "Không đọc được.", detail: { kind: "facts" } });
});

// Sealing

test("a sealed report is exactly the decision's grants, the items, and five scopes with their shares", async () => {
  const { sealed } = await sealedReport();
  const { args } = sealed;
  const counts = {};
  for (const { kind } of args.objects) counts[kind] = (counts[kind] ?? 0) + 1;
  assert.deepEqual(counts, { first: 1, summary: 1, narrative: 1, grant: 3 + 1 + 5, identity: 5, share: 20 });
  const submission = parseJcs(unb64u(args.submission.stmt));
  await verifyStatement(unb64u(submission.key), args.submission, "submission");
  await verifyStatement(unb64u(submission.key), args.epoch, "epoch");
  for (const { data, ...place } of args.objects) {
    assert.deepEqual(submission.objects.find(({ id }) => id === place.id), { ...place, sha256: await sha256hex(unb64u(data)) });
  }
  assert.deepEqual([submission.body, submission.readers, submission.categories], ["UBKT-S", READERS, ["bribes", "gifts"]]);
  assert.equal(submission.at, "2026-11-24T09:00:00Z"); // the hour, no more
  assert.equal(submission.epoch, await sha256hex(unb64u(args.epoch.stmt)));
});

async function taken() {
  const { portal, sealed } = await sealedReport();
  await portal.submit(sealed);
  return sealed;
}

test("each reader opens the report with the key that the roster holds for them", async () => {
  const { args } = await taken();
  for (const code of READERS) {
    const ring = await face.ringOf(code);
    assert.equal(await ringCommitment(args.case, "report", 1, ring.key), parseJcs(unb64u(args.epoch.stmt)).commitment);
    const open = async (kind) => {
      const object = args.objects.find((one) => one.kind === kind);
      return parseJcs(await openItem(ring.key, objectBinding(args.case, object), unb64u(object.data)));
    };
    assert.equal((await open("summary")).text, REPORT.summary);
    const { text, named, accused_names: accused } = await open("narrative");
    assert.deepEqual([text, named, accused], [REPORT.text, true, REPORT.accusedNames]);
    assert.deepEqual((await open("first")).facts, FACTS);
  }
});

test("two custodians together open one scope of the identity, and only that", async () => {
  const { args } = (await sealedReport()).sealed;
  const { scopes } = parseJcs(unb64u(args.submission.stmt));
  const said = {};
  for (const { scope, commitment } of scopes) {
    const shares = args.objects.filter((object) => object.kind === "share" && object.scope === scope).slice(1, 3);
    const opened = await Promise.all(shares.map((share) => (
      openSealed(face.world.people[share.reader].keys.kemSeed, "share", objectBinding(args.case, share), unb64u(share.data)))));
    const key = await join(opened);
    assert.equal(await scopeCommitment(args.case, scope, key), commitment);
    const object = args.objects.find((one) => one.kind === "identity" && one.scope === scope);
    said[scope] = new TextDecoder().decode(await openItem(key, objectBinding(args.case, object), unb64u(object.data)));
  }
  assert.deepEqual(Object.keys(said), ["address", "contact", "name", "originals", "signature"]);
  assert.deepEqual(JSON.parse(said.name), { v: 1, name: "Nguyễn Văn Mẫu", unit: "Trường số 1" });
  assert.deepEqual(JSON.parse(said.contact), { v: 1, phone: "0900000000", email: "", other: "" });
  for (const text of Object.values(said)) assert.equal(new TextEncoder().encode(text).length, LIMITS.identity);
});

test("nobody named looks the same from outside", async () => {
  const sizes = ({ args }) => args.objects.filter(({ kind }) => kind !== "narrative").map(({ kind, data }) => `${kind} ${data.length}`).sort();
  const named = (await sealedReport()).sealed;
  const unnamed = (await sealedReport({ identity: null })).sealed;
  assert.deepEqual(sizes(unnamed), sizes(named));
});

test("what is too long is refused before anything is sealed, and a lone surrogate is no obstacle", async () => {
  await refuses(sealedReport({ summary: "x".repeat(LIMITS.summary + 1) }), "text_too_long");
  await refuses(sealedReport({ text: "x".repeat(LIMITS.text + 1) }), "text_too_long");
  await refuses(sealedReport({ identity: { address: "đ".repeat(1100) } }), "text_too_long");
  await sealedReport({ summary: "😀".repeat(LIMITS.summary), text: "\ud800" });
});

test("sealing tells how far it is, and what is no code is told as such", async () => {
  const { portal, shown } = await sealedReport();
  const told = [];
  await portal.seal({ report: REPORT, facts: FACTS, shown, code: newCode(), onProgress: (share) => told.push(share) });
  assert.equal(told.at(-1), 1);
  assert.ok(told.length > 5 && told.every((share, at) => at === 0 || share > told[at - 1]));
  await assert.rejects(portal.seal({ report: REPORT, facts: FACTS, shown, code: "xin chao" }), CodeError);
});

// Sending

test("a lost answer is repeated by sending the same objects in a fresh envelope", async () => {
  const { portal, sealed } = await sealedReport();
  face.fail = (path) => {
    if (path.startsWith("/api/v1/envelope") && path.endsWith("answered")) throw new TypeError("connection lost");
  };
  await refuses(portal.submit(sealed), "network");
  face.fail = () => {};
  const receipt = await portal.submit(sealed);
  assert.deepEqual([receipt.number, receipt.stateText, receipt.bodyName, receipt.ledger.seq], ["2026-0001", "Đã nhận", "Uỷ ban", 1]);
  const [first, second] = face.asked.filter(({ op }) => op === "submit");
  assert.deepEqual(second.args, first.args);
  assert.notDeepEqual(face.sent.at(-1), face.sent.at(-2));
});

test("a routing key that is gone is fetched anew, once", async () => {
  const { portal, sealed } = await sealedReport();
  face.routing = await routingKey(face.world.installation);
  assert.equal((await portal.submit(sealed)).number, "2026-0001");
  face.envelope = async () => [410, { error: { code: "routing_key_gone", message: "" } }];
  await refuses(portal.submit(sealed), "routing_key_gone", Refused);
});
