// Pages to read: the fingerprint of the organisation's key, after everything signed has been checked here.

import { fault } from "../dom.js";
import "./frame.js";
import { portal, showFingerprint } from "./portal.js";
import { explain, readWords } from "./words.js";

readWords();
if (globalThis.isSecureContext) {
  portal()
    .then(({ fingerprint }) => showFingerprint(fingerprint))
    .catch((error) => {
      showFingerprint("–");
      fault(explain(error));
    });
} else {
  showFingerprint("–");
}
