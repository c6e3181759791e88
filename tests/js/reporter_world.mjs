// A public face that only tests know: the reporter's API over member_world's organisation, with places to cheat at.

import assert from "node:assert/strict";

import { b64u, jcs, parseJcs, randomBytes, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { openEnvelope, envelopeKeyId, sealAnswer } from "../../static/js/crypto/envelopes.js";
import { kemPublic, openSealed } from "../../static/js/crypto/hpke.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { signDocument, verifyDocument, verifyStatement } from "../../static/js/crypto/signing.js";
import { buildItem, state } from "../../static/js/client/building.js";
import { ClientFault, newCode, openPortal } from "../../static/js/client/reporter.js";
import { DECISION, FACTS, READERS, makeCheckpoint, makeWorld } from "./member_world.mjs";

export { FACTS, READERS, makeEpoch } from "./member_world.mjs";
export const AT = new Date("2026-11-24T09:05:07Z");
export const REPORT = {
  summary: "Nhận phong bì khi kiểm tra.", text: "Sáng thứ hai có người đưa một phong bì.", categories: ["gifts", "bribes", "gifts"],
  when: "tháng 10/2026", where: "Trụ sở", wants: "Xem xét", accusedNames: [{ body: "DU-TT-01", role: "head", name: "Một người" }],
  keepAway: "", language: "vi", identity: { name: "Nguyễn Văn Mẫu", unit: "Trường số 1", phone: "0900000000" },
};

export const refuses = (promise, code, kind = ClientFault) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof kind, error.stack);
  assert.equal(error.code, code, error.stack);
  return true;
});

export const aVisit = (face, more = {}) => openPortal({ fetch: face.fetch, language: "vi", now: () => AT, ...more });

/** A report on its way: the portal, the code, what was shown and what was sealed. */
export async function aReport(face, change = {}) {
  const portal = await aVisit(face);
  const shown = await portal.preview(FACTS);
  const code = newCode();
  return { portal, code, shown, sealed: await portal.seal({ report: { ...REPORT, ...change }, facts: FACTS, shown, code }) };
}

/** The roster signed again by the organisation, after `change` of what it says. */
export async function rosterWith(world, change) {
  const said = await verifyDocument(world.org.keys.signPublic, "roster", world.roster);
  const prev = change(said).no > said.no ? await sha256hex(unb64u(world.roster.doc)) : said.prev;
  return signDocument(world.org.keys.signSeed, "roster", { ...said, prev, ...change(said) });
}

export async function routingKey(signer, { from = "2026-11-20T00:00:00Z", until = "2026-11-27T00:00:00Z" } = {}) {
  const seed = randomBytes(32);
  const id = crypto.randomUUID();
  const document = await signDocument(signer.keys.signSeed, "routing-key", { v: 1, id, kem: b64u(await kemPublic(seed)), from, until });
  return { id, seed, document };
}

/** Answers as the public face does; `cheat[op]` alters an inner answer, `sent` keeps every envelope. */
export class Face {
  static async open() {
    const face = new Face();
    face.world = await makeWorld();
    Object.assign(face, {
      roster: face.world.roster, checkpoint: await makeCheckpoint(face.world), routing: await routingKey(face.world.installation),
      salt: randomBytes(16), cases: new Map(), cheat: {}, sent: [], asked: [], fail: () => {}, takeovers: {},
    });
    return face;
  }

  /** `fetch` as a browser has it: nobody's method. */
  get fetch() {
    const face = this;
    return async function fetch(path, { method, body }) {
      if (this !== undefined) throw new TypeError("Illegal invocation");
      face.fail(path);
      const [status, answer] = method === "GET" ? face.documents(path) : await face.envelope(body);
      const bytes = answer instanceof Uint8Array ? answer : new TextEncoder().encode(JSON.stringify(answer));
      face.fail(`${path} answered`);
      return new Response(bytes, { status });
    };
  }

  /** The installation's documents, or the pair of a takeover by its number. */
  documents(path) {
    const [, no] = /^\/api\/v1\/takeovers\/(\d+)$/.exec(path) ?? [];
    if (no === undefined) return [200, this.installation()];
    return this.takeovers[no] ? [200, this.takeovers[no]] : [404, { error: { code: "not_found" } }];
  }

