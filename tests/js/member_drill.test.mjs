// A custodian's drill in the browser: opened with the rostered key alone, answered with a signature, refused otherwise.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerDrill, setsOf } from "../../static/js/client/member/drill.js";
import { verifyTrust } from "../../static/js/client/trust.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { b64u, parseJcs, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { seal } from "../../static/js/crypto/hpke.js";
import { verifyStatement } from "../../static/js/crypto/signing.js";
import { holder, makeRoster, makeWorld } from "./member_world.mjs";

const CUSTODIAN = "P-005";
const share = new Uint8Array(33).fill(7);
const faulty = (code) => (error) => error.code === code;

async function setting() {
  const world = await makeWorld();
  const verified = async (roster) => (await verifyTrust({ v: 1, roster, checkpoint: world.checkpoint }, world.org.keys.signPublic, {
    on: new Date("2026-11-24T00:00:00Z"),
  }));
  const { roster, checkpoint } = await verified(world.roster);
  const me = world.people[CUSTODIAN];
  const actor = { code: CUSTODIAN, keys: me.keys, checkpoint };
  const drill = async ({ to = me, value = share, ...change } = {}) => {
    const place = { kind: "drill", id: crypto.randomUUID(), reader: CUSTODIAN, readerkey: me.readerkey, ...change };
    return { ...place, data: b64u(await seal(to.keys.kemPublic, "drill", objectBinding(null, place), value)) };
  };
  return { world, roster, verified, me, actor, drill };
}

test("the answer names the drill, the key and the hash of what was in it, and carries the custodian's signature", async () => {
  const { roster, me, actor, drill } = await setting();
  const made = await drill();
  const { statement } = await answerDrill(actor, roster, made);
  const said = await verifyStatement(me.keys.signPublic, statement, "drill");
  assert.deepEqual([said.drill, said.readerkey, said.sha256, said.by], [made.id, me.readerkey, await sha256hex(share), CUSTODIAN]);
  assert.ok(!("case" in parseJcs(unb64u(statement.stmt))));
  assert.deepEqual(setsOf(roster, CUSTODIAN).map(({ id, k, n }) => [id, k, n]), [["KS-S", 2, 4]]);
});

test("what is sealed to another key, or holds no share, proves nothing", async () => {
  const { world, roster, actor, drill } = await setting();
  const other = world.people["P-006"];
  await assert.rejects(answerDrill(actor, roster, await drill({ readerkey: other.readerkey })), faulty("drill_other_key"));
  await assert.rejects(answerDrill(actor, roster, await drill({ reader: "P-006" })), faulty("drill_other_key"));
  await assert.rejects(answerDrill(actor, roster, await drill({ to: other })), faulty("drill_closed"));
  await assert.rejects(answerDrill(actor, roster, await drill({ value: share.slice(1) })), faulty("drill_closed"));
  const moved = { ...(await drill()), id: crypto.randomUUID() };
  await assert.rejects(answerDrill(actor, roster, moved), faulty("drill_closed"));
});

test("a roster that holds another key under the custodian's code, or names them in no set, is told", async () => {
  const { world, roster, verified, actor, drill } = await setting();
  const anew = await verified(await makeRoster(world, { anew: [CUSTODIAN] }));
  await assert.rejects(answerDrill(actor, anew.roster, await drill()), faulty("drill_other_key"));
  const handler = await holder("P-001");
  await assert.rejects(answerDrill({ ...actor, code: "P-001", keys: handler.keys }, roster, await drill()), faulty("not_a_custodian"));
});
