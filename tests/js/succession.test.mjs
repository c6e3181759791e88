// The organisation's successor key takes over: browsers follow the signed line from the key they trust, and nothing else.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { b64u, parseJcs, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { signDocument } from "../../static/js/crypto/signing.js";
import { verifyRoster } from "../../static/js/crypto/rosters.js";
import * as member from "../../static/js/client/member.js";
import { emptySeen, verifyTrust } from "../../static/js/client/trust.js";
import { Refused } from "../../static/js/client/faults.js";
import { holder, makeRoster, makeWorld, printed } from "./member_world.mjs";
import { AT, Face, aReport, aVisit, refuses } from "./reporter_world.mjs";

let world;
let first; // four keys of the organisation, of which each names the next; `strange` nobody names
let second;
let third;
let strange;
let rosters; // by number: 1 and 2 by the first key, 3 by the second, 4 by the third
let pairs;

const org = ({ keys }) => b64u(keys.signPublic);
const next = (after, by, then, other = {}) => makeRoster(world, { after, no: parseJcs(unb64u(after.doc)).no + 1, by, then, ...other });
const pointer = async (roster) => ({ no: parseJcs(unb64u(roster.doc)).no, hash: await sha256hex(unb64u(roster.doc)) });

before(async () => {
  world = await makeWorld();
  first = world.org;
  [second, third, strange] = await Promise.all(["second", "third", "strange"].map(holder));
  rosters = [null, await makeRoster(world, { then: second })];
  rosters.push(await next(rosters[1], first, second));
  rosters.push(await next(rosters[2], second, third));
  rosters.push(await next(rosters[3], third, strange));
  pairs = { 3: { last: rosters[2], first: rosters[3] }, 4: { last: rosters[3], first: rosters[4] } };
});

/** What a member's browser makes of a newest roster, with the key that it holds. */
function verified(roster, { by = first, takeovers = [3, 4], served = pairs, ...more } = {}) {
  const takeover = async (no) => {
    if (!served[no]) throw new Refused(404, { error: { code: "not_found" } });
    return served[no];
  };
  return verifyTrust({ roster, checkpoint: world.checkpoint, takeovers }, by.keys.signPublic, { takeover, ...more });
}

test("several takeovers are followed, and the keys passed on the way are told", async () => {
  const { orgKey, former, seen } = await verified(rosters[4]);
  assert.equal(b64u(orgKey), org(third));
  assert.deepEqual(former, [{ org: org(first), last: 2 }, { org: org(second), last: 3 }]);
  assert.deepEqual(seen.roster, { ...await pointer(rosters[4]), org: org(third), former });
  assert.deepEqual((await verified(rosters[4], { by: second })).former, [{ org: org(second), last: 3 }]);
  assert.deepEqual((await verified(rosters[4], { by: third, takeovers: null })).former, []);
});

test("one takeover after the other adds to the memory, which then leads without any pair", async () => {
  const { seen: then } = await verified(rosters[3], { takeovers: [3] });
  const { former, seen } = await verified(rosters[4], { seen: then, served: { 4: pairs[4] } });
  assert.deepEqual(former.map(({ last }) => last), [2, 3]);
  assert.deepEqual((await verified(rosters[4], { seen, served: {} })).former, former);
  assert.deepEqual((await verified(rosters[4], { seen, served: {}, by: third })).former, former);
});

test("rosters on the way are checked as of their own day", async () => {
  const naming = await next(rosters[1], first, second, { expires: "2026-11-02" });
  const now = await next(naming, second, third);
  const how = { takeovers: [3], served: { 3: { last: naming, first: now } }, on: AT };
  assert.equal((await verified(now, how)).former.length, 1);
  const over = await next(naming, second, third, { expires: "2026-11-02" });
  await refuses(verified(over, { ...how, served: { 3: { last: naming, first: over } } }), "roster_expired");
});

test("a roster that ended before it began is part of no line", async () => {
  const rehearsed = await next(rosters[2], second, third, { issued: "2026-11-02", expires: "2026-11-01" });
  const after = await next(rehearsed, second, third);
  await refuses(verified(after, { takeovers: [3], served: { 3: { last: rosters[2], first: rehearsed } } }), "roster_bad");
});