  installation() {
    const { roster, checkpoint, salt, routing } = this;
    const takeovers = Object.keys(this.takeovers).map(Number);
    return { v: 1, demo: true, salt: b64u(salt), roster, routing: routing.document, checkpoint, takeovers, fingerprint: "not looked at", now: "" };
  }

  async envelope(wire) {
    this.sent.push(wire);
    if (envelopeKeyId(wire) !== this.routing.id) return [410, { error: { code: "routing_key_gone", message: "Xin tải lại trang." } }];
    const { payload, answerKey, digest } = await openEnvelope(this.routing.seed, wire);
    const { op, args } = payload;
    this.asked.push(payload);
    const answer = await this.perform(op, args);
    const cheat = answer.found === false ? undefined : this.cheat[op]; // what isn't there can't be altered
    const ok = answer.error ? answer : { ok: cheat ? await cheat(answer) : answer };
    const sealed = await sealAnswer(answerKey, digest, ok);
    return [200, this.cheat.wire ? this.cheat.wire(sealed) : sealed];
  }

  async pointer() {
    return { no: parseJcs(unb64u(this.roster.doc)).no, hash: await sha256hex(unb64u(this.roster.doc)) };
  }

  async perform(op, args) {
    if (op === "preview") {
      const [set] = parseJcs(unb64u(this.roster.doc)).sets;
      return {
        decision: DECISION, body_name: "Uỷ ban", rule_text: "Theo cấp", readers: READERS.length, guidance: null,
        set: { id: set.id, v: set.v, k: set.k, n: set.n, members: [...set.members].sort() }, roster: await this.pointer(), pair: null,
      };
    }
    if (op === "submit") return this.submit(args);
    const file = this.cases.get(await sha256hex(unb64u(args.secret)));
    if (!file) return { found: false };
    if (op === "mailbox.record") return this.ledger.page(args);
    if (op === "mailbox.open") return this.mailbox(file);
    if (op === "mailbox.items") return { items: file.items.slice(file.items.findIndex(({ object }) => object.id === args.before) + 1), more: false };
    if (op === "mailbox.item") return file.items.find(({ object }) => object.id === args.id);
    if (op === "mailbox.badkey") return this.disown(file, args);
    return this.write(file, args);
  }

  /** Both of a pair, or one. */
  submit(args) {
    const answer = this.store(args);
    return answer.error || !args.pair ? { ...answer, pair: null } : { ...answer, pair: this.store(args.pair) };
  }

  store(args) {
    const known = this.cases.get(args.mailbox);
    if (known && known.args.submission.stmt !== args.submission.stmt) return { error: { code: "already_exists", message: "" } };
    const file = known ?? {
      args, epochs: [{ ring: "report", epoch: 1, state: "open", statement: args.epoch }], written: 0,
      grants: args.objects.filter(({ kind, reader }) => kind === "grant" && reader === "reporter"),
      items: args.objects.filter(({ kind }) => ["first", "summary", "narrative"].includes(kind))
        .map((object) => ({ object, by: "reporter", at: "2026-11-24", statement: null })).reverse(),
    };
    this.cases.set(args.mailbox, file);
    return { number: "2026-0001", received: "2026-11-24", state: "received", state_text: "Đã nhận", body: "UBKT-S", body_name: "Uỷ ban", ledger: { seq: 1, hash: "ab".repeat(32) } };
  }

  async mailbox({ args, epochs, grants, items }) {
    const { key, kem } = JSON.parse(new TextDecoder().decode(unb64u(args.submission.stmt)));
    const kept = await Promise.all(args.objects.map(async ({ id, data }) => ({ id, sha256: await sha256hex(unb64u(data)) })));
    kept.sort((left, right) => (left.id < right.id ? -1 : 1));
    return {
      found: true, case: args.case, number: "2026-0001", state: "received", state_text: "Đã nhận", body: "UBKT-S", body_name: "Uỷ ban",
      received: "2026-11-24", updated: "2026-11-24", look_again_days: 7, reporter: { kem, sign: key }, grants, epochs,
      submission: args.submission, more_epochs: false, kept: { gone: [], hash: await sha256hex(jcs(kept)) }, ledger: { head: "ab".repeat(32), seq: 1 },
      readers: (this.present ?? READERS).map((id) => ({ id, readerkey: this.world.people[id].readerkey })), items: [...items], more: false,
    };
  }

