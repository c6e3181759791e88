// Pages to read: the fingerprint of the organisation's key, once somebody asks, after everything signed was checked here.

import { $, fault, show } from "../dom.js";
import "./frame.js";
import { portal, showFingerprint } from "./portal.js";
import { explain, readWords } from "./words.js";

async function ask() {
  fault();
  show($("#ask-fingerprint"), false);
  show($("#asked-fingerprint"));
  try {
    showFingerprint(await portal());
  } catch (error) {
    show($("#asked-fingerprint"), false);
    show($("#ask-fingerprint"));
    fault(explain(error));
  }
}

readWords();
if (globalThis.isSecureContext) {
  show($("#ask-fingerprint"));
  $("#ask-fingerprint").addEventListener("click", ask);
}
