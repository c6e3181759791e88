// Making a package of an opened case that has to leave the installation (docs/sealing.md, Package). Twin of build_package in
// intake/client/packages.py. Nothing of it is sent but the statement and the file's hash.

import { binding } from "../../crypto/binding.js";
import { newPackageCode } from "../../crypto/codes.js";
import { b64u, jcs, sha256hex } from "../../crypto/encoding.js";
import { manifestOf, newReceipt, pack, receiptMark, receiptNumber, sealToCode, sealToKey } from "../../crypto/packages.js";
import { newId, nowText, state } from "../building.js";
import { ClientFault } from "../faults.js";

const RING = "report";

/** The bodies whom a report is about, and the unit that it comes from: it leaves to none of them. */
export const concernedBodies = (facts) => [...(facts.accused ?? []).map(({ body }) => body), facts.reporter_unit].filter(Boolean);

/** The `report` ring of what the desk was served, with its keys, as the parts of a package. */
function partsOf({ answer, opened, header, roster }) {
  const keys = opened.keys.filter(({ ring }) => ring === RING).map(({ epoch, key }) => ({ epoch, key: b64u(key) }));
  return {
    header: jcs(header),
    submission: jcs(answer.submission),
    epochs: jcs(answer.epochs.filter(({ ring }) => ring === RING)),
    keys: jcs(keys.sort((one, other) => one.epoch - other.epoch)),
    items: jcs(answer.items.filter(({ object }) => object.ring === RING)),
    roster: jcs(roster),
  };
}

/**
 * A package of a case for a body outside, `to`: to its key, else under a new one-time code. `answer` is GET desk/cases/<id>,
 * `opened` openCase's, `header` openHeader's, `roster` the installation's document `{doc, sig}`, `orgKey` the key that signed it.
 * @returns {Promise<{id: string, file: Uint8Array, sha256: string, statement: Object, code: ?string}>}
 * @throws {ClientFault} addressee_concerned
 */
export async function buildPackage(actor, { answer, opened, header, roster, orgKey, to }, at = new Date()) {
  if (concernedBodies(opened.first.facts).includes(to.code)) throw new ClientFault("addressee_concerned", { body: to.code });
  const [id, secret, caseId] = [newId(), newReceipt(), answer.id];
  const place = binding("package", caseId, { id, reader: to.code, readerkey: to.readerkey });
  const parts = { ...partsOf({ answer, opened, header, roster }), receipt: secret };
  const manifest = await manifestOf({
    kind: "package", case: caseId, id, number: header.number, to: to.code, at: nowText(at), by: actor.code, org: b64u(orgKey),
  }, parts);
  const statement = await state(actor, "package", {
    case: caseId, package: id, to: to.code, manifest: await sha256hex(jcs(manifest)),
    receipt: await receiptMark(place, receiptNumber(secret)), ...(to.readerkey ? { readerkey: to.readerkey } : {}),
  }, at);
  const contents = pack(manifest, statement, parts);
  const code = to.kem ? null : newPackageCode();
  const file = to.kem ? await sealToKey(to.kem, place, contents) : await sealToCode(code, place, contents);
  return { id, file, sha256: await sha256hex(file), statement, code };
}
