// A case's ledger chain, checked in the browser (sealing.md, Ledger). Says which entry breaks it, and what it tells of access.

import { parseJcs, unb64u } from "../../crypto/encoding.js";
import { START, entryHash, privateDigest } from "../../crypto/ledgers.js";
import { REPORTER } from "../building.js";

/** What is told of an entry's private part, once its digest is seen to be the one in the entry; null where nothing is told. */
async function privateOf(told, body) {
  if (!told) return null;
  const part = parseJcs(unb64u(told.part));
  if ((await privateDigest(unb64u(told.salt), part)) !== body.priv) throw new Error("another private part");
  return part;
}

/** Check one case's chain: `{ok, count, brokenAt, head, entries}`; `brokenAt` counts from 1. */
export async function verifyCaseChain(entries, caseId) {
  let prev = START;
  const parsed = [];
  for (const [index, { entry, hash, private: told }] of entries.entries()) {
    try {
      const bytes = unb64u(entry);
      const body = parseJcs(bytes);
      const linked = body.prev === prev && body.seq === index + 1;
      const mine = body.v === 1 && body.chain === caseId;
      if (!linked || !mine || (await entryHash(bytes)) !== hash) throw new Error("broken link");
      parsed.push({ ...body, told: await privateOf(told, body) });
      prev = hash;
    } catch {
      return { ok: false, count: entries.length, brokenAt: index + 1, head: prev, entries: parsed };
    }
  }
  return { ok: entries.length > 0, count: entries.length, brokenAt: entries.length ? null : 1, head: prev, entries: parsed };
}

/**
 * Who opened a case, left it, and made its keys, oldest first: `{kind, at, exact, who, ring, epoch, removed, readers}`. `kind` is
 * received, opened, conflict, withdrawn, removed (with `people`), granted (to `reader`), moved (`from` a body `to` another), package or
 * arrived (both with `to`), key or bad_key; `exact` is false where only the hour is known. `who` is null where the
 * server kept the name back.
 */
export function accessHistory(entries) {
  const events = [];
  for (const { kind, at, pub, told } of entries) {
    const event = { at, exact: true, who: told?.person ?? null };
    const key = (said, part) => ({
      ...event, kind: "key", ring: said.ring, epoch: said.epoch, who: part?.by ?? null, removed: part?.removed ?? [], readers: part?.readers ?? [],
    });
    if (kind === "report_received") events.push({ ...event, kind: "received", exact: false, who: REPORTER, readers: told?.readers ?? null });
    else if (kind === "opened") events.push({ ...event, kind: "opened" });
    else if (kind === "conflict_declared") events.push({ ...event, kind: "conflict" });
    else if (kind === "withdrawn") events.push({ ...event, kind: "withdrawn" });
    else if (kind === "removed") events.push({ ...event, kind: "removed", who: told?.people?.join(" ") ?? null, people: told?.people ?? [] });
    else if (kind === "granted") events.push({ ...event, kind: "granted", who: told?.by ?? null, reader: told?.reader ?? null });
    else if (kind === "package_made") events.push({ ...event, kind: "package", who: told?.by ?? null, to: pub.to });
    else if (kind === "package_received") events.push({ ...event, kind: "arrived", who: "", to: pub.to }); // an administrator's act, of no reader
    else if (kind === "case_moved") events.push({ ...event, kind: "moved", who: told?.by ?? null, from: pub.from, to: pub.to, why: pub.why });
    else if (kind === "epoch_opened") events.push(key(pub, told));
    else if (["reporter_wrote", "report_supplemented"].includes(kind) && pub.epoch) events.push({ ...key(pub.epoch, told?.epoch), exact: false });
    else if (kind === "bad_key_reported") {
      const who = told?.by ?? null;
      events.push({ ...event, kind: "bad_key", ring: pub.ring, epoch: pub.epoch, who, exact: who !== REPORTER });
    }
  }
  return events;
}
