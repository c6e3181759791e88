// Packages: what a reader's browser makes, what it refuses, and what is told of one that a case has left in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPackage } from "../../static/js/client/member/packages.js";
import { openCase, openHeader } from "../../static/js/client/member/opening.js";
import { outsideBodies } from "../../static/js/client/outside.js";
import { leftIn } from "../../static/js/client/packages.js";
import { verifyTrust } from "../../static/js/client/trust.js";
import { b64u, parseJcs, sha256hex } from "../../static/js/crypto/encoding.js";
import { kemPublic } from "../../static/js/crypto/hpke.js";
import { openWithCode, openWithKey, receiptMark, receiptNumber, readCover, unpack } from "../../static/js/crypto/packages.js";
import { signDocument, signStatement } from "../../static/js/crypto/signing.js";
import { answerFor, makeCase, makeEpoch, makeWorld, READERS } from "./member_world.mjs";

const SEED = new Uint8Array(32).fill(7);
const ON = "2026-11-24";

async function setting() {
  const world = await makeWorld();
  const file = await makeCase(world);
  file.epochs.push(await makeEpoch(world, file.id, { name: "internal", epoch: 1, by: "P-001", readers: READERS }));
  const installation = world.installationAnswer();
  const trust = await verifyTrust(installation, world.org.keys.signPublic, { on: new Date(`${ON}T00:00:00Z`) });
  const me = { code: "P-001", keys: world.people["P-001"].keys };
  const answer = await answerFor(world, file, "P-001");
  const opened = await openCase(answer, me, trust);
  const { header } = await openHeader(answer, me.keys);
  const signed = (said, by = world.org) => signDocument(by.keys.signSeed, "outside", {
    v: 1, code: "CA-TP", name_vi: "Công an thành phố", name_en: "City police", kem: null, issued: "2026-11-01", expires: "2026-12-01", ...said,
  });
  const bodies = async (...documents) => outsideBodies(await Promise.all(documents), trust.orgKey, ON);
  const make = async (to) => buildPackage({ ...me, checkpoint: trust.checkpoint }, {
    answer, opened, header, roster: installation.roster, orgKey: trust.orgKey, to,
  });
  return { world, file, trust, me, answer, opened, signed, bodies, make };
}

test("a package to a key opens with it, and holds the ring of the report and nothing else", async () => {
  const { signed, bodies, make, answer, opened, world } = await setting();
  const [to] = await bodies(signed({ kem: b64u(await kemPublic(SEED)) }));
  const made = await make(to);
  assert.equal(made.code, null);
  assert.equal(made.sha256, await sha256hex(made.file));
  const contents = await openWithKey(SEED, made.file);
  const { manifest, manifestHash, parts, statement } = await unpack(contents);
  const said = parseJcs(Buffer.from(statement.stmt, "base64url"));
  const { binding, place } = readCover(made.file);
  assert.deepEqual([place.case, place.id, place.reader, place.readerkey], [answer.id, made.id, "CA-TP", to.readerkey]);
  assert.deepEqual([said.manifest, said.to, said.package, said.readerkey], [manifestHash, "CA-TP", made.id, to.readerkey]);
  assert.equal(said.receipt, await receiptMark(binding, receiptNumber(parts.receipt)));
  assert.equal(manifest.org, b64u(world.org.keys.signPublic));
  assert.deepEqual(parseJcs(parts.keys), [{ epoch: 1, key: b64u(opened.rings.report.key) }]);
  assert.deepEqual([...new Set(parseJcs(parts.items).map(({ object }) => object.ring))], ["report"]);
  assert.ok(!Buffer.from(contents).toString().includes(b64u(opened.rings.internal.key)));
});

test("without a key it opens with ten words, and with no others", async () => {
  const { signed, bodies, make } = await setting();
  const made = await make((await bodies(signed({})))[0]);
  assert.equal(made.code.split("-").length, 10);
  await unpack(await openWithCode(made.code, made.file));
  const other = made.code.split("-").reverse().join("-");
  await assert.rejects(openWithCode(other, made.file), (error) => error.name === "NotForMe");
});

test("a body that the organisation's key didn't sign for, or not for today, is left out", async () => {
  const { signed, bodies, world } = await setting();
  const found = await bodies(
    signed({}, world.installation), signed({ issued: "2026-11-25" }), signed({ expires: "2026-11-23" }), signed({ code: "a b" }),
    signed({ name_vi: "x\u0007" }), signed({ kem: "AAAA" }), signed({ more: 1 }), { doc: "e30", sig: "AAAA" }, signed({ code: "TTTP" }),
  );
  assert.deepEqual(found.map(({ code }) => code), ["TTTP"]);
});

test("nothing is made for a body that the report is about", async () => {
  const { signed, bodies, make } = await setting();
  const [to] = await bodies(signed({ code: "DU-TT-01" }));
  await assert.rejects(make(to), (error) => error.code === "addressee_concerned");
});

test("what is told of a package is proved by a reader's signature or marked", async () => {
  const { signed, bodies, make, world, file, me, trust, answer } = await setting();
  const [to] = await bodies(signed({}));
  const made = await make(to);
  const left = { id: made.id, to: "CA-TP", to_name: "Công an", made: ON, received: null, statement: made.statement };
  const told = async (...packages) => (await openCase({ ...answer, packages }, me, trust)).left.map(({ by, signed: proved }) => [by, proved]);
  const said = parseJcs(Buffer.from(made.statement.stmt, "base64url"));
  const forged = await signStatement(world.people["P-004"].keys.signSeed, said);
  const stranger = await signStatement(world.people["P-004"].keys.signSeed, { ...said, by: "P-004" });
  assert.deepEqual(await told(left, { ...left, to: "TTTP" }, { ...left, statement: forged }, { ...left, statement: stranger }, { ...left, statement: {} }), [
    ["P-001", true], ["P-001", false], [null, false], ["P-004", false], [null, false],
  ]);
  assert.deepEqual(await leftIn(file.id, undefined, [], trust.roster), []);
});
