// What is wrong with a typed receipt code, in terms that a page can say; to be asked after `loadClient`. No DOM here.

import { loaded } from "./client.js";

export const CODE_WORDS = 9;

const fault = (code, values = {}) => ({ code, values });

/** `{text}` of a code typed by somebody, or `{fault}` that says which word is wrong. */
export function readCode(typed) {
  if (!typed.trim()) return { fault: fault("code_empty") };
  try {
    const { text, klass } = loaded().parseCode(typed);
    return klass === "server" ? { fault: fault("code_server") } : { text };
  } catch (error) {
    if (!(error instanceof loaded().CodeError)) throw error;
    if (error.index !== null) return { fault: fault("code_unknown", { place: error.index + 1, word: error.unknown }) };
    return { fault: fault("code_count", { expected: CODE_WORDS, count: error.count }) };
  }
}

/** What is wrong with `typed` as a repetition of `code`; null when it is the same. */
export function repeatFault(typed, code) {
  const read = readCode(typed);
  if (read.fault && read.fault.code !== "code_server") return read.fault;
  const [theirs, ours] = [typed, code].map((one) => loaded().parseCode(one).text.split("-"));
  const place = ours.findIndex((word, at) => word !== theirs[at]);
  return place < 0 ? null : fault("code_differs", { place: place + 1 });
}