test("a forged successor, a skipped takeover and an exchanged roster are refused", async () => {
  const forged = await next(rosters[2], strange, third);
  await refuses(verified(forged, { takeovers: [3], served: { 3: { last: rosters[2], first: forged } } }), "roster_bad");
  for (const takeovers of [[], [4], [3], [4, 3], [3, 3, 4], [1, 3, 4], [3, 4, 5], ["3", 4], { 3: 4 }, Array(40).fill(3)]) {
    await refuses(verified(rosters[4], { takeovers }), "roster_bad");
  }
  const { sig } = rosters[3];
  for (const pair of [
    { last: rosters[1], first: rosters[3] }, { last: rosters[3], first: rosters[2] }, { last: { ...rosters[2], sig }, first: rosters[3] },
    { last: rosters[2], first: rosters[4] }, { last: null, first: rosters[3] }, pairs[4], {}, null,
  ]) await refuses(verified(rosters[4], { served: { ...pairs, 3: pair } }), "roster_bad");
  await refuses(verified(rosters[4], { takeover: null }), "roster_bad");
});

test("a server that is only busy while a takeover is followed is no cheat", async () => {
  const busy = async () => { throw new Refused(503, { error: { code: "busy" } }); };
  await refuses(verified(rosters[4], { takeover: busy }), "busy", Refused);
});

test("the former key signs nothing more for a browser that has seen its successor", async () => {
  const { seen } = await verified(rosters[4]);
  const after = await next(rosters[4], first, second);
  for (const takeovers of [[3, 4], [], [3, 4, 5]]) {
    await refuses(verified(after, { seen, takeovers, served: { ...pairs, 5: { last: rosters[4], first: after } } }), "roster_bad");
  }
  await refuses(verified(rosters[2], { seen, takeovers: [] }), "roster_older");
});

test("another branch with a successor of its own is refused", async () => {
  const { seen } = await verified(rosters[4]);
  const branch = [await next(rosters[2], first, strange)];
  for (let at = 0; at < 3; at += 1) branch.push(await next(branch[at], strange, third));
  const how = { seen, takeovers: [4], served: { 4: { last: branch[0], first: branch[1] } } };
  await refuses(verified(branch[1], how), "roster_forked");
  await refuses(verified(branch[2], how), "roster_forked");
  await refuses(verified(branch[3], how), "roster_bad");
});

test("the roster that names the successor is no older than the last one verified, and not another of its number", async () => {
  const { seen } = await verified(rosters[2], { takeovers: [] });
  const naming = await next(rosters[1], first, strange);
  const third3 = await next(naming, strange, third);
  const fourth = await next(third3, strange, third);
  const how = { seen, takeovers: [3], served: { 3: { last: naming, first: third3 } } };
  await refuses(verified(third3, how), "roster_forked");
  await refuses(verified(fourth, how), "roster_forked");
  const early = await next(rosters[1], second, third); // by the key that roster 1 named too
  const line = [early, await next(early, second, third)];
  line.push(await next(line[1], second, third));
  await refuses(verified(line[2], { seen, takeovers: [2], served: { 2: { last: rosters[1], first: early } } }), "roster_bad");
});

test("an old wrapped seed brings no former key back, and a renewed one needs no memory", async () => {
  const { seen, roster, orgKey } = await verified(rosters[4]);
  const after = await next(rosters[4], first, second);
  await refuses(verified(after, { seen, since: await pointer(rosters[1]), takeovers: [] }), "roster_bad");
  assert.equal((await verified(rosters[4], { seen, since: await pointer(rosters[1]) })).roster.no, 4);
  const pins = member.renewedPins({ org: org(first), more: 1 }, { roster, orgKey });
  assert.deepEqual(pins, { org: org(third), roster: await pointer(rosters[4]), more: 1 });
  await refuses(verified(rosters[3], { by: third, since: pins.roster }), "roster_older");
  const branch = await next(await next(rosters[2], first, second), first, second);
  await refuses(verified(branch, { by: third, since: pins.roster, takeovers: [] }), "roster_forked");
  assert.equal(member.newerPins({ org: org(first) }, pins), pins);
  assert.equal(member.newerPins(pins, { org: org(first), roster: { no: 1, hash: "" } }), pins);
});

test("pins and memory of two histories are refused", async () => {
  const { seen } = await verified(rosters[4]);
  await refuses(verified(rosters[4], { seen, by: third, since: { no: 4, hash: "0".repeat(64) } }), "roster_forked");
  await refuses(verified(rosters[4], { seen, since: { no: 3, hash: "0".repeat(64) } }), "roster_forked");
});

