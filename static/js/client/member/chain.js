// A case's ledger chain, checked in the browser (sealing.md, Bytes: ledger entry). Says which entry breaks it.

import { label, parseJcs, sha256hex, unb64u } from "../../crypto/encoding.js";

const ZERO = "0".repeat(64);

async function entryHash(entry) {
  const head = label("ledger");
  const bytes = new Uint8Array(head.length + 1 + entry.length);
  bytes.set(head);
  bytes.set(entry, head.length + 1);
  return sha256hex(bytes);
}

/** Check one case's chain: `{ok, count, brokenAt, head, entries}`; `brokenAt` counts from 1. */
export async function verifyCaseChain(entries, caseId) {
  let prev = ZERO;
  const parsed = [];
  for (const [index, { entry, hash }] of entries.entries()) {
    try {
      const bytes = unb64u(entry);
      const body = parseJcs(bytes);
      const linked = body.prev === prev && (index === 0 || body.seq === parsed[index - 1].seq + 1);
      const mine = body.v === 1 && body.chain === caseId;
      if (!linked || !mine || (await entryHash(bytes)) !== hash) throw new Error("broken link");
      parsed.push(body);
      prev = hash;
    } catch {
      return { ok: false, count: entries.length, brokenAt: index + 1, head: prev, entries: parsed };
    }
  }
  return { ok: entries.length > 0, count: entries.length, brokenAt: entries.length ? null : 1, head: prev, entries: parsed };
}
