// The packages that a case has left in, as its readers and its reporter are shown them. Twin of left_in in
// intake/client/packages.py.

import { parseJcs, unb64u } from "../crypto/encoding.js";
import { verifyStatement } from "../crypto/signing.js";
import { REPORTER } from "./building.js";
import { signingKey } from "./trust.js";

/** Whether a reader's signature proves it, and whose. `readers` are all that the case's verified lists have ever named. */
async function provenBy(caseId, left, readers, roster) {
  try {
    const { by } = parseJcs(unb64u(left.statement.stmt));
    for (const reader of readers.filter(({ id }) => id === by && id !== REPORTER)) {
      const key = await signingKey(reader, roster);
      if (!key) continue;
      const said = await verifyStatement(key, left.statement, "package");
      const fits = said.by === by && said.case === caseId && said.package === left.id && said.to === left.to;
      return { by, signed: fits };
    }
    return { by, signed: false };
  } catch {
    return { by: null, signed: false };
  }
}

/** `[{id, to, name, made, received, by, signed}]`; what is not rightly signed is told as such. */
export async function leftIn(caseId, packages, readers, roster) {
  return Promise.all((packages ?? []).map(async (left) => ({
    id: left.id, to: left.to, name: left.to_name, made: left.made, received: left.received, ...(await provenBy(caseId, left, readers, roster)),
  })));
}
