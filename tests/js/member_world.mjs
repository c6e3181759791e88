// A fake organisation and a fake case, made with the same modules as real ones: fictional codes, fresh keys a run.

import { b64u, fingerprint, jcs, label, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { objectBinding } from "../../static/js/crypto/binding.js";
import { seal } from "../../static/js/crypto/hpke.js";
import { sealItem } from "../../static/js/crypto/items.js";
import { memberKeys } from "../../static/js/crypto/keys.js";
import { pad } from "../../static/js/crypto/padding.js";
import { ringCommitment } from "../../static/js/crypto/rings.js";
import { signDocument, signStatement } from "../../static/js/crypto/signing.js";

export const ZERO = "0".repeat(64);
export const READERS = ["P-001", "P-002", "P-003"];
const byId = (left, right) => (left.id < right.id ? -1 : 1);
const random = (length = 32) => crypto.getRandomValues(new Uint8Array(length));
const uuid = () => crypto.randomUUID();

export async function holder(code) {
  const seed = random();
  const keys = await memberKeys(seed);
  return { code, seed, keys, readerkey: await sha256hex(keys.kemPublic) };
}

/** The fingerprint of a holder's key, as rosters name successors. */
export const printed = ({ keys }) => fingerprint(keys.signPublic);

/**
 * The signed roster; `without` these codes, and with those in `anew` holding other keys under their old code. It follows the roster
 * `after`, is signed by the organisation's key of `by` and names `then` as the successor.
 */
export async function makeRoster(world, {
  after = world.roster ?? null, no = 1, expires = "2099-12-31", issued = "2026-11-01", without = [], anew = [], by = world.org, then = null, ...other
} = {}) {
  const rostered = Object.values(world.people).filter(({ code }) => !without.includes(code));
  const people = await Promise.all(rostered.map((one) => (anew.includes(one.code) ? holder(one.code) : one)));
  return signDocument(by.keys.signSeed, "roster", {
    v: 1, org: b64u(by.keys.signPublic), no, prev: no > 1 ? await sha256hex(unb64u(after.doc)) : ZERO, issued, expires, successor: then ? await printed(then) : "",
    installation: b64u(world.installation.keys.signPublic),
    bodies: [{ id: "UBKT-S", kind: "committee", level: 2, quorum: 2 }],
    seats: people.map(({ code }) => ({
      id: `UBKT-S/${code}`, body: "UBKT-S", person: code, function: code === "P-001" ? "head" : "member", roles: ["intake"],
    })).sort(byId),
    members: people.map(({ code, keys }) => ({ id: code, kem: b64u(keys.kemPublic), sign: b64u(keys.signPublic) })).sort(byId),
    sets: [{ id: "KS-S", v: 1, k: 2, n: 4, level: 2, purpose: "identity", members: ["P-005", "P-006", "P-007", "P-008"] }],
    ...other,
  });
}

export const makeCheckpoint = (world, no = 3, change = {}) => signDocument(world.installation.keys.signSeed, "checkpoint", {
  v: 1, no, prev: ZERO, root: "ab".repeat(32), size: 2, at: "2026-11-20T08:00:00Z", ...change,
});

export async function makeWorld() {
  const world = { people: {} };
  world.org = await holder("org");
  world.installation = await holder("installation");
  for (const code of [...READERS, "P-004", "P-005", "P-006", "P-007", "P-008"]) world.people[code] = await holder(code);
  world.reporter = await holder("reporter");
  world.roster = await makeRoster(world);
  world.checkpoint = await makeCheckpoint(world);
  world.installationAnswer = () => ({ v: 1, roster: world.roster, checkpoint: world.checkpoint });
  return world;
}

export const stored = async (caseId, place, data) => ({ ...place, data: b64u(data) });

async function item(caseId, ring, kind, plain, id = uuid()) {
  const place = { kind, id, ring: ring.name, epoch: ring.epoch };
  return stored(caseId, place, await sealItem(ring.key, objectBinding(caseId, place), jcs(plain)));
}

async function grant(caseId, ring, person) {
  const place = { kind: "grant", id: uuid(), ring: ring.name, epoch: ring.epoch, reader: person.code, readerkey: person.readerkey };
  return stored(caseId, place, await seal(person.keys.kemPublic, "grant", objectBinding(caseId, place), ring.key));
}

const pointer = { no: 3, hash: "cd".repeat(32) };
const entryOf = ({ id, key }) => ({ id, key });

/** One epoch as its maker signs it: `{ring, row, grants}`. */
export async function makeEpoch(world, caseId, { name, epoch, prev = ZERO, by, readers, removed = [], key = random(), checkpoint = pointer }) {
  const ring = { name, epoch, key };
  const all = readers.map((code) => (code === "reporter" ? world.reporter : world.people[code]));
  const maker = by === "reporter" ? world.reporter : world.people[by];
  const statement = await signStatement(maker.keys.signSeed, {
    v: 1, kind: "epoch", id: uuid(), at: "2026-11-23T08:00:00Z", by, checkpoint, case: caseId, ring: name, epoch, prev,
    commitment: await ringCommitment(caseId, name, epoch, key),
    readers: all.map(({ code, readerkey }) => entryOf({ id: code, key: readerkey })).sort(byId), removed,
  });
  const grants = [];
  for (const person of all) grants.push(await grant(caseId, ring, person));
  return { ring, grants, row: { ring: name, epoch, state: "open", statement }, hash: await sha256hex(unb64u(statement.stmt)) };
}

export const FACTS = {
  on: "2026-11-23", accused: [{ body: "DU-TT-01", role: "head" }], work_kind: "inspection", objections: ["P-004"],
};
export const DECISION = {
  body: "UBKT-S", external: false, rule: "row-10", readers: READERS, custodians: "KS-S", ruleset: "2026-11-01", citations: ["KH84-II.6.2"],
};

/** A submitted report with its first epoch. Its writer may be hostile: `written(kind, content)` gives what is sealed instead. */
export async function makeCase(world, written = (kind, content) => content) {
  const id = uuid();
  const first = await makeEpoch(world, id, { name: "report", epoch: 1, by: "reporter", readers: [...READERS, "reporter"] });
  const { ring } = first;
  const { reporter } = world;
  const items = [
    await item(id, ring, "first", written("first", {
      v: 1, case: id, reporter: { kem: b64u(reporter.keys.kemPublic), sign: b64u(reporter.keys.signPublic) },
      facts: FACTS, objections: FACTS.objections, decision: DECISION, roster: { no: 1, hash: ZERO },
    })),
    await item(id, ring, "summary", written("summary", { v: 1, text: "Một câu tóm tắt." })),
    await item(id, ring, "narrative", written("narrative", {
      v: 1, named: true, text: "Đoạn một.\n\nĐoạn hai.", when: "Tháng 9/2026", where: "Trụ sở", wants: "Xem xét",
      accused_names: [{ body: "DU-TT-01", role: "head", name: "Một người" }], keep_away: "Người ở cùng phòng", language: "vi",
    })),
  ];
  const listed = [];
  for (const { data, ...place } of [...items, ...first.grants]) listed.push({ ...place, sha256: await sha256hex(unb64u(data)) });
  const submission = await signStatement(reporter.keys.signSeed, {
    v: 1, kind: "submission", id: uuid(), at: "2026-11-23T08:00:00Z", by: "reporter", checkpoint: pointer, case: id,
    key: b64u(reporter.keys.signPublic), kem: b64u(reporter.keys.kemPublic), roster: { no: 1, hash: ZERO },
    objects: listed.sort(byId), rings: [{ ring: "report", epoch: 1, commitment: await ringCommitment(id, "report", 1, ring.key) }],
    scopes: [], set: { id: "KS-S", v: 1, k: 2, n: 4 }, body: "UBKT-S", readers: READERS, categories: ["gifts"], epoch: first.hash,
  });
  return { id, epochs: [first], items: items.map((object) => ({ object, by: "reporter", at: "2026-11-23T08:00:00Z", statement: null })), submission };
}

/** What the API would answer this person. `written(header)` gives what its maker sealed instead. */
export async function answerFor(world, file, code, extra = {}, written = (header) => header) {
  const person = world.people[code];
  const place = { kind: "header", id: uuid(), reader: code, readerkey: person.readerkey };
  const header = {
    v: 1, case: file.id, number: "2026-0001", at: "2026-11-23T08:00:00Z", facts: FACTS, categories: ["gifts"], made_by: "server",
    decision: { ...DECISION, excluded: [{ person: "P-004", reasons: ["objection"] }], escalated: [], pair: null, copies: [] },
  };
  const sealed = await seal(person.keys.kemPublic, "header", objectBinding(file.id, place), pad(jcs(written(header)), 4096));
  return {
    id: file.id, number: "2026-0001", declared: "clear", header: { object: await stored(file.id, place, sealed), by: "server" },
    grants: file.epochs.flatMap(({ grants }) => grants).filter(({ reader }) => reader === code),
    epochs: file.epochs.map(({ row }) => ({ ...row })), items: file.items.map((one) => ({ ...one, object: { ...one.object } })), submission: file.submission,
    readers: READERS.map((id) => ({ id, readerkey: world.people[id].readerkey, since: "2026-11-23" })),
    ...extra,
  };
}

/** A ledger chain of `length` entries of one kind for a case. */
export async function makeChain(caseId, length, kind = "report_received") {
  const entries = [];
  let prev = ZERO;
  for (let seq = 1; seq <= length; seq += 1) {
    const bytes = jcs({ v: 1, chain: caseId, seq, at: "2026-11-23T08:00:00Z", kind, prev, pub: {}, priv: ZERO });
    const head = label("ledger");
    const hashed = new Uint8Array(head.length + 1 + bytes.length);
    hashed.set(head);
    hashed.set(bytes, head.length + 1);
    prev = await sha256hex(hashed);
    entries.push({ entry: b64u(bytes), hash: prev });
  }
  return entries;
}