test("another member's pin on the same machine leads nobody astray", async () => {
  const cheat = await next(rosters[4], strange, third);
  const { seen } = await verified(cheat, { by: strange });
  await refuses(verified(cheat, { seen }), "roster_bad");
});

test("of a roster remembered by its number alone, the number still counts", async () => {
  const storage = { getItem: () => JSON.stringify({ roster: 3, checkpoint: 1, epochs: {} }) };
  const seen = member.readSeen(storage);
  assert.deepEqual(seen.roster, { no: 3, hash: null, org: null, former: [] });
  assert.equal((await verified(rosters[4], { seen })).former.length, 2);
  await refuses(verified(rosters[2], { seen, takeovers: [] }), "roster_older");
});

test("what is written never takes another tab's memory back", async () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const { seen: older } = await verified(rosters[3], { takeovers: [3] });
  const { seen: newer } = await verified(rosters[4]);
  member.writeSeen(storage, { ...newer, epochs: { a: [2, "x"], b: [1, "y"] } });
  member.writeSeen(storage, { ...older, epochs: { a: [1, "w"], c: [1, "z"] } });
  const seen = member.readSeen(storage);
  assert.equal(seen.roster.no, 4);
  assert.deepEqual(seen.epochs, { a: [2, "x"], b: [1, "y"], c: [1, "z"] });
});

test("a roster's keys have to be text of the right length", async () => {
  const said = parseJcs(unb64u(rosters[1].doc));
  for (const change of [{ installation: 7 }, { installation: b64u(new Uint8Array(31)) }, { org: 7 }, { org: null }, { installation: "!" }]) {
    const document = await signDocument(first.keys.signSeed, "roster", { ...said, ...change });
    await assert.rejects(verifyRoster(document, first.keys.signPublic, { on: "2026-11-24" }), ({ name }) => name === "Malformed");
  }
});

// The reporter's face

/** A face whose organisation's key was taken over, and the keys. */
async function takenOver() {
  const face = await Face.open();
  const heir = await holder("heir");
  const naming = await makeRoster(face.world, { no: 2, then: heir });
  const now = await makeRoster(face.world, { after: naming, no: 3, by: heir, then: strange });
  return { face, heir, naming, now };
}

test("a reporter sees the former fingerprints, and a printed one leads to the key of today", async () => {
  const { face, heir, naming, now } = await takenOver();
  Object.assign(face, { roster: now, takeovers: { 3: { last: naming, first: now } } });
  const portal = await aVisit(face);
  assert.equal(portal.fingerprint, await printed(heir));
  assert.deepEqual(portal.former, [{ fingerprint: await printed(face.world.org), last: 2 }]);
  assert.equal((await aVisit(face, { pinned: await printed(face.world.org) })).former.length, 1);
  assert.equal((await aVisit(face, { pinned: await printed(heir) })).former.length, 0);
  await refuses(aVisit(face, { pinned: await printed(strange) }), "fingerprint_other");
});

test("a page that was there before follows the takeover, and refuses a forged one", async () => {
  const { face, heir, naming, now } = await takenOver();
  const { held } = await aVisit(face);
  Object.assign(face, { roster: now, takeovers: { 3: { last: naming, first: now } } });
  const portal = await aVisit(face, { held });
  assert.deepEqual([portal.fingerprint, portal.former.length], [await printed(heir), 1]);
  const forged = await makeRoster(face.world, { after: now, no: 4, by: third });
  Object.assign(face, { roster: forged, takeovers: { 3: { last: naming, first: now }, 4: { last: now, first: forged } } });
  for (const before of [held, portal.held]) await refuses(aVisit(face, { held: before }), "roster_bad");
});

test("a first visit refuses takeovers that don't hold together", async () => {
  const { face, naming, now } = await takenOver();
  const forged = await makeRoster(face.world, { after: now, no: 4, by: strange });
  Object.assign(face, { roster: forged, takeovers: { 3: { last: naming, first: now } } });
  await refuses(aVisit(face), "roster_bad");
});

test("a report remembers the roster that it was sent under", async () => {
  const { face, naming } = await takenOver();
  const older = face.roster;
  face.roster = naming;
  const { portal, sealed, code } = await aReport(face);
  await portal.submit(sealed);
  assert.ok(await (await aVisit(face)).openMailbox(code));
  face.roster = older;
  await refuses((await aVisit(face)).openMailbox(code), "roster_older");
  face.roster = await makeRoster(face.world, { no: 2, then: strange });
  await refuses((await aVisit(face)).openMailbox(code), "roster_forked");
});
