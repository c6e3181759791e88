// Bodies outside: to whom a case may leave, said and signed by the organisation (docs/sealing.md). Twin of workflow/outside.py.

import { fingerprint, sha256hex, unb64u } from "../crypto/encoding.js";
import { checkKemPublic } from "../crypto/hpke.js";
import { verifyDocument } from "../crypto/signing.js";

const FIELDS = "code,expires,issued,kem,name_en,name_vi,v";
const CODE = /^[A-Z0-9]+(?:-[A-Z0-9]+)*$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/; // eslint-disable-line no-control-regex
const LONGEST_NAME = 200;

const isName = (text) => typeof text === "string" && text.trim() !== "" && [...text].length <= LONGEST_NAME && !CONTROL.test(text);

/**
 * What the organisation's key signed of one body: `{code, name: {vi, en}, kem, readerkey, fingerprint}`, the last three null
 * where it has published no key. @throws where it isn't signed, sound and valid on that day
 */
export async function readOutside(document, orgKey, on) {
  const said = await verifyDocument(orgKey, "outside", document);
  const sound = Object.keys(said).sort().join() === FIELDS && typeof said.code === "string" && CODE.test(said.code) && said.code.length <= 40
    && isName(said.name_vi) && isName(said.name_en) && DAY.test(said.issued) && DAY.test(said.expires);
  if (!sound) throw new Error("not a body outside");
  if (!(said.issued <= on && on <= said.expires)) throw new Error("not valid on this day");
  const kem = said.kem === null ? null : checkKemPublic(unb64u(said.kem));
  return {
    code: said.code, name: { vi: said.name_vi, en: said.name_en }, kem,
    readerkey: kem && (await sha256hex(kem)), fingerprint: kem && (await fingerprint(kem)),
  };
}

/** Those of the served documents that are signed and valid; whatever else is served is left out. */
export async function outsideBodies(documents, orgKey, on) {
  const read = await Promise.all(documents.map((document) => readOutside(document, orgKey, on).catch(() => null)));
  return read.filter(Boolean);
}
