// How many of the reporter's messages this browser has shown of each case: numbers under hashes, kept here and nowhere else.

import { sha256hex, utf8 } from "../../crypto/encoding.js";

const SHOWN = "niemphong.shown";

const nameOf = (caseId) => sha256hex(utf8(`${caseId}/shown`)); // so that the memory names no case

function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(SHOWN) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // storage switched off or unreadable: everything counts as new
  }
}

/** Whether the reporter wrote more than was shown here. `count` is the server's. */
export async function hasNewMessages(storage, caseId, count) {
  const shown = read(storage)[await nameOf(caseId)];
  return count > (Number.isSafeInteger(shown) ? shown : 0);
}

/** All of the reporter's messages are on the page now. */
export async function rememberShown(storage, caseId, count) {
  const kept = { ...read(storage), [await nameOf(caseId)]: count };
  try {
    storage.setItem(SHOWN, JSON.stringify(kept));
  } catch { /* storage switched off: the mark stays, the page still works */ }
}
