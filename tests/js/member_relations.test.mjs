// Relations: what a member signs, and which of their own touch a case.

import assert from "node:assert/strict";
import { test } from "node:test";

import { buildRelation, buildRelationEnd, touching } from "../../static/js/client/member.js";
import { verifyStatement } from "../../static/js/crypto/signing.js";
import { memberKeys } from "../../static/js/crypto/keys.js";

const AT = new Date("2026-11-24T09:05:07Z");
const ROSTER = { seats: [{ body: "CB-01", person: "P-031" }, { body: "UBKT-S", person: "P-001" }] };

async function actor() {
  const keys = await memberKeys(crypto.getRandomValues(new Uint8Array(32)));
  return { code: "P-003", keys, checkpoint: { no: 1, hash: "0".repeat(64) } };
}

test("a relation and its end are signed with their days and no case", async () => {
  const me = await actor();
  const said = { tie: "family", what: "person", code: "P-004", since: "2026-01-01", until: "" };
  const open = await verifyStatement(me.keys.signPublic, (await buildRelation(me, said, AT)).statement, "relation");
  assert.deepEqual([open.tie, open.with, open.code, open.since, "until" in open, "case" in open], ["family", "person", "P-004", "2026-01-01", false, false]);
  const until = { ...said, until: "2026-02-01" };
  const closed = await verifyStatement(me.keys.signPublic, (await buildRelation(me, until, AT)).statement, "relation");
  assert.equal(closed.until, "2026-02-01");
  const end = await verifyStatement(me.keys.signPublic, (await buildRelationEnd(me, open.id, "2026-11-24", AT)).statement, "relation_end");
  assert.deepEqual([end.relation, end.until, end.by], [open.id, "2026-11-24", "P-003"]);
});

test("a relation touches a case by its accused, their bodies, who sits there, and the inspection", () => {
  const facts = { accused: [{ body: "CB-01", role: "member", person: "P-040" }], inspection: "KT-2026-07" };
  const one = (what, code, person = "P-003") => ({ person, tie: "family", what, code });
  const touches = [one("person", "P-040"), one("person", "P-031"), one("body", "CB-01"), one("inspection", "KT-2026-07"), one("person", "P-003", "P-031")];
  const others = [one("person", "P-001"), one("body", "UBKT-S"), one("inspection", "KT-2026-08"), one("unit", "TH-01")];
  assert.deepEqual(touching([...others, ...touches], facts, ROSTER), touches);
  assert.deepEqual(touching([...others, ...touches], { accused: [] }, ROSTER), []);
});
