// How many of the reporter's messages and supplements this browser has shown of each case: numbers under hashes, kept here and
// nowhere else.

import { sha256hex, utf8 } from "../../crypto/encoding.js";

const SHOWN = "niemphong.shown";

const MEMORY = { message: "shown", supplement: "supplements" };
const nameOf = (caseId, kind) => sha256hex(utf8(`${caseId}/${MEMORY[kind]}`)); // so that the memory names no case

function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(SHOWN) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // storage switched off or unreadable: everything counts as new
  }
}

/** Whether the reporter wrote more of this kind than was shown here. `count` is the server's. */
export async function hasNew(storage, caseId, kind, count) {
  const shown = read(storage)[await nameOf(caseId, kind)];
  return count > (Number.isSafeInteger(shown) ? shown : 0);
}

/** All that the reporter wrote of these kinds is on the page now: `{message, supplement}`, how many of each. */
export async function rememberShown(storage, caseId, counts) {
  const named = await Promise.all(Object.entries(counts).map(async ([kind, count]) => [await nameOf(caseId, kind), count]));
  const kept = { ...read(storage), ...Object.fromEntries(named) };
  try {
    storage.setItem(SHOWN, JSON.stringify(kept));
  } catch { /* storage switched off: the mark stays, the page still works */ }
}