  /** The newest key is none, as its reader signed: the next is pending. */
  async disown(file, { statement }) {
    const { key } = parseJcs(unb64u(file.args.submission.stmt));
    const said = await verifyStatement(unb64u(key), statement, "badkey");
    const made = file.epochs.filter(({ state }) => state !== "pending").at(-1);
    assert.deepEqual([said.ring, said.epoch, said.statement], ["report", made.epoch, await sha256hex(unb64u(made.statement.stmt))]);
    if (file.epochs.at(-1).state !== "pending") file.epochs = [...file.epochs, { ring: "report", epoch: made.epoch + 1, state: "pending", statement: null }];
    return { pending: made.epoch + 1 };
  }

  async write(file, { object, statement, epoch }) {
    if (file.items.some((item) => item.object.id === object.id)) return { at: "2026-11-24" };
    if (epoch) {
      const said = JSON.parse(new TextDecoder().decode(unb64u(epoch.statement.stmt)));
      file.epochs = [...file.epochs.filter(({ state }) => state !== "pending"), { ring: "report", epoch: said.epoch, state: "open", statement: epoch.statement }];
      file.grants = [...file.grants, ...epoch.grants.filter(({ reader }) => reader === "reporter")];
    } else if (file.epochs.at(-1).state === "pending") return { error: { code: "epoch_pending", message: "Chờ khoá mới." } };
    file.items = [{ object, by: "reporter", at: "2026-11-24", statement }, ...file.items];
    file.written += 1;
    return { at: "2026-11-24" };
  }

  /** The one case that was submitted. */
  get file() {
    return [...this.cases.values()].at(-1);
  }

  /** The first ring as a handler opens it with their own grant. */
  async ringOf(code) {
    const { args } = this.file;
    const grant = args.objects.find(({ kind, reader }) => kind === "grant" && reader === code);
    const key = await openSealed(this.world.people[code].keys.kemSeed, "grant", objectBinding(args.case, grant), unb64u(grant.data));
    return { name: "report", epoch: 1, key, trusted: true };
  }

  /** A handler's message in the case; `change` alters the entry before it is stored. */
  async answer(code, text, { change = (entry) => entry, signer = code } = {}) {
    const person = this.world.people[signer];
    const actor = { code, keys: person.keys, checkpoint: this.ledger ? await this.ledger.named() : { no: 3, hash: "cd".repeat(32) } };
    const made = await buildItem(actor, this.file.args.case, await this.ringOf(READERS[0]), "message", text, new Date("2026-11-24T10:00:00Z"));
    this.file.items = [change({ ...made, by: code, at: "2026-11-24" }), ...this.file.items];
  }

  /** A handler's message with a right signature over whatever bytes: `make` gets the ring's key and the binding. */
  async answerWith(code, make) {
    const { key } = await this.ringOf(code);
    const place = { kind: "message", id: crypto.randomUUID(), ring: "report", epoch: 1 };
    const data = await make(key, objectBinding(this.file.args.case, place));
    const actor = { code, keys: this.world.people[code].keys, checkpoint: { no: 3, hash: "cd".repeat(32) } };
    const about = { case: this.file.args.case, ring: "report", epoch: 1, item: place.id, item_kind: "message", sha256: await sha256hex(data) };
    const statement = await state(actor, "item", about, new Date("2026-11-24T10:00:00Z"));
    this.file.items = [{ object: { ...place, data: b64u(data) }, by: code, at: "2026-11-24", statement }, ...this.file.items];
  }

  /** One of the report's own items exchanged by somebody who holds the ring's key. */
  async exchange(kind, text) {
    const { key } = await this.ringOf(READERS[0]);
    this.file.items = await Promise.all(this.file.items.map(async (entry) => {
      const { data, ...place } = entry.object;
      if (place.kind !== kind) return entry;
      const other = await sealItem(key, objectBinding(this.file.args.case, place), jcs({ v: 1, text }));
      return { ...entry, object: { ...place, data: b64u(other) } };
    }));
  }
}
